"""Unpacks the one raster inside a zip archive as it is distributed."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from engine.errors import LayerError

ENDINGS = (".tif", ".tiff", ".nc")
LARGEST_BYTES = 40_000_000_000
"""A raster that unpacks to more is refused; ESA-CCI uncompressed is 8.4 GB."""
_PICTURES = ("color", "colour", "preview", "quicklook", "browse")  # LandScan's archive holds a coloured copy


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


@contextmanager
def unpack_raster(path: Path, folder: Path) -> Iterator[Path]:
    """The raster of an archive, or the file itself where it is no archive, while the block runs.

    Args:
        path: what the user gave.
        folder: for the unpacked files, which are removed when the block ends.

    Raises:
        LayerError: the archive is damaged or does not hold exactly one raster.
    """
    if not is_archive(path):
        yield path
        return
    with TemporaryDirectory(dir=folder, prefix=".unpacked-") as work:
        try:
            with zipfile.ZipFile(path) as archive:
                member = _raster_of(archive, path)
                target = Path(work) / PurePosixPath(member.filename).name
                _extract(archive, member, target)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise LayerError(
                f"The archive {path.name} is damaged, encrypted or truncated ({type(error).__name__}); "
                "download it again."
            ) from error
        yield target


def _raster_of(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if member.filename.lower().endswith(ENDINGS)]
    data = [member for member in members if not any(word in member.filename.lower() for word in _PICTURES)]
    if len(data) != 1:
        found = ", ".join(PurePosixPath(member.filename).name for member in data[:5]) or "none"
        raise LayerError(
            f"The archive {path.name} holds {len(data)} rasters ({found}), expected was one GeoTIFF or NetCDF; "
            "unpack it and give the raster itself."
        )
    return data[0]


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one member; zipfile itself stops at the size that the archive declares."""
    free = shutil.disk_usage(target.parent).free
    if member.file_size > min(LARGEST_BYTES, free):
        raise LayerError(
            f"The raster {target.name} unpacks to {member.file_size / 1e9:.1f} GB, more than the "
            f"{min(LARGEST_BYTES, free) / 1e9:.1f} GB of free space; free some space or unpack it elsewhere."
        )
    with archive.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
