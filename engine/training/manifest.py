"""Photos to train on: a CSV file, or a folder of photos that carry their place in their EXIF. Opens no photo.

Differs from ``engine.evaluation.manifest`` in what it forgives: coordinates may be missing (EXIF fills them in), a
repeated id is counted and left out, and columns that look swapped are said to be so.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from engine.errors import InputError
from engine.evaluation.columns import ID_NAMES, LATITUDE_NAMES, LONGITUDE_NAMES, CsvTable, number, on_globe, read_csv
from engine.evaluation.manifest import AUTHOR_NAMES, BAD_COORDINATES, MISSING_PHOTO, PATH_NAMES, SPLITS
from engine.geometry.sphere import wrap_longitude
from engine.typing import FloatArray

NO_COORDINATES = "no coordinates in the manifest or in the EXIF"
SWAPPED = "latitude and longitude look swapped"
REPEATED_ID = "repeats the id of another row"
MOST_SWAPPED = 0.05
"""Share of swapped rows from which on the whole file is refused: the others are likely swapped too."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"})


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a manifest that can be used, or may be once their EXIF is read.

    Attributes:
        ids: unique text per photo.
        paths: file per photo, or None where the manifest names none.
        latitude, longitude: ``(photos,)`` degrees; NaN where only the EXIF can tell.
        author: text per photo, empty where unknown.
        split: ``fit``, ``test`` or empty per photo.
        excluded: number of rows per reason.
    """

    ids: tuple[str, ...]
    paths: tuple[Path | None, ...]
    latitude: FloatArray
    longitude: FloatArray
    author: tuple[str, ...]
    split: tuple[str, ...]
    excluded: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.ids)

    def keep(self, reasons: Sequence[str]) -> "Rows":
        """The rows without a reason against them; the others are counted.

        Raises:
            InputError: none is left.
        """
        left = [n for n, reason in enumerate(reasons) if not reason]
        counted = Counter(self.excluded) + Counter(reason for reason in reasons if reason)
        if not left:
            told = ", ".join(f"{count} x {reason}" for reason, count in counted.items())
            raise InputError(f"No photo is left to train on: {told}. Give photos with lat and lon in degrees.")
        return replace(
            self,
            ids=tuple(self.ids[n] for n in left),
            paths=tuple(self.paths[n] for n in left),
            latitude=self.latitude[left],
            longitude=self.longitude[left],
            author=tuple(self.author[n] for n in left),
            split=tuple(self.split[n] for n in left),
            excluded=dict(counted),
        )


def read_rows(path: Path, need_photos: bool = True) -> Rows:
    """A manifest (CSV: path, lat, lon and, if known, id, author, split), or a folder of geotagged photos.

    Args:
        path: the file or the folder; relative paths in a file are relative to its folder.
        need_photos: whether rows without a photo file on this machine are left out.

    Raises:
        InputError: the file cannot be read, lacks a column, has its coordinates swapped, or has no usable row.
    """
    rows = _read_folder(path) if path.is_dir() else _parse_table(read_csv(path))
    _refuse_swapped(rows, path.name)
    seen: set[str] = set()
    return rows.keep([_exclusion_reason(rows, n, seen, need_photos) for n in range(len(rows))])


def resolve_coordinates(rows: Rows, exif: Mapping[str, tuple[float, float]]) -> Rows:
    """The rows with the coordinates of their EXIF where the manifest has none; those without any are left out.

    Raises:
        InputError: none is left.
    """
    points = [
        (lat, lon) if not math.isnan(lat) else exif.get(key, (math.nan, math.nan))
        for key, lat, lon in zip(rows.ids, rows.latitude, rows.longitude, strict=True)
    ]
    latitude, longitude = np.array(points, np.float64).reshape(-1, 2).T
    whole = replace(rows, latitude=latitude, longitude=longitude)
    kept = whole.keep([NO_COORDINATES if math.isnan(lat) else "" for lat in latitude])
    return replace(kept, longitude=wrap_longitude(kept.longitude))


def _read_folder(folder: Path) -> Rows:
    found = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not found:
        raise InputError(f"The folder {folder.name} holds no JPEG, PNG, WebP or TIFF; give photos, or a CSV manifest.")
    nowhere = np.full(len(found), np.nan)
    empty = ("",) * len(found)
    ids = tuple(file.relative_to(folder).as_posix() for file in found)
    return Rows(ids, tuple(found), nowhere, nowhere.copy(), empty, empty)


def _parse_table(table: CsvTable) -> Rows:
    ids = table.column(table.need(ID_NAMES, "id or path of the photo"))
    path_column = table.find(PATH_NAMES)
    files = table.column(path_column) if path_column is not None else [""] * len(ids)
    if path_column is None and table.find(LATITUDE_NAMES) is None:
        raise InputError(f"{table.path.name} has neither paths nor coordinates; name the columns path, lat and lon.")
    paths = tuple(table.path.parent / text if text else None for text in files)
    latitude, longitude = (_numbers(table, names) for names in (LATITUDE_NAMES, LONGITUDE_NAMES))
    return Rows(tuple(ids), paths, latitude, longitude, _texts(table, AUTHOR_NAMES), _splits(table))


def _numbers(table: CsvTable, names: Sequence[str]) -> FloatArray:
    """Numbers of a column; NaN where a cell is empty or there is no such column, infinity where it is no number."""
    column = table.find(names)
    cells = table.column(column) if column is not None else [""] * len(table.rows)
    found = np.array([number(text) if text else math.nan for text in cells], np.float64)
    written = np.array([bool(text) for text in cells])
    return np.where(np.isnan(found) & written, math.inf, found)


def _texts(table: CsvTable, names: Sequence[str]) -> tuple[str, ...]:
    column = table.find(names)
    return tuple(table.column(column)) if column is not None else ("",) * len(table.rows)


def _splits(table: CsvTable) -> tuple[str, ...]:
    found = tuple(text.lower() for text in _texts(table, ("split",)))
    unknown = sorted(set(found) - set(SPLITS))
    if unknown:
        raise InputError(f"{table.path.name} has the split {unknown[0]!r}; write fit, test or nothing.")
    return found


def _exclusion_reason(rows: Rows, n: int, seen: set[str], need_photos: bool) -> str:
    """Why a row cannot be used, or nothing."""
    latitude, longitude, path = float(rows.latitude[n]), float(rows.longitude[n]), rows.paths[n]
    repeated = rows.ids[n] in seen
    seen.add(rows.ids[n])
    if repeated:
        return REPEATED_ID
    if need_photos and (path is None or not path.is_file()):
        return MISSING_PHOTO
    if math.isnan(latitude) and math.isnan(longitude):
        return "" if need_photos else NO_COORDINATES
    if _looks_swapped(latitude, longitude):
        return SWAPPED
    return "" if on_globe(latitude, longitude) else BAD_COORDINATES


def _looks_swapped(latitude: float, longitude: float) -> bool:
    return 90.0 < abs(latitude) <= 180.0 and abs(longitude) <= 90.0


def _refuse_swapped(rows: Rows, name: str) -> None:
    count = sum(map(_looks_swapped, rows.latitude, rows.longitude))
    if count and count >= MOST_SWAPPED * len(rows):
        raise InputError(
            f"{count} of {len(rows)} rows of {name} have a latitude beyond 90 and a longitude within 90 degrees: "
            "latitude and longitude look swapped; exchange the two columns."
        )
