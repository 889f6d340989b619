"""Reads EXIF facts of a photo without trusting a byte of them.

Nothing in the engine uses the position in EXIF unless the user asks for it. Reading never raises: a note names what
cannot be read, and it is left out.

Source: CIPA DC-008-2023 (Exif 3.0), tables of the 0th, Exif and GPS IFDs.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from PIL.ExifTags import GPS, IFD, Base

from engine.photos.plain import plain_text
from engine.photos.xmp_position import xmp_position

if TYPE_CHECKING:
    from PIL.Image import Image


ALTITUDE_RANGE_M = (-11_000.0, 100_000.0)
"""From the bottom of the Mariana Trench to the edge of space; anything else is no altitude of a photo."""

_TIME_TAGS = (
    (Base.DateTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.OffsetTimeDigitized),
    (Base.DateTime, Base.OffsetTime),
)


@dataclass(frozen=True)
class GpsFact:
    """A position that the file claims.

    Attributes:
        latitude: degrees WGS 84, -90 to 90, north positive.
        longitude: degrees WGS 84, -180 to 180, east positive.
        altitude_m: metres above the ellipsoid or sea (the file does not say which), or None.
        how: where it is written and, if the file says so, how it was measured.
    """

    latitude: float
    longitude: float
    altitude_m: float | None = None
    how: str = "EXIF GPS"


@dataclass(frozen=True)
class ExifFacts:
    """The facts worth showing; an empty text or None where the file says nothing.

    Attributes:
        make: maker of the camera.
        model: model of the camera.
        lens: model of the lens.
        software: last program that wrote the file, as it says.
        taken_text: the time as written, for instance ``2008:10:22 16:28:39``.
        taken_at: the same as a datetime; with a time zone only if the file gives its offset; None if it is no time.
        utc_offset: offset as written, for instance ``+02:00``.
        orientation: 1 to 8 (Exif 4.6.5.1.1); 1 is upright.
        gps: the position that the file claims, or None.
        focal_mm: focal length in millimetres of 35 mm film (Exif 4.6.6.7, FocalLengthIn35mmFilm), or None.
    """

    make: str = ""
    model: str = ""
    lens: str = ""
    software: str = ""
    taken_text: str = ""
    taken_at: datetime | None = None
    utc_offset: str = ""
    orientation: int = 1
    gps: GpsFact | None = None
    focal_mm: float | None = None

    @property
    def camera(self) -> str:
        """Maker and model in one text, without saying the maker twice; may be empty."""
        if self.model.casefold().startswith(self.make.casefold()):
            return self.model
        return f"{self.make} {self.model}".strip()


def read_exif(image: "Image") -> tuple[ExifFacts, tuple[str, ...]]:
    """The EXIF facts of an image opened by Pillow, and notes on what was ignored.

    Call it before the pixels are loaded (Pillow drops the orientation of a TIFF when it loads it).
    Never raises on what the file holds. Broken EXIF also makes Pillow warn; the caller decides about warnings.
    """
    notes: list[str] = []
    main = _directory(image.getexif, notes)
    exif = _directory(lambda: image.getexif().get_ifd(IFD.Exif), notes)
    gps = _directory(lambda: image.getexif().get_ifd(IFD.GPSInfo), notes)
    taken_text, offset = _read_time(main, exif)
    position = gps_fact(gps, notes) or _xmp_fact(image, main)
    facts = ExifFacts(
        make=_text(main.get(Base.Make)),
        model=_text(main.get(Base.Model)),
        lens=_text(exif.get(Base.LensModel)),
        software=_text(main.get(Base.Software)),
        taken_text=taken_text,
        taken_at=_moment(taken_text, offset),
        utc_offset=offset,
        orientation=_orientation(main.get(Base.Orientation), notes),
        gps=position,
        focal_mm=_focal_mm(exif.get(Base.FocalLengthIn35mmFilm)),
    )
    return facts, tuple(dict.fromkeys(notes))


def gps_fact(gps: Mapping[int, Any], notes: list[str]) -> GpsFact | None:
    """The position in a GPS directory (Exif 4.6.7), or None with a note on why it was ignored."""
    if GPS.GPSLatitude not in gps and GPS.GPSLongitude not in gps:
        return None
    latitude = _angle(gps.get(GPS.GPSLatitude), _text(gps.get(GPS.GPSLatitudeRef)), "NS")
    longitude = _angle(gps.get(GPS.GPSLongitude), _text(gps.get(GPS.GPSLongitudeRef)), "EW")
    reason = _refusal(latitude, longitude) if not is_void(gps) else "the receiver had no fix (status V)"
    if latitude is None or longitude is None:
        reason = _partial(gps) or reason
    if reason or latitude is None or longitude is None:
        notes.append(f"The GPS position in the EXIF was ignored: {reason}.")
        return None
    method = _text(gps.get(GPS.GPSProcessingMethod)).removeprefix("ASCII").strip("\N{REPLACEMENT CHARACTER} ")
    how = f"EXIF GPS ({method})" if method else "EXIF GPS"
    return GpsFact(latitude, longitude, _altitude(gps, notes), how)


def is_void(gps: Mapping[int, Any]) -> bool:
    """Whether the receiver says that its position is not valid (Exif 4.6.7, GPSStatus ``V``)."""
    return _text(gps.get(GPS.GPSStatus)).upper().startswith("V")


def _partial(gps: Mapping[int, Any]) -> str:
    """What is wrong with degrees that have no hemisphere; empty where it is something else."""
    degrees = [_degrees(gps.get(tag)) for tag in (GPS.GPSLatitude, GPS.GPSLongitude)]
    if degrees[0] is None or degrees[1] is None:
        return ""
    return f"{degrees[0]:.4f}, {degrees[1]:.4f}, hemisphere unknown: four candidates"


def _xmp_fact(image: "Image", main: Mapping[int, Any]) -> GpsFact | None:
    """The position in the XMP of an image, where it has one."""
    packet = image.info.get("xmp") or main.get(Base.XMLPacket) or b""
    if isinstance(packet, tuple) and all(isinstance(one, int) and 0 <= one < 256 for one in packet):
        packet = bytes(packet)
    text = packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)
    found = xmp_position(text)
    return None if found is None else GpsFact(found[0], found[1], None, found[2])


def _refusal(latitude: float | None, longitude: float | None) -> str:
    """Why a pair of coordinates is no position, or an empty text."""
    if latitude is None or longitude is None:
        return "it is incomplete or not a number"
    if abs(latitude) > 90.0 or abs(longitude) > 180.0:
        return "it lies outside the globe"
    if latitude == 0.0 and longitude == 0.0:
        return "0, 0 is what a receiver without a fix writes"
    return ""


def _directory(read: Callable[[], Mapping[int, Any]], notes: list[str]) -> Mapping[int, Any]:
    """A directory of tags as a plain dict; empty, with a note, where it cannot be read."""
    try:
        return dict(read())
    except Exception:  # noqa: BLE001 - hostile bytes may make Pillow raise anything; a photo lives without EXIF
        notes.append("The EXIF of this photo is damaged and was read only in part.")
        return {}


def _text(value: object) -> str:
    """A tag's value as harmless text; empty for anything that is not text."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if not isinstance(value, str):
        return ""
    return plain_text(value.strip("\0 \t\r\n"))


