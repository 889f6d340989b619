"""Reads what a photo's file has besides its picture, segment by segment, without a decoder and with checked lengths.

Sources: JPEG (ITU-T T.81, annex B; Exif 3.0, 4.7), PNG 3 (W3C, section 5), WebP (RFC 9649). TIFF keeps everything in
tags, which ``engine.privacy.metadata`` reads as such.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_JPEG_NAMES = (
    (0xE1, b"Exif\0", "exif"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0", "xmp"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0", "xmp"),
    (0xE2, b"ICC_PROFILE\0", "icc"),
    (0xE2, b"MPF\0", "more pictures"),
    (0xED, b"Photoshop 3.0\0", "photoshop"),
    (0xE0, b"JFIF\0", "jfif"),
    (0xEE, b"Adobe", "adobe"),
)
_PNG_PICTURE = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"hIST", b"pHYs"}
    | {b"acTL", b"fcTL", b"fdAT", b"cICP"}
)
_PNG_NAMES = {b"eXIf": "exif", b"iCCP": "icc", b"tIME": "time"}
_UNREAD_STARTS = (b"GIF8", b"BM", b"\xff\x0a", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ", b"\0\0\0\x0cJXL ")
_WEBP_PICTURE = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_NAMES = {b"EXIF": "exif", b"XMP ": "xmp", b"ICCP": "icc"}
_MOST_TEXT = 4_000_000
"""Bytes that one compressed text is unpacked to at most."""


@dataclass(frozen=True)
class Segment:
    """A piece of a file that is not needed to see the picture.

    Attributes:
        kind: exif, xmp, icc, photoshop, comment, time, more pictures, trailer (bytes after the picture's end), jfif (a
            header, with a thumbnail if it is longer than 16 bytes), adobe (a colour mark), unread (all of a file of
            another format), or other.
        payload: its content without the name that it begins with; texts are unpacked.
    """

    kind: str
    payload: bytes


def segments(data: bytes) -> tuple[Segment, ...]:
    """Everything besides the picture in a JPEG, PNG or WebP; of any other file, TIFF aside, one that was not read.

    Never raises: a damaged file is read as far as it makes sense, and what follows is a trailer.
    """
    if data.startswith(b"\xff\xd8"):
        return tuple(_jpeg(data))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return tuple(_png(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return tuple(_webp(data))
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return ()  # its tags are read by Pillow
    is_picture = data.startswith(_UNREAD_STARTS) or data[4:8] == b"ftyp"
    return (Segment("unread", data),) if is_picture else ()


def _jpeg(data: bytes) -> Iterator[Segment]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xD9:
            at += 2
            break
        end = at + 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            yield _jpeg_segment(marker, data[at + 4 : end])
        at = _after_scan(data, end) if marker == 0xDA else end
    else:
        at = at + 2 if data[at : at + 2] == b"\xff\xd9" else at
    if at < len(data):
        yield Segment("trailer", data[at:])


def _jpeg_segment(marker: int, payload: bytes) -> Segment:
    for its_marker, start, kind in _JPEG_NAMES:
        if marker == its_marker and payload.startswith(start):
            return Segment(kind, payload[len(start) :])
    return Segment("comment" if marker == 0xFE else "other", payload)


def _after_scan(data: bytes, at: int) -> int:
    """Where the next marker after coded data stands; restart marks and stuffed bytes belong to the data."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _png(data: bytes) -> Iterator[Segment]:
    at = 8
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        payload, at = data[at + 8 : at + 8 + length], at + 12 + length
        if name in (b"tEXt", b"zTXt", b"iTXt"):
            yield _png_text(name, payload)
        elif name not in _PNG_PICTURE:
            yield Segment(_PNG_NAMES.get(name, "other"), payload)
        if name == b"IEND":
            break
    if at < len(data):
        yield Segment("trailer", data[at:])


def _png_text(name: bytes, payload: bytes) -> Segment:
    """A text chunk by its keyword; compressed text is unpacked up to a limit."""
    keyword, _, rest = payload.partition(b"\0")
    text = rest
    if name == b"zTXt":
        text = _decompress(rest[1:])
    elif name == b"iTXt":
        packed, after = rest[:1] == b"\1", rest[2:].split(b"\0", 2)
        text = after[-1] if len(after) == 3 else rest
        text = _decompress(text) if packed else text
    if keyword == b"XML:com.adobe.xmp" or keyword.endswith(b"profile type xmp"):
        return Segment("xmp", text)
    if keyword.startswith(b"Raw profile type "):
        kind = {b"exif": "exif", b"APP1": "exif", b"iptc": "photoshop", b"8bim": "photoshop"}.get(keyword[17:], "other")
        return Segment(kind, _from_hex(text))
    return Segment("comment", keyword + b": " + text)


def _decompress(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _MOST_TEXT)
    except zlib.error:
        return packed


def _from_hex(text: bytes) -> bytes:
    """ImageMagick's raw profile: a name, a length and hexadecimal lines; without the name of an EXIF segment."""
    try:
        found = bytes.fromhex("".join(text.decode("ascii", "replace").split()[2:]))
    except ValueError:
        return text
    return found.removeprefix(b"Exif\0\0")


def _webp(data: bytes) -> Iterator[Segment]:
    at, end = 12, min(len(data), 8 + int(struct.unpack("<I", data[4:8].ljust(4, b"\0"))[0]))
    while at + 8 <= end:
        name, length = struct.unpack("<4sI", data[at : at + 8])
        payload, at = data[at + 8 : at + 8 + length], at + 8 + length + length % 2
        if name not in _WEBP_PICTURE:
            yield Segment(_WEBP_NAMES.get(name, "other"), payload)
    if max(end, at) < len(data):
        yield Segment("trailer", data[max(end, at) :])
