"""Drawn shapes: what is refused, and that their pixels have the area that the sphere says."""

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.shapes.geojson import LARGEST_BYTES, drawn_area_from_geojson
from engine.evidence.shapes.polygons import edges, in_plane, polygon_from_points
from engine.evidence.shapes.raster import spans_of
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM, cap_area_km2, great_circle_km

GRID = Grid(1080, 2160)


def exact_area_km2(polygons):
    """Green's theorem on the sphere, sides straight in degrees: the integral of sin(latitude) d longitude."""
    total = 0.0
    for (lat_a, lon_a), (lat_b, lon_b) in edges(polygons):
        a, b = math.radians(lat_a), math.radians(lat_b)
        mean = math.sin(a) if abs(b - a) < 1e-9 else (math.cos(a) - math.cos(b)) / (b - a)
        total += math.radians(lon_b - lon_a) * mean
    return abs(total) * EARTH_RADIUS_KM**2


def degrees(most):
    """Numbers to a thousand millionth of a degree (0.1 mm): shapely's own distances overflow on ones like 1e-278."""
    return st.floats(-most, most).map(lambda value: round(value, 9))


def mask_of(spans):
    mask = np.zeros(spans.grid.pixels, bool)
    for start, stop in zip(spans.start, spans.stop, strict=True):
        mask[start:stop] = True
    return mask.reshape(spans.grid.shape)


SHAPES = {
    "a box": [(-10, 20), (-10, 50), (30, 50), (30, 20)],
    "a triangle": [(-30, -70), (12.3, -55.5), (-8, -40)],
    "over the date line": [(-20, 170), (-20, -165), (5, -165), (5, 170)],
    "around the north pole": [(70, 0), (65, 90), (70, 180), (75, -90)],
    "around the south pole": [(-60, 10), (-70, 130), (-65, -110)],
    "with a corner on the pole": [(90, 0), (60, 0), (60, 80)],
    "concave": [(0, 0), (0, 40), (30, 40), (30, 30), (10, 30), (10, 10), (30, 10), (30, 0)],
}


@pytest.mark.parametrize("corners", SHAPES.values(), ids=SHAPES)
def test_pixels_of_a_polygon_have_its_area_on_the_sphere(corners):
    area = DrawnArea((polygon_from_points(corners),))
    spans = spans_of(area, GRID)
    assert spans.area_km2 == pytest.approx(exact_area_km2(area.polygons), rel=5e-3)
    reversed_area = DrawnArea((polygon_from_points(corners[::-1]),))
    assert np.array_equal(mask_of(spans_of(reversed_area, GRID)), mask_of(spans))


def test_poles_and_date_line_are_inside_where_they_should_be():
    north = mask_of(spans_of(DrawnArea((polygon_from_points(SHAPES["around the north pole"]),)), GRID))
    assert north[0].all()
    assert not north[-1].any()
    pacific = mask_of(spans_of(DrawnArea((polygon_from_points(SHAPES["over the date line"]),)), GRID))
    rows, columns = GRID.row_of([-5, -5, -5]), GRID.column_of([179.9, -179.9, 0.0])
    assert pacific[rows, columns].tolist() == [True, True, False]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(degrees(80), degrees(179)), min_size=3, max_size=8))
def test_pixels_are_those_whose_centres_shapely_puts_inside(corners):
    grid = Grid(90, 180)
    try:
        polygon = polygon_from_points(corners)
    except InputError:
        return
    found = mask_of(spans_of(DrawnArea((polygon,)), grid))
    latitude, longitude = np.meshgrid(grid.latitudes, grid.longitudes, indexing="ij")
    plane = in_plane(polygon)
    expected = np.any([shapely.contains_xy(plane, longitude + turn, latitude) for turn in (-360, 0, 360)], axis=0)
    away = [shapely.distance(plane.boundary, shapely.points(longitude + t, latitude)) for t in (-360, 0, 360)]
    clear = np.min(away, axis=0) > 1e-9
    if expected.any():
        assert np.array_equal(found[clear], expected[clear])
    elif clear.all():
        assert found.sum() == 1
    else:  # sides run through centres, which belong to one polygon or to its neighbour
        assert found.any()


