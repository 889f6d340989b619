"""What every predictor speaks: a probability per label of one partition. Knows no particular model."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from engine.errors import PredictorError
from engine.photos.photo import Photo
from engine.typing import FloatArray

FLOOR = 0.02
"""Default share of a prediction that is handed back to the prior: the chance that a predictor is simply wrong."""


@dataclass(frozen=True)
class Record:
    """What a predictor says of itself; shown in the dashboard and in every result.

    Attributes:
        name: short name, unique among predictors, lower case with underscores.
        title: the name that people read.
        summary: one or two sentences on what it looks at and how far to trust it.
        licence: SPDX identifier or a short phrase.
        source: where model and data come from.
        approximate: whether it stands in for data or a model that is not at hand.
        floor: share in [0, 1) of each prediction that goes back to the prior before pooling.
        weight: the exponent that it gets unless the user says otherwise.
        judges_ground: whether its labels mean what is true on the ground, so that pooling allows for a layer that is
            wrong there; false for a model fitted on the labels of the layer in use, which has learnt its errors.
    """

    name: str
    title: str
    summary: str
    licence: str
    source: str
    approximate: bool = False
    floor: float = FLOOR
    weight: float = 1.0
    judges_ground: bool = False


@dataclass(frozen=True, eq=False)
class Prediction:
    """One probability vector over the labels of one partition.

    Attributes:
        predictor: the record of who says it.
        partition: name of the partition whose labels the probabilities belong to.
        probability: ``(J,)`` float64, finite, not negative, sums to 1.
        label_prior: ``(J,)`` or None. The prior over the labels that ``probability`` already contains, divided out
            when pooling counts the photo prior once. None: the photo prior's own mass on the labels, right for a
            model trained on photos as people take them. A model fitted with balanced classes gives 1 / J each.
        note: one sentence for the user, for instance that the photo says nothing, or empty.
        confusion: ``(J, J)`` or None. Row ``i`` is the probability of each label being true where the layer gives label
            ``i``; pooling averages ratios over it. Set by the locator; see ``Record.judges_ground``.
    """

    predictor: Record
    partition: str
    probability: FloatArray
    label_prior: FloatArray | None = field(default=None)
    note: str = ""
    confusion: FloatArray | None = field(default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "probability", _checked(self.probability, self.predictor.name))
        if self.label_prior is not None:
            object.__setattr__(self, "label_prior", _checked(self.label_prior, self.predictor.name))


@dataclass(frozen=True, eq=False)
class CellLikelihood:
    """How likely something that was observed is at each place: evidence that no single partition can express.

    It is a likelihood and no posterior, so that pooling adds it as it stands and no prior is divided out.

    Attributes:
        predictor: the record of who says it.
        log_likelihood: ``(cells,)`` float64, finite, natural log of the probability of what was observed, up to a
            constant that is the same everywhere.
        note: one sentence for the user, or empty.
    """

    predictor: Record
    log_likelihood: FloatArray
    note: str = ""


def _checked(values: FloatArray, name: str) -> FloatArray:
    """The values as a read-only float64 vector that sums to exactly 1."""
    vector = np.array(values, dtype=np.float64)
    total = float(vector.sum())
    if vector.ndim != 1 or not np.isfinite(total) or bool((vector < 0).any()) or abs(total - 1.0) > 1e-3:
        raise PredictorError(
            f"Predictor {name!r} gave numbers that are not probabilities (sum {total:.6g}); "
            "switch it off and report this as a defect of the predictor."
        )
    vector /= total
    vector.setflags(write=False)
    return vector


@runtime_checkable
class Predictor(Protocol):
    """Anything that reads a photo. Called by the pipeline only; holds what it needs, releases nothing."""

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        ...

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """The predictions for a photo, one per partition that this predictor speaks of.

        Raises:
            PredictorError: this predictor cannot answer; the others go on.
        """
        ...
