"""Geocells: an adaptive partition of the Earth into S2 cells, grown from photo coordinates.

The more photos, the smaller the cells. The rule is that of GeoEstimation (Mueller-Budack, Pustu-Iren and Ewerth, ECCV
2018, section 3.1), after PlaNet (Weyand, Kostrikov and Philbin, ECCV 2016).
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.partitions.cell_raster import Progress, draw_cells
from engine.partitions.partition import NOWHERE, Partition
from engine.typing import FloatArray

CellSize = Literal["coarse", "middle", "fine"]

THRESHOLDS: MappingProxyType[CellSize, tuple[int, int]] = MappingProxyType(
    {"coarse": (0, 100), "middle": (0, 40), "fine": (0, 20)}
)
"""Minimum (exclusive) and maximum photos per cell for the default 94,123 photo places.

GeoEstimation's maxima of 5000 / 2000 / 1000 for 4.7 million photos, divided by 50. Its minimum of 50 becomes 0: more
than 50 of its photos are one or more here. That keeps every photo, and gives 3,271 / 7,254 / 13,250 cells of 1,335 /
350 / 240 km2 (median) where GeoEstimation has 3,298 / 7,202 / 12,893 cells of 1,289 / 337 / 236 km2; a minimum of 1
would give 3,096 / 6,592 / 11,466 and lose up to 1,784 photos.
"""

FINEST_BLOCK_LEVEL = 8
"""Finest level of ``blocks_partition``: 393,216 cells of about 1,300 km2."""

_CSV_COLUMNS = ("class_label", "hex_id", "imgs_per_cell", "latitude_mean", "longitude_mean")


@dataclass(frozen=True, eq=False)
class Geocells:
    """Disjoint S2 cells with the photos that they were grown from; label k is cell k.

    Attributes:
        name: name of the cells and of their partitions, for instance ``"geocells_fine"``.
        ids: ``(J,)`` S2 cell ids, disjoint, in the order of the labels.
        photo_count: ``(J,)`` photos in each cell.
        mean_latitude, mean_longitude: ``(J,)`` degrees, arithmetic means of the coordinates of a cell's photos: the
            point that a classifier over these cells answers with.

    Raises:
        InputError: an id is not that of a cell, two cells overlap, or the arrays differ in length.
    """

    name: str
    ids: s2.IdArray
    photo_count: npt.NDArray[np.int64]
    mean_latitude: FloatArray
    mean_longitude: FloatArray

    def __post_init__(self) -> None:
        arrays = (self.ids, self.photo_count, self.mean_latitude, self.mean_longitude)
        if {array.shape for array in arrays} != {(self.ids.size,)} or self.ids.size == 0:
            raise InputError(f"Geocells {self.name!r} need one id, count and mean point for each of at least one cell.")
        if not s2.is_valid(self.ids).all():
            raise InputError(f"Geocells {self.name!r} hold a number that is not an S2 cell id; give S2 cells.")
        ordered = np.sort(self.ids)
        overlaps = np.flatnonzero(s2.range_min(ordered[1:]) <= s2.range_max(ordered[:-1]))
        if overlaps.size:
            pair = s2.tokens(ordered[overlaps[0] : overlaps[0] + 2])
            raise InputError(f"Geocells {self.name!r} overlap: {pair[0]} and {pair[1]}; give disjoint cells.")
        for array in arrays:
            array.setflags(write=False)

    def __len__(self) -> int:
        """Number of cells."""
        return self.ids.size

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The S2 token of each cell: the labels of the partition."""
        return s2.tokens(self.ids)

    @cached_property
    def _order(self) -> npt.NDArray[np.int64]:
        return np.argsort(self.ids)

    def label_of_leaf(self, leaf: s2.IdArray) -> npt.NDArray[np.int64]:
        """Label of the cell that holds each cell id, ``NOWHERE`` for those that no cell holds."""
        ordered = self.ids[self._order]
        place = np.searchsorted(s2.range_min(ordered), s2.range_min(leaf), side="right") - 1
        inside = (place >= 0) & (s2.range_max(leaf) <= s2.range_max(ordered[place]))
        return np.where(inside, self._order[place], NOWHERE)

    def label_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Label of the cell that holds each point in degrees, ``NOWHERE`` outside; exact, without a grid."""
        return self.label_of_leaf(s2.cell_ids(latitude, longitude, s2.LEAF_LEVEL))


def grow(
    latitude: npt.ArrayLike,
    longitude: npt.ArrayLike,
    minimum: int,
    maximum: int,
    *,
    start_level: int = 2,
    finest_level: int = s2.LEAF_LEVEL,
    name: str = "geocells",
) -> Geocells:
    """Geocells of photo coordinates, in Hilbert order.

    GeoEstimation's rule: cells of ``start_level`` with at most ``minimum`` photos are dropped; a cell with more than
    ``maximum`` is split, down to ``finest_level``; then cells with at most ``minimum`` photos are dropped again.

    Args:
        latitude: ``(n,)`` degrees, one entry per photo.
        longitude: ``(n,)`` degrees.
        minimum: a cell with this many photos or fewer is dropped; at least 0.
        maximum: a cell with more photos is split; at least ``minimum``.
        start_level: first level, 1 to 30; cells of level 0 would meet the antimeridian, where longitudes have no mean.
        finest_level: last level, ``start_level`` to 30.
        name: name of the cells.

    Raises:
        InputError: a number is out of range, or no cell holds more than ``minimum`` photos.
    """
    if not (0 <= minimum <= maximum and 1 <= start_level <= finest_level <= s2.LEAF_LEVEL):
        raise InputError(
            f"Geocells with {minimum} to {maximum} photos at levels {start_level} to {finest_level} are out of range; "
            "give 0 <= minimum <= maximum and levels in 1 to 30."
        )
    lat, lon = np.ravel(np.asarray(latitude, np.float64)), np.ravel(np.asarray(longitude, np.float64))
    leaf = s2.cell_ids(lat, lon, s2.LEAF_LEVEL)
    cell = _cell_of_each_photo(leaf, minimum, maximum, start_level, finest_level)
    ids, inverse, count = np.unique(cell, return_inverse=True, return_counts=True)
    retained = (ids != 0) & (count > minimum)
    if not retained.any():
        raise InputError(
            f"No cell holds more than {minimum} of {lat.size} photos; give more photos or a lower minimum."
        )
    mean_lat, mean_lon = (np.bincount(inverse, values, ids.size)[retained] / count[retained] for values in (lat, lon))
    return Geocells(name, ids[retained], count[retained].astype(np.int64), mean_lat, mean_lon)


def _cell_of_each_photo(
    leaf: s2.IdArray, minimum: int, maximum: int, start_level: int, finest_level: int
) -> s2.IdArray:
    """The cell that each photo ends in once crowded cells are split; 0 for photos dropped at the first level."""
    cell = s2.parent(leaf, start_level)
    cell[_count_in_cell(cell) <= minimum] = 0
    crowded = np.flatnonzero(cell)
    for level in range(start_level, finest_level):
        crowded = crowded[_count_in_cell(cell[crowded]) > maximum]
        cell[crowded] = s2.parent(leaf[crowded], level + 1)
    return cell


def _count_in_cell(cell: s2.IdArray) -> npt.NDArray[np.int64]:
    """Number of photos in the cell of each photo."""
    _, inverse, count = np.unique(cell, return_inverse=True, return_counts=True)
    return np.asarray(count[inverse], np.int64)


def ancestors(fine: Geocells, coarse: Geocells) -> npt.NDArray[np.int64]:
    """Label of the coarse cell around or equal to each fine cell, ``NOWHERE`` where there is none; ``(J_fine,)``."""
    return coarse.label_of_leaf(fine.ids)


def geocells_partition(cells: Geocells, grid: Grid, *, threads: int = 2, progress: Progress | None = None) -> Partition:
    """The geocells drawn on a grid; labels are S2 tokens. See ``engine.partitions.cell_raster.draw_cells``."""
    return draw_cells(cells.name, cells.ids, cells.tokens, grid, threads=threads, progress=progress)


def blocks_partition(grid: Grid, level: int, *, threads: int = 2, progress: Progress | None = None) -> Partition:
    """The whole Earth cut into the ``6 * 4**level`` S2 cells of one level; labels are tokens, name ``s2_level_<n>``.

    Raises:
        InputError: ``level`` is outside 0 to 8.
    """
    if not 0 <= level <= FINEST_BLOCK_LEVEL:
        raise InputError(f"Blocks of S2 level {level} cannot be drawn; give a level from 0 to {FINEST_BLOCK_LEVEL}.")
    ids = s2.all_cells(level)
    return draw_cells(f"s2_level_{level}", ids, s2.tokens(ids), grid, threads=threads, progress=progress)


def read_geoestimation_csv(path: Path, name: str | None = None) -> Geocells:
    """Geocells from a partition file of GeoEstimation, labels in the file's order.

    The file has two lines of remarks (``num_images: ...``, ``min_concept_probability: ...``; files made by its own
    script have none), then the columns class_label, hex_id, imgs_per_cell, latitude_mean, longitude_mean.

    Args:
        path: the file.
        name: name of the cells; the file's stem unless given.

    Raises:
        InputError: the file cannot be read or is not such a partition.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} cannot be read as text ({error}); give a GeoEstimation partition file."
        ) from error
    header = next((place for place, row in enumerate(rows[:3]) if tuple(row) == _CSV_COLUMNS), None)
    if header is None:
        raise InputError(f"{path.name} has no line {','.join(_CSV_COLUMNS)!r}; give a GeoEstimation partition file.")
    return _cells_of_rows(name or path.stem, path.name, rows[header + 1 :])


def _cells_of_rows(name: str, file_name: str, rows: Sequence[Sequence[str]]) -> Geocells:
    """Geocells of the body of a partition file; InputError names the file."""
    if not rows or any(len(row) != len(_CSV_COLUMNS) for row in rows):
        raise InputError(f"{file_name} is cut off or damaged; every line needs {', '.join(_CSV_COLUMNS)}.")
    labels, texts, counts, latitudes, longitudes = zip(*rows, strict=True)
    try:
        label, count = np.array(labels, np.int64), np.array(counts, np.int64)
        lat, lon = np.array(latitudes, np.float64), np.array(longitudes, np.float64)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{file_name} has a value that is not a number ({error}); give the file as published."
        ) from error
    if not np.array_equal(label, np.arange(label.size)):
        raise InputError(f"{file_name} does not number its cells 0, 1, 2, ...; give the file as it was published.")
    if not ((count >= 0).all() and (np.abs(lat) <= 90.0).all() and (np.abs(lon) <= 180.0).all()):
        raise InputError(f"{file_name} has a negative count or a mean point off the globe; give the file as published.")
    return Geocells(name, s2.from_tokens(texts), count, lat, lon)
