"""Positions in XMP, as cameras, drones and phones write them.

``exif:GPSLatitude`` is ``55,41.89N`` or ``55,41,53N`` (XMP part 2); Apple and others write decimal degrees, with the
hemisphere in a property of its own or in the sign. DJI writes ``drone-dji:GpsLatitude`` and, on some drones,
``GpsLongtitude``. Sources: ExifTool's tag tables of XMP and DJI.
"""

import math
import re

from engine.photos.plain import plain_text

_PAIRS = (
    ("exif:GPSLatitude", "exif:GPSLongitude", "XMP"),
    ("drone-dji:GpsLatitude", "drone-dji:GpsLongitude", "XMP of a DJI drone"),
    ("drone-dji:GpsLatitude", "drone-dji:GpsLongtitude", "XMP of a DJI drone"),
    ("drone-dji:Latitude", "drone-dji:Longitude", "XMP of a DJI drone"),
    ("Camera:GPSLatitude", "Camera:GPSLongitude", "XMP of the camera"),
)
"""Latitude, longitude, and what the place in the file is called."""

LATITUDE_NAMES = tuple(dict.fromkeys(latitude for latitude, _, _ in _PAIRS))
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def xmp_value(text: str, name: str) -> str:
    """The value of a property that is written as an attribute or as an element; no XML is parsed, so none can harm."""
    quoted, element = r"""\s*=\s*["']([^"'<]{0,400})["']""", r"(?:\s[^>]{0,200})?>([^<]{0,400})<"
    found = re.search(re.escape(name) + f"(?:{quoted}|{element})", text)
    return plain_text((found[1] or found[2] or "").strip()) if found else ""


def xmp_position(text: str) -> tuple[float, float, str] | None:
    """Latitude and longitude in degrees and where they are written, or None where XMP has no usable position.

    Args:
        text: all XMP of a file.
    """
    for north, east, where in _PAIRS:
        latitude = _angle(xmp_value(text, north), xmp_value(text, f"{north}Ref"), "NS")
        longitude = _angle(xmp_value(text, east), xmp_value(text, f"{east}Ref"), "EW")
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            continue
        if (latitude, longitude) != (0.0, 0.0):  # what a receiver without a fix writes
            return latitude, longitude, where
    return None


def _angle(value: str, reference: str, hemispheres: str) -> float | None:
    """Signed degrees; a letter at the end, or in a property of its own, has the last word over the sign."""
    letter = value[-1:].upper() if value[-1:].upper() in tuple(hemispheres) else reference.strip()[:1].upper()
    if value[-1:].isalpha() and value[-1:].upper() not in tuple(hemispheres):
        return None  # the letter of the other axis
    digits = value[:-1] if value[-1:].isalpha() else value
    parts = [part.strip() for part in digits.split(",")]
    if not 1 <= len(parts) <= 3 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    numbers = [float(part) for part in parts]
    degrees = sum(abs(number) / 60.0**place for place, number in enumerate(numbers))
    if not math.isfinite(degrees):
        return None
    if letter in tuple(hemispheres):
        return -degrees if letter == hemispheres[1] else degrees
    return -degrees if parts[0].startswith("-") else degrees
