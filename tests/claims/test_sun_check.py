"""The sun expected at a claimed place, beside pvlib's, and how far an observation is from it."""

import pandas as pd
import pytest

from engine.claims.sun_check import expected_words, observed_words, sun_at
from engine.evidence.sun.observation import SunObservation

CAPE_TOWN, AMSTERDAM = (-33.92, 18.42), (52.37, 4.9)


def observed(**options):
    return SunObservation(**{"year": 2023, "month": 1, "day": 10, "minute_of_day": 960.0, **options})


@pytest.mark.parametrize(("place", "zone"), [(CAPE_TOWN, "Africa/Johannesburg"), (AMSTERDAM, "Europe/Amsterdam")])
def test_elevation_and_bearing_are_those_of_an_independent_library(place, zone):
    from pvlib.solarposition import get_solarposition

    expected = get_solarposition(pd.DatetimeIndex([pd.Timestamp("2023-01-10 16:00", tz=zone)]), *place)
    there = sun_at(observed(elevation_degrees=30.0), *place, zone)
    assert there.elevation[0] == pytest.approx(expected["apparent_elevation"].iloc[0], abs=0.1)
    assert there.azimuth == pytest.approx(expected["azimuth"].iloc[0], abs=0.1)


def test_a_sun_27_degrees_off_is_many_standard_errors_away():
    seen = observed(elevation_degrees=32.0, elevation_error_degrees=2.0)
    there = sun_at(seen, *AMSTERDAM, "Europe/Amsterdam")
    assert there.misfit > 10
    assert expected_words(there, seen) == "sun 4.9° high"
    assert observed_words(seen) == "32 ± 2° measured"


def test_an_observation_of_what_is_there_fits():
    height = sun_at(observed(elevation_degrees=30.0), *CAPE_TOWN, "Africa/Johannesburg").elevation[0]
    seen = observed(elevation_degrees=height, light="day")
    assert sun_at(seen, *CAPE_TOWN, "Africa/Johannesburg").misfit < 0.2


def test_the_error_of_the_clock_counts():
    late = observed(elevation_degrees=48.0, time_error_minutes=60.0)
    sharp = observed(elevation_degrees=48.0, time_error_minutes=0.0)
    fits = [sun_at(each, -33.92, 18.42, "Africa/Johannesburg").misfit for each in (late, sharp)]
    assert fits[0] <= fits[1]


def test_night_contradicts_a_shadow():
    seen = observed(minute_of_day=60.0, object_height=1.0, shadow_length=1.0)
    there = sun_at(seen, *CAPE_TOWN, "Africa/Johannesburg")
    assert there.misfit > 10
    assert "below the horizon" in expected_words(there, seen)
    assert "from a shadow" in observed_words(seen)


def test_without_a_time_of_day_a_range_is_expected():
    seen = SunObservation(year=2023, month=6, day=21, elevation_degrees=50.0)
    there = sun_at(seen, *AMSTERDAM, "Europe/Amsterdam")
    assert there.azimuth is None
    assert there.elevation[0] < 0
    assert 60 < there.elevation[1] < 62
    assert there.misfit < 0.5
    assert expected_words(there, seen).startswith("sun between ")


def test_at_sea_the_clock_is_nautical():
    seen = observed(elevation_degrees=30.0, minute_of_day=720.0)
    assert sun_at(seen, 0.0, -150.0, None).elevation[0] == pytest.approx(68, abs=1.5)
