"""Dates that an observation leaves open, and what clocks said on them."""

from datetime import date

import numpy as np
import pytest

from engine.errors import LayerError
from engine.evidence.sun.clock import RULES_YEAR, nautical_zone, possible_dates, zone_offsets
from engine.evidence.sun.observation import SunObservation


@pytest.mark.parametrize(
    ("fields", "count", "first"),
    [
        ({"year": 2023, "month": 6, "day": 21}, 1, date(2023, 6, 21)),
        ({"month": 6, "day": 21}, 4, date(2022, 6, 21)),
        ({"month": 2, "day": 29}, 1, date(2024, 2, 29)),
        ({"year": 2024, "month": 2}, 29, date(2024, 2, 1)),
        ({"month": 2}, 28, date(RULES_YEAR, 2, 1)),
        ({"year": 1999}, 365, date(1999, 1, 1)),
        ({"year": 2000}, 366, date(2000, 1, 1)),
        ({}, 365, date(RULES_YEAR, 1, 1)),
    ],
)
def test_open_dates(fields, count, first):
    dates = possible_dates(SunObservation(**fields, light="day"))
    assert (len(dates), dates[0]) == (count, first)
    assert len(set(dates)) == count


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2023, 6, 21), 2.0),
        ("Europe/Berlin", date(2023, 12, 21), 1.0),
        ("Europe/Berlin", date(1975, 6, 21), 1.0),  # no daylight saving before 1980
        ("Europe/London", date(1943, 7, 1), 2.0),  # double summer time
        ("Asia/Kathmandu", date(2020, 1, 1), 5.75),
        ("America/New_York", date(2007, 3, 20), -4.0),
        ("America/New_York", date(2006, 3, 20), -5.0),  # the rules changed between the two
        ("Pacific/Apia", date(2012, 1, 15), 14.0),
        ("Pacific/Apia", date(2011, 1, 15), -10.0),  # it moved across the date line
        ("", date(2020, 7, 1), 0.0),
    ],
)
def test_clocks_follow_the_rules_of_their_day(zone, day, hours):
    assert zone_offsets([zone], [day], 720.0, any_year=False).tolist() == [[hours * 3600]]


def test_without_a_year_the_rules_are_those_of_one_fixed_year():
    days = [date(1950, 7, 1), date(2024, 2, 29)]
    assert zone_offsets(["Europe/Berlin"], days, 720.0, any_year=True).tolist() == [[7200, 3600]]


def test_daylight_saving_begins_within_the_day():
    before, after = (
        zone_offsets(["Europe/Berlin"], [date(2023, 3, 26)], minute, any_year=False)[0, 0] for minute in (60.0, 240.0)
    )
    assert (before, after) == (3600, 7200)


@pytest.mark.parametrize("name", ["Middle/Earth", "../../etc/passwd", "Europe", "a\0b", "x" * 300])
def test_an_unknown_zone_is_named(name):
    with pytest.raises(LayerError, match="is missing on this computer"):
        zone_offsets([name], [date(2023, 1, 1)], 0.0, any_year=False)


def test_ships_keep_whole_hours():
    assert nautical_zone(np.array([-180.0, -7.6, 0.0, 7.4, 52.6, 180.0])).tolist() == [-12, -1, 0, 0, 4, 12]
