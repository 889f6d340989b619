"""The ranking orders cells as a stable sort does."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.ranking import ascending_order
from engine.inference.search_map import SearchMap


@given(st.lists(st.sampled_from([-3.5, 0.0, 0.25, 7.0, np.inf]) | st.floats(-10, 10), min_size=1, max_size=200))
def test_equal_values_keep_the_order_of_their_cells(values):
    array = np.array(values)
    assert np.array_equal(ascending_order(array), np.argsort(array, kind="stable"))


def test_many_ties_are_ordered_too():
    values = np.random.default_rng(0).integers(0, 40, 50_000).astype(float)
    assert np.array_equal(ascending_order(values), np.argsort(values, kind="stable"))


@given(st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=200))
def test_whole_numbers_are_ordered(steps):
    values = np.array(steps, float)
    assert np.array_equal(ascending_order(values), np.argsort(values, kind="stable"))


@given(st.floats(-1e-7, 1e-7), st.integers(0, 2**20))
def test_fractions_are_not_truncated(part, whole):
    values = np.array([whole, whole + part, whole - part])
    assert np.array_equal(ascending_order(values), np.argsort(values, kind="stable"))


def test_densities_equal_up_to_rounding_noise_are_ties(world):
    noise = np.random.default_rng(0).uniform(-1e-12, 1e-12, world.overlay.cells)
    search_map = SearchMap.from_log_weights(world.overlay, noise)
    assert np.unique(search_map.log_density).size > 2
    assert np.unique(search_map.steps).size <= 2  # the noise may lie across the edge of a step
    assert search_map.count_at_least(float(search_map.log_density[0])) >= world.overlay.cells / 3


def test_counts_of_denser_cells(world):
    weights = np.random.default_rng(1).integers(0, 9, world.overlay.cells).astype(float)
    weights[::7] = -np.inf
    search_map = SearchMap.from_log_weights(world.overlay, weights)
    for cell in range(0, world.overlay.cells, 97):
        value = search_map.log_density[cell]
        assert search_map.count_denser(value) == (weights > weights[cell]).sum()
        assert search_map.count_at_least(value) == (weights >= weights[cell]).sum()
