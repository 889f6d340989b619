"""The walk down the tiles as a pure function: state and scores in, next state out. Knows no picture and no encoder.

At the level of zoom l every candidate tile t has a cosine c_l(t) with the photo and a prior mass pi(t). Map encoders
are trained with in-batch cross-entropy, whose optimum is a log density ratio, so c_l / T_l (T_l fitted per level, see
``calibration``) is log evidence. It is summed along the path from the first level to t,

    e(t) = sum over the levels l' <= l of c_l'(ancestor of t) / T_l',

and the probability of a candidate is p(t) = A pi(t) exp e(t) / (sum over the candidates of the same), where A is the
probability that the tiles kept at the level before had together: what was pruned keeps its share, and the leaves of the
whole walk sum to 1. The best tile's p is the path probability.

The paper's own rule (``engine.tile_search.paper``) looks at one level's cosine alone and forgets the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import CHILDREN, LEVEL_STEP, Tile
from engine.typing import FloatArray, IntArray

LARGEST_K = 1024
"""A wider beam encodes over 80,000 tiles a photo."""
TAIL = 1e-6
"""Kept tiles that together hold less than this share are not looked into."""


class Method(StrEnum):
    """How the walk prunes."""

    PATH = "path"
    """Ours: probability summed along the path, with a prior."""
    PAPER = "paper"
    """Kim, Jang and Kim: the level's own cosine."""


