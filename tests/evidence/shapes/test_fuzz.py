"""Shapes and GeoJSON that nobody means well: a shape that holds what it promises, or one sentence."""

import json
import math

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.shapes.geojson import drawn_area_from_geojson
from engine.evidence.shapes.polygons import LARGEST_RADIUS_KM, polygon_from_points
from engine.evidence.shapes.raster import spans_of
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.serialization import from_json, to_json
from engine.geometry import row_spans
from engine.geometry.grid import Grid
from engine.geometry.row_spans import Spans

GRID = Grid(90, 180)

numbers = st.one_of(
    st.sampled_from([0, -0.0, 90, -90, 180, -180, 360, 540, -540, 1e-300, 5e-324, 1e308, 10**400, math.nan, math.inf]),
    st.floats(),
    st.integers(),
)
strange = st.none() | st.booleans() | numbers | st.text(max_size=5)


def nested(inner):
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)


anything = st.recursive(strange, nested, max_leaves=12)

# Few values, so that points fall together, sides lie on each other, and rings touch poles and the date line.
latitudes = st.sampled_from([-90, -60, -1, 0, 1, 1 + 1e-9, 45.5, 60, 90]) | st.floats(-90, 90)
longitudes = st.sampled_from([-180, -179.5, -10, 0, 10, 10 + 1e-9, 170, 180, 190, 350, -350]) | st.floats(-180, 190)


@st.composite
def stars(draw):
    """A ring around a middle, which rarely crosses itself; wide ones leave the globe, narrow ones have no pixel."""
    latitude, longitude = draw(latitudes), draw(longitudes)
    turns = sorted(draw(st.lists(st.floats(0, 6.28), min_size=3, max_size=8)))
    reach = draw(st.sampled_from([1e-300, 1e-12, 1e-6, 1e-3, 1, 40, 170, 181]))
    tall = draw(st.sampled_from([1.0, 1e-9, 0.5]))
    ring = [[longitude + reach * math.cos(t), clipped(latitude + tall * reach * math.sin(t))] for t in turns]
    return [*ring, ring[0]]


def clipped(latitude):
    return min(max(latitude, -90.0), 90.0)


def loose_ring(points):
    return [*points, points[0]]


points = st.tuples(longitudes, latitudes).map(list)
rings = stars() | st.lists(points, min_size=1, max_size=9).map(loose_ring)


@st.composite
def polygons(draw):
    """A ring, with others in it or beside it, or with the same ring, smaller and turned, as its hole."""
    outer = draw(rings)
    if draw(st.booleans()):
        return [outer]
    if draw(st.booleans()):
        return [outer, *draw(st.lists(rings, max_size=2))]
    share = draw(st.sampled_from([0.5, 1e-9, 1.0, 1.5]))
    middle = [sum(point[axis] for point in outer[:-1]) / (len(outer) - 1) for axis in (0, 1)]
    hole = [[middle[axis] + share * (point[axis] - middle[axis]) for axis in (0, 1)] for point in outer]
    return [outer, hole[::-1]]


kinds = st.sampled_from(["Polygon", "MultiPolygon", "Point", "Feature", "FeatureCollection", "polygon", 7])
geometries = st.one_of(
    st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": polygons()}),
    st.fixed_dictionaries({"type": st.just("MultiPolygon"), "coordinates": st.lists(polygons(), max_size=3)}),
    st.fixed_dictionaries({"type": kinds, "coordinates": st.lists(anything, max_size=3) | anything}),
)
names = st.none() | st.text(max_size=70) | st.integers() | st.lists(st.integers(), max_size=1)
properties = st.none() | st.fixed_dictionaries({"name": names})


@st.composite
def files(draw):
    """A geometry, bare or wrapped a few times; seldom one part of it is anything at all."""
    value = draw(geometries)
    for _ in range(draw(st.integers(0, 3))):
        way = draw(st.integers(0, 2))
        others = [draw(geometries) for _ in range(draw(st.integers(0, 1)))]
        if way == 0:
            value = {"type": "Feature", "geometry": value, "properties": draw(properties)}
        elif way == 1:
            value = {"type": "GeometryCollection", "geometries": [value, *others]}
        else:
            features = [{"type": "Feature", "geometry": each} for each in (value, *others)]
            value = {"type": "FeatureCollection", "features": features}
    if draw(st.integers(0, 9)) == 0:
        value[draw(st.sampled_from(sorted(value)))] = draw(anything)
    return value


