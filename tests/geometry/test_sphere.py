"""The sphere: distances against pyproj and closed forms, caps, wrapping and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from engine.errors import InputError
from engine.geometry.sphere import (
    EARTH_AREA_KM2,
    EARTH_RADIUS_KM,
    cap_area_km2,
    check_point,
    great_circle_km,
    unit_vectors,
    wrap_longitude,
)

HALF_WAY_ROUND_KM = math.pi * EARTH_RADIUS_KM
latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)


def test_distances_equal_pyproj():
    random = np.random.default_rng(0)
    lat_a, lat_b = random.uniform(-90.0, 90.0, (2, 2000))
    lon_a, lon_b = random.uniform(-180.0, 180.0, (2, 2000))
    lat_b[:500], lon_b[:500] = lat_a[:500] * (1 - 1e-7), lon_a[:500] + 1e-6  # metres apart
    _, _, metres = Geod(a=EARTH_RADIUS_KM * 1000.0, f=0.0).inv(lon_a, lat_a, lon_b, lat_b)
    np.testing.assert_allclose(great_circle_km(lat_a, lon_a, lat_b, lon_b), metres / 1000.0, rtol=1e-9, atol=1e-9)


@given(latitudes, longitudes, latitudes, longitudes)
def test_a_distance_is_symmetric_and_at_most_half_way_round(lat_a, lon_a, lat_b, lon_b):
    there = float(great_circle_km(lat_a, lon_a, lat_b, lon_b))
    assert there == pytest.approx(float(great_circle_km(lat_b, lon_b, lat_a, lon_a)), rel=1e-12, abs=1e-9)
    assert 0.0 <= there <= HALF_WAY_ROUND_KM * (1 + 1e-15)
    chord = float(np.linalg.norm(unit_vectors(lat_a, lon_a) - unit_vectors(lat_b, lon_b)))
    assert 2.0 * math.sin(there / EARTH_RADIUS_KM / 2.0) == pytest.approx(chord, abs=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((90.0, 12.0), (90.0, -77.0), 0.0),
        ((0.0, 180.0), (0.0, -180.0), 0.0),
        ((0.0, 179.5), (0.0, -179.5), HALF_WAY_ROUND_KM / 180.0),
        ((90.0, 0.0), (-90.0, 0.0), HALF_WAY_ROUND_KM),
        ((0.0, 0.0), (0.0, 180.0), HALF_WAY_ROUND_KM),
        ((30.0, -60.0), (-30.0, 120.0), HALF_WAY_ROUND_KM),
        ((45.0, 10.0), (45.0, 10.0), 0.0),
    ],
)
def test_known_distances(a, b, km):
    assert float(great_circle_km(*a, *b)) == pytest.approx(km, abs=1e-6)


def test_distances_broadcast():
    assert great_circle_km(np.zeros((3, 1)), 0.0, np.zeros(4), 1.0).shape == (3, 4)


@given(st.floats(-1e6, 1e6))
def test_wrapped_longitudes_are_in_range_and_the_same_meridian(lon):
    wrapped = float(wrap_longitude(lon))
    assert -180.0 <= wrapped < 180.0
    assert math.cos(math.radians(wrapped - lon)) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("lon", "wrapped"), [(180.0, -180.0), (-180.0, -180.0), (540.0, -180.0), (0.0, 0.0), (361, 1)])
def test_known_wraps(lon, wrapped):
    assert float(wrap_longitude(lon)) == wrapped


def test_a_longitude_just_past_the_antimeridian_stays_in_range():
    assert float(wrap_longitude(np.nextafter(-180.0, -999.0))) < 180.0


@given(latitudes, longitudes)
def test_unit_vectors_have_unit_length(lat, lon):
    assert float(np.linalg.norm(unit_vectors(lat, lon))) == pytest.approx(1.0, abs=1e-15)


def test_unit_vectors_of_the_axes():
    vectors = unit_vectors([0.0, 0.0, 90.0, 0.0], [0.0, 90.0, 0.0, 180.0])
    np.testing.assert_allclose(vectors, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0]], atol=1e-15)
    assert unit_vectors(np.zeros((5, 1)), np.zeros(7)).shape == (5, 7, 3)


@given(st.floats(0.0, 30_000.0), st.floats(0.0, 30_000.0))
def test_caps_grow_with_their_radius_up_to_the_sphere(one, other):
    small, large = sorted((one, other))
    assert 0.0 <= cap_area_km2(small) <= cap_area_km2(large) <= EARTH_AREA_KM2


@pytest.mark.parametrize("radius", [1.0, 25.0, 200.0, 750.0, 2500.0])
def test_cap_areas_equal_the_integral_over_rings(radius):
    edges = np.linspace(0.0, radius, 200_001)
    middle = (edges[:-1] + edges[1:]) / 2.0
    rings = 2.0 * math.pi * EARTH_RADIUS_KM * np.sin(middle / EARTH_RADIUS_KM) * np.diff(edges)
    assert cap_area_km2(radius) == pytest.approx(rings.sum(), rel=1e-9)


def test_known_caps():
    assert cap_area_km2(0.0) == 0.0
    assert cap_area_km2(HALF_WAY_ROUND_KM / 2.0) == pytest.approx(EARTH_AREA_KM2 / 2.0)
    assert cap_area_km2(1e9) == EARTH_AREA_KM2


def test_points_are_checked_and_wrapped():
    assert check_point(48, 180) == (48.0, -180.0)
    assert check_point(-90.0, -180.0) == (-90.0, -180.0)


@pytest.mark.parametrize("lat", [90.0001, -91.0, math.nan, math.inf])
def test_a_latitude_off_the_globe_is_refused(lat):
    with pytest.raises(InputError, match=r"Latitude .* outside -90 to 90"):
        check_point(lat, 0.0)


@pytest.mark.parametrize("lon", [180.0001, -181.0, math.nan, -math.inf])
def test_a_longitude_off_the_globe_is_refused(lon):
    with pytest.raises(InputError, match=r"Longitude .* outside -180 to 180"):
        check_point(0.0, lon)
