"""From a statement to numbers: the log-likelihood of what was stated, per cell of an evidence map.

Most statements have a *share*: how much of a cell they hold on, 0 to 1. A statement that is right with probability p
acts like a predictor that says p where it holds and 1 - p elsewhere; its evidence is that over the prior's mass pi,

    ratio = p / (1 - p) * max(1, (1 - pi) / pi),

so that "likely within 50 km of Nairobi", by itself, puts nine tenths of the map there: a false statement would rarely
have named just this place. A statement that holds almost everywhere says little, but never less than its odds: "likely
not in Chile" counts nine to one against Chile. A certain statement leaves ``EXCLUDED`` elsewhere instead of nothing, so
that statements that contradict each other still draw a map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.errors import InputError
from engine.inference.prior import Prior
from engine.layers.confusion import soften
from engine.partitions.overlay import Overlay, PartitionTable
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

EXCLUDED = 1e-30
"""Likelihood of a place that a certain statement rules out."""

LEAST_MASS = 1e-12
"""Smallest mass that the ratio divides by: ground that the prior almost rules out is favoured no further."""

COUNTRIES, ELEVATION, RELIEF, COAST, ZONES = "countries", "elevation", "relief", "coast_distance", "time_zones"
LAKES, RIVERS, CONTINENTS, REGIONS = "lake_distance", "river_distance", "continents", "language_regions"
"""Partitions that kinds of statements read besides the one that a statement names."""


class EvidenceMap(Protocol):
    """What statements are weighed on: an overlay with the evidence partitions, a prior, edges of the banded ones."""

    @property
    def overlay(self) -> Overlay:
        """The cells."""
        ...

    @property
    def prior(self) -> Prior:
        """Where people take photos at all, on the cells."""
        ...

    @property
    def edges(self) -> Mapping[str, tuple[float, ...]]:
        """Per banded partition its edges, one more than labels."""
        ...

    @property
    def confusion(self) -> Mapping[str, FloatArray]:
        """Per approximate partition ``(labels, labels)`` what is true where it gives a label; see ``Confusion``."""
        ...


class PlaceLikelihood(Protocol):
    """Where a statement holds, before its strength counts."""

    def log_likelihood(self, world: EvidenceMap, probability: float) -> FloatArray:
        """``(cells,)`` natural log of the likelihood of what was stated, up to a constant.

        Args:
            world: the map that this was made for.
            probability: that the statement is right, 0.5 to 1.
        """
        ...


@dataclass(frozen=True, eq=False)
class LabelShares:
    """How often a statement holds on each label of one partition.

    Attributes:
        partition: its name.
        share: ``(labels + 1,)`` in [0, 1]. The last entry is for places without a label, which label -1 reads.
    """

    partition: str
    share: FloatArray

    def log_likelihood(self, world: EvidenceMap, probability: float) -> FloatArray:
        """See ``PlaceLikelihood``."""
        table = world.overlay.table(self.partition)
        on_labels = world.prior.on(table)
        unlabelled = max(0.0, 1.0 - on_labels.sum())
        mass = float((on_labels * self.share[:-1]).sum() + unlabelled * self.share[-1])
        return np.asarray(log_of_share(self.share, probability, mass)[table.cell_label], np.float64)


@dataclass(frozen=True, eq=False)
class CellShares:
    """How much of each cell a statement holds on, where several partitions or the place itself decide.

    Attributes:
        share: ``(cells,)`` in [0, 1].
    """

    share: FloatArray

    def log_likelihood(self, world: EvidenceMap, probability: float) -> FloatArray:
        """See ``PlaceLikelihood``."""
        return log_of_share(self.share, probability, float((world.prior.probability * self.share).sum()))


def log_of_share(share: FloatArray, probability: float, mass: float) -> FloatArray:
    """Log-likelihood of shares ``(n,)`` in [0, 1], up to a constant; where nothing holds it is ``log(1 - p)``.

    Args:
        share: how much of each place the statement holds on.
        probability: p, that the statement is right.
        mass: pi, what the prior holds where the statement does, 0 to 1.
    """
    right = probability * max(1.0, (1.0 - mass) / max(mass, LEAST_MASS))
    likelihood = (1.0 - probability) * (1.0 - share) + right * share
    return np.asarray(np.log(np.maximum(likelihood, EXCLUDED)), np.float64)


def band_shares(edges: Sequence[float], low: float, high: float) -> FloatArray:
    """Share of each band between ascending ``edges`` that lies from ``low`` to ``high``: linear inside a band."""
    lower, upper = np.asarray(edges[:-1], np.float64), np.asarray(edges[1:], np.float64)
    return np.clip((np.minimum(upper, high) - np.maximum(lower, low)) / (upper - lower), 0.0, 1.0)


def shares_of_labels(table: PartitionTable, labels: Sequence[str]) -> FloatArray:
    """``(labels + 1,)``: 1 for the given labels, 0 for the others and for places without a label.

    Raises:
        InputError: the partition does not have one of them.
    """
    number = {label: place for place, label in enumerate(table.labels)}
    unknown = [label for label in labels if label not in number]
    if unknown:
        raise InputError(f"The map has no {unknown[0]!r} among its {table.name}; choose one from the list.")
    share = np.zeros(len(table.labels) + 1)
    share[table.owner[[number[label] for label in labels]]] = 1.0
    return share


def soften_if_measured(world: EvidenceMap, name: str, share: FloatArray) -> FloatArray:
    """How likely a statement is true where a layer gives each label, by the measured confusion of the layer.

    Args:
        world: its layers have a confusion, or not.
        name: of the layer.
        share: ``(labels + 1,)`` where the statement holds.
    """
    return soften(share, world.confusion[name]) if name in world.confusion else share


def has_partition(world: EvidenceMap, name: str) -> bool:
    """Whether the map has a partition: synthetic worlds have only some."""
    return any(table.name == name for table in world.overlay.tables)


def negate_if(negated: bool, share: FloatArray) -> FloatArray:
    """The share where a statement does not hold, for a negated one; the share itself for any other."""
    return 1.0 - share if negated else share


assert NOWHERE == -1  # noqa: S101 - label -1 reads the last entry of a table of shares
