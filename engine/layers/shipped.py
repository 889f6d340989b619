"""The partitions that evidence speaks of: countries, climate, elevation, relief, distance to the coast, time zones.

They ship with the project, on a lattice of 2 arc-minutes, and are drawn on any grid. All of them call the same pixels
land: those with any land in the 30-arc-second mask. Made by ``assets/scripts/build_evidence.py``.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError, LayerError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.assets_folder import assets_path
from engine.layers.guard import open_dataset
from engine.layers.raster import pixels_at
from engine.partitions.partition import NOWHERE, Partition, RowSource
from engine.typing import FloatArray, IntArray

TABLE = "evidence_partitions"
"""Name on record of the file of labels, titles and edges."""

BAND_PIXELS = 6_000_000
"""Pixels of the raster held at once while it is drawn on a coarser grid."""

Numbers = npt.NDArray[np.int16]


@dataclass(frozen=True)
class ShippedPartition:
    """A partition that ships, before it is drawn on a grid.

    Attributes:
        name: ``"countries"``, ``"climate"``, ``"elevation"``, ``"relief"``, ``"coast_distance"`` or ``"time_zones"``.
        title: a few words for people.
        labels: of the partition; ISO 3166 alpha-2, Koeppen codes, bands, IANA names.
        titles: one per label, readable: ``"Germany"``, ``"1,000 to 1,500 m"``.
        edges: where labels are bands their edges in ascending order, one more than labels; negative below the sea, or
            at sea for ``coast_distance``; else empty.
        unit: of the edges, ``"m"`` or ``"km"``; else empty.
        homes: latitude and longitude of a central pixel of each label, ``(label, 2)`` degrees.
        sea_labels: numbers of the labels that lie at sea; a coarser pixel with any land takes none of them.
        path: the raster of label numbers.
        sha256: of the raster, as on record.
        licence: of the data.
        origin: what it was made from.
        caveat: what it is not.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    titles: tuple[str, ...]
    edges: tuple[float, ...]
    unit: str
    homes: tuple[tuple[float, float], ...]
    sea_labels: tuple[int, ...]
    path: Path
    sha256: str
    licence: str
    origin: str
    caveat: str

    @property
    def digest(self) -> str:
        """Of its content: raster, labels and edges."""
        return hashlib.sha256(json.dumps([self.sha256, self.labels, self.edges]).encode()).hexdigest()

    def on(self, grid: Grid) -> RowSource:
        """The partition on a grid.

        A pixel inside one pixel of the raster takes its label. A larger one takes the label that most of it has,
        labels on land before those at sea, the lower number on a tie; a label that is lost in this way takes the pixel
        at its middle, or gives its probability to who is there if two want the same.

        Raises:
            LayerError: the raster is missing or does not match its record.
        """
        builtin.layer_path(f"evidence_{self.name}")
        with open_dataset(self.path) as dataset:
            rows, columns = dataset.height, dataset.width
        if grid.rows >= rows and grid.columns >= columns:
            return LabelRows(self.name, self.labels, grid, self.path)
        return _coarse(self, grid)

    def labels_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Numbers:
        """Label number at each point ``(n,)`` in degrees at the raster's own resolution, -1 where there is none.

        Raises:
            LayerError: the raster is missing or damaged.
        """
        points = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
        with open_dataset(self.path) as dataset:
            return _numbers(pixels_at(dataset, *points), len(self.labels), self.path)


@cache
def shipped_partitions() -> tuple[ShippedPartition, ...]:
    """The partitions that ship; reads records only.

    Raises:
        LayerError: a record is missing or damaged.
    """
    try:
        tables = json.loads(builtin.layer_path(TABLE).read_text("utf-8"))
        return tuple(_partition_of(table) for table in tables)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LayerError(
            f"The labels of the evidence layers cannot be read ({type(error).__name__}); install the project again."
        ) from error


def shipped_partition(name: str) -> ShippedPartition:
    """The partition of this name.

    Raises:
        InputError: none has it.
    """
    known = {each.name: each for each in shipped_partitions()}
    if name not in known:
        raise InputError(f"There is no evidence layer {name!r}; the names are {', '.join(known)}.")
    return known[name]


def _partition_of(table: dict[str, Any]) -> ShippedPartition:
    entry = builtin.record(f"evidence_{table['name']}")
    return ShippedPartition(
        name=table["name"],
        title=entry.title,
        labels=tuple(table["labels"]),
        titles=tuple(table["titles"]),
        edges=tuple(table["edges"]),
        unit=table["unit"],
        homes=tuple((latitude, longitude) for latitude, longitude in table["homes"]),
        sea_labels=tuple(table["sea_labels"]),
        path=assets_path(entry.file),
        sha256=entry.sha256,
        licence="; ".join(dict.fromkeys(entry.licences)),
        origin="; ".join(entry.sources),
        caveat=entry.caveat,
    )


