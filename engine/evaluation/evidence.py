"""Predictions for many photos on the cells of the overlay: log-ratios or log-densities.

Computes the same numbers as ``engine.inference.pooling``, for a chunk of photos at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from engine.errors import ArtifactError
from engine.evaluation.ensembles import role_of
from engine.evaluation.outputs import StoredOutputs
from engine.inference.pooling import Pooling
from engine.inference.prior import Prior
from engine.partitions.overlay import PartitionTable
from engine.partitions.partition import NOWHERE, gather_on_owners
from engine.typing import FloatArray

Positions = npt.NDArray[np.int64]
ABSENT = -1


Rows = FloatArray | Sequence[Any]
"""One entry per photo, in a form private to the evidence."""


class Evidence(Protocol):
    """One piece of evidence about every photo of a manifest."""

    @property
    def name(self) -> str:
        """Unique name: the predictor's, with the partition where it has several."""
        ...

    @property
    def role(self) -> str:
        """``base``, ``LS`` or ``LC``; see ``engine.evaluation.ensembles``."""
        ...

    @property
    def missing(self) -> int:
        """Number of photos without a prediction."""
        ...

    def rows(self, positions: Positions, pooling: Pooling, floor: float | None = None) -> Rows:
        """Input of ``spread`` for each of some photos; ``floor`` replaces the record's."""
        ...

    def spread(self, row: Any, out: FloatArray) -> None:
        """Write the values of one photo to all cells ``(cells,)``."""
        ...


class Probabilities(Protocol):
    """Label probabilities of photos, from wherever."""

    bases: tuple[FloatArray | None, ...]
    """Label priors that the probabilities contain; None is the photo prior's own."""

    def read(self, positions: Positions) -> tuple[npt.NDArray[np.floating[Any]], Positions]:
        """``(photos, labels)`` and, per photo, which of ``bases`` it contains; ``ABSENT`` without a prediction."""
        ...

    def absent(self) -> int:
        """Number of photos without a prediction."""
        ...


class StoredProbabilities:
    """The outputs in a store, by position in a manifest."""

    def __init__(self, stored: StoredOutputs, ids: Sequence[str]) -> None:
        """Keep both; label priors that are equal in several files are one."""
        self.stored, self.ids = stored, ids
        found: dict[bytes, int] = {}
        self.base_of_part = np.array(
            [found.setdefault(b"" if p is None else p.tobytes(), len(found)) for p in stored.label_prior]
        )
        priors = {int(n): p for n, p in zip(self.base_of_part, stored.label_prior, strict=True)}
        self.bases: tuple[FloatArray | None, ...] = tuple(priors[n] for n in range(len(found)))

    def read(self, positions: Positions) -> tuple[npt.NDArray[np.floating[Any]], Positions]:
        """See ``Probabilities``."""
        values, part = self.stored.read([self.ids[int(position)] for position in positions])
        return values, np.where(part < 0, ABSENT, self.base_of_part[part])

    def absent(self) -> int:
        """Photos of the manifest that are not stored."""
        return sum(photo not in self.stored.place for photo in self.ids)


