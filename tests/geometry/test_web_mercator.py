"""Tile algebra against Eq. 1-6 of Kim, Jang and Kim written out, and against morecantile."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry import web_mercator
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.geometry.web_mercator import LATITUDE_LIMIT, Tile


@pytest.fixture(scope="module")
def square():
    morecantile = pytest.importorskip("morecantile")
    return morecantile.tms.get("WebMercatorQuad")


@st.composite
def any_tile(draw):
    zoom = draw(st.integers(0, web_mercator.MAX_ZOOM))
    side = st.integers(0, (1 << zoom) - 1)
    return Tile(zoom, draw(side), draw(side))


@given(any_tile())
@example(Tile(0, 0, 0))
@example(Tile(24, 2**24 - 1, 2**24 - 1))
@example(Tile(16, 0, 2**16 - 1))
def test_code_center_and_point_lead_back_to_the_tile(tile):
    assert web_mercator.tile_of(tile.z, tile.code) == tile
    latitude, longitude = tile.center
    assert web_mercator.tile_of(tile.z, int(web_mercator.codes_at(latitude, longitude, tile.z))) == tile


@given(any_tile())
def test_the_center_is_equations_1_and_2(tile):
    latitude, longitude = tile.center
    exponent = 2 * math.pi * (0.5 - (tile.y + 0.5) / 2**tile.z)
    assert latitude == pytest.approx(180 / math.pi * (2 * math.atan(math.exp(exponent)) - math.pi / 2), abs=1e-9)
    assert longitude == pytest.approx(360 * (tile.x + 0.5) / 2**tile.z - 180, abs=1e-9)


@given(st.floats(-85, 85), st.floats(-180, 179.999999), st.integers(0, 20))
def test_points_to_tiles_is_equations_3_to_6(latitude, longitude, zoom):
    east = math.radians(longitude)
    north = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    column, row = (east + math.pi) / (2 * math.pi / 2**zoom), 2**zoom - (north + math.pi) / (2 * math.pi / 2**zoom)
    x, y = web_mercator.columns_rows(web_mercator.codes_at(latitude, longitude, zoom))
    for found, exact in ((x, column), (y, row)):  # a point on an edge may fall to either side of it by rounding
        assert found == math.floor(exact) or abs(exact - round(exact)) < 1e-6


@given(any_tile(), st.integers(1, 3))
def test_parents_and_children_are_inverse(tile, levels):
    if tile.z + levels > web_mercator.MAX_ZOOM:
        return
    below = web_mercator.children(np.array([tile.code]), levels)
    assert len(set(below.tolist())) == 4**levels
    assert set(web_mercator.parents(below, levels)) == {tile.code}
    x, y = web_mercator.columns_rows(below)
    assert (x >> levels == tile.x).all() and (y >> levels == tile.y).all()


def test_sixteen_children_two_levels_down_are_x_and_y_times_four():
    tile = Tile(4, 5, 9)
    x, y = web_mercator.columns_rows(web_mercator.children(np.array([tile.code])))
    assert set(zip(x.tolist(), y.tolist(), strict=True)) == {(20 + i, 36 + j) for i in range(4) for j in range(4)}


@given(any_tile())
def test_boxes_and_centers_agree_with_morecantile(square, tile):
    box, bounds = web_mercator.boxes(tile.z, np.array([tile.code])), square.bounds(tile.x, tile.y, tile.z)
    ours = [float(edge[0]) for edge in (box.west, box.south, box.east, box.north)]
    np.testing.assert_allclose(ours, [bounds.left, bounds.bottom, bounds.right, bounds.top], atol=1e-7)


@given(st.floats(-85, 85), st.floats(-179.99, 179.99), st.integers(0, 18))
def test_tiles_of_points_agree_with_morecantile(square, latitude, longitude, zoom):
    other = square.tile(longitude, latitude, zoom)
    mine = web_mercator.tile_of(zoom, int(web_mercator.codes_at(latitude, longitude, zoom)))
    box = web_mercator.boxes(zoom, np.array([mine.code]))
    sides = (latitude - box.north[0], latitude - box.south[0], longitude - box.west[0], longitude - box.east[0])
    edge = min(map(abs, sides))
    assert (other.z, other.x, other.y) == (mine.z, mine.x, mine.y) or edge < 1e-6


def test_poles_and_antimeridian():
    size = 1 << 6
    x, y = web_mercator.columns_rows(web_mercator.codes_at([90, -90, 86, 0, 0, 0], [0, 0, 10, 180, -180, 179.9999], 6))
    assert y[:3].tolist() == [0, size - 1, 0]
    assert x[3:].tolist() == [0, 0, size - 1]
    assert pytest.approx(85.05112877980659) == LATITUDE_LIMIT


@pytest.mark.parametrize("zoom", [0, 4, 6])
def test_areas_add_up_to_the_band_between_the_limits(zoom):
    total = web_mercator.areas_km2(zoom, web_mercator.all_codes(zoom)).sum()
    assert total == pytest.approx(EARTH_AREA_KM2 * math.sin(math.radians(LATITUDE_LIMIT)), rel=1e-9)


def test_boxes_across_the_antimeridian():
    codes = web_mercator.codes_in_box(4, -20, 170, -10, -170, limit=100)
    x, _ = web_mercator.columns_rows(codes)
    assert set(x.tolist()) == {0, 15}
    with pytest.raises(InputError, match="coarser zoom"):
        web_mercator.codes_in_box(12, -80, -180, 80, 180, limit=1000)


@pytest.mark.parametrize("words", [(3, 8, 0), (3, 0, -1), (25, 0, 0), (-1, 0, 0)])
def test_tiles_that_do_not_exist(words):
    with pytest.raises(InputError, match="no tile"):
        Tile(*words)
