"""Converts clock time to universal time: which dates are possible, and how far each zone's clock was ahead.

Rules of daylight saving are those of the IANA database for the date itself. Where the year is unknown they are those of
``RULES_YEAR``, a fixed one, so that an answer is the same next year. An hour that a clock shows twice, when daylight
saving ends, is taken for its first showing. Longitudes in no zone keep nautical time: whole hours, 15 degrees each.
"""

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from engine.errors import LayerError
from engine.evidence.sun.observation import SunObservation
from engine.typing import IntArray

RULES_YEAR = 2025
"""Whose daylight saving holds where the year is unknown."""

YEARS_OF_A_DAY = (2022, 2023, 2024, 2025)
"""Where day and month are known but not the year, the sun is averaged over these: one cycle of leap years."""

NAUTICAL_HOURS = 12
"""Nautical zones run from 12 hours behind to 12 hours ahead of universal time."""


def possible_dates(observation: SunObservation) -> tuple[date, ...]:
    """Every date by the observation's own clock that it leaves open, each as likely as the next."""
    year, month, day = observation.year, observation.month, observation.day
    if month is None:
        return _days_of(date(year or RULES_YEAR, 1, 1), 366 if calendar.isleap(year or RULES_YEAR) else 365)
    if day is None:
        return _days_of(date(year or RULES_YEAR, month, 1), calendar.monthrange(year or RULES_YEAR, month)[1])
    years = YEARS_OF_A_DAY if year is None else (year,)
    return tuple(date(each, month, day) for each in years if day <= calendar.monthrange(each, month)[1])


def zone_offsets(zone_names: Sequence[str], dates: Sequence[date], minute_of_day: float, any_year: bool) -> IntArray:
    """Seconds by which each zone's clock was ahead of universal time at this time of each date.

    Args:
        zone_names: IANA names; an empty name stands for universal time.
        dates: dates by the wall clock.
        minute_of_day: time by the wall clock.
        any_year: the year is unknown, so the rules of ``RULES_YEAR`` hold.

    Returns:
        ``(zones, dates)`` int64.

    Raises:
        LayerError: the database of time zones does not know a name.
    """
    clock = timedelta(minutes=minute_of_day)
    ruled = (_with_rules_year(day) if any_year else day for day in dates)
    moments = [datetime(day.year, day.month, day.day) + clock for day in ruled]  # noqa: DTZ001 - a wall clock's, of any zone
    rows = [[_ahead_s(zone, moment) for moment in moments] for zone in map(_zone, zone_names)]
    return np.array(rows, np.int64).reshape(len(zone_names), len(dates))


def nautical_zone(longitude: npt.NDArray[np.floating]) -> IntArray:
    """Hours ahead of universal time of ship's clocks at longitudes in degrees, -180 to 180."""
    return np.asarray(np.rint(longitude / 15.0), np.int64)


def _ahead_s(zone: tzinfo, wall_clock: datetime) -> int:
    return round((zone.utcoffset(wall_clock) or timedelta()).total_seconds())


@lru_cache(maxsize=1024)  # the library itself remembers eight
def _zone(name: str) -> tzinfo:
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # not found is a KeyError, a folder or a bad path the others
        raise LayerError(
            f"The time zone {name[:60]!r} is missing on this computer; install or update the package tzdata."
        ) from error


def _with_rules_year(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(RULES_YEAR, 2, 28)  # no clock changes between the two
    return day.replace(year=RULES_YEAR)


def _days_of(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=number) for number in range(count))
