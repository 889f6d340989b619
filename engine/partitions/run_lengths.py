"""The common refinement computed on runs of equal pixels, one band of rows at a time.

Neighbouring pixels of a row mostly agree in every partition. A *run* is a sequence of such pixels within one tile of
the display lattice; numbering, areas, centres and the tile index then cost one step per run, not per pixel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.partitions.partition import NOWHERE, RowSource
from engine.partitions.tile_index import TileBand, TileIndexBuilder
from engine.typing import FloatArray, IntArray

BAND_TILE_ROWS = 12
"""Rows of tiles in a band: 60 rows of the default grid, 240 of the one of 30 arc-seconds."""

LARGEST_TABLE = 30_000_000
"""Entries that the renumbering table of one fold may have, 120 MB; above it a sorted list is used."""

Labels = npt.NDArray[np.signedinteger]

_STRIP_PIXELS = 400_000  # pixels whose labels are compared at once, so that they stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of equal pixels in a band of rows.

    Attributes:
        start, stop: rows of the band.
        columns: columns of the grid.
        first: ``(runs,)`` int64 ascending flat index within the band of the first pixel of each run; no run crosses
            the end of a row.
        labels: ``(runs,)`` label per partition.
    """

    start: int
    stop: int
    columns: int
    first: IntArray
    labels: tuple[Labels, ...]

    @property
    def length(self) -> IntArray:
        """Pixels of each run."""
        return np.diff(self.first, append=(self.stop - self.start) * self.columns)

    def on_pixels(self, values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """A value per run as a value per pixel, ``(stop - start, columns)``."""
        return np.repeat(values, self.length).reshape(self.stop - self.start, self.columns)


@dataclass(frozen=True, eq=False)
class BandRecord:
    """The data of a band, besides its pixels, from which the overlay is assembled.

    Attributes:
        found: per fold the combinations that first occur in this band, ascending.
        cells: ``(n,)`` cells that the band meets, ascending.
        sums: ``(4, n)`` their area in the band and the sums of area times x, y and z of the pixels' directions.
        tiles: pairs of tile and cell.
    """

    found: tuple[IntArray, ...]
    cells: IntArray
    sums: FloatArray
    tiles: TileBand


def bands(grid: Grid, tile_rows: int) -> list[tuple[int, int]]:
    """First row and row after the last of each band, north to south."""
    step = BAND_TILE_ROWS * tile_rows
    return [(start, min(start + step, grid.rows)) for start in range(0, grid.rows, step)]


def find_runs(sources: Sequence[RowSource], start: int, stop: int, tile_columns: int) -> Runs:
    """The runs of a band; draws the rows of every partition. Safe to call from several threads."""
    drawn: list[Labels] = [np.ascontiguousarray(source.rows(start, stop)) for source in sources]
    columns = drawn[0].shape[1]
    step = max(1, _STRIP_PIXELS // columns)
    strips = ([rows[top : top + step] for rows in drawn] for top in range(0, stop - start, step))
    found = [_run_starts(strip, tile_columns) for strip in strips]
    first = np.concatenate([begins + number * step * columns for number, begins in enumerate(found)])
    return Runs(start, stop, columns, first, tuple(rows.reshape(-1)[first] for rows in drawn))


def _run_starts(drawn: Sequence[Labels], tile_columns: int) -> IntArray:
    """Flat indices where a tile begins or a label differs from its western neighbour's."""
    begins = np.zeros(drawn[0].shape, bool)
    for rows in drawn:
        begins[:, 1:] |= rows[:, 1:] != rows[:, :-1]
    begins[:, ::tile_columns] = True
    return np.flatnonzero(begins)


class Fold:
    """Numbers the combinations (cell so far, label) in order of first occurrence.

    A table by combination where it is small; a sorted list of the combinations seen so far where it would be huge, as
    with ten thousand labels on top of forty thousand cells.
    """

    def __init__(self, labels: int, largest_table: int = LARGEST_TABLE) -> None:
        self.width = labels + 1
        self.largest_table = largest_table
        self.number: npt.NDArray[np.int32] | None = np.empty(0, np.int32)
        self.found: list[IntArray] = []
        self.count = 0
        self._known = (np.empty(0, np.int64), np.empty(0, np.int64))

    def apply(self, cells: IntArray, labels: Labels) -> tuple[IntArray, IntArray]:
        """Number of each combination, and the combinations that are new, ascending."""
        key = cells * self.width + (labels.astype(np.int64) - NOWHERE)
        self._reserve(int(key.max()) + 1)
        new = np.unique(key[self._numbers(key) < 0])
        self.add(new)
        return self._numbers(key), new

    def add(self, new: IntArray) -> None:
        """Number the new combinations of a band from an earlier build."""
        numbers = np.arange(self.count, self.count + new.size)
        if new.size:
            self._reserve(int(new.max()) + 1)
            self._remember(new, numbers)
        self.found.append(new)
        self.count += new.size

    def _numbers(self, key: IntArray) -> IntArray:
        """Number of each combination, -1 for those not seen yet."""
        if self.number is not None:
            return np.asarray(self.number[key], np.int64)
        keys, numbers = self._known
        if keys.size == 0:
            return np.full(key.shape, -1, np.int64)
        at = np.minimum(np.searchsorted(keys, key), keys.size - 1)
        return np.where(keys[at] == key, numbers[at], -1)

    def _remember(self, new: IntArray, numbers: IntArray) -> None:
        if self.number is not None:
            self.number[new] = numbers
            return
        keys, known = np.append(self._known[0], new), np.append(self._known[1], numbers)
        order = np.argsort(keys)
        self._known = keys[order], known[order]

    def _reserve(self, size: int) -> None:
        """Grow the table, or switch to the sorted list once it would be too large."""
        if self.number is None or size <= self.number.size:
            return
        if size > self.largest_table:
            met = np.flatnonzero(self.number >= 0)
            self._known = met, self.number[met].astype(np.int64)
            self.number = None
            return
        grown = np.full(min(max(size, 2 * self.number.size), self.largest_table), -1, np.int32)
        grown[: self.number.size] = self.number
        self.number = grown

    def keys(self) -> IntArray:
        """All combinations by their number."""
        return np.concatenate(self.found) if self.found else np.empty(0, np.int64)


class Refinement:
    """The numbering, areas, centres and tiles of all bands so far."""

    def __init__(self, grid: Grid, labels: Sequence[int]) -> None:
        self.grid, self.first_labels = grid, labels[0]
        self.folds = [Fold(count) for count in labels[1:]]
        self.tiles = TileIndexBuilder(grid)
        self.sums = np.zeros((4, 0))
        radians = np.radians(grid.longitudes)
        self._cosines, self._sines = _cumulative_sums(np.cos(radians)), _cumulative_sums(np.sin(radians))

    def add(self, runs: Runs) -> tuple[npt.NDArray[np.int32], BandRecord]:
        """Add the next band; the cell of each of its runs, and the record to store."""
        cells, found = runs.labels[0].astype(np.int64) - NOWHERE, []
        for fold, labels in zip(self.folds, runs.labels[1:], strict=True):
            cells, new = fold.apply(cells, labels)
            found.append(new)
        met, sums = self._sums(runs, cells)
        record = BandRecord(tuple(found), met, sums, self.tiles.band(runs.start, runs.stop, runs.first, cells))
        self._accumulate(record)
        return cells.astype(np.int32), record

    def replay(self, record: BandRecord) -> None:
        """Add a band that an interrupted build completed."""
        for fold, new in zip(self.folds, record.found, strict=True):
            fold.add(new)
        self._accumulate(record)

    def _accumulate(self, record: BandRecord) -> None:
        size = int(record.cells[-1]) + 1
        if size > self.sums.shape[1]:
            self.sums = np.pad(self.sums, ((0, 0), (0, max(size, 2 * self.sums.shape[1]) - self.sums.shape[1])))
        self.sums[:, record.cells] += record.sums
        self.tiles.add(record.tiles)

    def _sums(self, runs: Runs, cells: IntArray) -> tuple[IntArray, FloatArray]:
        """Cells of a band and their ``(4, cells)`` sums."""
        lowest, width = int(cells.min()), int(cells.max() - cells.min()) + 1
        totals = [np.bincount(cells - lowest, weights, width) for weights in self._weights(runs)]
        met = np.flatnonzero(totals[0])
        return np.asarray(met + lowest, np.int64), np.asarray(np.stack(totals)[:, met], np.float64)

    def _weights(self, runs: Runs) -> Iterator[FloatArray]:
        """Area of each run, and its area times x, y and z, one after the other."""
        row, west = np.divmod(runs.first, runs.columns)
        east = west + runs.length
        latitude = np.radians(self.grid.latitudes[runs.start : runs.stop])
        area = self.grid.pixel_area_km2[runs.start : runs.stop]
        yield (east - west) * area[row]
        yield (self._cosines[east] - self._cosines[west]) * (area * np.cos(latitude))[row]
        yield (self._sines[east] - self._sines[west]) * (area * np.cos(latitude))[row]
        yield (east - west) * (area * np.sin(latitude))[row]

    @property
    def count(self) -> int:
        """Number of cells."""
        return self.folds[-1].count if self.folds else self.first_labels + 1

    def totals(self) -> FloatArray:
        """``(4, cells)`` area in km2 and the sums of area times x, y and z."""
        totals = np.zeros((4, self.count))
        known = min(self.count, self.sums.shape[1])
        totals[:, :known] = self.sums[:, :known]
        return totals

    def labels_of_cells(self) -> list[IntArray]:
        """Label of every cell in every partition, in the order of the partitions."""
        cells, labels = np.arange(self.count, dtype=np.int64), []
        for fold in reversed(self.folds):
            cells, label = np.divmod(fold.keys()[cells], fold.width)
            labels.append(label + NOWHERE)
        labels.append(cells + NOWHERE)
        return labels[::-1]


def _cumulative_sums(values: FloatArray) -> FloatArray:
    """Sums of the first n values, for n from 0."""
    return np.concatenate([[0.0], np.cumsum(values)])
