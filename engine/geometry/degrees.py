"""Latitude and longitude in degrees, minutes and seconds, in the spellings that people use.

The text is cut into numbers, the letters N, S, E, W and separators; a point is two groups of one to three numbers. What
can be read in two ways is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LABELS = re.compile(
    r"\b(?:LATITUDE|LONGITUDE|LATITUD|LONGITUD|BREITE|LAENGE|LÄNGE|LATI|LONGI|LAT|LONG|LON|LNG)\b\.?\s*[:=]?"
)
_WORDS = (
    (re.compile(r"DEGREES?|DEGS?\.?|GRAD\b"), "°"),
    (re.compile(r"MINUTES?|MINS?\.?"), "'"),
    (re.compile(r"SECONDS?|SECS?\.?"), '"'),
    (re.compile(r"\bNORTH\b|\bNORD\b"), "N"),
    (re.compile(r"\bSOUTH\b|\bSUD\b|\bSÜD\b"), "S"),
    (re.compile(r"\bEAST\b|\bEST\b|\bOST\b"), "E"),
    (re.compile(r"\bWEST\b|\bOUEST\b"), "W"),
)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]\d{1,3})?"
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})|(?P<letter>[NSEW])|(?P<unit>[°'\"D])|(?P<mark>[,;/|:]))")
_DECIMAL_COMMAS = re.compile(r"([+-]?\d{1,3}),(\d+)°?\s*(?:[;/|\s]|,\s)\s*([+-]?\d{1,3}),(\d+)°?")
_COMMA_BEFORE_UNIT = re.compile(r"(?<=\d),(?=\d+\s*[°'\"NSEW])")
UNITS = "°'\""


@dataclass
class _Angle:
    """Numbers of one angle, what stands behind each, and its letter."""

    numbers: list[str]
    units: list[str]
    letter: str = ""

    @property
    def axis(self) -> str:
        return "" if not self.letter else "latitude" if self.letter in "NS" else "longitude"

    def degrees(self) -> float | None:
        """Signed degrees; None for minutes of 60, a fraction before a smaller unit, or units out of order."""
        known = [unit for unit in self.units if unit in UNITS]
        if known != sorted(known, key=UNITS.index) or len(set(known)) != len(known):
            return None
        sizes = [abs(float(number)) for number in self.numbers]
        if any(not size.is_integer() for size in sizes[:-1]) or any(size >= 60 for size in sizes[1:]):
            return None
        if any(number.startswith(("+", "-")) for number in self.numbers[1:]):
            return None
        size = sizes[0] if len(sizes) == 1 else sum(part / 60.0**place for place, part in enumerate(sizes))
        return -size if self.numbers[0].startswith("-") != (self.letter in ("S", "W")) else size


def read_degrees(text: str) -> tuple[float, float] | None:
    """Latitude and longitude, not yet checked against the globe; None where the text is no point.

    Args:
        text: in upper case, with plain digits and plain marks of degrees, minutes and seconds.
    """
    tokens = _tokens(_simplified(text))
    if tokens is None:
        return None
    angles = _split(tokens)
    if angles is None:
        return None
    first, second = angles
    if first.axis and first.axis == second.axis:
        return None
    values = first.degrees(), second.degrees()
    if values[0] is None or values[1] is None:
        return None
    swapped = first.axis == "longitude" or second.axis == "latitude"
    return (values[1], values[0]) if swapped else (values[0], values[1])


def _simplified(text: str) -> str:
    plain = _LABELS.sub(" ", text)
    for pattern, sign in _WORDS:
        plain = pattern.sub(sign, plain)
    plain = re.sub(r"[()\[\]{}]", " ", plain).strip(" ,;.")
    if "." not in plain and (found := _DECIMAL_COMMAS.fullmatch(plain)) is not None:
        return f"{found[1]}.{found[2]}; {found[3]}.{found[4]}"
    if "." not in plain:
        plain = _COMMA_BEFORE_UNIT.sub(".", plain)
    return re.sub(r"(?<=\d)-(?=\d)", " ", plain) if re.search(r"[NSEW]", plain) else plain


def _tokens(text: str) -> list[tuple[str, str]] | None:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None if text[at:].strip() else found
        kind = str(token.lastgroup)
        if kind == "number" and found and found[-1][0] == "number" and not text[at].isspace():
            return None  # 1..2: nothing stands between the numbers
        found.append((kind, token[kind]))
        at = token.end()
    return found


def _split(tokens: Sequence[tuple[str, str]]) -> tuple[_Angle, _Angle] | None:
    """The two angles: parted by their letters, by a mark between them, by their units, or one number each."""
    numbers = [value for kind, value in tokens if kind == "number"]
    letters = [place for place, (kind, _) in enumerate(tokens) if kind == "letter"]
    if not 2 <= len(numbers) <= 6 or len(letters) not in (0, 1, 2):
        return None
    if len(letters) == 2:
        before = tokens[0][0] == "letter"
        cut = letters[1] if before else letters[0] + 1
        return _angles(tokens[:cut], tokens[cut:])
    marks = [place for place, (kind, value) in enumerate(tokens) if kind == "mark" and value != ":"]
    if marks:
        return _angles(tokens[: marks[0]], tokens[marks[0] + 1 :]) if len(marks) == 1 else None
    return _split_unmarked(tokens, len(numbers))


def _split_unmarked(tokens: Sequence[tuple[str, str]], numbers: int) -> tuple[_Angle, _Angle] | None:
    """Two angles with at most one letter and nothing between them."""
    degrees = [place for place, (kind, value) in enumerate(tokens) if kind == "unit" and value in "°D"]
    if len(degrees) == 2 and numbers > 2:
        return _angles(tokens[: degrees[1] - 1], tokens[degrees[1] - 1 :])
    if numbers == 2:
        second = max(place for place, (kind, _) in enumerate(tokens) if kind == "number")
        if tokens[second - 1][0] == "letter" and tokens[0][0] != "letter" and second - 1 != 1:
            second -= 1
        return _angles(tokens[:second], tokens[second:])
    return None


def _angles(first: Sequence[tuple[str, str]], second: Sequence[tuple[str, str]]) -> tuple[_Angle, _Angle] | None:
    one, other = _angle(first), _angle(second)
    return None if one is None or other is None else (one, other)


def _angle(tokens: Sequence[tuple[str, str]]) -> _Angle | None:
    """One angle; None where its letter stands inside, or it has none or too many numbers."""
    while tokens and tokens[0][0] == "mark":
        tokens = tokens[1:]
    while tokens and tokens[-1][0] == "mark":
        tokens = tokens[:-1]
    letter = ""
    if tokens and tokens[0][0] == "letter":
        letter, tokens = tokens[0][1], tokens[1:]
    elif tokens and tokens[-1][0] == "letter":
        letter, tokens = tokens[-1][1], tokens[:-1]
    numbers = [value for kind, value in tokens if kind == "number"]
    units = ["°" if value == "D" else value for kind, value in tokens if kind == "unit"]
    if not 1 <= len(numbers) <= 3 or len(units) > len(numbers) or any(kind == "letter" for kind, _ in tokens):
        return None
    if any(kind == "mark" and value != ":" for kind, value in tokens):
        return None
    return _Angle(numbers, units, letter)
