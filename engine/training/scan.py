"""Every photo opened once: is it a photo, what is its hash, what does its EXIF say, and its pixels shrunk for training.

What was found is kept in the run's folder (``photos.jsonl`` and ``pixels.bin``), a line per photo as it is read, so
that a run that was killed goes on where it was. Knows no label and no network.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image

from engine.errors import ExportError, PhotoError
from engine.networks.preprocessing import Pixels
from engine.photos.photo import open_photo
from engine.progress import Report
from engine.training.duplicates import difference_hash

NOT_A_PHOTO = "not a photo that can be opened"
KEPT_BYTES = 8_000_000_000
"""Shrunk pixels that are kept on disk; photos beyond that are decoded whenever they are needed."""


@dataclass(frozen=True)
class Scanned:
    """What is known of one file.

    Attributes:
        id: of the photo.
        stamp: size and time of change, by which a changed file is noticed.
        sha256: of the file; empty when it is no photo.
        dhash: see ``engine.training.duplicates``.
        error: why it cannot be used, one sentence, or empty.
        latitude, longitude: degrees, as its EXIF claims, or None.
        offset: where its shrunk pixels begin in ``pixels.bin``; -1 when they are not kept.
        height, width: of the shrunk pixels.
    """

    id: str
    stamp: str
    sha256: str = ""
    dhash: str = ""
    error: str = ""
    latitude: float | None = None
    longitude: float | None = None
    offset: int = -1
    height: int = 0
    width: int = 0

    @property
    def end(self) -> int:
        """Where its pixels end; 0 when they are not kept."""
        return 0 if self.offset < 0 else self.offset + self.height * self.width * 3


def scan(
    ids: Sequence[str], paths: Sequence[Path], folder: Path, side: int, report: Report | None = None,
    kept_bytes: int = KEPT_BYTES,
) -> tuple[Scanned, ...]:  # fmt: skip
    """Open every photo that was not opened before.

    Args:
        ids: of the photos.
        paths: their files.
        folder: where to keep what was found.
        side: short side of the shrunk pixels.
        report: told how far it is.
        kept_bytes: how much of the shrunk pixels to keep.

    Raises:
        ExportError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = {one.id: one for one in read_scan(folder, side)}
        with _ScanWriter(folder, known.values(), side) as (lines, pixels):
            for number, (key, path) in enumerate(zip(ids, paths, strict=True)):
                if known.get(key) is None or known[key].stamp != _file_version(path):
                    known[key] = _scan_photo(key, path, pixels, side, kept_bytes)
                    pixels.flush()
                    lines.write(json.dumps(asdict(known[key])) + "\n")
                    lines.flush()
                if report is not None:
                    report("Opening the photos", (number + 1) / len(ids))
    except OSError as error:
        raise ExportError(f"{folder} cannot be written ({error.strerror}); choose another folder with room.") from error
    return tuple(known[key] for key in ids)


def read_scan(folder: Path, side: int) -> tuple[Scanned, ...]:
    """What an earlier scan of the same short side found; a line that was cut short ends it."""
    found: list[Scanned] = []
    for told in _lines(folder / "photos.jsonl"):
        if "side" in told:
            if told["side"] != side:
                return ()
        else:
            found.append(Scanned(**told))
    return tuple(found)


def stored_pixels(folder: Path, one: Scanned, path: Path, side: int) -> Pixels:
    """The shrunk pixels of a photo, ``(H, W, 3)`` uint8: from disk if they were kept, else from its file.

    Raises:
        PhotoError: the file changed into something that is no photo.
    """
    if one.offset < 0:
        return shrink(open_photo(path).pixels, side)
    count = one.height * one.width * 3
    flat = np.fromfile(folder / "pixels.bin", np.uint8, count, offset=one.offset)
    return flat.reshape(one.height, one.width, 3)


def shrink(pixels: Pixels, side: int) -> Pixels:
    """Pixels with their short side at most ``side``."""
    height, width = pixels.shape[:2]
    scale = side / min(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0), np.uint8)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for text in path.read_text(encoding="utf-8").split("\n")[:-1]:
        try:
            yield json.loads(text)
        except ValueError:
            return


class _ScanWriter:
    """The two files of a scan, open at their end; whatever a killed run left half-written is cut off."""

    def __init__(self, folder: Path, known: Sequence[Scanned] | Any, side: int) -> None:
        self.folder, self.known, self.side = folder, list(known), side

    def __enter__(self) -> tuple[IO[str], IO[bytes]]:
        text = json.dumps({"side": self.side}) + "\n"
        text += "".join(json.dumps(asdict(one)) + "\n" for one in self.known)
        (self.folder / "photos.jsonl").write_text(text, encoding="utf-8")
        self.pixels = (self.folder / "pixels.bin").open("ab")
        self.pixels.truncate(max((one.end for one in self.known), default=0))
        self.lines = (self.folder / "photos.jsonl").open("a", encoding="utf-8")
        return self.lines, self.pixels

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self.pixels.close()


def _file_version(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def _scan_photo(key: str, path: Path, pixels: IO[bytes], side: int, kept_bytes: int) -> Scanned:
    try:
        photo = open_photo(path)
    except PhotoError as error:
        return Scanned(key, _file_version(path), error=str(error))
    small, gps, offset = shrink(photo.pixels, side), photo.exif.gps, pixels.seek(0, 2)
    if offset + small.nbytes <= kept_bytes:
        pixels.write(small.tobytes())
    else:
        offset = -1
    latitude, longitude = (None, None) if gps is None else (gps.latitude, gps.longitude)
    height, width = small.shape[:2]
    same = difference_hash(photo.pixels)
    return Scanned(key, _file_version(path), photo.sha256, same, "", latitude, longitude, offset, height, width)
