"""The S2 kernel against s2sphere, an independent port of Google's library, and against itself."""

import math

import numpy as np
import pytest
import s2sphere
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.s2 import cells as s2
from engine.geometry.s2.lattice import lattice_cell_ids
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM, great_circle_km

LEVELS = range(31)
CORNER = math.degrees(math.asin(math.sqrt(1.0 / 3.0)))  # latitude of the corners of the cube, 35.26 degrees

latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)
levels = st.integers(0, 30)


def random_points(count, seed):
    random = np.random.default_rng(seed)
    return np.degrees(np.arcsin(random.uniform(-1.0, 1.0, count))), random.uniform(-180.0, 180.0, count)


def edge_points():
    """Poles, the antimeridian, face edges and face corners, and their neighbours in floating point."""
    lat = [-90.0, -45.0, -CORNER, 0.0, CORNER, 45.0, 90.0]
    lon = [*range(-180, 181, 15), 60.0, -60.0]
    lat = [value for centre in lat for value in (np.nextafter(centre, 0.0), centre, np.nextafter(centre, 99.0))]
    lon = [value for centre in lon for value in (np.nextafter(centre, -999.0), centre, np.nextafter(centre, 999.0))]
    grid = np.meshgrid(np.clip(lat, -90.0, 90.0), np.clip(lon, -180.0, 180.0))
    return grid[0].ravel(), grid[1].ravel()


def leaf(lat, lon):
    return s2sphere.CellId.from_lat_lng(s2sphere.LatLng.from_degrees(lat, lon))


def random_cells(level, count=60):
    return s2.cell_ids(*random_points(count, seed=level), level)


@pytest.mark.parametrize("points", [random_points(20_000, seed=1), edge_points()], ids=["random", "edges"])
def test_ids_equal_s2sphere_at_every_level(points):
    oracle = [leaf(*point) for point in zip(*(axis.tolist() for axis in points), strict=True)]
    for level in LEVELS:
        expected = np.array([cell.parent(level).id() for cell in oracle], np.uint64)
        np.testing.assert_array_equal(s2.cell_ids(*points, level), expected)


@settings(max_examples=500)
@given(latitudes, longitudes)
def test_any_point_equals_s2sphere(lat, lon):
    face, i, j, _ = leaf(lat, lon).to_face_ij_orientation()
    assert tuple(int(value) for value in s2.leaf_face_ij(lat, lon)) == (face, i, j)
    assert int(s2.cell_ids(lat, lon, 30)) == leaf(lat, lon).id()


def test_shapes_broadcast():
    assert s2.cell_ids(np.zeros((3, 1)), np.zeros(4), 5).shape == (3, 4)
    assert s2.cell_ids(1.0, 2.0, 5).shape == ()


@pytest.mark.parametrize("level", [0, 1, 2, 5, 6, 13, 30])
def test_lattice_equals_the_general_path(level):
    lat = np.unique(np.concatenate([random_points(80, seed=3)[0], edge_points()[0]]))[::-1]
    lon = np.unique(np.concatenate([random_points(200, seed=4)[1], edge_points()[1]]))
    np.testing.assert_array_equal(lattice_cell_ids(lat, lon, level), s2.cell_ids(lat[:, None], lon, level))


@settings(max_examples=60)
@given(st.lists(latitudes, max_size=6), st.lists(longitudes, min_size=1, max_size=6))
def test_any_lattice_in_any_order_equals_the_general_path(lat, lon):
    points = np.array(lat)[:, None], np.array(lon)
    np.testing.assert_array_equal(lattice_cell_ids(lat, lon, 30), s2.cell_ids(*points, 30))


