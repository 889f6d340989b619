"""Where on Earth an observation fits: true places, found again from what pvlib says they saw."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DatetimeIndex

from engine.errors import InputError
from engine.evidence.sun.likelihood import FLOOR, sun_likelihood
from engine.evidence.sun.observation import SunObservation
from engine.geometry.sphere import unit_vectors

solarposition = pytest.importorskip("pvlib.solarposition", reason="the independent ephemeris, pvlib, is not installed")

LUND = (55.698, 13.193, "Europe/Stockholm")
SANTIAGO = (-33.45, -70.67, "America/Santiago")
NAIROBI = (-1.29, 36.82, "Africa/Nairobi")
KATHMANDU = (27.72, 85.32, "Asia/Kathmandu")
PLACES = [LUND, SANTIAGO, NAIROBI, KATHMANDU]
NAMES = [place[2] for place in PLACES]
NUMBER = 20_000


def spread_over_the_earth():
    number = np.arange(NUMBER) + 0.5
    latitude = np.degrees(np.arcsin(1.0 - 2.0 * number / NUMBER))
    return latitude, (number * 137.50776405) % 360.0 - 180.0


LATITUDE, LONGITUDE = spread_over_the_earth()
EARTH = unit_vectors(LATITUDE, LONGITUDE)
SMALL = np.full(NUMBER, 0.3)


def sun_at(place, moment):
    """Apparent elevation and azimuth that pvlib gives, degrees."""
    found = solarposition.spa_python(
        DatetimeIndex([moment.astimezone(UTC)]), place[0], place[1], temperature=15.0, delta_t=None
    )
    return float(found["apparent_elevation"].iloc[0]), float(found["azimuth"].iloc[0])


def likelihood_there(seen, place):
    """Of the true place, in its own time zone, and of places all over the Earth, each in the zone of the true one
    within 12 degrees of longitude and in nautical time elsewhere."""
    unit = np.vstack([unit_vectors(place[0], place[1]), EARTH])
    near = np.abs((np.append(place[1], LONGITUDE) - place[1] + 180.0) % 360.0 - 180.0) < 12.0
    zone = np.where(near, NAMES.index(place[2]), -1)
    found = sun_likelihood(seen, unit, np.append(0.3, SMALL), zone, NAMES)
    return found[0], found[1:]


def area_above(there, elsewhere):
    """Share of the Earth that fits better than the true place."""
    return float((elsewhere > there).mean())


MODES = {
    "moment": {"keep": ("year", "month", "day", "minute_of_day"), "share": 0.02, "azimuth": False},
    "moment and direction": {"keep": ("year", "month", "day", "minute_of_day"), "share": 0.002, "azimuth": True},
    "day without its year": {"keep": ("month", "day", "minute_of_day"), "share": 0.02, "azimuth": False},
    "month": {"keep": ("year", "month", "minute_of_day"), "share": 0.12, "azimuth": False},
    "month and direction": {"keep": ("year", "month", "minute_of_day"), "share": 0.06, "azimuth": True},
    "only the time": {"keep": ("minute_of_day",), "share": 0.35, "azimuth": False},
    "only the time and direction": {"keep": ("minute_of_day",), "share": 0.15, "azimuth": True},
    "only the day": {"keep": ("year", "month", "day"), "share": 0.75, "azimuth": False},
    "only the day and direction": {"keep": ("year", "month", "day"), "share": 0.6, "azimuth": True},
}
WHEN = {
    LUND: datetime(2023, 6, 21, 9, 40, tzinfo=ZoneInfo(LUND[2])),
    SANTIAGO: datetime(2019, 1, 15, 17, 20, tzinfo=ZoneInfo(SANTIAGO[2])),
    NAIROBI: datetime(2021, 9, 10, 15, 5, tzinfo=ZoneInfo(NAIROBI[2])),
    KATHMANDU: datetime(2016, 11, 3, 14, 30, tzinfo=ZoneInfo(KATHMANDU[2])),
}


def seen_from(place, mode, clock):
    moment = WHEN[place] if clock == "local" else WHEN[place].astimezone(UTC)
    elevation, azimuth = sun_at(place, WHEN[place])
    when = {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "minute_of_day": moment.hour * 60 + moment.minute,
    }
    kept = {key: when[key] for key in MODES[mode]["keep"]}
    direction = {"azimuth_degrees": round(azimuth)} if MODES[mode]["azimuth"] else {}
    return SunObservation(**kept, clock=clock, elevation_degrees=round(elevation), **direction)


@pytest.mark.parametrize("clock", ["utc", "local"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[2])
def test_a_true_place_lies_in_the_densest_band(place, mode, clock):
    there, elsewhere = likelihood_there(seen_from(place, mode, clock), place)
    assert there > 0.2
    assert area_above(there, elsewhere) < MODES[mode]["share"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[2])
def test_the_middle_of_the_band_is_where_pvlib_sees_the_sun_that_high(place):
    seen = replace(seen_from(place, "moment", "utc"), time_error_minutes=0.0, elevation_error_degrees=1.0)
    best = np.argsort(sun_likelihood(seen, EARTH, np.zeros(NUMBER)))[-50:]
    for index in best[::5]:
        elevation, _ = sun_at((LATITUDE[index], LONGITUDE[index]), WHEN[place])
        assert elevation == pytest.approx(seen.elevation_degrees, abs=0.25)


def test_a_known_moment_is_the_gaussian_of_pvlibs_elevations():
    seen = SunObservation(2023, 6, 21, 460.0, 0.0, "utc", elevation_degrees=34.0, elevation_error_degrees=2.0)
    some = slice(0, NUMBER, 400)
    found = sun_likelihood(seen, EARTH[some], np.zeros(NUMBER)[some])
    moment = datetime(2023, 6, 21, 7, 40, tzinfo=UTC)
    heights = np.array([sun_at(place, moment)[0] for place in zip(LATITUDE[some], LONGITUDE[some], strict=True)])
    assert found == pytest.approx(FLOOR + (1.0 - FLOOR) * np.exp(-0.5 * ((heights - 34.0) / 2.0) ** 2), abs=0.01)


def test_the_direction_tells_the_hemispheres_apart():
    noon = WHEN[LUND].replace(hour=13, minute=5)  # the sun due south of Lund, due north of its mirror image
    elevation, azimuth = sun_at(LUND, noon)
    seen = SunObservation(2023, 6, 21, 13 * 60 + 5, elevation_degrees=elevation, azimuth_degrees=azimuth)
    there, elsewhere = likelihood_there(seen, LUND)
    assert there > 0.9
    assert elsewhere[LATITUDE < 0.0].max() < 0.05
    without = likelihood_there(replace(seen, azimuth_degrees=None), LUND)[1]
    assert without[LATITUDE < 0.0].max() > 0.9


def test_shadows_say_the_same_as_the_height_that_follows_from_them():
    height = SunObservation(2023, 6, 21, 580, elevation_degrees=45.0, elevation_error_degrees=2.865)
    shadow = replace(height, elevation_degrees=None, object_height=1.8, shadow_length=1.8)
    assert sun_likelihood(shadow, EARTH, SMALL) == pytest.approx(sun_likelihood(height, EARTH, SMALL), abs=0.01)


@pytest.mark.parametrize(
    ("light", "moment"),
    [
        ("day", datetime(2023, 3, 20, 9, 0)),
        ("dusk", datetime(2023, 6, 21, 20, 30)),
        ("night", datetime(2023, 3, 20, 0, 0)),
    ],
)
def test_light_alone(light, moment):
    seen = SunObservation(2023, moment.month, moment.day, moment.hour * 60 + moment.minute, clock="utc", light=light)
    there, elsewhere = likelihood_there(seen, LUND)
    assert there > 0.9
    assert (elsewhere > 0.5).mean() < 0.52 and elsewhere.min() < 0.03


def test_summer_time_is_the_zones_own():
    # Madrid keeps the time of Berlin, Lisbon that of London: at 14:20 by the wall clock the sun is not the same.
    names = ["Europe/Madrid", "Europe/Lisbon"]
    places = unit_vectors([40.4, 38.7], [-3.7, -9.1])
    moment = datetime(2023, 7, 10, 14, 20, tzinfo=ZoneInfo(names[0]))
    elevation, azimuth = sun_at((40.4, -3.7), moment)
    seen = SunObservation(2023, 7, 10, 860, elevation_degrees=elevation, azimuth_degrees=azimuth,
                          azimuth_error_degrees=4.0, elevation_error_degrees=1.0)  # fmt: skip
    madrid, lisbon = sun_likelihood(seen, places, np.zeros(2), np.array([0, 1]), names)
    assert madrid > 0.9 and lisbon < 0.1


def test_a_month_is_the_mean_of_its_days():
    seen = SunObservation(2023, 3, None, 720.0, 0.0, "utc", elevation_degrees=50.0)
    days = [sun_likelihood(replace(seen, day=day), EARTH, SMALL) for day in range(1, 32)]
    mean = (np.mean(days, axis=0) - FLOOR) / (1.0 - FLOOR)
    month = (sun_likelihood(seen, EARTH, SMALL) - FLOOR) / (1.0 - FLOOR)
    assert month == pytest.approx(mean / mean.max(), abs=0.07)


def test_an_error_of_time_is_the_mean_of_its_times():
    seen = SunObservation(2023, 3, 5, 720.0, 40.0, "utc", elevation_degrees=50.0, azimuth_degrees=190.0)
    offsets = np.linspace(-3.5, 3.5, 57)
    weights = np.exp(-0.5 * offsets**2) / np.exp(-0.5 * offsets**2).sum()
    times = [replace(seen, minute_of_day=720.0 + 40.0 * each, time_error_minutes=0.0) for each in offsets]
    mean = weights @ (np.array([sun_likelihood(each, EARTH, SMALL) for each in times]) - FLOOR) / (1.0 - FLOOR)
    found = (sun_likelihood(seen, EARTH, SMALL) - FLOOR) / (1.0 - FLOOR)
    assert found == pytest.approx(mean / mean.max(), abs=0.1)


def test_an_unknown_time_is_the_mean_of_the_day():
    seen = SunObservation(2023, 6, 21, None, 0.0, "utc", elevation_degrees=40.0)
    times = [replace(seen, minute_of_day=float(minute)) for minute in range(0, 1440, 10)]
    mean = (np.mean([sun_likelihood(each, EARTH, SMALL) for each in times], axis=0) - FLOOR) / (1.0 - FLOOR)
    found = (sun_likelihood(seen, EARTH, SMALL) - FLOOR) / (1.0 - FLOOR)
    assert found == pytest.approx(mean / mean.max(), abs=0.05)


@settings(max_examples=25)
@given(st.dates(date(1950, 1, 1), date(2049, 12, 30)), st.integers(0, 1379), st.floats(0.0, 85.0), st.integers(0, 359))
def test_an_hour_shifts_the_band_by_15_degrees(day, minute, elevation, azimuth):
    seen = SunObservation(day.year, day.month, day.day, minute, 0.0, "utc",
                          elevation_degrees=elevation, azimuth_degrees=azimuth)  # fmt: skip
    some = slice(0, NUMBER, 10)
    shifted = unit_vectors(LATITUDE[some], LONGITUDE[some] - 15.0)
    before = sun_likelihood(seen, EARTH[some], SMALL[some])
    after = sun_likelihood(replace(seen, minute_of_day=minute + 60), shifted, SMALL[some])
    assert after == pytest.approx(before, abs=0.03)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([{}, {"year": 1987}, {"month": 9}, {"year": 2024, "month": 2, "day": 29}, {"month": 2, "day": 29}]),
    st.none() | st.floats(0.0, 1439.9),
    st.floats(0.0, 720.0),
    st.sampled_from(["utc", "local"]),
    st.none() | st.floats(-18.0, 90.0),
    st.floats(0.0, 90.0),
    st.none() | st.floats(0.0, 360.0),
)
def test_every_place_keeps_the_floor(when, minute, time_error, clock, elevation, error, azimuth):
    light = "day" if elevation is None and azimuth is None else None
    time = {"minute_of_day": minute, "time_error_minutes": time_error, "clock": clock}
    height = {"elevation_degrees": elevation, "elevation_error_degrees": error}
    seen = SunObservation(**when, **time, **height, azimuth_degrees=azimuth, light=light)
    some = slice(0, NUMBER, 40)
    zone = np.arange(NUMBER)[some] % 5 - 1
    found = sun_likelihood(seen, EARTH[some], 3.0 * SMALL[some], zone, NAMES)
    assert found.dtype == np.float64
    assert found.min() >= FLOOR and found.max() <= 1.0


@pytest.mark.parametrize("day", [None, 21])
def test_a_large_cell_loses_nothing(day):
    seen = SunObservation(2023, 6, day, 600 if day else None, elevation_degrees=30.0, azimuth_degrees=100.0)
    small, large = (sun_likelihood(seen, EARTH, np.full(NUMBER, extent)) for extent in (0.1, 4.0))
    assert (large - small).min() > -0.03
    assert large.mean() > small.mean()


def test_a_place_alone_is_worth_what_it_is_worth_among_others():
    seen = SunObservation(2023, 6, None, 600, 20.0, "local", elevation_degrees=30.0, azimuth_degrees=100.0)
    zone = np.arange(NUMBER) % 5 - 1
    together = sun_likelihood(seen, EARTH, SMALL, zone, NAMES)
    for index in (0, 777, 13_000):
        part = slice(index, index + 1)
        alone = sun_likelihood(seen, EARTH[part], SMALL[part], zone[part], NAMES)
        assert alone == pytest.approx(together[part], abs=0.02)


def test_what_fits_nowhere_is_flat():
    # In June the sun is never due east and low: it is high before it comes round.
    seen = SunObservation(2023, 6, 21, 600, 0.0, "utc", elevation_degrees=1.0, elevation_error_degrees=0.5,
                          azimuth_degrees=120.0, azimuth_error_degrees=1.0)  # fmt: skip
    assert sun_likelihood(seen, EARTH, SMALL).max() < 0.03


@pytest.mark.parametrize(
    ("extent", "zone", "names"),
    [
        (np.zeros(3), None, ()),
        (np.zeros(2), np.array([0]), ("Europe/Paris",)),
        (np.zeros(2), np.array([0, 1]), ("Europe/Paris",)),
        (np.zeros(2), np.array([0, -2]), ("Europe/Paris",)),
    ],
)
def test_arrays_that_do_not_match_are_refused(extent, zone, names):
    with pytest.raises(InputError, match="match"):
        sun_likelihood(SunObservation(light="day", minute_of_day=1), EARTH[:2], extent, zone, names)


def test_no_places_are_no_likelihoods():
    seen = SunObservation(2023, 6, 21, 600, elevation_degrees=40.0)
    for clock in ("utc", "local"):
        assert sun_likelihood(replace(seen, clock=clock), EARTH[:0], SMALL[:0]).shape == (0,)
    assert sun_likelihood(SunObservation(elevation_degrees=40.0), EARTH[:0], SMALL[:0]).shape == (0,)
