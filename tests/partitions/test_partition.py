"""Partitions: areas, labels at points, owners, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.partitions.partition import NOWHERE, Partition, gather_on_owners

GRID = Grid(18, 36)


def made(raster, labels=("a", "b", "c"), owner=None):
    given_owner = {} if owner is None else {"owner": np.array(owner, np.int64)}
    return Partition("made", labels, GRID, raster, **given_owner)


def halves():
    """North "a", south "b", one pixel of nowhere at the north-west corner; "c" owns none and lies in "b"."""
    raster = np.zeros(GRID.shape, np.int16)
    raster[9:] = 1
    raster[0, 0] = NOWHERE
    return made(raster, owner=[0, 1, 1])


def test_areas_are_those_of_the_pixels():
    area = halves().area_km2()
    assert area[1] == pytest.approx(EARTH_AREA_KM2 / 2.0, rel=1e-12)
    assert area[0] == pytest.approx(EARTH_AREA_KM2 / 2.0 - GRID.pixel_area_km2[0], rel=1e-12)
    assert area[2] == 0.0


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32])
@given(data=st.data())
def test_areas_add_up_to_the_sphere(dtype, data):
    raster = data.draw(hnp.arrays(dtype, GRID.shape, elements=st.integers(-1, 2)))
    nowhere = GRID.pixel_area_km2 @ (raster == NOWHERE).sum(axis=1)
    assert made(raster).area_km2().sum() + nowhere == pytest.approx(EARTH_AREA_KM2, rel=1e-12)


def test_labels_at_points():
    partition = halves()
    assert partition.label_at([45.0, -45.0, 89.0], [10.0, 180.0, -179.0]).tolist() == [0, 1, NOWHERE]
    assert partition.label_at(-90.0, -180.0) == 1
    assert partition.label_at(0.0, 0.0).dtype == np.int64


def test_labels_own_themselves_by_default():
    assert made(np.zeros(GRID.shape, np.int8)).owner.tolist() == [0, 1, 2]


def test_arrays_cannot_be_changed():
    partition = halves()
    with pytest.raises(ValueError, match="read-only"):
        partition.raster[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        partition.owner[0] = 1


def test_a_raster_of_another_grid_is_refused():
    with pytest.raises(InputError, match="its grid is"):
        made(np.zeros((18, 35), np.int16))


@pytest.mark.parametrize("owner", [[0], [0, 1, 2, 3]])
def test_owners_of_other_labels_are_refused(owner):
    with pytest.raises(InputError, match="one owner per label"):
        made(np.zeros(GRID.shape, np.int16), owner=owner)


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(
            hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.just(n)), elements=st.floats(0.0, 1.0)),
            hnp.arrays(np.int64, n, elements=st.integers(0, n - 1)),
        )
    )
)
def test_no_probability_is_lost_on_the_way_to_owners(case):
    probability, owner = case
    moved = gather_on_owners(probability, owner)
    np.testing.assert_allclose(moved.sum(axis=1), probability.sum(axis=1), rtol=1e-12, atol=1e-300)
    assert (moved[:, np.setdiff1d(np.arange(owner.size), owner)] == 0.0).all()
    np.testing.assert_array_equal(gather_on_owners(probability[0], owner), moved[0])


def test_a_label_without_ground_hands_over_to_its_owner():
    moved = gather_on_owners(np.array([0.2, 0.3, 0.5]), halves().owner)
    np.testing.assert_allclose(moved, [0.2, 0.8, 0.0])