def _number(value: object) -> float | None:
    """A tag's value as a finite number, None for anything else (a zero denominator reads as NaN)."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _angle(value: object, reference: str, hemispheres: str) -> float | None:
    """Degrees, minutes, seconds and the letter of a hemisphere as signed degrees; None if any of them is unusable."""
    degrees = _degrees(value)
    if degrees is None or reference[:1].upper() not in tuple(hemispheres):
        return None
    return -degrees if reference[0].upper() == hemispheres[1] else degrees


def _degrees(value: object) -> float | None:
    """Degrees, minutes and seconds as degrees without a sign; None if any of them is unusable."""
    if not isinstance(value, tuple) or not 1 <= len(value) <= 3:
        return None
    parts = [_number(part) for part in value]
    if any(part is None or part < 0.0 for part in parts):
        return None
    return sum((part or 0.0) / 60.0**place for place, part in enumerate(parts))


def _altitude(gps: Mapping[int, Any], notes: list[str]) -> float | None:
    """Metres above (reference 0) or below (reference 1) sea level; None if not given or not possible."""
    if GPS.GPSAltitude not in gps:
        return None
    metres = _number(gps[GPS.GPSAltitude])
    below = gps.get(GPS.GPSAltitudeRef) in (1, 3, b"\x01", b"\x03")
    if metres is None or not ALTITUDE_RANGE_M[0] <= (-metres if below else metres) <= ALTITUDE_RANGE_M[1]:
        notes.append("The altitude in the EXIF was ignored: it is not a possible number.")
        return None
    return -metres if below else metres


def _focal_mm(value: object) -> float | None:
    """A focal length that lenses have; 0 is how cameras write that they do not know."""
    millimetres = _number(value)
    return millimetres if millimetres is not None and 5.0 <= millimetres <= 2000.0 else None


def _orientation(value: object, notes: list[str]) -> int:
    """The orientation 1 to 8; 1, with a note, for anything else that is written."""
    if isinstance(value, int) and 1 <= value <= 8:
        return value
    if value not in (None, 0):  # 0 is the usual way to write nothing
        notes.append("The orientation in the EXIF is not one of 1 to 8; the photo was left as it is.")
    return 1


def _read_time(main: Mapping[int, Any], exif: Mapping[int, Any]) -> tuple[str, str]:
    """The best time that is written, and the UTC offset that belongs to it; empty texts where there is none."""
    for time_tag, offset_tag in _TIME_TAGS:
        text = _text(exif.get(time_tag)) or _text(main.get(time_tag))
        if any(digit in text for digit in "123456789"):  # cameras without a clock write zeros or blanks
            offset = _text(exif.get(offset_tag))
            return text, offset if _zone(offset) else ""
    return "", ""


def _moment(text: str, offset: str) -> datetime | None:
    """``YYYY:MM:DD HH:MM:SS`` (Exif 4.6.6.5) as a datetime, with a time zone only if the offset is known."""
    try:
        moment = datetime.strptime(text[:19].replace("-", ":").replace("T", " "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    return moment.replace(tzinfo=_zone(offset))


def _zone(offset: str) -> timezone | None:
    """``+HH:MM`` as a time zone; None for anything else."""
    if offset in ("Z", "+00:00", "-00:00"):
        return UTC
    sign, hours, colon, minutes = offset[:1], offset[1:3], offset[3:4], offset[4:]
    digits = f"{hours}{minutes}"
    if sign not in ("+", "-") or colon != ":" or len(digits) != 4 or not (digits.isascii() and digits.isdigit()):
        return None
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-shift if sign == "-" else shift) if shift < timedelta(hours=15) else None
