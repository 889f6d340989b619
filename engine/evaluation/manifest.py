"""Photos with known places: what `hereabouts evaluate` measures against. Opens no photo.

A manifest is a CSV file: ``id, path (optional), lat, lon, author (optional), split (fit or test, optional)``. Whatever
cannot be used is counted under a reason, never dropped silently.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.evaluation.columns import ID_NAMES, LATITUDE_NAMES, LONGITUDE_NAMES, CsvTable, number, on_globe, read_csv
from engine.geometry.sphere import great_circle_km, wrap_longitude
from engine.typing import FloatArray

BAD_COORDINATES = "no coordinates on the globe"
MISSING_PHOTO = "photo file is missing"
SPLITS = ("fit", "test", "")
PATH_NAMES = ("path", "file", "filename", "img_path")
AUTHOR_NAMES = ("author", "user", "user_id", "photographer", "owner")
ONE_PLACE_KM = 1.0
"""Photos that all lie within this distance of the first count as one place."""


@dataclass(frozen=True, eq=False)
class Manifest:
    """The photos that can be used, and how many could not.

    Attributes:
        ids: unique text per photo.
        latitude, longitude: ``(photos,)`` true places, degrees.
        paths: file per photo, or None where only coordinates are known.
        author: text per photo, empty where unknown.
        split: ``fit``, ``test`` or empty per photo.
        excluded: number of rows per reason.
        folder: what relative paths were resolved against.
    """

    ids: tuple[str, ...]
    latitude: FloatArray
    longitude: FloatArray
    paths: tuple[Path | None, ...] = ()
    author: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    folder: Path = Path()

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.ids)

    @property
    def has_split(self) -> bool:
        """Whether some photos are set apart for fitting."""
        return "fit" in self.split

    def where(self, split: str) -> npt.NDArray[np.int64]:
        """Positions of the photos of a split; without a split every photo is a test photo and none is for fitting."""
        if not self.has_split:
            return np.arange(len(self)) if split == "test" else np.empty(0, np.int64)
        wanted = {"fit": ("fit",), "test": ("test", "")}[split]
        return np.flatnonzero([text in wanted for text in self.split])

    def take(self, positions: npt.NDArray[np.int64]) -> "Manifest":
        """Some of the photos, in the order given."""
        pick = [int(position) for position in positions]
        return Manifest(
            tuple(self.ids[i] for i in pick),
            self.latitude[positions],
            self.longitude[positions],
            tuple(self.paths[i] for i in pick) if self.paths else (),
            tuple(self.author[i] for i in pick) if self.author else (),
            tuple(self.split[i] for i in pick) if self.split else (),
            self.excluded,
            self.folder,
        )

    def halved(self, seed: int = 0) -> "Manifest":
        """The same photos with a random half marked for fitting."""
        fit = np.random.default_rng(seed).permutation(len(self)) < len(self) // 2
        return replace(self, split=tuple("fit" if one else "test" for one in fit))

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what limits conclusions from these photos."""
        notes = [f"{count} rows were left out: {reason}." for reason, count in self.excluded.items()]
        if len(self) == 1:
            notes.append("There is a single photo: percentages are 0 or 100 and intervals say nothing.")
        elif len(self) and float(self._spread_km().max()) < ONE_PLACE_KM:
            notes.append("All photos lie at one place: the figures say nothing about other places.")
        return tuple(notes)

    def _spread_km(self) -> FloatArray:
        return great_circle_km(self.latitude[0], self.longitude[0], self.latitude, self.longitude)


def read_manifest(path: Path, need_photos: bool = False, need_coordinates: bool = True) -> Manifest:
    """A manifest from a CSV file.

    Args:
        path: the file; relative photo paths in it are relative to its folder.
        need_photos: whether rows whose photo file is absent are left out (and counted).
        need_coordinates: whether there must be coordinates (rows without are left out); a batch needs none.

    Raises:
        InputError: the file cannot be read, lacks a column, repeats an id, has an unknown split or no usable row.
    """
    table = read_csv(path)
    ids = _ids(table)
    paths = _paths(table, path.parent)
    latitude, longitude = (_numbers(table, names, what, need_coordinates) for names, what in _COORDINATES)
    reason = [
        BAD_COORDINATES
        if need_coordinates and not on_globe(lat, lon)
        else MISSING_PHOTO
        if need_photos and not _there(file)
        else ""
        for lat, lon, file in zip(latitude, longitude, paths, strict=True)
    ]
    keep = np.flatnonzero([not text for text in reason])
    if keep.size == 0:
        raise InputError(f"{path.name} has no usable row: {_counted(reason)}. Give photos with lat and lon in degrees.")
    whole = Manifest(
        tuple(ids),
        np.array(latitude),
        np.array(longitude),
        tuple(paths),
        _optional(table, AUTHOR_NAMES),
        _splits(table),
        dict(Counter(text for text in reason if text)),
        path.parent,
    )
    used = whole.take(keep)
    object.__setattr__(used, "longitude", wrap_longitude(used.longitude))
    return used


_COORDINATES = ((LATITUDE_NAMES, "latitude"), (LONGITUDE_NAMES, "longitude"))


def _ids(table: CsvTable) -> list[str]:
    ids = table.column(table.need(ID_NAMES, "id"))
    empty = [number for number, text in enumerate(ids, start=2) if not text]
    if empty:
        raise InputError(f"{table.path.name} has no id in line {empty[0]}; give every photo an id of its own.")
    check_unique(ids, table.path.name)
    return ids


def check_unique(ids: Sequence[str], name: str) -> None:
    """Refuse ids that occur more than once.

    Raises:
        InputError: some do.
    """
    repeated = [text for text, count in Counter(ids).items() if count > 1]
    if repeated:
        raise InputError(
            f"{name} uses {len(repeated)} id(s) more than once, for instance {repeated[0][:60]!r}; "
            "give every photo an id of its own."
        )


def _paths(table: CsvTable, folder: Path) -> list[Path | None]:
    position = table.find(PATH_NAMES)
    if position is None:
        return [None] * len(table.rows)
    return [(folder / text) if text else None for text in table.column(position)]


def _numbers(table: CsvTable, names: Sequence[str], what: str, needed: bool) -> list[float]:
    if not needed and table.find(names) is None:
        return [math.nan] * len(table.rows)
    return [number(text) for text in table.column(table.need(names, what))]


def _optional(table: CsvTable, names: Sequence[str]) -> tuple[str, ...]:
    position = table.find(names)
    return tuple(table.column(position)) if position is not None else ("",) * len(table.rows)


def _splits(table: CsvTable) -> tuple[str, ...]:
    values = tuple(text.lower() for text in _optional(table, ("split",)))
    unknown = sorted(set(values) - set(SPLITS))
    if unknown:
        raise InputError(f"{table.path.name} has the split {unknown[0][:40]!r}; write fit, test or nothing.")
    return values


def _there(file: Path | None) -> bool:
    return file is not None and file.is_file()


def _counted(reasons: Sequence[str]) -> str:
    return ", ".join(f"{count} x {text}" for text, count in Counter(text for text in reasons if text).items())
