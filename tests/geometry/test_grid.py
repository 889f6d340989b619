"""The grid: points and pixels are inverse, areas add up to the sphere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from engine.errors import InputError
from engine.geometry.grid import FULL_COLUMNS, FULL_ROWS, Grid
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM

latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)
ROWS = [n for n in range(1, 5401) if FULL_ROWS % n == 0]
COLUMNS = [n for n in range(1, 10801) if FULL_COLUMNS % n == 0]
grids = st.builds(Grid, st.sampled_from(ROWS), st.sampled_from(COLUMNS))


def test_the_default_is_the_grid_of_paper_a():
    grid = Grid()
    assert grid.shape == (5400, 10800)
    assert grid.pixels == 58_320_000
    assert (grid.latitudes[0], grid.longitudes[0]) == pytest.approx((90 - 1 / 60, -180 + 1 / 60))


@pytest.mark.parametrize("grid", [Grid(), Grid(1, 1), Grid(180, 360), Grid(FULL_ROWS, FULL_COLUMNS)])
def test_pixel_areas_add_up_to_the_sphere(grid):
    assert grid.pixel_area_km2.sum() * grid.columns == pytest.approx(EARTH_AREA_KM2, rel=1e-12)
    np.testing.assert_allclose(grid.pixel_area_km2, grid.pixel_area_km2[::-1], rtol=1e-7)
    assert not grid.pixel_area_km2.flags.writeable


def test_pixel_areas_equal_pyproj():
    grid, geod = Grid(180, 360), Geod(a=EARTH_RADIUS_KM * 1000.0, f=0.0)
    for row in (0, 45, 89, 90, 179):
        north, south = 90.0 - row, 89.0 - row
        along = np.linspace(0.0, 1.0, 2001)  # parallels are no great circles
        lon = np.concatenate([along, along[::-1]])
        lat = np.concatenate([np.full(2001, south), np.full(2001, north)])
        area, _ = geod.polygon_area_perimeter(lon, lat)
        assert grid.pixel_area_km2[row] == pytest.approx(area / 1e6, rel=1e-6)


@given(grids, st.data())
def test_the_centre_of_a_pixel_is_in_it(grid, data):
    pixel = data.draw(st.integers(0, grid.pixels - 1))
    assert grid.pixel_of(*grid.point_of(pixel)) == pixel


@given(grids, latitudes, longitudes)
def test_every_point_is_in_the_pixel_around_it(grid, lat, lon):
    pixel = grid.pixel_of(lat, lon)
    assert 0 <= pixel < grid.pixels
    centre_lat, centre_lon = grid.point_of(pixel)
    assert abs(centre_lat - lat) <= grid.latitude_step / 2 * (1 + 1e-9)
    off = abs(centre_lon - lon)
    assert min(off, 360.0 - off) <= grid.longitude_step / 2 * (1 + 1e-9)
    assert grid.area_of(pixel) == grid.pixel_area_km2[pixel // grid.columns]


@given(grids, latitudes)
def test_both_sides_of_the_antimeridian_meet(grid, lat):
    assert grid.pixel_of(lat, 180.0) == grid.pixel_of(lat, -180.0)
    assert grid.column_of(180.0) == 0
    assert grid.column_of(180.0 - 1e-9) == grid.columns - 1


@given(grids)
def test_poles_are_in_the_first_and_last_row(grid):
    assert grid.row_of([90.0, -90.0]).tolist() == [0, grid.rows - 1]


def test_row_0_is_north_and_column_0_is_west():
    grid = Grid(180, 360)
    assert grid.pixel_of(89.5, -179.5) == 0
    assert grid.pixel_of(89.5, 179.5) == 359
    assert grid.pixel_of(-89.5, 179.5) == grid.pixels - 1
    assert (np.diff(grid.latitudes) < 0).all()
    assert (np.diff(grid.longitudes) > 0).all()


@pytest.mark.parametrize("shape", [(0, 1), (1, 0), (-1, 360), (7, 360), (180, 7), (43200, 43200)])
def test_grids_that_do_not_divide_the_full_lattice_are_refused(shape):
    with pytest.raises(InputError, match="does not divide 21600 x 43200"):
        Grid(*shape)
