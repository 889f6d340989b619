"""Grid references: MGRS and USNG, UTM, plus codes, geohash, Maidenhead locators and S2 tokens.

Each reader returns None for a text that is not of its kind, and refuses one that is but cannot be a place.
"""

import math
import re
from dataclasses import dataclass

from engine.errors import InputError

_MGRS = re.compile(r"(\d{1,2})\s?([C-HJ-NP-X])\s?([A-HJ-NP-Z]{2})\s?(\d{1,5})\s?(\d{1,5})", re.IGNORECASE)
_MGRS_JOINED = re.compile(r"(\d{1,2})\s?([C-HJ-NP-X])\s?([A-HJ-NP-Z]{2})\s?((?:\d\d){1,5})", re.IGNORECASE)
_UTM = re.compile(
    r"(?:UTM\s*)?(?:ZONE\s*)?(\d{1,2})\s?([C-HJ-NP-X]|NORTH|SOUTH)\s*[,;:]?\s*"
    r"(?:E\s*)?(\d{6}(?:\.\d+)?)\s*M?\s*E?\s*[,;/ ]\s*"
    r"(?:N\s*)?(\d{1,7}(?:\.\d+)?)\s*M?\s*N?",
    re.IGNORECASE,
)
_PLUS = re.compile(r"[23456789CFGHJMPQRVWX]{2,8}\+[23456789CFGHJMPQRVWX]{0,7}", re.IGNORECASE)
_GEOHASH = re.compile(r"GEOHASH\s*[:=]?\s*([0-9B-HJKMNP-Z]{1,12})", re.IGNORECASE)
_GEOHASH_DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz"
_MAIDENHEAD = re.compile(
    r"(?:(?:GRID|MAIDENHEAD|LOCATOR|QTH)\s*[:=]?\s*)?([A-R]{2}\d{2}[A-X]{2}(?:\d{2}(?:[A-X]{2})?)?)", re.IGNORECASE
)
_S2 = re.compile(r"S2(?:\s*(?:CELL|TOKEN))?\s*[:=]\s*([0-9A-F]{1,16})", re.IGNORECASE)
_SOUTH_BAND = (3_500_000.0, 4_430_000.0)
"""Metres north of the equator of band S, which people also write for the southern hemisphere."""


@dataclass(frozen=True)
class GridPoint:
    """The centre of what a reference names.

    Attributes:
        latitude, longitude: degrees.
        notation: the reference as it was understood.
        size_m: width of the square or cell that it names, metres.
    """

    latitude: float
    longitude: float
    notation: str
    size_m: float


def read_grid_reference(text: str) -> GridPoint | None:
    """The place of a grid reference, or None where the text is none.

    Raises:
        InputError: it is written like one, but names no place, or two.
    """
    for reader in (_read_mgrs, _read_utm, _read_plus_code, _read_geohash, _read_maidenhead, _read_s2):
        found = reader(text)
        if found is not None:
            return found
    return None


def format_mgrs(latitude: float, longitude: float, digits: int = 5) -> str:
    """A point as MGRS with so many digits (5: a square of one metre), in groups.

    Args:
        latitude: degrees.
        longitude: degrees.
        digits: 1 to 5 of easting and northing each.
    """
    import mgrs

    text = mgrs.MGRS().toMGRS(latitude, longitude, MGRSPrecision=digits)
    head = text[: -2 * digits]
    return f"{head[:-2]} {head[-2:]} {text[-2 * digits : -digits]} {text[-digits:]}".strip()


def _read_mgrs(text: str) -> GridPoint | None:
    if (joined := _MGRS_JOINED.fullmatch(text)) is not None:
        half = len(joined[4]) // 2
        zone, band, square, east, north = joined[1], joined[2], joined[3], joined[4][:half], joined[4][half:]
    elif (found := _MGRS.fullmatch(text)) is not None and len(found[4]) == len(found[5]):
        zone, band, square, east, north = found.groups()
    else:
        return None
    import mgrs

    called = f"MGRS {zone}{band.upper()} {square.upper()} {east} {north}"
    size = 10.0 ** (5 - len(east))
    # One more digit than the square has, in its middle: the library gives corners.
    middle = (east + "5", north + "5") if len(east) < 5 else (east, north)
    try:
        latitude, longitude = mgrs.MGRS().toLatLon(f"{zone}{band}{square}{''.join(middle)}".upper())
    except Exception as error:  # the library raises its own plain exceptions
        raise InputError(f"{called} is no square of the grid; check the zone and the two letters.") from error
    return GridPoint(float(latitude), float(longitude), called, size)


