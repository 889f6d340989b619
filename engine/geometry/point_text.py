"""Parses coordinates as people write them: decimal degrees or degrees, minutes and seconds, with N, S, E and W."""

import re

from engine.errors import InputError
from engine.geometry.sphere import check_point

MAX_CHARACTERS = 200
"""Longest text that is parsed."""


def _angle(name: str) -> str:
    """One angle as a pattern; a letter stands before it or after it, never both."""
    number = r"[0-9.]+"
    return (
        rf"\s*(?P<{name}_before>[NSEW])?\s*(?P<{name}_degrees>[+-]?{number}(?:E[+-]?[0-9]+)?)\s*°?\s*"
        rf"(?:(?P<{name}_minutes>{number})\s*'\s*)?(?:(?P<{name}_seconds>{number})\s*\"\s*)?"
        rf"(?({name}_before)|(?P<{name}_after>[NSEW])?)\s*"
    )


_POINT = re.compile(rf"{_angle('first')}(?:[,;\s]|(?<=[NSEW])|(?=[NSEW])){_angle('second')}")
_AS_TYPED = str.maketrans(
    {
        "\u2212": "-",  # a minus sign
        "\u00ba": "°",  # the mark of an ordinal number
        "\u2032": "'",
        "\u2019": "'",
        "\u2033": '"',
        "\u201d": '"',
    }
)


def parse_point(text: str) -> tuple[float, float]:
    """Latitude and longitude in degrees, checked.

    Reads ``22.21, -159.40``, with or without the comma, ``22.2100° N, 159.4000° W``, and degrees with minutes and
    seconds before N, S, E or W. Latitude comes first, unless the letters reverse the order.

    Raises:
        InputError: the text is not a point, or a coordinate is out of range.
    """
    plain = text[: MAX_CHARACTERS + 1].upper().translate(_AS_TYPED).replace("''", '"')
    found = _POINT.fullmatch(plain)
    point = None if found is None else _latitude_first(_Angle(found, "first"), _Angle(found, "second"))
    if point is None:
        raise InputError(f"The text {text[:60]!r} is not latitude and longitude; write for instance 22.21, -159.40.")
    return check_point(*point)


class _Angle:
    """One parsed angle: its axis (``"NS"``, ``"EW"`` or empty) and its degrees, or None."""

    def __init__(self, found: re.Match[str], name: str) -> None:
        parts = [found[f"{name}_{part}"] for part in ("degrees", "minutes", "seconds")]
        letter = found[f"{name}_before"] or found[f"{name}_after"] or "-"
        self.axis = next((pair for pair in ("NS", "EW") if letter in pair), "")
        size = _decimal_degrees(parts)
        negative = parts[0].startswith("-") != (letter in "SW")
        self.degrees = size if size is None or not negative else -size


def _decimal_degrees(parts: list[str | None]) -> float | None:
    """Degrees without a sign; None for minutes or seconds of 60, or a fraction before a smaller unit."""
    try:
        degrees, minutes, seconds = (abs(float(part or 0)) for part in parts)
    except ValueError:
        return None
    whole = degrees.is_integer() or (minutes == 0 and seconds == 0)
    return degrees + minutes / 60 + seconds / 3600 if minutes < 60 and seconds < 60 and whole else None


def _latitude_first(first: _Angle, second: _Angle) -> tuple[float, float] | None:
    """Latitude and longitude; None where both angles have the same axis, or one is invalid."""
    if first.degrees is None or second.degrees is None or (first.axis and first.axis == second.axis):
        return None
    swapped = first.axis == "EW" or second.axis == "NS"
    return (second.degrees, first.degrees) if swapped else (first.degrees, second.degrees)
