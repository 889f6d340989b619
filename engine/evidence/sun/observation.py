"""What a photo shows of the sun: how high it stood or how long shadows were, in which direction, and when.

Values are validated once. Every error here is one standard deviation.
"""

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import InputError

Clock = Literal["utc", "local"]
Light = Literal["day", "dusk", "night"]
Bearing = Literal["sun", "shadow"]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

FIRST_YEAR, LAST_YEAR = 1826, 2100
"""From the first photograph to where sun and clocks can still be foretold."""

LOWEST_ELEVATION = -18.0
"""Degrees; below it, the end of astronomical twilight, the sun leaves no trace in the sky."""

LIGHT_RANGES: Mapping[str, tuple[float, float]] = {"day": (-0.833, 90.0), "dusk": (-12.0, 2.0), "night": (-90.0, -6.0)}
"""Degrees of geometric elevation of the sun's centre in which people speak of each.

Day begins with sunrise, when the upper limb shows (-0.833). Dusk, or dawn, reaches from the last of the sun to the end
of nautical twilight (-12), when outlines on the ground vanish. Night begins at the end of civil twilight
(-6), when lamps are lit; the two overlap because words do. Source: U.S. Naval Observatory, "Rise, Set, and Twilight
Definitions".
"""

LIGHT_ERROR_DEGREES = 1.5
"""How sharply a photo shows light and dark: clouds, hills and long exposures blur the limits."""

LEAST_ERROR_DEGREES = 0.1
"""Added to every error: the sun is half a degree wide and air bends its light by more or less than the average."""

LONGEST_TIME_ERROR_MINUTES = 720.0
"""An error of half a day says nothing about the time."""

_LARGEST = 1e300  # beyond it Python's mathematics refuses whole numbers in words of its own


