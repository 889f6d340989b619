"""One position of the sun against one measurement, checked against plain double precision."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence.sun.fit import LEAN_DEGREES, fit, measure
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.position import elevation_and_azimuth
from engine.evidence.sun.refraction import true_elevation
from engine.geometry.sphere import unit_vectors

LATITUDES = st.floats(-80.0, 80.0)
LONGITUDES = st.floats(-180.0, 180.0)


def fit_at(seen, place, sun, extent_degrees=0.0):
    extent = np.full((1, 1), math.radians(extent_degrees), np.float32)
    return float(fit(measure(seen), np.float32([place]), extent, np.float32([sun]), (0.0, 0.0))[0, 0])


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES, st.floats(0.0, 80.0), st.floats(0.5, 20.0), st.floats(0.0, 3.0))
def test_elevation_is_gaussian_and_a_cell_widens_it(latitude, longitude, height, east, seen_at, error, extent):
    place, sun = unit_vectors(latitude, longitude), unit_vectors(height, east)
    seen = SunObservation(elevation_degrees=seen_at, elevation_error_degrees=error)
    elevation = elevation_and_azimuth(place, sun)[0]
    variance = error**2 + 0.1**2 + extent**2
    expected = math.exp(-0.5 * (elevation - true_elevation(seen_at)) ** 2 / variance)
    assert fit_at(seen, place, sun, extent) == pytest.approx(expected, abs=2e-3)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES, st.floats(0.0, 360.0), st.floats(3.0, 30.0))
def test_azimuth_is_von_mises_and_vague_near_the_zenith(latitude, longitude, height, east, seen_at, error):
    place, sun = unit_vectors(latitude, longitude), unit_vectors(height, east)
    elevation, azimuth = elevation_and_azimuth(place, sun)
    if abs(elevation) > 88.0:
        return
    seen = SunObservation(azimuth_degrees=seen_at, azimuth_error_degrees=error, light="dusk")
    lean = LEAN_DEGREES * math.tan(math.radians(elevation))
    concentration = 1.0 / math.radians(math.hypot(error, 0.1, lean)) ** 2
    expected = math.exp(concentration * (math.cos(math.radians(azimuth - seen_at)) - 1.0))
    light = fit_at(SunObservation(light="dusk"), place, sun)
    assert fit_at(seen, place, sun) == pytest.approx(expected * light, abs=3e-3)


@given(st.floats(-75.0, 75.0), LONGITUDES, st.floats(-75.0, 75.0), LONGITUDES)
def test_a_cell_widens_the_azimuth_by_its_gradient(latitude, longitude, height, east):
    place, sun = unit_vectors(latitude, longitude), unit_vectors(height, east)
    elevation, azimuth = elevation_and_azimuth(place, sun)
    if abs(elevation) > 80.0:
        return
    step = 1e-3
    around = unit_vectors([latitude + step, latitude], [longitude, longitude + step / math.cos(math.radians(latitude))])
    moved = elevation_and_azimuth(around, sun)[1]
    gradient = np.linalg.norm((moved - azimuth + 180.0) % 360.0 - 180.0) / step
    off, error, extent = 20.0, 10.0, 0.7
    lean = LEAN_DEGREES * math.tan(math.radians(elevation))
    spread = math.radians(math.hypot(error, 0.1, lean, extent * gradient))
    expected = math.exp((math.cos(math.radians(off)) - 1.0) / spread**2)
    seen = SunObservation(azimuth_degrees=(azimuth + off) % 360.0, azimuth_error_degrees=error, elevation_degrees=20.0,
                          elevation_error_degrees=90.0)  # fmt: skip
    height_only = SunObservation(elevation_degrees=20.0, elevation_error_degrees=90.0)
    found = fit_at(seen, place, sun, extent) / fit_at(height_only, place, sun, extent)
    assert found == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize(
    ("light", "fitting", "not_fitting"),
    [
        ("day", [10.0, 60.0], [-8.0, -40.0]),
        ("dusk", [-9.0, -3.0], [-20.0, 12.0]),
        ("night", [-60.0, -12.0], [0.0, 30.0]),
    ],
)
def test_day_dusk_and_night(light, fitting, not_fitting):
    seen = SunObservation(light=light)
    suns = unit_vectors(np.array([*fitting, *not_fitting]), 0.0)
    pole_values = [fit_at(seen, (0.0, 0.0, 1.0), sun) for sun in suns]  # at the pole the sun stands at its declination
    assert min(pole_values[:2]) > 0.9 and max(pole_values[2:]) < 0.02


def test_a_sun_below_the_horizon_casts_no_shadow():
    long_shadow = SunObservation(object_height=1.0, shadow_length=60.0, shadow_error_percent=100.0)
    above, below = (fit_at(long_shadow, (0.0, 0.0, 1.0), unit_vectors(height, 0.0)) for height in (0.4, -2.0))
    assert above > 0.8 and below < 0.05


def test_nothing_is_undefined_at_the_poles_and_in_the_zenith():
    seen = SunObservation(azimuth_degrees=10.0, elevation_degrees=80.0)
    for place in ((0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)):
        for sun in ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)):
            assert 0.0 <= fit_at(seen, place, sun) <= 1.0