@dataclass(frozen=True, eq=False)
class LabelEvidence:
    """Probabilities over the labels of one partition.

    Attributes:
        name: unique name.
        table: the partition on the overlay.
        prior: the photo prior.
        source: where the probabilities come from.
        floor: share in [0, 1) that goes back to the prior (``corrected`` only).
        confusion: ``(labels, labels)`` or None, as ``Prediction.confusion`` has it.
    """

    name: str
    table: PartitionTable
    prior: Prior
    source: Probabilities
    floor: float
    confusion: FloatArray | None = None

    @property
    def role(self) -> str:
        """By the partition that it speaks of."""
        return role_of(self.table.name)

    @property
    def missing(self) -> int:
        """Number of photos without a prediction."""
        return self.source.absent()

    @cached_property
    def index(self) -> npt.NDArray[np.intp]:
        """``(cells,)`` position in a row; a cell outside every label reads the entry after the last label."""
        labels = self.table.cell_label
        return np.where(labels == NOWHERE, len(self.table.labels), labels).astype(np.intp)

    def rows(self, positions: Positions, pooling: Pooling, floor: float | None = None) -> FloatArray:
        """``(photos, labels + 1)``: log-ratio or log-density per label, the value outside all labels last."""
        values, base = self.source.read(positions)
        rows = np.zeros((len(positions), len(self.table.labels) + 1))
        for number in np.unique(base[base != ABSENT]):
            here = np.flatnonzero(base == number)
            mass = self._on_owners(normalised(values[here]))
            if pooling is Pooling.PRODUCT:
                rows[here] = self._log_mask_density(mass)
            else:
                chosen = self.floor if floor is None else floor
                rows[here] = self._log_ratio(mass, self.source.bases[number], chosen)
        return rows

    def spread(self, row: FloatArray, out: FloatArray) -> None:
        """Gather one row onto the cells."""
        np.take(row, self.index, out=out, mode="clip")

    @cached_property
    def _owner_matrix(self) -> tuple[Positions, sparse.csr_array] | None:
        """Labels that own no pixel, and the matrix that moves their probability to their owners."""
        moved = np.flatnonzero(self.table.owner != np.arange(self.table.owner.size))
        if moved.size == 0:
            return None
        where = (np.arange(moved.size), self.table.owner[moved])
        return moved, sparse.csr_array((np.ones(moved.size), where), shape=(moved.size, self.table.owner.size))

    def _on_owners(self, probability: FloatArray) -> FloatArray:
        if self._owner_matrix is None:
            return probability
        moved, owners = self._owner_matrix
        without_pixel = probability[:, moved].copy()
        probability[:, moved] = 0.0
        probability += without_pixel @ owners
        return probability

    def _log_mask_density(self, mass: FloatArray) -> FloatArray:
        """Algorithm 1 of Bianco et al. 2024: log(p_j / area(m_j)), ``-inf`` outside every mask."""
        area = self.table.area_km2
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.where(mass > 0, mass / area, 0.0))
        return np.concatenate([logs, np.full((len(mass), 1), -np.inf)], axis=1)

    def _log_ratio(self, mass: FloatArray, label_prior: FloatArray | None, floor: float) -> FloatArray:
        """As ``engine.inference.pooling.log_evidence``, row by row."""
        of_photos = self.prior.on(self.table)
        base = of_photos if label_prior is None else gather_on_owners(label_prior, self.table.owner)
        ratio = np.divide(mass, base, out=np.zeros_like(mass), where=base > 0)
        if self.confusion is not None:
            ratio = np.asarray(ratio @ self.confusion.T, np.float64)
        if label_prior is None:
            outside = np.zeros((len(mass), 1))
        else:
            outside = (ratio @ of_photos / max(float(of_photos.sum()), 1e-300))[:, None]
        with np.errstate(divide="ignore"):
            return np.asarray(np.log((1 - floor) * np.concatenate([ratio, outside], axis=1) + floor), np.float64)


def normalised(values: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Rows as float64 that sum to exactly 1."""
    rows = values.astype(np.float64)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def stored_evidence(
    stored: StoredOutputs,
    ids: Sequence[str],
    table: PartitionTable,
    prior: Prior,
    alone: bool,
    confusion: FloatArray | None = None,
) -> LabelEvidence:
    """Stored outputs as evidence on a world.

    Args:
        stored: the outputs.
        ids: ids of the manifest's photos, in order.
        table: the partition of that name in the world.
        prior: the photo prior.
        alone: whether the predictor speaks of this partition only, so that its name is enough.
        confusion: of the layer, for a predictor that judges the ground; see ``Prediction.confusion``.

    Raises:
        ArtifactError: the outputs were made for other labels.
    """
    if stored.labels != len(table.labels):
        raise ArtifactError(
            f"The stored outputs of {stored.name!r} have {stored.labels} labels, {table.name!r} has "
            f"{len(table.labels)}: they are of another version; delete them and evaluate again."
        )
    name = stored.name if alone else f"{stored.name}:{stored.partition}"
    return LabelEvidence(name, table, prior, StoredProbabilities(stored, ids), stored.floor, confusion)