@dataclass(frozen=True)
class SunObservation:
    """What is seen of the sun, and when. At least one of elevation, shadow, azimuth and light is given.

    Attributes:
        year: 1826 to 2100, or None where it is unknown.
        month: 1 to 12, or None where it is unknown.
        day: 1 to 31, or None where it is unknown; needs a month.
        minute_of_day: minutes after midnight by the clock, 0 to below 1440, or None where it is unknown.
        time_error_minutes: of the time, 0 to 720.
        clock: ``"utc"``, or ``"local"`` for the wall clock at the place with its daylight saving on that date.
        elevation_degrees: height of the sun's centre above a level horizon as it is seen, -18 to 90.
        elevation_error_degrees: of the elevation, at most 90.
        object_height: of an upright object on level ground, in any unit.
        shadow_length: of its shadow, in the same unit.
        shadow_error_percent: of the ratio of the two, at most 100.
        azimuth_degrees: direction from north over east, 0 to 360, or None where it is unknown.
        azimuth_error_degrees: of the direction, at most 180.
        azimuth_of: whether the direction is that of the sun or that in which shadows fall.
        light: whether it is day, dusk (or dawn) or night.

    Raises:
        InputError: a value is out of range, or two values contradict each other.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    minute_of_day: float | None = None
    time_error_minutes: float = 5.0
    clock: Clock = "local"
    elevation_degrees: float | None = None
    elevation_error_degrees: float = 2.0
    object_height: float | None = None
    shadow_length: float | None = None
    shadow_error_percent: float = 10.0
    azimuth_degrees: float | None = None
    azimuth_error_degrees: float = 10.0
    azimuth_of: Bearing = "sun"
    light: Light | None = None

    def __post_init__(self) -> None:
        _check_words(self)
        _check_date(self.year, self.month, self.day)
        _check_time(self)
        _check_errors(self)
        _check_shadow(self.object_height, self.shadow_length)
        _check_angles(self)
        _check_together(self)

    @property
    def sun_elevation(self) -> tuple[float, float] | None:
        """Apparent elevation of the sun and its error in degrees, measured or from the shadow; None if neither."""
        if self.elevation_degrees is not None:
            return self.elevation_degrees, math.hypot(self.elevation_error_degrees, LEAST_ERROR_DEGREES)
        if self.object_height is None or self.shadow_length is None:
            return None
        return elevation_of_shadow(self.object_height, self.shadow_length, self.shadow_error_percent)

    @property
    def sun_azimuth(self) -> tuple[float, float] | None:
        """Azimuth of the sun, in [0, 360), and its error in degrees; None if no direction is known."""
        if self.azimuth_degrees is None:
            return None
        turn = 180.0 if self.azimuth_of == "shadow" else 0.0
        return (self.azimuth_degrees + turn) % 360.0, math.hypot(self.azimuth_error_degrees, LEAST_ERROR_DEGREES)

    @property
    def sun_shines(self) -> bool:
        """Whether the sun must have been above the horizon: it casts a shadow, or its direction alone is known."""
        alone = self.azimuth_degrees is not None and self.elevation_degrees is None and self.light is None
        return alone or self.shadow_length is not None or (self.azimuth_degrees is not None and _is_of_shadow(self))


def elevation_of_shadow(object_height: float, shadow_length: float, error_percent: float) -> tuple[float, float]:
    """Apparent elevation of the sun and its error in degrees, from an upright object's shadow on level ground.

    ``tan h = object / shadow``; the error of the ratio is carried over to first order.
    """
    elevation = math.atan2(object_height, shadow_length)
    error = math.degrees(math.sin(elevation) * math.cos(elevation) * error_percent / 100.0)
    return math.degrees(elevation), math.hypot(error, LEAST_ERROR_DEGREES)


def _is_of_shadow(observation: SunObservation) -> bool:
    return observation.azimuth_of == "shadow"


def _check_words(observation: SunObservation) -> None:
    if observation.clock not in ("utc", "local"):
        raise InputError(f"There is no clock {_format_value(observation.clock)}; use 'utc' or 'local'.")
    if observation.azimuth_of not in ("sun", "shadow"):
        raise InputError(
            f"A direction of {_format_value(observation.azimuth_of)} cannot be used; say 'sun' or 'shadow'."
        )
    if observation.light is not None and observation.light not in tuple(LIGHT_RANGES):
        raise InputError(f"There is no light {_format_value(observation.light)}; use day, dusk or night.")


def _check_date(year: int | None, month: int | None, day: int | None) -> None:
    _check_whole(year, "year", FIRST_YEAR, LAST_YEAR)
    _check_whole(month, "month", 1, 12)
    _check_whole(day, "day", 1, 31)
    if day is None:
        return
    if month is None:
        raise InputError(f"The day {day} has no month; give the month too, or leave the day out.")
    days = calendar.monthrange(2000 if year is None else year, month)[1]  # 2000 has a 29 February
    if day > days:
        of_year = "" if year is None else f" {year}"
        name = f"{MONTHS[month - 1]}{of_year}"
        raise InputError(f"There is no {day} {name}; give 1 to {days} or leave the day out.")


def _check_time(observation: SunObservation) -> None:
    minute = observation.minute_of_day
    if minute is not None and not (_is_number(minute) and 0.0 <= minute < 1440.0):
        raise InputError(f"A day has no minute {_format_value(minute)}; give 0 to 1439 minutes after midnight.")
    error = observation.time_error_minutes
    if not (_is_number(error) and 0.0 <= error <= LONGEST_TIME_ERROR_MINUTES):
        raise InputError(f"A time error of {_format_value(error)} minutes cannot be used; give 0 to 720 or no time.")


def _check_errors(observation: SunObservation) -> None:
    for error, most, what in (
        (observation.elevation_error_degrees, 90, "of the sun's height in degrees"),
        (observation.shadow_error_percent, 100, "of the shadow in percent"),
        (observation.azimuth_error_degrees, 180, "of the direction in degrees"),
    ):
        if not (_is_number(error) and 0.0 <= error <= most):
            raise InputError(f"An error of {_format_value(error)} cannot be used; give the error {what}, 0 to {most}.")


def _check_shadow(object_height: float | None, shadow_length: float | None) -> None:
    for size, what in ((object_height, "height of the object"), (shadow_length, "length of the shadow")):
        if size is not None and not (_is_number(size) and 1e-6 <= size <= 1e9):
            raise InputError(
                f"A {what} of {_format_value(size)} cannot be used; give a number above 0, both in one unit."
            )
    if (object_height is None) != (shadow_length is None):
        raise InputError("Only one of object and shadow is measured; give both, in the same unit, or neither.")


def _check_angles(observation: SunObservation) -> None:
    elevation, azimuth = observation.elevation_degrees, observation.azimuth_degrees
    if elevation is not None and not (_is_number(elevation) and LOWEST_ELEVATION <= elevation <= 90.0):
        raise InputError(
            f"The sun cannot stand {_format_value(elevation)} degrees high; give -18 (below the horizon) to 90."
        )
    if azimuth is not None and not (_is_number(azimuth) and 0.0 <= azimuth <= 360.0):
        raise InputError(
            f"A direction of {_format_value(azimuth)} degrees cannot be used; give 0 (north) to 360, east is 90."
        )


def _check_together(observation: SunObservation) -> None:
    if observation.elevation_degrees is not None and observation.object_height is not None:
        raise InputError("The sun's height is given twice, in degrees and by a shadow; keep the better one.")
    elevation = observation.sun_elevation
    if elevation is None and observation.azimuth_degrees is None and observation.light is None:
        raise InputError("Nothing of the sun is stated; give its height, a shadow, a direction, or day, dusk or night.")
    if observation.light == "night" and (observation.object_height is not None or _shadow_falls(observation)):
        raise InputError("At night the sun casts no shadow; take out either the shadow or the night.")
    if elevation is not None and observation.light is not None:
        _check_light(elevation, observation.light)
    if elevation is not None and _shadow_falls(observation) and elevation[0] < -1.0:
        raise InputError(f"A sun {-elevation[0]:g} degrees below the horizon casts no shadow; correct one of the two.")


def _shadow_falls(observation: SunObservation) -> bool:
    return observation.azimuth_degrees is not None and _is_of_shadow(observation)


def _check_light(elevation: tuple[float, float], light: Light) -> None:
    lowest, highest = LIGHT_RANGES[light]
    slack = 2.0 * math.hypot(elevation[1], LIGHT_ERROR_DEGREES)
    if not lowest - slack <= elevation[0] <= highest + slack:
        raise InputError(
            f"A sun {elevation[0]:.3g} degrees high and {light} contradict each other; take one of the two out."
        )


def _check_whole(value: int | None, what: str, lowest: int, highest: int) -> None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest):
        return
    raise InputError(f"A {what} of {_format_value(value)} cannot be used; give {lowest} to {highest} or leave it out.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _format_value(value: object) -> str:
    """A refused value, short enough for a sentence."""
    if isinstance(value, int) and abs(value) >= _LARGEST:  # more digits than Python writes
        return "more than 1e+300" if value > 0 else "less than -1e+300"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)[:40]
