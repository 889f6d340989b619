from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import LEVELS
from engine.tile_search import beam, paper
from engine.tile_search.beam import Method, Observation, Plan


def plan(k=4, levels=LEVELS, temperature=0.1, **options):
    return Plan(levels, (temperature,) * len(levels), k, **options)


def observation(cosine, absent=None, log_mass=None):
    cosine = np.asarray(cosine, np.float64)
    gone = np.zeros(cosine.size, bool) if absent is None else absent
    return Observation(cosine, gone, np.zeros(cosine.size) if log_mass is None else log_mass)


def walk(chosen, rule, seed=0, looks=None):
    """A whole walk with random cosines; gives the states on the way."""
    rng, states = np.random.default_rng(seed), [beam.start(chosen, web_mercator.all_codes(chosen.levels[0]))]
    while not states[-1].finished:
        states.append(rule(states[-1], observation(rng.normal(0, 0.1, states[-1].candidates.size))))
    return states


@pytest.mark.parametrize(("k", "encodes"), [(16, 1792), (32, 3328), (64, 6400)])
def test_the_papers_method_looks_at_as_many_tiles_as_the_paper_says(k, encodes):
    states = walk(plan(k, method=Method.PAPER), paper.step)
    assert sum(state.candidates.size for state in states) == encodes
    assert [level.kept.size for level in states[-1].done] == [k] * 7


@pytest.mark.parametrize("k", [16, 32, 64])
def test_with_three_levels_at_hand_ours_encodes_at_most_six_tenths(k):
    states = walk(plan(k, ready=frozenset({4, 6, 8}), temperature=1e6), beam.step)
    looked = {state.zoom: state.candidates.size for state in states if not state.finished}
    assert (looked[4], looked[6], looked[8]) == (256, 4096, 65536)
    assert sum(looked[zoom] for zoom in LEVELS[3:]) <= 0.6 * (256 + 6 * 16 * k)


def test_the_papers_rule_is_top_k_of_the_levels_own_cosine_and_the_argmax():
    states = walk(plan(5, method=Method.PAPER), paper.step, seed=3)
    for before, after in pairwise(states):
        level = after.done[-1]
        expected = np.argsort(-level.cosine, kind="stable")[:5]
        np.testing.assert_array_equal(level.kept, expected)
        if not after.finished:
            assert set(web_mercator.parents(after.candidates)) == set(before.candidates[expected])
    last = states[-1].done[-1]
    assert last.best == web_mercator.tile_of(16, int(last.codes[last.cosine.argmax()]))


@given(st.lists(st.integers(0, 6), min_size=2, max_size=40), st.integers(1, 12))
def test_what_the_paper_keeps_is_its_line_10_written_out(scores, k):
    cosine = np.array(scores) / 10
    state = beam.start(plan(k, levels=(4, 6), method=Method.PAPER), np.arange(cosine.size))
    kept = paper.step(state, observation(cosine)).done[-1].kept
    expected = {i for i in range(cosine.size) if sum(s >= cosine[i] for s in cosine) <= k}
    if expected:
        assert set(kept.tolist()) == expected
        assert (np.diff(cosine[kept]) <= 0).all()
    else:  # more than k are equal at the top, and the paper would be left with nothing
        assert kept.size == k and (cosine[kept] == cosine.max()).all()


def test_equal_cosines_at_the_rim_fall_out_together():
    cosine = np.array([0.9, 0.5, 0.5, 0.1])
    state = beam.start(plan(2, levels=(4, 6), method=Method.PAPER), np.arange(4))
    assert paper.step(state, observation(cosine)).done[-1].kept.tolist() == [0]
    assert paper.step(state, observation(np.ones(4))).done[-1].kept.tolist() == [0, 1]


def test_the_attached_tile_is_kept_besides_the_k_all_the_way():
    point = (48.2, 16.37)
    states = walk(plan(3, method=Method.PAPER, attached=point), paper.step, seed=5)
    for before, after in pairwise(states):
        code = int(web_mercator.codes_at(*point, before.zoom))
        assert code in before.candidates
        if not after.finished:
            assert after.candidates.size in (3 * 16, 4 * 16)


