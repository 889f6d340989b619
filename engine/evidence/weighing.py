"""Weighs the statements of a case on one evidence world.

Outlines cut the world exactly; statements without an outline are weighed before the cut and carried over to its cells.
Recent cuts and likelihoods are cached, so that one more statement costs only its own likelihood.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from engine.errors import InputError
from engine.evidence.shapes.raster import spans_of
from engine.evidence.statements.areas import Shape
from engine.evidence.statements.base import OutlineStatement, PlaceStatement
from engine.evidence.statements.evidence import Evidence
from engine.inference.outcomes import Outcome
from engine.inference.prior import RefinedPrior
from engine.inference.world import EvidenceWorld
from engine.partitions.split import split
from engine.predictors.base import CellLikelihood
from engine.typing import BoolArray, FloatArray, IntArray

CACHED_LIKELIHOODS = 32
"""Statements whose likelihoods are cached: 3 MB each on the default grid."""

CACHED_CARRIED = 16
"""Statements whose likelihoods on the cells of a cut are cached: as large."""

CACHED_CUTS = 8
"""Worlds cut along shapes that are cached: some 30 MB each on the default grid."""

Value = TypeVar("Value")


class RecentValues(Generic[Value]):
    """A thread-safe cache of the most recently used values."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, computed where it is missing."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self.size:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True, eq=False)
class CutWorld:
    """An evidence world cut along shapes.

    Attributes:
        world: the cells after all cuts.
        root: ``(cells,)`` the cell that each had before any.
        inside: per shape ``(cells,)`` whether each cell lies in it.
    """

    world: EvidenceWorld
    root: IntArray
    inside: tuple[BoolArray, ...]


class EvidenceWeigher:
    """Turns statements into likelihoods on one evidence world."""

    def __init__(self, world: EvidenceWorld) -> None:
        """Store the world; nothing is computed here."""
        self.world = world
        self._likelihoods: RecentValues[FloatArray] = RecentValues(CACHED_LIKELIHOODS)
        self._carried: RecentValues[FloatArray] = RecentValues(CACHED_CARRIED)
        self._cuts: RecentValues[CutWorld] = RecentValues(CACHED_CUTS)

    def weigh(self, evidence: Sequence[Evidence]) -> tuple[EvidenceWorld, tuple[Outcome, ...]]:
        """The world cut along the outlines of all statements that are on, and one outcome per statement on it.

        An outcome has a likelihood of the cells, or the reason why the statement counts for nothing.
        """
        chosen = [each for each in evidence if each.on]
        outlines = tuple(
            dict.fromkeys(each.statement.outline for each in chosen if isinstance(each.statement, OutlineStatement))
        )
        cut = self.cut(outlines)
        return cut.world, tuple(self._outcome(each, outlines, cut) for each in chosen)

    def cut(self, shapes: tuple[Shape, ...]) -> CutWorld:
        """The world cut along shapes, one after the other."""
        if not shapes:
            return CutWorld(self.world, np.arange(self.world.overlay.cells, dtype=np.int64), ())
        return self._cuts.get(shapes, lambda: _cut(self.cut(shapes[:-1]), shapes[-1]))

    def _outcome(self, evidence: Evidence, shapes: tuple[Shape, ...], cut: CutWorld) -> Outcome:
        key = shapes, evidence.statement, evidence.probability
        try:
            likelihood = self._carried.get(key, lambda: _read_only(self._log_likelihood(evidence, shapes, cut)))
        except InputError as error:
            return Outcome(evidence.record, reason=str(error))
        return Outcome(evidence.record, likelihoods=(CellLikelihood(evidence.record, likelihood),))

    def _log_likelihood(self, evidence: Evidence, shapes: tuple[Shape, ...], cut: CutWorld) -> FloatArray:
        """``(cells,)`` log-likelihood on the cells of a cut."""
        statement = evidence.statement
        if isinstance(statement, OutlineStatement):
            inside = cut.inside[shapes.index(statement.outline)]
            log_outside, log_inside = statement.log_outside_inside(evidence.probability, self._mass(cut, inside))
            return np.asarray(np.where(inside, log_inside, log_outside), np.float64)
        key = statement, evidence.probability
        before = self._likelihoods.get(key, lambda: _read_only(log_likelihood(evidence, self.world)))
        return np.concatenate([before, before[cut.root[before.size :]]])

    def _mass(self, cut: CutWorld, inside: BoolArray) -> float:
        """The prior's mass inside a shape; reads only the cells inside."""
        cells = np.flatnonzero(inside)
        return float((self._prior_density[cut.root[cells]] * cut.world.overlay.area_km2[cells]).sum())

    @cached_property
    def _prior_density(self) -> FloatArray:
        """Per km2, before any cut."""
        return np.asarray(self.world.prior.probability / self.world.overlay.area_km2, np.float64)


def log_likelihood(evidence: Evidence, world: EvidenceWorld) -> FloatArray:
    """``(cells,)`` log-likelihood of a statement that has no outline.

    Raises:
        InputError: it has an outline, or names something that the world does not have.
    """
    statement = evidence.statement
    if not isinstance(statement, PlaceStatement):
        raise InputError(f"A statement of kind {statement.kind} has an outline; weigh it on a world cut along that.")
    return statement.likelihood(world).log_likelihood(world, evidence.probability)


def _cut(before: CutWorld, shape: Shape) -> CutWorld:
    """One more cut."""
    found = split(before.world.overlay, spans_of(shape, before.world.overlay.grid))
    if found.overlay is before.world.overlay:
        return CutWorld(before.world, before.root, (*before.inside, found.inside))
    split_cells = found.parent[before.root.size :]
    world = replace(
        before.world,
        overlay=found.overlay,
        prior=RefinedPrior(before.world.prior, found.overlay, found.parent),
        parent=np.concatenate([before.world.parent, before.world.parent[split_cells]]),
    )
    inside = tuple(np.concatenate([each, each[split_cells]]) for each in before.inside)
    return CutWorld(world, np.concatenate([before.root, before.root[split_cells]]), (*inside, found.inside))


def _read_only(values: FloatArray) -> FloatArray:
    values.setflags(write=False)
    return values
