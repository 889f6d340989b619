"""All statements of a case weighed on one evidence world, remembered, so that one more costs one more.

Shapes cut the world exactly along their outlines; statements that are not drawn are weighed before the cut and carried
over. Cuts and likelihoods of the last statements are kept, and only what is new is worked out.
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
from engine.evidence.shapes.values import Circle, DrawnArea, Shape
from engine.evidence.statements.likelihood import log_likelihood, log_of_share, log_searched
from engine.evidence.statements.values import Evidence, Searched, Statement
from engine.inference.world import EvidenceWorld, FinerPrior
from engine.partitions.split import split
from engine.typing import BoolArray, FloatArray, IntArray

KEPT_LIKELIHOODS = 32
"""Statements whose likelihoods are kept: 3 MB each on the default grid."""

KEPT_CARRIED = 16
"""Statements whose likelihoods on the cells of a cut are kept: as large."""

KEPT_CUTS = 8
"""Worlds cut along shapes that are kept: some 30 MB each on the default grid."""

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The values that were asked for last; safe to use from several threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self.size:
                self._kept.popitem(last=False)
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


@dataclass(frozen=True, eq=False)
class Weighed:
    """A statement with its numbers, or the reason why there are none.

    Attributes:
        evidence: the statement and its strength.
        log_likelihood: ``(cells,)`` of the world that it was weighed on; empty where it failed.
        reason: one sentence, or empty.
    """

    evidence: Evidence
    log_likelihood: FloatArray
    reason: str = ""


class Scales:
    """Weighs statements on one evidence world."""

    def __init__(self, world: EvidenceWorld) -> None:
        """Keep the world; nothing is computed here."""
        self.world = world
        self._likelihoods: Recent[FloatArray] = Recent(KEPT_LIKELIHOODS)
        self._carried: Recent[FloatArray] = Recent(KEPT_CARRIED)
        self._cuts: Recent[CutWorld] = Recent(KEPT_CUTS)

    def weigh(self, evidence: Sequence[Evidence]) -> tuple[EvidenceWorld, tuple[Weighed, ...]]:
        """The world that statements cut out, and what each says of its cells; those that are off are left out."""
        chosen = [each for each in evidence if each.on]
        shapes = tuple(dict.fromkeys(shape for each in chosen if (shape := cutting_shape(each)) is not None))
        cut = self.cut(shapes)
        return cut.world, tuple(self._weighed(each, shapes, cut) for each in chosen)

    def cut(self, shapes: tuple[Shape, ...]) -> CutWorld:
        """The world cut along shapes, one after the other."""
        if not shapes:
            return CutWorld(self.world, np.arange(self.world.overlay.cells, dtype=np.int64), ())
        return self._cuts.get(shapes, lambda: _cut(self.cut(shapes[:-1]), shapes[-1]))

    def _weighed(self, evidence: Evidence, shapes: tuple[Shape, ...], cut: CutWorld) -> Weighed:
        try:
            key = shapes, evidence.statement, evidence.probability
            return Weighed(evidence, self._carried.get(key, lambda: _read_only(self._on_cut(evidence, shapes, cut))))
        except InputError as error:
            return Weighed(evidence, np.empty(0), str(error))

    def _on_cut(self, evidence: Evidence, shapes: tuple[Shape, ...], cut: CutWorld) -> FloatArray:
        """``(cells,)`` log-likelihood on the cells of a cut."""
        shape = cutting_shape(evidence)
        if shape is not None:
            inside = cut.inside[shapes.index(shape)]
            return log_drawn(evidence, inside, self._mass(cut, inside))
        key = evidence.statement, evidence.probability
        known = self._likelihoods.get(key, lambda: _read_only(log_likelihood(evidence, self.world)))
        return np.concatenate([known, known[cut.root[known.size :]]])

    def _mass(self, cut: CutWorld, inside: BoolArray) -> float:
        """The prior's mass inside a shape; only its own cells are looked at."""
        cells = np.flatnonzero(inside)
        return float((self._prior_density[cut.root[cells]] * cut.world.overlay.area_km2[cells]).sum())

    @cached_property
    def _prior_density(self) -> FloatArray:
        """Per km2, before any cut."""
        return np.asarray(self.world.prior.probability / self.world.overlay.area_km2, np.float64)


def cutting_shape(evidence: Evidence) -> Shape | None:
    """The outline that a statement draws, apart from what it is called; None where there is none."""
    statement: Statement = evidence.statement
    if isinstance(statement, Searched):
        return replace(statement.area, include=True, name="")
    if isinstance(statement, DrawnArea | Circle):
        return replace(statement, include=True, name="")
    return None


def log_drawn(evidence: Evidence, inside: BoolArray, mass: float) -> FloatArray:
    """Log-likelihood of a drawn statement, given which cells lie in its shape and the prior's mass in it."""
    statement = evidence.statement
    if isinstance(statement, Searched):
        out, within = log_searched(np.array([0.0, 1.0]), statement.detection)
    else:
        holds = np.array([0.0, 1.0]) if getattr(statement, "include", True) else np.array([1.0, 0.0])
        out, within = log_of_share(holds, evidence.probability, mass if holds[1] else 1.0 - mass)
    return np.asarray(np.where(inside, within, out), np.float64)


def _cut(before: CutWorld, shape: Shape) -> CutWorld:
    """One more cut."""
    found = split(before.world.overlay, spans_of(shape, before.world.overlay.grid))
    if found.overlay is before.world.overlay:
        return CutWorld(before.world, before.root, (*before.inside, found.inside))
    twins = found.parent[before.root.size :]
    world = replace(
        before.world,
        overlay=found.overlay,
        prior=FinerPrior(before.world.prior, found.overlay, found.parent),
        parent=np.concatenate([before.world.parent, before.world.parent[twins]]),
    )
    inside = tuple(np.concatenate([each, each[twins]]) for each in before.inside)
    return CutWorld(world, np.concatenate([before.root, before.root[twins]]), (*inside, found.inside))


def _read_only(values: FloatArray) -> FloatArray:
    values.setflags(write=False)
    return values