def test_a_hole_is_outside_and_two_polygons_are_both_inside():
    (outer,) = polygon_from_points([(-20, 0), (-20, 60), (20, 60), (20, 0)])
    (hole,) = polygon_from_points([(-10, 20), (-10, 30), (10, 30), (10, 20)])
    both = DrawnArea(((outer, hole), polygon_from_points([(-30, 50), (-30, 80), (0, 80), (0, 50)])))
    mask = mask_of(spans_of(both, GRID))
    inside = mask[GRID.row_of([0, 0, -25, -5]), GRID.column_of([5, 25, 70, 55])]
    assert inside.tolist() == [True, False, True, True]


@pytest.mark.parametrize(
    "circle",
    [Circle(0, 0, 1000), Circle(-17, 179.5, 400), Circle(88, 20, 1500), Circle(-90, 0, 3000), Circle(45, 7, 12000),
     Circle(10, 10, math.pi * EARTH_RADIUS_KM)],
)  # fmt: skip
def test_a_circle_holds_the_pixels_within_its_radius(circle):
    grid = Grid(540, 1080)
    found = mask_of(spans_of(circle, grid))
    distance = great_circle_km(circle.latitude, circle.longitude, grid.latitudes[:, None], grid.longitudes[None, :])
    assert np.array_equal(found, distance <= circle.radius_km)
    assert spans_of(circle, grid).area_km2 == pytest.approx(cap_area_km2(circle.radius_km), rel=0.02)


def test_a_shape_smaller_than_a_pixel_takes_its_pixel():
    tiny = DrawnArea((polygon_from_points([(48.8580, 2.2940), (48.8580, 2.2941), (48.8581, 2.2941)]),))
    for shape in (tiny, Circle(48.858, 2.294, 0.01)):
        spans = spans_of(shape, GRID)
        assert spans.pixels == 1
        assert spans.start[0] == GRID.pixel_of(48.858, 2.294)


def test_the_whole_earth_may_be_drawn():
    world = DrawnArea(((((-90.0, -180.0), (-90.0, 180.0), (90.0, 180.0), (90.0, -180.0), (-90.0, -180.0)),),))
    assert spans_of(world, GRID).area_km2 == pytest.approx(EARTH_AREA_KM2)


BAD_POLYGONS = [
    ([(0, 0), (10, 10), (0, 10), (10, 0)], r"its sides cross near 5\.0000, 5\.0000"),
    ([(0, 0), (10, 10)], "2 corners encloses nothing"),
    ([(0, 0), (10, 10), (20, 20)], "cannot be used"),
    ([(0, 0), (95, 10), (20, 20)], "outside -90 to 90"),
    ([(0, 0), (math.nan, 10), (20, 20)], "outside -90 to 90"),
    ([(0.001 * n, math.sin(n)) for n in range(12_000)], "sides cross"),
]


@pytest.mark.parametrize(("corners", "message"), BAD_POLYGONS)
def test_a_polygon_that_is_none_is_refused_with_a_remedy(corners, message):
    with pytest.raises(InputError, match=message):
        polygon_from_points(corners)


def test_rings_are_checked_as_they_stand():
    good = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0))
    for ring, message in [
        (good[:3], "not closed"),
        (((0.0, 0.0), (0.0, 600.0), (1.0, 1.0), (0.0, 0.0)), "not on the globe"),
        (((0.0, -200.0), (0.0, 200.0), (1.0, 200.0), (0.0, -200.0)), "400 degrees wide"),
        (((0.0, 0.0), (0.0, math.inf), (1.0, 1.0), (0.0, 0.0)), "not a number"),
    ]:
        with pytest.raises(InputError, match=message):
            DrawnArea(((ring,),))
    with pytest.raises(InputError, match="at least one polygon"):
        DrawnArea(())
    with pytest.raises(InputError, match="simplify it"):
        DrawnArea(tuple((good,) for _ in range(2501)))