@given(st.integers(0, 1000), st.integers(1, 12), st.sampled_from([0.02, 0.1, 1.0]))
def test_the_leaves_of_a_walk_sum_to_one(seed, k, temperature):
    states = walk(plan(k, levels=(4, 6, 8), temperature=temperature), beam.step, seed)
    total = 0.0
    for number, level in enumerate(states[-1].done):
        out = np.ones(level.codes.size, bool)
        if number + 1 < len(states[-1].done):
            out[level.kept] = False
        total += float(np.exp(level.log_probability[out]).sum())
    assert total == pytest.approx(1.0, abs=1e-9)


def test_evidence_is_the_sum_along_the_path():
    states = walk(plan(6, levels=(4, 6, 8)), beam.step, seed=1)
    last = states[-1].done[-1]
    for place in (0, 17, 40):
        path = beam.ancestry(states[-1], int(last.codes[place]))
        assert [level.zoom for level, _ in path] == [4, 6, 8]
        assert last.evidence[place] == pytest.approx(sum(level.cosine[n] / 0.1 for level, n in path))


def test_a_good_path_beats_one_good_last_level():
    first = beam.step(beam.start(plan(4, levels=(4, 6)), np.array([10, 20])), observation([0.5, 0.1]))
    cosine = np.zeros(32)
    good, other = np.flatnonzero(first.candidates == 10 * 16 + 3)[0], np.flatnonzero(first.candidates == 20 * 16 + 3)[0]
    cosine[good], cosine[other] = 0.4, 0.5
    last = beam.step(first, observation(cosine)).done[-1]
    assert last.best == web_mercator.tile_of(6, 10 * 16 + 3)
    assert int(np.argmax(last.cosine)) == other


def test_the_prior_decides_where_the_tiles_say_nothing():
    log_mass = np.log(np.array([0.1, 0.7, 0.2]))
    state = beam.step(
        beam.start(plan(2, levels=(4,)), np.array([3, 5, 9])), observation(np.zeros(3), log_mass=log_mass)
    )
    np.testing.assert_allclose(np.exp(state.done[0].log_probability), [0.1, 0.7, 0.2])
    assert state.done[0].best.code == 5


def test_the_prior_excludes():
    log_mass = np.array([0.0, -np.inf, -np.inf])
    state = beam.step(beam.start(plan(3), np.array([3, 5, 9])), observation([0.0, 0.9, 0.9], log_mass=log_mass))
    assert set(web_mercator.parents(state.candidates)) == {3}


def test_a_picture_that_could_not_be_had_is_neutral_and_one_that_is_not_there_drops_out():
    cosine = np.array([0.1, np.nan, 0.3, 0.2])
    state = beam.step(
        beam.start(plan(3), np.array([1, 2, 3, 4])), observation(cosine, np.array([False, False, False, True]))
    )
    level = state.done[0]
    assert level.codes.tolist() == [1, 2, 3]
    assert level.evidence[0] < level.evidence[1] < level.evidence[2]


def test_no_picture_at_all_ends_the_walk_at_the_level_before():
    for rule in (beam.step, paper.step):
        first = rule(beam.start(plan(2), np.arange(4)), observation(np.arange(4) / 10))
        ended = rule(first, observation(np.full(32, np.nan), np.ones(32, bool)))
        assert ended.finished and len(ended.done) == 1
        assert rule(ended, observation([])) is ended


def test_a_step_changes_nothing_in_place():
    state = beam.start(plan(2), np.arange(8))
    seen = observation(np.linspace(0, 1, 8))
    first, second = beam.step(state, seen), beam.step(state, seen)
    np.testing.assert_array_equal(first.candidates, second.candidates)
    np.testing.assert_array_equal(first.evidence, second.evidence)
    assert state.done == () and state.candidates.tolist() == list(range(8))


def test_the_tail_that_holds_next_to_nothing_is_not_looked_into():
    kept = beam.drop_tail(np.array([0.0, -1.0, -40.0, -41.0]), np.arange(4))
    assert kept.tolist() == [0, 1]


@pytest.mark.parametrize("k", [0, -1, 100_000])
def test_widths_that_make_no_sense(k):
    with pytest.raises(InputError, match="makes no sense"):
        plan(k)


def test_plans_that_make_no_sense():
    with pytest.raises(InputError, match="rise by 2"):
        plan(levels=(4, 8))
    with pytest.raises(InputError, match="temperature"):
        Plan((4, 6), (0.1,), 4)
    with pytest.raises(InputError, match="no tile"):
        beam.start(plan(), np.empty(0, np.int64))
    with pytest.raises(InputError, match="not looked at"):
        beam.ancestry(walk(plan(2, levels=(4,)), beam.step)[-1], 4**4)
