"""The order of the cells: as a stable sort gives it, at the speed of an unstable one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.ranking import rising_order


@given(st.lists(st.sampled_from([-3.5, 0.0, 0.25, 7.0, np.inf]) | st.floats(-10, 10), min_size=1, max_size=200))
def test_equal_values_keep_the_order_of_their_cells(values):
    array = np.array(values)
    assert np.array_equal(rising_order(array), np.argsort(array, kind="stable"))


def test_many_ties_are_ordered_too():
    values = np.random.default_rng(0).integers(0, 40, 50_000).astype(float)
    assert np.array_equal(rising_order(values), np.argsort(values, kind="stable"))
