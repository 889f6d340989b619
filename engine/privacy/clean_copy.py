"""Makes a copy of a photo that has its picture and nothing else.

The pixels are decoded, turned upright, converted to sRGB and encoded anew, so that nothing of the old file is copied:
no EXIF, XMP or IPTC, no comment, thumbnail, maker's note, colour profile, second picture or trailing bytes. What is
written is read back segment by segment before it is returned. The picture itself stays: what it shows, and the noise
pattern of the sensor, by which an expert may recognise two photos of one camera.
"""

import io
import warnings

import numpy as np
from PIL import Image, ImageCms

from engine.errors import ExportError, PhotoError
from engine.photos.photo import FORMATS, UPRIGHT, WARNINGS_LOCK, eight_bit, open_photo, over_white
from engine.privacy.segments import segments

JPEG_QUALITY = 95
"""Of JPEG and lossy WebP, without chroma subsampling; most pixels move by less than 3 of 255."""

HARMLESS = frozenset({"jfif", "adobe"})
"""Segments that say how to read the colours and nothing of the photo, as long as they are as short as that takes."""
_MOST_HEADER = 16
"""Bytes of a harmless segment; a JFIF header with a thumbnail is longer."""


def clean_copy(data: bytes, name: str = "") -> bytes:
    """Encode the picture of a photo as a new file without metadata.

    A JPEG becomes a JPEG of quality ``JPEG_QUALITY``, a WebP a WebP (lossless if it was), a PNG and a TIFF a PNG, which
    is lossless in 8 bits per channel. Full size; only the first frame or page. PNG and WebP retain transparency.

    Args:
        data: the bytes of a JPEG, PNG, WebP or TIFF photo.
        name: what to call it in an error.

    Raises:
        PhotoError: it cannot be opened; see ``open_photo``.
        ExportError: the copy would still have metadata (a defect); no copy is returned.
    """
    photo = open_photo(data, name)
    try:
        with WARNINGS_LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged metadata, which goes anyway
            copy = _encode(*_upright(data, photo.exif.orientation), data)
    except Exception as error:  # a decoder fed with hostile bytes may raise anything, not only Pillow's errors
        raise PhotoError(f"{photo.name} is damaged or cut short, so it cannot be copied; copy it again.") from error
    left = remaining_metadata(copy)
    if left:
        message = f"The copy of {photo.name} still held {left[0]} data, so it was discarded; report this defect."
        raise ExportError(message)
    return copy


def clean_suffix(data: bytes) -> str:
    """The ending that the clean copy of a photo has: ``".jpg"``, ``".png"`` or ``".webp"``."""
    if data.startswith(b"\xff\xd8") or data[4:8] == b"ftyp":  # HEIC and AVIF become JPEG, which every program opens
        return ".jpg"
    return ".webp" if data[8:12] == b"WEBP" else ".png"


def remaining_metadata(data: bytes) -> tuple[str, ...]:
    """Kinds of segments that a JPEG, PNG or WebP has besides its picture; empty for a clean copy."""
    return tuple(one.kind for one in segments(data) if one.kind not in HARMLESS or len(one.payload) > _MOST_HEADER)


def _upright(data: bytes, orientation: int) -> tuple[Image.Image, str]:
    """The first frame as L, RGB or RGBA in sRGB, upright and without any of the file's other contents; its format."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        kind = str(opened.format)
        opened.load()
        profile = opened.info.get("icc_profile")
        image = _in_srgb(opened, profile) if profile else eight_bit(opened)
    turn = UPRIGHT.get(orientation) if kind != "TIFF" else None  # Pillow turns a TIFF itself
    image = image if turn is None else image.transpose(turn)
    pixels = np.array(image)
    if image.mode == "RGBA":
        pixels[pixels[..., 3] == 0] = 0  # colours under full transparency are seen by nobody but stay in the file
    return Image.fromarray(pixels), kind


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours as sRGB; as they are where the profile is damaged or does not fit."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    plain = image if image.mode in ("RGB", "CMYK", "L") else eight_bit(image).convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return eight_bit(image)
    result = plain if turned is None else turned
    if alpha is not None:
        result.putalpha(alpha)
    return result


def _encode(image: Image.Image, kind: str, data: bytes) -> bytes:
    out = io.BytesIO()
    if kind in ("JPEG", "MPO", "HEIF", "AVIF"):
        over_white(image).save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    elif kind == "WEBP":
        image.save(out, "WEBP", quality=JPEG_QUALITY, lossless=_has_lossless_frame(data), method=4)
    else:
        image.save(out, "PNG", optimize=False)
    return out.getvalue()


def _has_lossless_frame(data: bytes) -> bool:
    """Whether the first picture chunk of a WebP is lossless, wherever the metadata has put it."""
    lossless, lossy = data.find(b"VP8L"), data.find(b"VP8 ")
    return lossless >= 0 and (lossy < 0 or lossless < lossy)
