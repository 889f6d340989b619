"""A calibrated multinomial head: turns a table of features from other models into label probabilities.

Ridge logistic regression, fitted on photos with known locations; the strength is chosen by cross-validation. The answer
is a posterior of photos as the fit split has them; pooling divides by the photo prior's own mass on the labels,
so that the prior counts once and the label frequencies of the fit split remain in the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import optimize
from scipy.special import log_softmax, softmax

from engine.errors import InputError
from engine.evaluation.columns import ID_NAMES
from engine.evaluation.distance import match_ids
from engine.evaluation.evidence import ABSENT, LabelEvidence, Positions
from engine.evaluation.folds import fit_folds
from engine.evaluation.manifest import Manifest, check_unique
from engine.inference.world import World
from engine.partitions.overlay import PartitionTable
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

if TYPE_CHECKING:
    import pyarrow as pa

RIDGES = (1.0, 10.0, 100.0, 1000.0)
INNER_FOLDS = 3
FLOOR = 0.02
MOST_LABELS = 200


@dataclass(frozen=True, eq=False)
class Features:
    """A table of numbers per photo: ``ids`` and ``values`` ``(rows, features)``; ``excluded`` rows had no number."""

    ids: tuple[str, ...]
    values: FloatArray
    excluded: int


@dataclass(frozen=True, eq=False)
class Head:
    """Multinomial logistic regression.

    Attributes:
        mean, spread: ``(features,)`` that bring features to one scale.
        weights: ``(labels, features + 1)``, the intercept last; ``-inf`` intercepts for labels without a photo.
        ridge: the selected strength.
    """

    mean: FloatArray
    spread: FloatArray
    weights: FloatArray
    ridge: float

    def probability(self, values: FloatArray) -> FloatArray:
        """``(photos, labels)`` from ``(photos, features)``."""
        probability = softmax(_design((values - self.mean) / self.spread) @ self.weights.T, axis=1)
        return np.asarray(probability, np.float64)


def read_features(path: Path, labels: Sequence[str] = ()) -> Features:
    """Features ``id, number, number, ...`` from a CSV file; columns named like all labels are taken as probabilities.

    Raises:
        InputError: the file cannot be read, has no id or no column of numbers, or repeats an id.
    """
    table = _arrow_csv(path)
    named = {name.strip().lower(): name for name in table.column_names}
    key = next((named[name] for name in ID_NAMES if name in named), None)
    if key is None:
        raise InputError(f"{path.name} has no column for the id; name it 'id'.")
    import pyarrow as pa

    chosen = [name for name in table.column_names if name != key and _is_number(table.schema.field(name).type, pa)]
    if labels and set(labels) <= set(chosen):
        chosen = list(labels)
    if not chosen:
        raise InputError(f"{path.name} has no column of numbers beside the id; give one column per feature.")
    values = np.stack([table.column(name).cast(pa.float64()).to_numpy() for name in chosen], axis=1)
    good = np.isfinite(values).all(axis=1)
    ids = [str(text) for text, keep in zip(table.column(key).to_pylist(), good, strict=True) if keep]
    check_unique(ids, path.name)
    finite = values[good]
    features = np.log(np.clip(finite, 1e-6, 1)) if chosen == list(labels) else finite
    return Features(tuple(ids), features, int((~good).sum()))


def _arrow_csv(path: Path) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv

    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        keys = [name.strip().strip('"') for name in header.split(",")]
        text = {name: pa.string() for name in keys if name.lower() in ID_NAMES}
        with path.open("rb") as file:  # opened here: Arrow leaves a file open that it cannot read
            return csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=text))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read; give a CSV file of features with an id column.") from error
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name} is not a CSV table with commas; write id and one column per feature.") from error


def _is_number(kind: "pa.DataType", pa: object) -> bool:
    del pa
    from pyarrow import types

    return bool(types.is_floating(kind) or types.is_integer(kind))


def fit_head(values: FloatArray, label: Positions, labels: int, seed: int = 0, ridge: float | None = None) -> Head:
    """A head fitted on photos with known labels; unless given, the ridge minimises the held-out log-loss."""
    mean, spread = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9)
    design = _design((values - mean) / spread)
    ridge = _best_ridge(design, label, labels, seed) if ridge is None else ridge
    return Head(mean, spread, _fit_weights(design, label, labels, ridge), ridge)


def _best_ridge(design: FloatArray, label: Positions, labels: int, seed: int) -> float:
    fold = np.random.default_rng(seed).permutation(len(label)) % INNER_FOLDS
    losses = [
        sum(_held_out_loss(design, label, labels, fold == f, ridge) for f in range(INNER_FOLDS)) for ridge in RIDGES
    ]
    return RIDGES[int(np.argmin(losses))]


def _design(standard: FloatArray) -> FloatArray:
    return np.concatenate([np.clip(standard, -10, 10), np.ones((len(standard), 1))], axis=1)


def _held_out_loss(
    design: FloatArray, label: Positions, labels: int, out: npt.NDArray[np.bool_], ridge: float
) -> float:
    weights = _fit_weights(design[~out], label[~out], labels, ridge)
    probability = softmax(design[out] @ weights.T, axis=1)[np.arange(int(out.sum())), label[out]]
    return float(-np.log(np.maximum(probability, 1e-9)).sum())


def _fit_weights(design: FloatArray, label: Positions, labels: int, ridge: float) -> FloatArray:
    """Weights ``(labels, features + 1)`` of least penalised log-loss; half a photo is added to every label."""
    photos, width = design.shape
    target = np.zeros((photos, labels))
    target[np.arange(photos), label] = 1.0
    start = np.zeros((labels, width))
    start[:, -1] = np.log(target.sum(axis=0) + 0.5)
    penalty = np.append(np.full(width - 1, ridge), 1e-3)

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        weights = flat.reshape(labels, width)
        log_probability = log_softmax(design @ weights.T, axis=1)
        shift = weights - start * (np.arange(width) == width - 1)
        value = -float((log_probability * target).sum()) + 0.5 * float((penalty * shift**2).sum())
        slope = (np.exp(log_probability) - target).T @ design + penalty * shift
        return value, slope.reshape(-1)

    found = optimize.minimize(loss, start.reshape(-1), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x, np.float64).reshape(labels, width)


class HeadProbabilities:
    """Label probabilities of the photos of a manifest, in memory."""

    bases: tuple[FloatArray | None, ...] = (None,)

    def __init__(self, probability: FloatArray, present: npt.NDArray[np.bool_]) -> None:
        """``(photos, labels)`` and ``(photos,)``."""
        self.probability, self.present = probability, present

    def read(self, positions: Positions) -> tuple[FloatArray, Positions]:
        """See ``engine.evaluation.evidence.Probabilities``."""
        return self.probability[positions], np.where(self.present[positions], 0, ABSENT)

    def absent(self) -> int:
        """Photos without features."""
        return int((~self.present).sum())


def feature_evidence(
    name: str, world: World, table: PartitionTable, manifest: Manifest, features: Features, seed: int = 0
) -> tuple[LabelEvidence, tuple[str, ...]]:
    """Fit a head on the fit split (or by cross-fitting) and make evidence of its probabilities, with notes.

    Raises:
        InputError: the partition has too many labels, or too few photos to fit on.
    """
    labels = len(table.labels)
    if labels > MOST_LABELS:
        raise InputError(
            f"The partition {table.name!r} has {labels} labels, a feature head has at most {MOST_LABELS}; "
            "use an attribute layer."
        )
    rows, strangers = match_ids(manifest.ids, features.ids)
    known = np.array(sorted(n for n, photo in enumerate(manifest.ids) if photo in rows), np.int64)
    values = np.zeros((len(manifest), features.values.shape[1]))
    values[known] = features.values[[rows[manifest.ids[n]] for n in known]]
    label = table.cell_label[world.overlay.cell_at(manifest.latitude, manifest.longitude)].astype(np.int64)
    folds = fit_folds(manifest, known[label[known] != NOWHERE], f"Features {name}", seed)
    probability = np.full((len(manifest), labels), 1.0 / labels)
    ridge: float | None = None
    for number, fit in enumerate(folds.fit):
        head = fit_head(values[fit], label[fit], labels, seed, ridge)
        ridge = head.ridge  # one strength for all folds: choosing it again would take most of the time
        here = np.flatnonzero(folds.fold_of == number)
        probability[here] = head.probability(values[here])
    notes = [folds.note, *([f"{strangers} rows of the features {name} match no photo."] if strangers else [])]
    notes += [f"{features.excluded} rows of the features {name} are not numbers."] if features.excluded else []
    present = np.isin(np.arange(len(manifest)), known)
    source = HeadProbabilities(probability, present)
    return LabelEvidence(f"{name}:{table.name}", table, world.prior, source, FLOOR), tuple(notes)
