"""Parses places as people write them: degrees in every spelling, grid references, map links, WKT and GeoJSON.

``read_point`` says how a text was understood, ``parse_point`` only where it is. No network is used.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import InputError
from engine.geometry.degrees import read_degrees
from engine.geometry.grid_references import format_mgrs, read_grid_reference
from engine.geometry.map_links import is_link, read_link
from engine.geometry.sphere import check_point

MAX_CHARACTERS = 200
"""Longest text of a point that is parsed."""

MAX_LINK_CHARACTERS = 4000
"""Longest link, WKT or GeoJSON that is parsed."""

_MARKS = {
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-",
    "\u00ba": "°", "\u02da": "°", "\u2070": "°",
    "\u2032": "'", "\u2019": "'", "\u2018": "'", "\u00b4": "'", "`": "'", "\u02b9": "'", "\u02bc": "'",
    "\u2033": '"', "\u201d": '"', "\u201c": '"', "\u02ba": '"', "\u3003": '"',
    "\u066b": ".", "\u066c": ",", "\u060c": ",", "\u3001": ",", "\uff0c": ",",
}  # fmt: skip
_GEO = re.compile(r"geo:([+-]?[\d.]+),([+-]?[\d.]+)(?:,[+-]?[\d.]+)?(?:[;?].*)?", re.IGNORECASE)
_WKT = re.compile(
    r"(?:SRID\s*=\s*(\d+)\s*;\s*)?POINT\s*(?:Z|M|ZM)?\s*\(\s*([+-]?[\d.E+-]+)\s+([+-]?[\d.E+-]+)(?:\s+[^)]*)?\)",
    re.IGNORECASE,
)
_EXAMPLE = "write for instance 22.21, -159.40"


@dataclass(frozen=True)
class ReadPoint:
    """A point, and how its text was understood.

    Attributes:
        latitude: degrees, -90 to 90.
        longitude: degrees, -180 to 180.
        notation: what the text was read as, for instance ``MGRS 32T LT 82135 00464``; empty for plain degrees.
        size_m: width of the square or cell that a grid reference names, metres; 0 for a point.
        wrapped: whether the longitude was beyond 180 degrees and was taken around the Earth.
    """

    latitude: float
    longitude: float
    notation: str = ""
    size_m: float = 0.0
    wrapped: bool = False

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude in degrees."""
        return self.latitude, self.longitude

    @property
    def reading(self) -> str:
        """How the text was understood, in one line; empty where that needs no words."""
        place = f"{self.latitude:.5f}, {self.longitude:.5f}"
        size = f", a square of {_size_text(self.size_m)}" if self.size_m else ""
        turn = f"Longitude taken around the Earth: {place}" if self.wrapped else ""
        return f"{self.notation}: {place}{size}" if self.notation else turn


def parse_point(text: str) -> tuple[float, float]:
    """Latitude and longitude in degrees, checked; see ``read_point``.

    Raises:
        InputError: the text is not a point, or a coordinate is out of range.
    """
    return read_point(text).point


def read_point(text: str) -> ReadPoint:
    """The point that a text names.

    Reads decimal degrees and degrees with minutes and seconds (letters before or behind, symbols or words, decimal
    commas, any script's digits), MGRS, USNG and UTM, full plus codes, ``geo:`` addresses, links of Google,
    OpenStreetMap, Apple, Bing and Yandex maps, WKT and GeoJSON points, labelled geohashes and S2 tokens, and Maidenhead
    locators. Latitude comes first, unless letters, labels or the format say otherwise.

    Raises:
        InputError: the text is not a point, can be read in two ways, or a coordinate is out of range.
    """
    if len(text) > MAX_LINK_CHARACTERS:
        raise InputError(f"A text of {len(text):,} characters is no place; {_EXAMPLE}.")
    plain = _clean(text)
    for reader in (_read_link, _read_geo, _read_wkt, _read_geojson, _read_reference):
        found = reader(plain)
        if found is not None:
            return found
    degrees = read_degrees(plain.upper().replace("''", '"')) if len(plain) <= MAX_CHARACTERS else None
    if degrees is None:
        raise InputError(f"The text {text[:60]!r} is not latitude and longitude; {_EXAMPLE}.")
    return _checked(*degrees)