def _read_utm(text: str) -> GridPoint | None:
    found = _UTM.fullmatch(text)
    if found is None:
        return None
    from pyproj import Transformer

    zone, band, east, north = int(found[1]), found[2].upper(), float(found[3]), float(found[4])
    if not 1 <= zone <= 60 or not 100_000 <= east < 1_000_000 or north > 10_000_000:
        raise InputError(f"UTM zone {zone}, {east:.0f} m, {north:.0f} m is outside the grid; zones are 1 to 60.")
    if band == "S" and _SOUTH_BAND[0] <= north <= _SOUTH_BAND[1]:
        raise InputError(
            f"UTM {zone}S may be band S (32 to 40° north) or the southern hemisphere; "
            f"write {zone} north or {zone} south instead."
        )
    is_south = band in ("SOUTH", "S") or (len(band) == 1 and band < "N")
    to_degrees = Transformer.from_crs(32_700 + zone if is_south else 32_600 + zone, 4326)
    latitude, longitude = to_degrees.transform(east, north)
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise InputError(f"UTM zone {zone}, {east:.0f} m, {north:.0f} m is no place; check the numbers.")
    return GridPoint(latitude, longitude, f"UTM {zone}{found[2].upper()} {found[3]} {found[4]}", 1.0)


def _read_plus_code(text: str) -> GridPoint | None:
    if _PLUS.match(text) is None or "+" not in text[:9]:
        return None
    from openlocationcode import openlocationcode

    code = text.split(maxsplit=1)[0].split(",", maxsplit=1)[0].upper()
    if not openlocationcode.isValid(code):
        return None
    if not openlocationcode.isFull(code):
        raise InputError(
            f"{code} is a short plus code, which counts from a town nearby; copy the full one, such as 8FVC9G8F+6X."
        )
    area = openlocationcode.decode(code)
    size = (area.latitudeHi - area.latitudeLo) * 111_195.0
    return GridPoint(area.latitudeCenter, area.longitudeCenter, f"plus code {code}", size)


def _read_geohash(text: str) -> GridPoint | None:
    found = _GEOHASH.fullmatch(text)
    if found is None:
        return None
    low, high, bits = [-90.0, -180.0], [90.0, 180.0], 0
    for letter in found[1].lower():
        value = _GEOHASH_DIGITS.find(letter)
        if value < 0:
            raise InputError(f"{found[1][:20]!r} is no geohash: it never has the letters a, i, l and o.")
        for shift in range(4, -1, -1):
            axis = 1 - bits % 2  # longitude first
            middle = (low[axis] + high[axis]) / 2
            (low if value >> shift & 1 else high)[axis] = middle
            bits += 1
    return GridPoint(
        (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, f"geohash {found[1].lower()}", (high[0] - low[0]) * 111_195.0
    )


def _read_maidenhead(text: str) -> GridPoint | None:
    found = _MAIDENHEAD.fullmatch(text)
    if found is None:
        return None
    place = found[1].upper()
    longitude, latitude, wide, tall = -180.0, -90.0, 360.0, 180.0
    for level in range(0, len(place), 2):
        steps = 18 if level == 0 else 10 if level in (2, 6) else 24
        base = ord("0") if level in (2, 6) else ord("A")
        wide, tall = wide / steps, tall / steps
        longitude += (ord(place[level]) - base) * wide
        latitude += (ord(place[level + 1]) - base) * tall
    called = f"Maidenhead {place[:4]}{place[4:6].lower()}{place[6:]}"
    return GridPoint(latitude + tall / 2, longitude + wide / 2, called, tall * 111_195.0)


def _read_s2(text: str) -> GridPoint | None:
    found = _S2.fullmatch(text)
    if found is None:
        return None
    import s2sphere

    cell = s2sphere.CellId.from_token(found[1].lower())
    if not cell.is_valid():
        raise InputError(f"{found[1]} is no S2 token; copy it again.")
    point = cell.to_lat_lng()
    size = math.sqrt(s2sphere.Cell(cell).approx_area()) * 6_371_000.0
    return GridPoint(point.lat().degrees, point.lng().degrees, f"S2 cell {found[1].lower()}", size)
