"""Proposes the time of an observation of the sun from the EXIF time of a photo."""

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.evidence.sun.observation import FIRST_YEAR, LAST_YEAR, Clock

CAMERA_ERROR_MINUTES = 5.0
"""Usual error of a camera clock that was set manually and not corrected for months."""


@dataclass(frozen=True)
class ProposedTime:
    """Date and time for an observation.

    Attributes:
        year: as the camera's clock had it, or in universal time where the photo gives its offset.
        month: 1 to 12.
        day: 1 to 31.
        minute_of_day: minutes after midnight.
        time_error_minutes: usual error of such a clock, one standard deviation.
        clock: ``"utc"`` where the photo gives its offset, else ``"local"``: a camera shows its owner's time.
    """

    year: int
    month: int
    day: int
    minute_of_day: float
    time_error_minutes: float
    clock: Clock


def time_from_exif(taken_at: datetime | None) -> ProposedTime | None:
    """Proposes the time of a photo from ``ExifFacts.taken_at``.

    Args:
        taken_at: with a time zone where the photo gives its offset; without one it is the camera's wall clock.

    Returns:
        The proposal; None where there is no time, or none in which photos were taken.
    """
    if taken_at is None:
        return None
    known = taken_at.tzinfo is not None
    try:
        moment = taken_at.astimezone(UTC) if known else taken_at
    except OverflowError:  # the first or last day that a datetime can hold
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    minute = moment.hour * 60 + moment.minute + moment.second / 60.0
    clock: Clock = "utc" if known else "local"
    return ProposedTime(moment.year, moment.month, moment.day, minute, CAMERA_ERROR_MINUTES, clock)
