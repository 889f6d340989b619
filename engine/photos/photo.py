"""Opens photos safely: pixels, name, hash and EXIF facts.

The content of a file decides its format, never its name. The result is a Photo or one PhotoError whose sentence says
what was received, what was expected and what to do. Nothing is printed or logged.
"""

import hashlib
import io
import stat
import threading
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageFile

from engine.errors import PhotoError
from engine.photos.exif import ExifFacts, read_exif
from engine.photos.plain import plain_text

MAX_MEGAPIXELS = 60
"""Largest photo that is decoded, in megapixels of its header; a larger one is a bomb or a scan."""

MAX_JPEG_MEGAPIXELS = 130
"""The same for JPEG, which is decoded at a fraction of its size; phones write up to 108 megapixels."""

MOST_MISSING = 0.9
"""Largest share of its rows that a JPEG may lack and still be read."""

FILLED_GREY = 128
"""What libjpeg fills in for data that are missing."""

MAX_FILE_MB = 200
"""Largest file that is read, in MB (1e6 bytes)."""

MIN_SIDE_PIXELS = 16
"""Shortest side of a photo that has a usable cue."""

STORED_SIDE_PIXELS = 2048
"""Longest side of ``Photo.pixels``; models look at 224 to 336 pixels, so many photos fit into memory (12 MB each)."""

NAME_LIMIT = 120
"""Longest name that is shown, in characters."""

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF", "JPEG2000")
"""Formats that may be decoded; every other decoder of Pillow is disabled. HEIF is that of pi-heif."""

_SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "AVIF": (".avif", ".avifs"),
    "HEIF": (".heic", ".heif", ".hif", ".heics", ".heifs"),
    "JPEG2000": (".jp2", ".j2k", ".jpf", ".jpx", ".j2c"),
}
ENDINGS = tuple(ending for endings in _SUFFIXES.values() for ending in endings)
"""Endings of the names that photos have; a file is opened by its content, whatever its name."""
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PHOTO_STARTS = (
    *(b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"GIF8", b"BM"),
    *(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
)
_OTHER_STARTS = {
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL ": "a JPEG XL image",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive",
    b"<": "a text file",
}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_PHOTO_BRANDS = (*_HEIC_BRANDS, b"avif", b"avis")
_BRANDS = {b"crx ": "a RAW photo"}

# Filters of Python's warnings belong to the whole process: one photo at a time may change them.
WARNINGS_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo, upright, as RGB.

    Attributes:
        name: the file's name as harmless text (see ``display_name``).
        sha256: hash of the original bytes, 64 hexadecimal digits.
        pixels: ``(rows, columns, 3)`` uint8, RGB, row 0 on top, read-only. Scaled down so that its longer side is at
            most ``STORED_SIDE_PIXELS``; a smaller photo stays as it is.
        width: pixels from left to right of the original, upright.
        height: pixels from top to bottom of the original, upright.
        exif: what the camera wrote; shown, never used as evidence.
        notes: sentences for the user on what was odd about the file.
    """

    name: str
    sha256: str
    pixels: npt.NDArray[np.uint8]
    width: int = 0
    height: int = 0
    exif: ExifFacts = field(default_factory=ExifFacts)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or not self.pixels.size:
            raise PhotoError(
                f"{self.name} has pixels of shape {self.pixels.shape} and type {self.pixels.dtype}; "
                "give uint8 of shape (rows, columns, 3)."
            )
        self.pixels.setflags(write=False)
        object.__setattr__(self, "height", self.height or self.pixels.shape[0])
        object.__setattr__(self, "width", self.width or self.pixels.shape[1])


def display_name(name: str) -> str:
    """A file's name as text that is safe to show anywhere: one line, no hidden characters, at most ``NAME_LIMIT``."""
    return plain_text(name, NAME_LIMIT).strip() or "unnamed photo"


def open_photo(source: bytes | str | Path, name: str | None = None) -> Photo:
    """A photo from a file's bytes or its path; one of ``FORMATS``, decided by content.

    Only the first frame or page is used. The orientation in the EXIF is applied; transparency is laid over white;
    more than 8 bits per channel are reduced to 8. The pixels are scaled down, see ``Photo.pixels``.

    Args:
        source: the bytes of the file, or its path.
        name: what to call it; by default the last part of the path.

    Raises:
        PhotoError: it cannot be read, is not one of the formats, is damaged, under 16 pixels a side, over 60
            megapixels or over 200 MB. The message is one sentence that starts with the photo's name.
    """
    if isinstance(source, str):
        source = Path(source)
    if name is None:
        name = source.name if isinstance(source, Path) else ""
    shown = display_name(name)
    data = read_file(source, shown) if isinstance(source, Path) else source
    _check_size(len(data), shown)
    with WARNINGS_LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with _open_image(data, shown) as image:
            _check_header(image, shown)
            exif, notes = read_exif(image)
            size = _upright_size(image, exif.orientation)
            notes += _container_notes(image, name)
            pixels, cut = _whole_or_cut(data, image, exif.orientation, shown)
    notes += cut
    notes += _warning_notes(caught, notes)
    return Photo(shown, hashlib.sha256(data).hexdigest(), pixels, size[0], size[1], exif, notes)


def read_file(path: Path, shown: str) -> bytes:
    """The bytes of a file, at most one more than may be; every failure as a sentence."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PhotoError(f"{shown} is a folder, not a photo; name the photos in it one by one.")
        if not stat.S_ISREG(mode):
            raise PhotoError(f"{shown} is not an ordinary file; copy the photo into a file and name that.")
        with path.open("rb") as file:
            return file.read(MAX_FILE_MB * 1_000_000 + 1)
    except FileNotFoundError as error:
        raise PhotoError(f"{shown} was not found; check the path and try again.") from error
    except PermissionError as error:
        raise PhotoError(f"{shown} may not be read by this user; change its permissions and try again.") from error
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a NUL in the path; RuntimeError: a loop of links
        raise PhotoError(f"{shown} cannot be read; copy it to a local disk under a plain name and retry.") from error


def _check_size(size: int, shown: str) -> None:
    """Refuses what is empty or too large to be a photo."""
    if size == 0:
        raise PhotoError(f"{shown} is empty (0 bytes); copy or download the photo again.")
    if size > MAX_FILE_MB * 1_000_000:
        raise PhotoError(f"{shown} is over {MAX_FILE_MB} MB, more than a photo needs; export it as a JPEG.")


def _open_image(data: bytes, shown: str) -> Image.Image:
    """The image with its header read and nothing decoded yet."""
    _register_heif()
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(shown) from error
    except Exception as error:  # a header reader fed with hostile bytes may raise anything, not only Pillow's errors
        raise PhotoError(_refusal(data, shown)) from error


@cache
def _register_heif() -> None:
    """Teach Pillow HEIC. Without AVIF, which Pillow reads itself, and without thumbnails and depth maps."""
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def _refusal(data: bytes, shown: str) -> str:
    """The sentence for bytes whose header Pillow cannot read, with the remedy that fits them."""
    if data.startswith(_PHOTO_STARTS) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return f"{shown} begins like a photo but its header is damaged or cut short; copy or download it again."
    if data[4:8] == b"ftyp" and data[8:12] in _PHOTO_BRANDS:
        return f"{shown} begins like a photo but is damaged or cut short; copy or download it again."
    if data[4:8] == b"ftyp":  # ISO base media: raw photos and video
        kind = _BRANDS.get(data[8:12], "a video")
        return f"{shown} is {kind}, which cannot be read here; convert it to JPEG and try again."
    kind = next((kind for start, kind in _OTHER_STARTS.items() if data.startswith(start)), "not an image")
    return f"{shown} is {kind}; a photo such as a JPEG, PNG or HEIC is needed, so export it as JPEG and try again."


def _too_many_pixels(shown: str, largest: int = MAX_MEGAPIXELS) -> PhotoError:
    return PhotoError(f"{shown} has over {largest} megapixels; scale it down below that and try again.")


def _check_header(image: Image.Image, shown: str) -> None:
    """Refuses by the size in the header, before a pixel is decoded."""
    width, height = image.size
    largest = MAX_JPEG_MEGAPIXELS if image.format in ("JPEG", "MPO") else MAX_MEGAPIXELS
    if width * height > largest * 1_000_000:
        raise _too_many_pixels(shown, largest)
    if min(width, height) < MIN_SIDE_PIXELS:
        raise PhotoError(
            f"{shown} is {width} x {height} pixels, too small to have a usable cue; "
            f"give a photo of at least {MIN_SIDE_PIXELS} pixels a side."
        )


def _upright_size(image: Image.Image, orientation: int) -> tuple[int, int]:
    """Width and height as seen upright; Pillow already swaps them for a TIFF."""
    width, height = image.size
    return (height, width) if orientation >= 5 and image.format != "TIFF" else (width, height)


def _container_notes(image: Image.Image, name: str) -> tuple[str, ...]:
    """Notes on a suffix that contradicts the content and on frames that are left out."""
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    notes = []
    suffix = Path(name).suffix.lower() if "\0" not in name else ""
    if suffix and suffix not in _SUFFIXES[kind]:
        notes.append(f"The name ends in {plain_text(suffix, 12)} but the file is a {kind}; it was read as what it is.")
    if image.format not in ("JPEG", "MPO") and getattr(image, "is_animated", False):
        notes.append("The file holds several pictures; only the first was used.")
    return tuple(notes)


def _warning_notes(caught: list[warnings.WarningMessage], notes: tuple[str, ...]) -> tuple[str, ...]:
    """One note if Pillow warned of damaged metadata and nothing has said so yet."""
    # Some drones leave out the pointer to a next directory that does not exist: nothing is lost with it.
    told = [text for each in caught if (text := str(each.message).lower()) and "4 bytes but only got 0" not in text]
    text = " ".join(told)
    if not any(word in text for word in ("exif", "tag", "truncated")) or any("damaged" in note for note in notes):
        return ()
    return ("The metadata of this photo is damaged and was read only in part.",)


def _whole_or_cut(
    data: bytes, image: Image.Image, orientation: int, shown: str
) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """The pixels, and a note where a JPEG ends early: it is read as far as it goes."""
    try:
        return _pixels(image, orientation, shown), ()
    except PhotoError:
        if image.format not in ("JPEG", "MPO"):
            raise
        pixels, missing = _cut_pixels(data, orientation, shown)
        if missing > MOST_MISSING:
            raise
        share = "the last rows are" if missing < 0.01 else f"the lower {100 * missing:.0f} % is"
        return pixels, (f"The file is cut short: {share} missing. Copy or download it again if you can.",)


def _cut_pixels(data: bytes, orientation: int, shown: str) -> tuple[npt.NDArray[np.uint8], float]:
    """The pixels of a JPEG that ends early, and the share of its rows that is missing."""
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = True  # of the whole process: only while WARNINGS_LOCK is held
        with _open_image(data, shown) as image:
            rows = _last_row(image)
        with _open_image(data, shown) as image:
            return _pixels(image, orientation, shown), 1.0 - rows
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _last_row(image: Image.Image) -> float:
    """The share of rows, from the top, after which a decoder that ran out of data filled in one grey."""
    image.draft(None, (image.width // 8, image.height // 8))
    pixels = np.asarray(image.convert("RGB"), np.int16)
    plain = (np.ptp(pixels, axis=(1, 2)) <= 1) & (np.abs(pixels[:, 0, 0] - FILLED_GREY) <= 2)
    filled = int(np.argmin(plain[::-1])) if not plain.all() else plain.size
    return float(1.0 - filled / plain.size)


def _pixels(image: Image.Image, orientation: int, shown: str) -> npt.NDArray[np.uint8]:
    """The first frame as upright RGB, scaled down; shape ``(rows, columns, 3)``."""
    target = _stored_size(image.size)
    turn = UPRIGHT.get(orientation) if image.format != "TIFF" else None  # Pillow turns a TIFF itself
    try:
        image.draft(None, target)  # a JPEG decodes straight to an eighth, quarter or half; nothing happens to others
        image.load()
        small = over_white(eight_bit(image).resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0))
        return np.array(small if turn is None else small.transpose(turn), dtype=np.uint8)
    except Exception as error:  # a decoder fed with hostile bytes may raise anything, not only Pillow's errors
        raise PhotoError(f"{shown} is damaged or cut short, so it cannot be decoded; copy it again.") from error


def _stored_size(size: tuple[int, int]) -> tuple[int, int]:
    """Size with the longer side at most ``STORED_SIDE_PIXELS``, same proportions."""
    scale = min(1.0, STORED_SIDE_PIXELS / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def eight_bit(image: Image.Image) -> Image.Image:
    """Any mode of Pillow as L, RGB or RGBA."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(_grey8(np.asarray(image, dtype=np.float32), top=65535.0))
    if image.mode in ("I", "F"):
        return Image.fromarray(_grey8(np.asarray(image, dtype=np.float32)))
    if image.mode == "LAB":  # the one mode that convert() cannot turn into RGB
        profiles = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, *profiles, outputMode="RGB")
        return image.convert("RGB") if converted is None else converted
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def over_white(image: Image.Image) -> Image.Image:
    """The image as RGB, transparent parts white."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _grey8(values: npt.NDArray[np.float32], top: float | None = None) -> npt.NDArray[np.uint8]:
    """Deep grey values as 8 bits: by ``top`` or the known range that they fit (0-1, 0-255, 0-65535), else by their own.

    What is not finite becomes 0. Whole numbers are never taken for the range 0-1.
    """
    finite = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if top is None and low >= 0.0:
        fractional = high <= 1.0 and bool((finite != np.round(finite)).any())
        top = 1.0 if fractional else next((known for known in (255.0, 65535.0) if high <= known), None)
    low, top = (low, high) if top is None else (0.0, top)
    return np.asarray(np.clip(np.round((finite - low) * (255.0 / max(top - low, 1e-12))), 0, 255), dtype=np.uint8)
