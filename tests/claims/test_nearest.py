"""The nearest dense ground, against every pixel of the grid and an independent geodesic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from engine.claims.nearest import NearestPoint, bearing, nearest_among
from engine.errors import InputError
from engine.geometry.sphere import EARTH_RADIUS_KM, great_circle_km
from engine.locate.maps import prior_map
from engine.testing import make_world

SPHERE = Geod(a=EARTH_RADIUS_KM * 1000, f=0)
MAP = prior_map(make_world())


@settings(max_examples=60, deadline=None)
@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), densest=st.integers(1, 3000))
def test_no_pixel_is_nearer(latitude, longitude, densest):
    found = nearest_among(MAP, latitude, longitude, densest)
    grid, overlay = MAP.overlay.grid, MAP.overlay
    inside = np.flatnonzero((MAP.rank < densest)[np.asarray(overlay.pixel_cell)].reshape(-1))
    every = great_circle_km(latitude, longitude, *grid.point_of(inside))
    assert found is not None
    assert found.distance_km == pytest.approx(float(every.min()), abs=1e-9)
    assert int(grid.pixel_of(found.latitude, found.longitude)) in inside


@pytest.mark.parametrize("point", [(90, 0), (-90, 77), (0, 180), (0, -180), (12, 179.99)])
def test_poles_and_the_date_line(point):
    found = nearest_among(MAP, *point, MAP.overlay.cells)
    assert found is not None
    assert found.distance_km < 112


def test_nothing_is_dense_enough():
    assert nearest_among(MAP, 0, 0, 0) is None


@given(st.floats(-89.9, 89.9), st.floats(-179, 179), st.floats(-89.9, 89.9), st.floats(-179, 179))
def test_bearings_are_those_of_proj(latitude, longitude, to_latitude, to_longitude):
    if float(great_circle_km(latitude, longitude, to_latitude, to_longitude)) < 1:
        return
    expected, _, distance = SPHERE.inv(longitude, latitude, to_longitude, to_latitude)
    if distance / 1000 > 20_000:  # every way leads to the other side of the Earth
        return
    turned = (bearing(latitude, longitude, to_latitude, to_longitude) - expected + 180) % 360 - 180
    assert turned == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("degrees", "word"), [(0, "north"), (359, "north"), (45, "north-east"), (200, "south"), (225, "south-west")]
)
def test_directions(degrees, word):
    assert NearestPoint(0, 0, 1, degrees).direction == word


def test_every_way_from_a_pole_leads_away_from_it():
    assert {bearing(90, lon, 10, 50) for lon in (-170, 0, 33)} == {180.0}
    assert bearing(-90, 5, 10, 50) == 0.0


def test_a_point_off_the_globe_is_refused():
    with pytest.raises(InputError, match="Latitude"):
        nearest_among(MAP, 91, 0, 5)
