"""A point as people write it or copy it from a map: decimal degrees, minutes and seconds, N, S, E and W."""

import re

from engine.errors import InputError
from engine.geometry.sphere import check_point

LONGEST = 200
"""Characters that are looked at."""


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
    seconds before N, S, E or W. Latitude comes first, unless the letters say otherwise.

    Raises:
        InputError: it is no such text, or not on the globe.
    """
    plain = text[: LONGEST + 1].upper().translate(_AS_TYPED).replace("''", '"')
    found = _POINT.fullmatch(plain)
    point = None if found is None else _ordered(_Angle(found, "first"), _Angle(found, "second"))
    if point is None:
        raise InputError(f"The place {text[:60]!r} is not latitude and longitude; write for instance 22.21, -159.40.")
    return check_point(*point)


class _Angle:
    """One angle: which of the two it says to be (``"NS"``, ``"EW"`` or empty), and its degrees, or None."""

    def __init__(self, found: re.Match[str], name: str) -> None:
        parts = [found[f"{name}_{part}"] for part in ("degrees", "minutes", "seconds")]
        letter = found[f"{name}_before"] or found[f"{name}_after"] or "-"
        self.of = next((pair for pair in ("NS", "EW") if letter in pair), "")
        size = _size(parts)
        negative = parts[0].startswith("-") != (letter in "SW")
        self.degrees = size if size is None or not negative else -size


def _size(parts: list[str | None]) -> float | None:
    """Degrees without a sign; None for minutes or seconds of 60, or a fraction before a smaller unit."""
    try:
        degrees, minutes, seconds = (abs(float(part or 0)) for part in parts)
    except ValueError:
        return None
    whole = degrees.is_integer() or (minutes == 0 and seconds == 0)
    return degrees + minutes / 60 + seconds / 3600 if minutes < 60 and seconds < 60 and whole else None


def _ordered(first: _Angle, second: _Angle) -> tuple[float, float] | None:
    """Latitude and longitude; None where both say to be the same, or one is no angle."""
    if first.degrees is None or second.degrees is None or (first.of and first.of == second.of):
        return None
    swapped = first.of == "EW" or second.of == "NS"
    return (second.degrees, first.degrees) if swapped else (first.degrees, second.degrees)