def format_point(latitude: float, longitude: float, notation: str = "decimal") -> str:
    """A point as text: ``decimal`` (5 digits: a metre), ``dms`` or ``mgrs``.

    Raises:
        InputError: the notation is none of them.
    """
    writers: dict[str, Callable[[float, float], str]] = {
        "decimal": lambda north, east: f"{north:.5f}, {east:.5f}",
        "dms": lambda north, east: f"{_dms(north, 'NS')} {_dms(east, 'EW')}",
        "mgrs": format_mgrs,
    }
    if notation not in writers:
        raise InputError(f"There is no notation {notation!r}; use one of {', '.join(writers)}.")
    return writers[notation](*check_point(latitude, longitude))


def _clean(text: str) -> str:
    """The text with plain digits and marks, and without marks that cannot be seen."""
    kept = []
    for letter in unicodedata.normalize("NFKC", "".join(_MARKS.get(each, each) for each in text)):
        if unicodedata.category(letter) in ("Cf", "Cc") and letter not in "\t\n":
            continue
        kept.append(str(unicodedata.digit(letter)) if letter.isdigit() else _MARKS.get(letter, letter))
    return " ".join("".join(kept).split())


def _read_link(text: str) -> ReadPoint | None:
    if not is_link(text):
        return None
    latitude, longitude, service = read_link(text)
    return _checked(latitude, longitude, f"{service} link")


def _read_geo(text: str) -> ReadPoint | None:
    found = _GEO.fullmatch(text)
    return None if found is None else _checked(_number(found[1]), _number(found[2]), "geo address")


def _read_wkt(text: str) -> ReadPoint | None:
    found = _WKT.fullmatch(text)
    if found is None:
        return None
    if found[1] not in (None, "4326"):
        raise InputError(f"A WKT point of EPSG:{found[1]} is not in degrees; convert it to EPSG:4326.")
    return _checked(_number(found[3]), _number(found[2]), "WKT point")


def _read_geojson(text: str) -> ReadPoint | None:
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
        geometry = value.get("geometry") or value
        longitude, latitude = (float(each) for each in geometry["coordinates"][:2] if geometry["type"] == "Point")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = "The text begins like GeoJSON but is no Point; give one with [longitude, latitude]."
        raise InputError(message) from error
    return _checked(latitude, longitude, "GeoJSON point")


def _read_reference(text: str) -> ReadPoint | None:
    found = read_grid_reference(text.strip("()[] "))
    return None if found is None else ReadPoint(found.latitude, found.longitude, found.notation, found.size_m)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(f"{text[:30]!r} is no number; {_EXAMPLE}.") from error


def _checked(latitude: float, longitude: float, notation: str = "") -> ReadPoint:
    """The point; a longitude beyond 180 is taken around the Earth once, and slips are named by their kind."""
    if abs(latitude) > 1000 and abs(longitude) > 1000:
        raise InputError(
            f"{latitude:.0f}, {longitude:.0f} look like projected coordinates in metres; "
            "give degrees, or UTM with its zone."
        )
    if 90 < abs(latitude) <= 180 and abs(longitude) <= 90:
        raise InputError(
            f"A latitude of {latitude:g} is outside -90 to 90; latitude comes first, "
            f"so perhaps {longitude:g}, {latitude:g}."
        )
    wrapped = 180 < abs(longitude) <= 360
    if wrapped:
        longitude = (longitude + 180.0) % 360.0 - 180.0
    return ReadPoint(*check_point(latitude, longitude), notation, 0.0, wrapped)


def _dms(value: float, hemispheres: str) -> str:
    tenths = round(abs(value) * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, tenths = divmod(rest, 600)
    return f"{degrees}°{minutes:02d}'{tenths / 10:04.1f}\"{hemispheres[value < 0]}"


def _size_text(metres: float) -> str:
    return f"{metres:,.0f} m" if metres < 10_000 else f"{metres / 1000:,.0f} km"
