"""The rule of Kim, Jang and Kim, section 3.1, exactly: top k by the level's own cosine, at the end the highest cosine.

The paper keeps I = {i : |{s in S : s >= S_i}| <= k}: tiles of equal cosine (two pieces of open sea) that do not all fit
fall out together, and fewer than k are kept. Where more than k are equal at the top nothing would be left and the paper
has no answer; the first k of them are kept then. The variant with GeoCLIP (section 5.1) keeps the tile that holds the
other model's point besides, k + 1 in all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.geometry import web_mercator
from engine.tile_search.beam import BeamState, Level, Observation, best_first, log_sum_exp
from engine.typing import FloatArray, IntArray


def step(state: BeamState, observation: Observation) -> BeamState:
    """The walk after a look at its candidates, by the paper's rule; the prior only excludes.

    A tile without a picture has no embedding and drops out, as it would for the paper.
    """
    if state.finished:
        return state
    use = np.flatnonzero(np.isfinite(observation.cosine) & ~observation.absent & (observation.log_mass > -np.inf))
    if use.size == 0:
        return replace(state, candidates=state.candidates[:0], evidence=state.evidence[:0], finished=True)
    level = _evaluate_level(state, observation, use)
    last = len(state.done) + 1 == len(state.plan.levels)
    onward = np.empty(0, np.int64) if last else web_mercator.children(level.codes[_add_attached(state, level)])
    return replace(state, candidates=onward, evidence=np.zeros(onward.size), done=(*state.done, level), finished=last)


def _evaluate_level(state: BeamState, observation: Observation, use: IntArray) -> Level:
    number, cosine = len(state.done), observation.cosine[use]
    logits: FloatArray = cosine / state.plan.temperatures[number]
    return Level(
        state.plan.levels[number],
        state.candidates[use],
        cosine,
        observation.log_mass[use],
        cosine,
        logits - log_sum_exp(logits),
        _select_best(cosine, state.plan.k),
    )


def _select_best(cosine: FloatArray, k: int) -> IntArray:
    """Line 10 of the paper's algorithm: tiles that at most k tiles, themselves among them, are no worse than."""
    order = best_first(cosine, None)
    no_worse = np.searchsorted(-cosine[order], -cosine[order], side="right")
    inside = int(np.count_nonzero(no_worse <= k))
    return order[: inside or k]


def _add_attached(state: BeamState, level: Level) -> IntArray:
    """The kept positions, and that of the tile at the other model's point if it is a candidate not kept anyway.

    Its ancestors were kept at every level, so it is a candidate unless it has no picture.
    """
    if state.plan.attached is None:
        return level.kept
    code = int(web_mercator.codes_at(*state.plan.attached, level.zoom))
    place = np.flatnonzero(level.codes == code)
    return level.kept if np.isin(place, level.kept).all() else np.append(level.kept, place)