@dataclass(frozen=True)
class Plan:
    """What was decided before the walk.

    Attributes:
        levels: zooms, rising by two.
        temperatures: per level.
        k: tiles kept per level.
        method: the rule.
        ready: zooms whose embeddings are all at hand: nothing is pruned on the way to them, since looking is free.
        attached: latitude and longitude of another model's point, whose tile is kept besides the k (Kim, Jang and
        Kim, 5.1).

    Raises:
        InputError: k or the levels make no sense.
    """

    levels: tuple[int, ...]
    temperatures: tuple[float, ...]
    k: int = 64
    method: Method = Method.PATH
    ready: frozenset[int] = frozenset()
    attached: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.k <= LARGEST_K:
            raise InputError(f"A beam of k = {self.k} makes no sense; give 1 to {LARGEST_K}, such as 16, 32 or 64.")
        if not self.levels or any(b - a != LEVEL_STEP for a, b in zip(self.levels, self.levels[1:], strict=False)):
            raise InputError(f"The levels {self.levels} do not rise by {LEVEL_STEP}; take for instance 4, 6, 8.")
        if len(self.temperatures) != len(self.levels) or any(not t > 0 for t in self.temperatures):
            raise InputError("Every level needs one temperature above 0; calibrate the map encoders again.")

    def width(self, level: int) -> int | None:
        """How many tiles of a level are looked into; None is all of them.

        Ours looks into half as many before the last level: six levels have spoken by then, and the answer is one tile.
        """
        if self.method is Method.PAPER:
            return self.k
        if level + 1 < len(self.levels) and self.levels[level + 1] in self.ready:
            return None
        return max(self.k // 2, 1) if level == len(self.levels) - 2 else self.k


@dataclass(frozen=True, eq=False)
class Observation:
    """What looking at the candidates gave, in their order.

    Attributes:
        cosine: ``(n,)`` with the photo; NaN where there is no embedding.
        absent: ``(n,)`` true where the source has no picture; those candidates are dropped.
        log_mass: ``(n,)`` natural log of the prior mass; ``-inf`` excludes.
    """

    cosine: FloatArray
    absent: npt.NDArray[np.bool_]
    log_mass: FloatArray


@dataclass(frozen=True, eq=False)
class Level:
    """One level after it was judged.

    Attributes:
        zoom: its zoom.
        codes: ``(n,)`` candidates that count (with a picture and a prior), by code as they came.
        cosine: ``(n,)``, NaN where the picture could not be had.
        log_mass: ``(n,)`` prior.
        evidence: ``(n,)`` summed along the path, this level included; for the paper's rule the cosine.
        log_probability: ``(n,)``; for the paper's rule that of a softmax over this level alone.
        kept: positions of the candidates that are looked into, best first; at the last level the best ones.
    """

    zoom: int
    codes: IntArray
    cosine: FloatArray
    log_mass: FloatArray
    evidence: FloatArray
    log_probability: FloatArray
    kept: IntArray

    @property
    def best(self) -> Tile:
        """The best tile of the level."""
        return web_mercator.tile_of(self.zoom, int(self.codes[self.kept[0]]))


@dataclass(frozen=True, eq=False)
class BeamState:
    """Where the walk stands; a value, so it can be shown, put aside and gone on with.

    Attributes:
        plan: what was decided.
        candidates: ``(n,)`` tiles of the next level to look at.
        evidence: ``(n,)`` of their parents.
        log_alive: log of the probability that they hold together.
        done: the levels that were judged.
        finished: whether there is nothing more to look at.
    """

    plan: Plan
    candidates: IntArray
    evidence: FloatArray
    log_alive: float = 0.0
    done: tuple[Level, ...] = ()
    finished: bool = False

    @property
    def zoom(self) -> int:
        """Zoom of the candidates, or of the last level when the walk is over."""
        return self.plan.levels[min(len(self.done), len(self.plan.levels) - 1)]


def start(plan: Plan, codes: IntArray) -> BeamState:
    """The walk before its first look.

    Args:
        plan: what was decided.
        codes: every tile of the first level.

    Raises:
        InputError: there is none.
    """
    if codes.size == 0:
        raise InputError(f"There is no tile of zoom {plan.levels[0]} to begin with; use another source or region.")
    return BeamState(plan, codes, np.zeros(codes.size))


def step(state: BeamState, observation: Observation) -> BeamState:
    """The walk after a look at its candidates. Nothing is changed in place.

    When no candidate is left (no pictures at this level, or none where the prior allows a place), the walk is over and
    the level before has the answer.
    """
    if state.finished:
        return state
    use = np.flatnonzero(~observation.absent & (observation.log_mass > -np.inf))
    if use.size == 0 or not np.isfinite(observation.cosine[use]).any():
        return replace(state, candidates=state.candidates[:0], evidence=state.evidence[:0], finished=True)
    level = _evaluate_level(state, observation, use)
    if len(state.done) + 1 == len(state.plan.levels):
        return replace(
            state,
            candidates=state.candidates[:0],
            evidence=state.evidence[:0],
            done=(*state.done, level),
            finished=True,
        )
    alive = log_sum_exp(level.log_probability[level.kept])
    return replace(
        state,
        candidates=web_mercator.children(level.codes[level.kept]),
        evidence=np.repeat(level.evidence[level.kept], CHILDREN),
        log_alive=alive,
        done=(*state.done, level),
    )


def _evaluate_level(state: BeamState, observation: Observation, use: IntArray) -> Level:
    """The level as a value: evidence, probability and what is kept, by our rule."""
    number = len(state.done)
    here = observation.cosine[use] / state.plan.temperatures[number]
    # A picture that could not be had says nothing: it gets the middle of what the others say, and its path lives on.
    here = np.where(np.isfinite(here), here, np.median(here[np.isfinite(here)]))
    evidence = state.evidence[use] + here
    weight = observation.log_mass[use] + evidence
    log_probability = weight - log_sum_exp(weight) + state.log_alive
    width = state.plan.width(number)
    kept = best_first(log_probability, width)
    return Level(
        state.plan.levels[number],
        state.candidates[use],
        observation.cosine[use],
        observation.log_mass[use],
        evidence,
        log_probability,
        kept if width is None else drop_tail(log_probability, kept),
    )


def best_first(values: FloatArray, count: int | None) -> IntArray:
    """Positions of the ``count`` highest values, highest first, equal ones by position; all when None."""
    order = np.argsort(-values, kind="stable")
    return order if count is None else order[:count]


def drop_tail(log_probability: FloatArray, kept: IntArray) -> IntArray:
    """Kept positions without those at the end that together hold next to nothing of what is kept."""
    mass = np.exp(log_probability[kept] - log_probability[kept[0]])
    rest = np.cumsum(mass[::-1])[::-1]
    return kept[: max(int(np.count_nonzero(rest > TAIL * rest[0])), 1)]


def log_sum_exp(values: FloatArray) -> float:
    """Log of the sum of exponentials."""
    highest = float(values.max())
    return highest + float(np.log(np.exp(values - highest).sum()))


def ancestry(state: BeamState, code: int) -> list[tuple[Level, int]]:
    """The path to a tile of the last judged level: each level and the tile's position in it, coarsest first.

    Raises:
        InputError: the tile was not among the candidates.
    """
    found = []
    for level in reversed(state.done):
        place = np.flatnonzero(level.codes == code)
        if place.size == 0:
            raise InputError("This tile was not looked at; choose one of the tiles that the search shows.")
        found.append((level, int(place[0])))
        code >>= 2 * LEVEL_STEP
    return found[::-1]