@pytest.mark.parametrize("level", LEVELS)
def test_parents_children_and_ranges_equal_s2sphere(level):
    ids = random_cells(level)
    cells = [s2sphere.CellId(int(cell)) for cell in ids]
    assert (s2.level_of(ids) == level).all()
    assert s2.is_valid(ids).all()
    assert s2.range_min(ids).tolist() == [cell.range_min().id() for cell in cells]
    assert s2.range_max(ids).tolist() == [cell.range_max().id() for cell in cells]
    for coarser in (0, level // 2, level):
        assert s2.parent(ids, coarser).tolist() == [cell.parent(coarser).id() for cell in cells]
    if level < s2.LEAF_LEVEL:
        below = s2.children(ids)
        assert below.tolist() == [[child.id() for child in cell.children()] for cell in cells]
        np.testing.assert_array_equal(s2.parent(below, level), np.repeat(ids, 4).reshape(-1, 4))


@pytest.mark.parametrize("level", LEVELS)
def test_tokens_are_those_of_s2sphere_and_read_back(level):
    ids = random_cells(level)
    assert s2.tokens(ids) == tuple(s2sphere.CellId(int(cell)).to_token() for cell in ids)
    np.testing.assert_array_equal(s2.from_tokens(s2.tokens(ids)), ids)
    assert s2.from_token(s2.token(int(ids[0])).upper()) == int(ids[0])


@pytest.mark.parametrize("level", LEVELS)
def test_the_centre_of_a_cell_is_in_it(level):
    ids = np.concatenate([random_cells(level), s2.cell_ids(*edge_points(), level)])
    np.testing.assert_array_equal(s2.cell_ids(*s2.cell_centers(ids), level), ids)


@pytest.mark.parametrize("level", [0, 1, 2, 7, 19, 30])
def test_centres_and_corners_equal_s2sphere(level):
    for cell_id, lat, lon, corners in zip(
        random_cells(level), *s2.cell_centers(random_cells(level)), s2.cell_vertices(random_cells(level)), strict=True
    ):
        cell = s2sphere.Cell(s2sphere.CellId(int(cell_id)))
        points = [cell.get_center(), *(cell.get_vertex(k) for k in range(4))]
        expected = [s2sphere.LatLng.from_point(point) for point in points]
        expected = np.array([(point.lat().degrees, point.lng().degrees) for point in expected])
        np.testing.assert_allclose([(lat, lon), *corners], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("level", "tolerance"), [(0, 1e-14), (4, 1e-13), (10, 1e-11), (20, 1e-8), (30, 1e-5)])
def test_areas_equal_s2sphere(level, tolerance):
    ids = random_cells(level)
    expected = [s2sphere.Cell(s2sphere.CellId(int(cell))).exact_area() * EARTH_RADIUS_KM**2 for cell in ids]
    np.testing.assert_allclose(s2.cell_area_km2(ids), expected, rtol=tolerance)


@pytest.mark.parametrize("level", [0, 1, 4, 7])
def test_the_cells_of_a_level_cover_the_sphere_once(level):
    ids = s2.all_cells(level)
    assert ids.size == 6 * 4**level
    assert (np.diff(ids) > 0).all()
    assert s2.cell_area_km2(ids).sum() == pytest.approx(EARTH_AREA_KM2, rel=1e-12)


@pytest.mark.parametrize("level", range(30))
def test_the_area_of_a_cell_is_that_of_its_children(level):
    ids = random_cells(level)
    np.testing.assert_allclose(s2.cell_area_km2(s2.children(ids)).sum(axis=-1), s2.cell_area_km2(ids), rtol=1e-14)


def test_corners_of_small_cells_lie_around_the_centre():
    ids = random_cells(20)
    lat, lon = s2.cell_centers(ids)
    corners = s2.cell_vertices(ids)
    distance = great_circle_km(lat[:, None], lon[:, None], corners[..., 0], corners[..., 1])
    assert (distance < 2.0 * np.sqrt(s2.cell_area_km2(ids))[:, None]).all()


@given(latitudes, longitudes, levels, levels)
def test_levels_nest(lat, lon, one, other):
    finer, coarser = max(one, other), min(one, other)
    assert s2.parent(s2.cell_ids(lat, lon, finer), coarser) == s2.cell_ids(lat, lon, coarser)


@pytest.mark.parametrize("level", [-1, 31])
def test_levels_that_do_not_exist_are_refused(level):
    with pytest.raises(InputError, match="outside 0 to 30"):
        s2.cell_ids(0.0, 0.0, level)


@pytest.mark.parametrize("point", [(90.1, 0.0), (-91.0, 0.0), (math.nan, 0.0), (0.0, math.inf), (0.0, math.nan)])
def test_what_is_not_a_coordinate_is_refused(point):
    with pytest.raises(InputError, match="latitudes, then longitudes"):
        s2.cell_ids(*point, 3)
    with pytest.raises(InputError, match="latitudes, then longitudes"):
        lattice_cell_ids([point[0]], [point[1]], 3)


@pytest.mark.parametrize("text", ["", "X", "0", "zz", "47e66e47e66e47e66e", "f", "8", "47 ", "-1", "0x47", "2a"])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(InputError, match="not the token"):
        s2.from_token(text)


def test_no_parent_below_and_no_child_of_a_leaf():
    with pytest.raises(InputError, match="no parent"):
        s2.parent(s2.all_cells(1), 2)
    with pytest.raises(InputError, match="no children"):
        s2.children(s2.cell_ids(0.0, 0.0, 30))
