"""The sun's place against an independent ephemeris: pvlib's Solar Position Algorithm (Reda and Andreas, NREL)."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence.sun.position import days_since_2000, elevation_and_azimuth, sun_directions
from engine.evidence.sun.refraction import PRESSURE_HPA, TEMPERATURE_CELSIUS, apparent_elevation
from engine.geometry.sphere import unit_vectors

spa = pytest.importorskip("pvlib.spa", reason="the independent ephemeris, pvlib, is not installed")
PLACES = 20_000


@pytest.fixture(scope="module")
def compared():
    """Elevations and azimuths of both at random times of 1950 to 2050 and places all over the Earth."""
    random = np.random.default_rng(7)
    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1950, 2051))
    unix = random.uniform(first, last, PLACES)
    latitude = np.degrees(np.arcsin(random.uniform(-1.0, 1.0, PLACES)))
    longitude = random.uniform(-180.0, 180.0, PLACES)
    delta_t = spa.calculate_deltat(1970 + unix // 31556952, np.full(PLACES, 6.0))
    theirs = spa.solar_position_numpy(
        unix, latitude, longitude, 0.0, PRESSURE_HPA, TEMPERATURE_CELSIUS, delta_t, 0.5667, 1
    )
    ours = elevation_and_azimuth(unit_vectors(latitude, longitude), sun_directions(unix / 86400.0 - 10957.5))
    return theirs, ours


def test_elevation_is_within_a_hundredth_of_a_degree(compared):
    theirs, (elevation, _) = compared
    assert np.abs(theirs[3] - elevation).max() < 0.01


def test_azimuth_is_within_a_hundredth_of_a_degree_of_arc(compared):
    theirs, (elevation, azimuth) = compared
    difference = np.abs((theirs[4] - azimuth + 180.0) % 360.0 - 180.0)
    assert (difference * np.cos(np.radians(elevation))).max() < 0.01
    assert difference[np.abs(elevation) < 85.0].max() < 0.05


def test_the_sun_is_seen_where_the_ephemeris_sees_it(compared):
    theirs, (elevation, _) = compared
    up = elevation > -0.5
    assert up.sum() > 9000
    assert np.abs(theirs[2] - apparent_elevation(elevation))[up].max() < 0.01


def test_the_sun_is_above_the_tropic_at_the_solstice_and_the_equator_at_the_equinox():
    solstice, equinox = (
        days_since_2000(date(2024, 6, 20), 20 * 60 + 51),
        days_since_2000(date(2024, 3, 20), 3 * 60 + 6.4),
    )
    heights = np.degrees(np.arcsin(sun_directions([solstice, equinox])[:, 2]))
    assert heights == pytest.approx([23.4374, 0.0], abs=0.002)


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)), st.floats(0.0, 1439.0))
def test_an_hour_turns_the_earth_by_15_degrees(day, minute):
    before, after = sun_directions([days_since_2000(day, minute), days_since_2000(day, minute + 60.0)])
    longitude = np.degrees([np.arctan2(before[1], before[0]), np.arctan2(after[1], after[0])])
    assert (longitude[0] - longitude[1]) % 360.0 == pytest.approx(15.0, abs=0.02)
    assert np.linalg.norm([before, after], axis=1) == pytest.approx(1.0)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2099, 1, 1)), st.integers(-3000, 3000))
def test_days_run_on_over_midnight(moment, minutes):
    later = moment + timedelta(minutes=minutes)
    days = [days_since_2000(each.date(), each.hour * 60 + each.minute) for each in (moment, later)]
    assert days[1] - days[0] == pytest.approx(minutes / 1440.0, abs=1e-8)


def test_days_count_from_noon_of_2000():
    assert days_since_2000(date(2000, 1, 1), 720.0) == 0.0