@dataclass(frozen=True, eq=False)
class LabelRows:
    """A raster of label numbers as a ``RowSource`` on a grid that is at least as fine; for several threads at once.

    Attributes:
        name, labels, grid: as in ``Partition``.
        path: the raster.
    """

    name: str
    labels: tuple[str, ...]
    grid: Grid
    path: Path

    @property
    def owner(self) -> IntArray:
        """Every label owns itself: no pixel of the raster is smaller than one of the grid."""
        return np.arange(len(self.labels), dtype=np.int64)

    def rows(self, start: int, stop: int) -> Numbers:
        """Label numbers of some rows of the grid, ``NOWHERE`` where there is none.

        Raises:
            LayerError: the raster is missing or damaged.
        """
        with open_dataset(self.path) as dataset:
            rows = _samples(start, stop, self.grid.rows, dataset.height)
            columns = _samples(0, self.grid.columns, self.grid.columns, dataset.width)
            source = dataset.read(1, window=((rows[0], rows[-1] + 1), (0, dataset.width)))
        return _numbers(source[rows - rows[0]][:, columns], len(self.labels), self.path)


def _samples(start: int, stop: int, count: int, size: int) -> IntArray:
    """Raster row (or column) of the centres of ``count`` equal steps, ``start`` to ``stop - 1``; exact in integers."""
    return (2 * np.arange(start, stop, dtype=np.int64) + 1) * size // (2 * count)


def _numbers(source: npt.NDArray[Any], labels: int, path: Path) -> Numbers:
    """Values of the raster as label numbers; the highest value of its type is no label."""
    nothing = np.iinfo(source.dtype).max
    strange = (source >= labels) & (source != nothing)
    if strange.any():
        raise LayerError(
            f"The layer {path.name} holds the value {source[strange][0]}, expected were 0 to {labels - 1}; "
            "install the project again."
        )
    numbers = source.astype(np.int16)
    numbers[source == nothing] = NOWHERE
    return numbers


def _coarse(partition: ShippedPartition, grid: Grid) -> Partition:
    """A partition on a grid that is coarser in some direction, drawn at once: such grids are small."""
    raster = np.empty(grid.shape, np.int16)
    at_sea = np.zeros(len(partition.labels), bool)
    at_sea[list(partition.sea_labels)] = True
    for rows, samples in _sample_rows(partition, grid):
        raster[rows] = most_common(samples, at_sea).reshape(-1, grid.columns)
    owner = _rescue(raster, partition.homes, grid)
    return Partition(partition.name, partition.labels, grid, raster, owner)


def _sample_rows(partition: ShippedPartition, grid: Grid) -> Iterator[tuple[slice, Numbers]]:
    """Grid rows, some at a time, and the label numbers inside each of their pixels ``(pixels, samples)``."""
    with open_dataset(partition.path) as dataset:
        tall, wide = -(-dataset.height // grid.rows), -(-dataset.width // grid.columns)
        columns = _samples(0, grid.columns * wide, grid.columns * wide, dataset.width)
        step = max(1, BAND_PIXELS // (tall * columns.size))
        for start in range(0, grid.rows, step):
            stop = min(start + step, grid.rows)
            rows = _samples(start * tall, stop * tall, grid.rows * tall, dataset.height)
            source = dataset.read(1, window=((rows[0], rows[-1] + 1), (0, dataset.width)))
            picked = _numbers(source[rows - rows[0]][:, columns], len(partition.labels), partition.path)
            blocks = picked.reshape(stop - start, tall, grid.columns, wide).swapaxes(1, 2)
            yield slice(start, stop), blocks.reshape(-1, tall * wide)


def most_common(samples: Numbers, at_sea: npt.NDArray[np.bool_]) -> Numbers:
    """The label that most samples of each pixel have.

    Args:
        samples: ``(pixels, samples)``, ``NOWHERE`` where there is no label.
        at_sea: ``(labels,)`` labels that count only in pixels without any other.

    Returns:
        ``(pixels,)``; the lower number on a tie, ``NOWHERE`` where no sample has a label.
    """
    found = samples[:, 0].copy()
    mixed = np.flatnonzero((samples != found[:, None]).any(1))
    if mixed.size == 0:
        return found
    found[mixed] = NOWHERE
    pixel, sample = np.nonzero(samples[mixed] != NOWHERE)
    label = samples[mixed[pixel], sample].astype(np.int64)
    ashore = np.zeros(mixed.size, bool)
    ashore[pixel[~at_sea[label]]] = True
    counted = ~(at_sea[label] & ashore[pixel])
    key, votes = np.unique(pixel[counted] * at_sea.size + label[counted], return_counts=True)
    place = key // at_sea.size
    order = np.lexsort((key, -votes, place))
    best = order[np.unique(place[order], return_index=True)[1]]
    found[mixed[place[best]]] = (key % at_sea.size)[best]
    return found


def _rescue(raster: Numbers, homes: tuple[tuple[float, float], ...], grid: Grid) -> IntArray:
    """Give each label without a pixel the one at its home, unless that is somebody's last; who owns each label."""
    owner = np.arange(len(homes), dtype=np.int64)
    count = np.bincount(raster.reshape(-1) - NOWHERE, minlength=len(homes) + 1)
    place: FloatArray = np.array(homes)
    pixels = grid.pixel_of(place[:, 0], place[:, 1])
    flat = raster.reshape(-1)
    for label in np.flatnonzero(count[1:] == 0).tolist():
        there = int(flat[pixels[label]])
        if there == NOWHERE or count[there + 1] > 1:
            count[there + 1] -= 1
            count[label + 1] += 1
            flat[pixels[label]] = label
        else:
            owner[label] = there
    return owner