def geojson(coordinates, kind="Polygon"):
    return json.dumps({"type": kind, "coordinates": coordinates})


BOX = [[0, 0], [10, 0], [10, 20], [0, 20], [0, 0]]


def test_geojson_is_read_in_all_its_wrappings():
    bare = drawn_area_from_geojson(geojson([BOX]))
    feature = {"type": "Feature", "properties": {"name": "valley"}, "geometry": json.loads(geojson([BOX]))}
    wrapped = drawn_area_from_geojson(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    several = drawn_area_from_geojson(geojson([[BOX]], "MultiPolygon"), include=False, name="mine")
    assert bare.polygons == wrapped.polygons == several.polygons
    assert (wrapped.name, several.name, several.include) == ("valley", "mine", False)
    assert spans_of(bare, GRID).area_km2 == pytest.approx(exact_area_km2(bare.polygons), rel=2e-3)


def test_geojson_cut_at_the_date_line_or_running_over_it_is_the_same_area():
    cut = geojson([[[[170, -20], [180, -20], [180, 5], [170, 5], [170, -20]]],
                   [[[-180, -20], [-165, -20], [-165, 5], [-180, 5], [-180, -20]]]], "MultiPolygon")  # fmt: skip
    over = geojson([[[170, -20], [195, -20], [195, 5], [170, 5], [170, -20]]])
    one, other = (mask_of(spans_of(drawn_area_from_geojson(text), GRID)) for text in (cut, over))
    assert np.array_equal(one, other)


def test_geojson_means_what_it_says_and_a_ring_around_the_pole_holds_it():
    wide = drawn_area_from_geojson(geojson([[[-170, -10], [170, -10], [170, 10], [-170, 10], [-170, -10]]]))
    assert mask_of(spans_of(wide, GRID))[GRID.row_of(0), GRID.column_of(0)]
    polar = drawn_area_from_geojson(geojson([[[0, 70], [90, 70], [180, 70], [-90, 70], [0, 70]]]))
    assert mask_of(spans_of(polar, GRID))[0].all()


BAD_FILES = [
    (b"\xff\xfe\x00", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ("{}", "not GeoJSON"),
    ("7", "not GeoJSON"),
    (" " * (LARGEST_BYTES + 1), "5 MB large"),
    (geojson([1, 2], "Point"), "a Point, which encloses nothing"),
    (geojson([]), "polygon without rings"),
    (geojson([[[0, 0], [1, 1], [0, 0]]]), "not closed or not of 4"),
    (geojson([[[0, 0], [1, 0], ["x", 1], [0, 0]]]), "not longitude and latitude"),
    (geojson([[[0, 0], [1, 0], [1, 95], [0, 0]]]), "not in degrees on the globe"),
    (geojson([[[0, 0], [1, 0], [1, True], [0, 0]]]), "not longitude and latitude"),
    (geojson([[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]), "sides cross"),
    (geojson(None), "without rings"),
    (geojson(5, "MultiPolygon"), "without coordinates"),
    (json.dumps({"type": "FeatureCollection", "features": []}), "no polygon"),
    (json.dumps({"type": "FeatureCollection", "features": {}}), "without a list"),
    (json.dumps({"type": "FeatureCollection", "features": [5] * 2000}), "2000 features"),
    (json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None}]}), "no polygon"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD_FILES, ids=range(len(BAD_FILES)))
def test_files_that_are_no_area_are_refused_in_one_sentence(text, message):
    with pytest.raises(InputError, match=message) as caught:
        drawn_area_from_geojson(text)
    assert "\n" not in str(caught.value)


def test_collections_in_collections_have_an_end():
    value = json.loads(geojson([BOX]))
    for _ in range(20):
        value = {"type": "GeometryCollection", "geometries": [value]}
    with pytest.raises(InputError, match="too deeply"):
        drawn_area_from_geojson(json.dumps(value))
