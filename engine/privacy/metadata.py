"""What the metadata of a photo give away, in words: the place, the time, the camera and its owner, other pictures.

Everything is read without being trusted; what cannot be read is left out, since a clean
copy leaves all of it out anyway. What each field gives away stands in ``engine.privacy.leaks``.
"""

import io
import math
import re
import struct
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from engine.photos.exif import GpsFact, gps_fact
from engine.photos.photo import FORMATS, WARNINGS_LOCK
from engine.photos.plain import plain_text
from engine.photos.xmp_position import xmp_position, xmp_value
from engine.privacy.leaks import EXIF_LEAKS, IPTC_LEAKS, PREVIEW, SEGMENT_LEAKS, XMP_LEAKS, Gives, Leak
from engine.privacy.segments import Segment, segments

USUAL_ERROR_M = 10.0
"""Error of a position that states none: a phone outdoors."""
_ERROR_RANGE_M = (0.5, 100_000.0)


@dataclass(frozen=True)
class StatedPosition:
    """A position that the file gives away.

    Attributes:
        latitude, longitude: degrees.
        error_m: radius in metres that holds the camera with a chance of about 68 %.
        stated: whether the file gives that error; else it is ``USUAL_ERROR_M``.
    """

    latitude: float
    longitude: float
    error_m: float
    stated: bool

    def area_km2(self, mass: float) -> float:
        """km2 of the circle that holds the camera with this chance in (0, 1), for a round Gaussian error."""
        radius_m = self.error_m * math.sqrt(math.log(1 - mass) / math.log(1 - 0.68))
        return math.pi * radius_m**2 / 1e6


@dataclass(frozen=True)
class Metadata:
    """What a file gives away.

    Attributes:
        leaks: those that name the place first.
        position: the position that it states, or None.
    """

    leaks: tuple[Leak, ...]
    position: StatedPosition | None


def read_metadata(data: bytes) -> Metadata:
    """What the metadata of a JPEG, PNG, WebP or TIFF give away; nothing for bytes that are no photo. Never raises."""
    found = segments(data)
    tags = _Tags.of(data)
    position = _exif_position(tags.gps) or _xmp_position(_text_of(found, tags))
    leaks = [*_of_exif(tags), *_of_xmp(_text_of(found, tags)), *_of_iptc(_iptc(found, tags)), *_of_segments(found)]
    order = list(Gives)
    leaks.sort(key=lambda leak: order.index(leak.gives))
    return Metadata(tuple(dict.fromkeys(leaks)), position)


@dataclass(frozen=True)
class _Tags:
    """The tag directories of a file, empty where there is none."""

    main: Mapping[int, Any]
    exif: Mapping[int, Any]
    gps: Mapping[int, Any]
    thumbnail: bool
    xmp: bytes = b""

    @classmethod
    def of(cls, data: bytes) -> "_Tags":
        with WARNINGS_LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged metadata; ``open_photo`` notes it
            try:
                with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                    main = _directory(image.getexif)
                    parts = [_directory(partial(_part_of, image, one)) for one in (IFD.Exif, IFD.GPSInfo, IFD.IFD1)]
                    xmp = _bytes(image.info.get("xmp")) if image.format in ("AVIF", "HEIF", "JPEG2000", "GIF") else b""
                    return cls(main, parts[0], parts[1], image.format != "TIFF" and bool(parts[2]), xmp)
            except Exception:  # noqa: BLE001 - hostile bytes may make Pillow raise anything; there is nothing to tell
                return cls({}, {}, {}, False)


def _part_of(image: Image.Image, part: IFD) -> Mapping[int, Any]:
    return image.getexif().get_ifd(part)


def _directory(read: Callable[[], Mapping[int, Any]]) -> dict[int, Any]:
    """One directory as a plain dict; empty where it is damaged, so that the others are still read."""
    try:
        return dict(read())
    except Exception:  # noqa: BLE001 - as above
        return {}


_OFFSETS = (Base.OffsetTimeOriginal, Base.OffsetTimeDigitized, Base.OffsetTime)
_TIMES = (Base.DateTimeOriginal, Base.DateTimeDigitized, Base.DateTime)


def _of_exif(tags: _Tags) -> Iterator[Leak]:
    yield from _of_gps(tags.gps)
    everything = {**tags.main, **tags.exif}
    yield from _of_times(everything, tags.gps)
    for tag, gives, sentence in EXIF_LEAKS:
        if _tag_text(everything.get(tag)):
            yield Leak(gives, sentence, "" if tag == Base.MakerNote else _tag_text(everything[tag]))
    if tags.thumbnail:
        yield Leak(Gives.PICTURE, PREVIEW)


def _of_gps(gps: Mapping[int, Any]) -> Iterator[Leak]:
    fact = gps_fact(gps, [])
    if fact is not None:
        yield Leak(Gives.PLACE, "The position of the camera is written in the file.", _point(fact))
    elif GPS.GPSLatitude in gps or GPS.GPSLongitude in gps:
        yield Leak(Gives.PLACE, "An incomplete or invalid position is written in the file; it may still be near.")
    if GPS.GPSImgDirection in gps:
        yield Leak(Gives.PLACE, "The direction in which the camera looked is written in the file.")
    if GPS.GPSDestLatitude in gps:
        yield Leak(Gives.PLACE, "The position of what was photographed is written in the file.")
    if GPS.GPSAltitude in gps:
        yield Leak(Gives.PLACE, "The altitude of the camera is written in the file.")


