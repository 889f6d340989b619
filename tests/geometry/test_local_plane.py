import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from engine.geometry.local_plane import LocalPlane
from engine.geometry.sphere import EARTH_RADIUS_KM, great_circle_km


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-300, 300), st.floats(-300, 300))
def test_distances_from_the_origin_are_true_and_points_come_back(latitude, longitude, east, north):
    plane = LocalPlane(latitude, longitude)
    there = plane.to_degrees(east, north)
    distance = float(great_circle_km(latitude, longitude, *there))
    assert distance == pytest.approx(math.hypot(east, north), abs=1e-4)
    back = plane.from_degrees(*there)
    assert np.allclose(back, (east, north), atol=1e-6)


def test_it_is_the_projection_that_pyproj_calls_aeqd():
    plane = LocalPlane(46.5, 179.2)
    oracle = Proj(proj="aeqd", lat_0=46.5, lon_0=179.2, R=EARTH_RADIUS_KM * 1000)
    latitude, longitude = np.array([46.0, 47.2, 46.5]), np.array([-179.9, 178.0, 179.2])
    east, north = oracle(longitude, latitude)
    assert np.allclose(plane.from_degrees(latitude, longitude), np.array([east, north]) / 1000, atol=1e-6)