def made_or_told(make):
    """What is made, or None where it was refused in one sentence; any other error is the test's."""
    try:
        return make()
    except InputError as refused:
        told = str(refused)
        assert told.endswith(".") and told.isprintable() and len(told) <= 300 and "Traceback" not in told, told
        return None


def check_shape(shape, scales):
    """What every later step relies on."""
    evidence = Evidence("e1", shape)
    assert from_json(json.loads(json.dumps(to_json(evidence)))) == evidence
    assert shape.sentence().isprintable()
    found = spans_of(shape, GRID)
    assert found.start.size and (found.start < found.stop).all()
    assert found.start[0] >= 0 and found.stop[-1] <= GRID.pixels
    apart = found.stop[:-1] <= found.start[1:]
    assert apart.all(), "no pixel twice"
    assert (found.start // GRID.columns == (found.stop - 1) // GRID.columns).all(), "no stretch leaves its row"
    for each in (evidence, Evidence("e2", Searched(shape, 0.7))):
        (weighed,) = scales.weigh([each])[1]
        assert weighed.reason == "" and np.isfinite(weighed.likelihoods[0].log_likelihood).all()


@given(files())
@settings(max_examples=300, deadline=None)
def test_any_geojson_is_an_area_or_one_sentence(scales, value):
    area = made_or_told(lambda: drawn_area_from_geojson(json.dumps(value)))
    if area is not None:
        check_shape(area, scales)


def turned(ring):
    """Latitude first."""
    return tuple((point[1], point[0]) for point in ring)


clicks = st.lists(st.tuples(latitudes | numbers, longitudes | numbers), max_size=9)


@given(clicks | rings.map(lambda ring: [(latitude, math.remainder(east, 360.0)) for latitude, east in turned(ring)]))
@example([(0, 0), (0, 0), (0, 1), (1, 1)])
@example([(10**400, 0), (0, 1), (1, 1)])
@settings(max_examples=200, deadline=None)
def test_any_corners_are_a_polygon_or_one_sentence(scales, corners):
    area = made_or_told(lambda: DrawnArea((polygon_from_points(corners),)))
    if area is not None:
        check_shape(area, scales)


loose = st.lists(clicks.map(tuple), max_size=3).map(tuple)
meant = polygons().map(lambda polygon: tuple(turned(ring) for ring in polygon))


@given(st.lists(meant | loose, max_size=3).map(tuple), st.booleans(), st.text(max_size=130))
@example(((((10**400, 0), (0, 1), (1, 1), (10**400, 0)),),), True, "")
@settings(max_examples=200, deadline=None)
def test_any_rings_are_an_area_or_one_sentence(scales, found, include, name):
    area = made_or_told(lambda: DrawnArea(found, include, name))
    if area is not None:
        check_shape(area, scales)


radii = (
    st.sampled_from([1e-300, 1e-9, 0.1, 50, 10_000, LARGEST_RADIUS_KM, LARGEST_RADIUS_KM - 1e-9])
    | numbers
    | st.floats(0, 20_100)
)


@given(latitudes | numbers, longitudes | numbers, radii, st.booleans(), st.text(max_size=130))
@example(90, 180, LARGEST_RADIUS_KM, True, "")
@example(10**400, 0, 1.0, True, "")
@example(0, 0, 10**400, True, "")
@settings(max_examples=200, deadline=None)
def test_any_circle_is_one_or_one_sentence(scales, latitude, longitude, radius_km, include, name):
    circle = made_or_told(lambda: Circle(latitude, longitude, radius_km, include, name))
    if circle is not None:
        check_shape(circle, scales)


def test_two_stretches_that_begin_in_the_first_column_are_one():
    found = Spans.of_rows(GRID, np.array([3, 3]), np.array([0, 0]), np.array([9, 5]))
    assert found.pixels == 9 and found.start.size == 1


def test_an_area_of_many_polygons_is_not_merged_again_for_each(monkeypatch):
    """Eight hundred strips from pole to pole took a minute and a half."""
    sorted_spans = []
    merged = row_spans._merge
    monkeypatch.setattr(
        row_spans, "_merge", lambda start, *rest: sorted_spans.append(start.size) or merged(start, *rest)
    )
    strips = [((-80, west), (-80, west + 3), (80, west + 3), (80, west), (-80, west)) for west in range(-180, 140, 5)]
    assert spans_of(DrawnArea(tuple((strip,) for strip in strips)), GRID).start.size == 80 * len(strips)
    assert sum(sorted_spans) <= 80 * len(strips) * (2 + len(strips).bit_length())