def _of_times(tags: Mapping[int, Any], gps: Mapping[int, Any]) -> Iterator[Leak]:
    """A time alone says when; with its offset from UTC, or beside the satellites' clock, it says which time zone."""
    taken = next((_tag_text(tags[tag]) for tag in _TIMES if _tag_text(tags.get(tag))), "")
    offset = next((_tag_text(tags[tag]) for tag in _OFFSETS if _tag_text(tags.get(tag))), "")
    universal = GPS.GPSTimeStamp in gps
    if taken and (offset or universal):
        message = "The time is written with its time zone, which limits the place to a strip of the Earth."
        yield Leak(Gives.PLACE, message, f"{taken} {offset}".strip())
    elif taken:
        yield Leak(Gives.TIME, "The time is written in the file; with the shadows it limits the place.", taken)
    elif universal:
        yield Leak(Gives.TIME, "The satellites' time is written in the file; with the shadows it limits the place.")


def _exif_position(gps: Mapping[int, Any]) -> StatedPosition | None:
    fact = gps_fact(gps, [])
    if fact is None:
        return None
    try:
        error = float(gps.get(GPS.GPSHPositioningError, math.nan))
    except (TypeError, ValueError, ArithmeticError):
        error = math.nan
    stated = _ERROR_RANGE_M[0] <= error <= _ERROR_RANGE_M[1]
    return StatedPosition(fact.latitude, fact.longitude, error if stated else USUAL_ERROR_M, stated)


def _of_xmp(text: str) -> Iterator[Leak]:
    if text:
        yield Leak(Gives.OTHER, "The file holds XMP data, which programs use for notes and the history of edits.")
    for name, gives, sentence in XMP_LEAKS:
        if name in text:
            yield Leak(gives, sentence, xmp_value(text, name))


def _xmp_position(text: str) -> StatedPosition | None:
    found = xmp_position(text)
    return None if found is None else StatedPosition(found[0], found[1], USUAL_ERROR_M, stated=False)


def _of_iptc(data: bytes) -> Iterator[Leak]:
    """Datasets of record 2 wherever their mark 0x1C 0x02 stands; Photoshop's resources around them are skipped."""
    for found in re.finditer(rb"\x1c\x02(.)(..)", data, re.DOTALL):
        number, length = found[1][0], struct.unpack(">H", found[2])[0]
        if number in IPTC_LEAKS and length <= 32_767:
            gives, sentence = IPTC_LEAKS[number]
            value = data[found.end() : found.end() + min(length, 400)].decode("utf-8", "replace")
            yield Leak(gives, sentence, plain_text(value))


def _of_segments(found: tuple[Segment, ...]) -> Iterator[Leak]:
    for one in found:
        if one.kind in SEGMENT_LEAKS:
            value = plain_text(one.payload[:400].decode("utf-8", "replace")) if one.kind == "comment" else ""
            yield Leak(*SEGMENT_LEAKS[one.kind], value)
        if one.kind == "photoshop" and (b"8BIM\x04\x0c" in one.payload or b"8BIM\x04\x09" in one.payload):
            yield Leak(Gives.PICTURE, PREVIEW)
        if one.kind == "jfif" and len(one.payload) > 16:
            yield Leak(Gives.PICTURE, PREVIEW)


def _text_of(found: tuple[Segment, ...], tags: _Tags) -> str:
    """All XMP of a file as one text; a TIFF keeps it in a tag."""
    in_tag = _bytes(tags.main.get(Base.XMLPacket))
    return (b"".join(one.payload for one in found if one.kind == "xmp") + in_tag + tags.xmp).decode("utf-8", "replace")


def _iptc(found: tuple[Segment, ...], tags: _Tags) -> bytes:
    """All IPTC records of a file; a TIFF keeps them in tags."""
    in_tags = b"".join(_bytes(tags.main.get(tag)) for tag in (Base.IPTCNAA, Base.ImageResources))
    return b"".join(one.payload for one in found if one.kind == "photoshop") + in_tags


def _bytes(value: object) -> bytes:
    if isinstance(value, tuple) and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value)
    return value if isinstance(value, bytes) else b""


def _tag_text(value: object) -> str:
    """A tag's value as harmless text; empty where it says nothing. Windows writes its own tags in UTF-16."""
    if isinstance(value, bytes):
        wide = len(value) % 2 == 0 and value[1::2].count(0) > len(value) // 4
        text = value.decode("utf-16-le" if wide else "utf-8", "replace")
        text = text.removeprefix("ASCII\0\0\0").removeprefix("UNICODE\0")
    else:
        text = value if isinstance(value, str) else "" if value is None else str(value)
    return plain_text(text.strip("\0 \t\r\n"))


def _point(fact: GpsFact) -> str:
    return f"{fact.latitude:.6f}, {fact.longitude:.6f}"
