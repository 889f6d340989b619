"""The tile index: the overlay cells that meet each tile of a coarse lattice, for fast drawing and splitting.

The lattice has at most 1080 x 2160 tiles (10 arc-minutes). A map of the Earth then costs one reduction over about
three million (tile, cell) pairs, and the pixels of one cell are found without a scan of the grid. The index has every
pair, however small the cell.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.typing import FloatArray, IntArray

LATTICE_ROWS, LATTICE_COLUMNS = 1080, 2160
"""Largest display lattice; a tile is then 10 arc-minutes."""


def largest_divisor(number: int, bound: int) -> int:
    """The largest divisor of ``number`` that is at most ``bound``."""
    return next(d for d in range(min(number, bound), 0, -1) if number % d == 0)


_LAYERS = 6  # pairs of a crowded tile that are reduced one by one


@dataclass(frozen=True, eq=False)
class _Sets:
    """The sets of cells that tiles meet, so that a reduction over all pairs is one over the sets and a look-up.

    Sets are numbered: every cell alone (most tiles), then every two cells that some tile meets, then the sets of the
    crowded tiles, those of most cells first.

    Attributes:
        of_tile: ``(tiles,)`` the set of each tile.
        two: the two cells of each set of two.
        layers: the first cells of the crowded tiles' sets, their second, their third; the fourth of those that have
            one, and so on.
        rest: the cells that are left, set by set.
        rest_start: where those of each set begin.
    """

    of_tile: IntArray
    two: tuple[IntArray, IntArray]
    layers: tuple[IntArray, ...]
    rest: IntArray
    rest_start: IntArray


@dataclass(frozen=True, eq=False)
class TileIndex:
    """Pairs (tile, cell), sorted by tile.

    Attributes:
        shape: ``(rows, columns)`` of the lattice; tiles are numbered row by row, row 0 north.
        start: ``(tiles + 1,)`` int64; pairs of tile t are ``cell[start[t]:start[t + 1]]``, never empty.
        cell: ``(pairs,)`` int32.
        area_km2: ``(pairs,)`` float32, area of the cell inside the tile; per cell they sum to the cell's area.
    """

    shape: tuple[int, int]
    start: IntArray
    cell: npt.NDArray[np.int32]
    area_km2: npt.NDArray[np.float32]

    @cached_property
    def tile(self) -> npt.NDArray[np.int32]:
        """``(pairs,)`` tile of each pair."""
        return np.repeat(np.arange(self.start.size - 1, dtype=np.int32), np.diff(self.start))

    def lowest(self, value: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The lowest value of the cells in each tile; ``(cells,)`` to ``(rows, columns)``."""
        sets, (one, other), layers = self._sets, self._sets.two, self._sets.layers
        cells, two = self.counts.size, self.counts.size + one.size
        best = np.empty(two + layers[0].size, value.dtype)
        best[:cells] = value[:cells]
        np.minimum(value.take(one, mode="clip"), value.take(other, mode="clip"), out=best[cells:two])
        crowded = best[two:]
        value.take(layers[0], out=crowded, mode="clip")
        for cell in layers[1:]:
            np.minimum(crowded[: cell.size], value.take(cell, mode="clip"), out=crowded[: cell.size])
        if sets.rest.size:
            found = np.minimum.reduceat(value.take(sets.rest, mode="clip"), sets.rest_start)
            np.minimum(crowded[: found.size], found, out=crowded[: found.size])
        return best.take(sets.of_tile, mode="clip").reshape(self.shape)

    @cached_property
    def _sets(self) -> _Sets:
        """Most tiles have one pair or two, and so many reductions of one or two numbers are slow."""
        count, first, cell, cells = np.diff(self.start), self.start[:-1], self.cell.astype(np.int64), self.counts.size
        of_tile = cell[first]
        with_two = np.flatnonzero(count == 2)
        key, of_tile[with_two] = np.unique(of_tile[with_two] * cells + cell[first[with_two] + 1], return_inverse=True)
        of_tile[with_two] += cells
        crowded = np.flatnonzero(count > 2)
        crowded = crowded[np.argsort(-count[crowded], kind="stable")]
        of_tile[crowded] = cells + key.size + np.arange(crowded.size)
        many, first = count[crowded], first[crowded]
        layers = [cell[first[many > number] + number] for number in range(_LAYERS)]
        left = many[many > _LAYERS] - _LAYERS
        begin = np.cumsum(left) - left
        pairs = np.repeat(first[: left.size] + _LAYERS - begin, left) + np.arange(int(left.sum()))
        return _Sets(of_tile, (key // cells, key % cells), tuple(layers), cell[pairs], begin)

    def total(self, density: FloatArray) -> FloatArray:
        """Mass of a density per km2 in each tile; ``(cells,)`` to ``(rows, columns)``."""
        mass = np.add.reduceat(density[self.cell] * self.area_km2, self.start[:-1])
        return np.asarray(mass, np.float64).reshape(self.shape)

    @cached_property
    def _by_cell(self) -> tuple[npt.NDArray[np.int32], IntArray]:
        """Pairs in the order of their cells, and where each cell begins."""
        by_cell = np.argsort(self.cell, kind="stable").astype(np.int32)
        return by_cell, np.concatenate([[0], np.cumsum(self.counts)])

    @cached_property
    def counts(self) -> IntArray:
        """``(cells,)`` tiles that each cell meets."""
        return np.bincount(self.cell)

    def largest(self, label: npt.NDArray[np.int32], labels: int) -> npt.NDArray[np.int16]:
        """The label that covers most of each tile: the layer for display.

        Args:
            label: ``(cells,)`` label of each cell, -1 where none, as ``PartitionTable.cell_label``.
            labels: how many labels there are.

        Returns:
            ``(rows, columns)``; -1 only where no cell of the tile has a label; the lower label on a tie.
        """
        best = np.zeros(self.start.size - 1, np.float32)
        found = np.full(best.size, -1, np.int16)
        label_of_pair = label[self.cell]
        for number in range(labels):
            area = np.add.reduceat(np.where(label_of_pair == number, self.area_km2, np.float32(0)), self.start[:-1])
            better = area > best
            best[better], found[better] = area[better], number
        return found.reshape(self.shape)

    def tiles_of(self, cell: int) -> IntArray:
        """Tiles that a cell meets, ascending."""
        return self.tile[self.pairs_of(cell)].astype(np.int64)

    def pairs_of(self, cell: int) -> IntArray:
        """Numbers of the pairs of a cell, ascending."""
        by_cell, start = self._by_cell
        return by_cell[start[cell] : start[cell + 1]].astype(np.int64)

    def tile_of_pixels(self, pixels: IntArray, grid: Grid) -> IntArray:
        """Tile of each flat pixel index."""
        row, column = np.divmod(pixels, grid.columns)
        height, width = grid.rows // self.shape[0], grid.columns // self.shape[1]
        return np.asarray((row // height) * self.shape[1] + column // width, np.int64)

    def pixels_of_tiles(self, tiles: IntArray, grid: Grid) -> IntArray:
        """Flat indices of all pixels of the tiles."""
        height, width = grid.rows // self.shape[0], grid.columns // self.shape[1]
        row, column = np.divmod(tiles, self.shape[1])
        corner = row * height * grid.columns + column * width
        inside = (np.arange(height)[:, None] * grid.columns + np.arange(width)).reshape(-1)
        return np.asarray((corner[:, None] + inside).reshape(-1), np.int64)

    def corners(self, tiles: IntArray, grid: Grid) -> IntArray:
        """Flat index of the north-western pixel of each tile."""
        height, width = grid.rows // self.shape[0], grid.columns // self.shape[1]
        row, column = np.divmod(tiles, self.shape[1])
        return np.asarray(row * height * grid.columns + column * width, np.int64)


@dataclass(frozen=True, eq=False)
class TileBand:
    """The pairs of a band of tiles.

    Attributes:
        cell: ``(pairs,)`` int32, sorted by tile, then by cell.
        area_km2: ``(pairs,)`` float32, before they are scaled to the cells' exact areas.
        count: ``(tiles,)`` int64 pairs of each tile.
    """

    cell: npt.NDArray[np.int32]
    area_km2: npt.NDArray[np.float32]
    count: IntArray


class TileIndexBuilder:
    """Collects the pairs band by band while the overlay is built."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.shape = largest_divisor(grid.rows, LATTICE_ROWS), largest_divisor(grid.columns, LATTICE_COLUMNS)
        self.tile_rows, self.tile_columns = grid.rows // self.shape[0], grid.columns // self.shape[1]
        self._bands: list[TileBand] = []

    def band(self, start: int, stop: int, first: IntArray, cells: IntArray) -> TileBand:
        """The pairs of rows ``start`` to ``stop - 1``, a whole number of tile rows.

        Args:
            start: first row.
            stop: row after the last.
            first: ``(runs,)`` flat index within the band of the first pixel of each run; no run leaves its tile.
            cells: ``(runs,)`` the cell of each run.
        """
        tiles = (stop - start) // self.tile_rows * self.shape[1]
        row, column = np.divmod(first, self.grid.columns)
        tile = row // self.tile_rows * self.shape[1] + column // self.tile_columns
        length = np.diff(first, append=(stop - start) * self.grid.columns)
        pair, pixels = _sum_by_key(tile * (int(cells.max()) + 1) + cells, length, self.tile_columns)
        pair_tile, cell = np.divmod(pair, int(cells.max()) + 1)
        area = self.grid.pixel_area_km2[start:stop].reshape(-1, self.tile_rows).mean(axis=1)
        areas = (pixels * area[pair_tile // self.shape[1]]).astype(np.float32)
        return TileBand(cell.astype(np.int32), areas, np.bincount(pair_tile, minlength=tiles))

    def add(self, band: TileBand) -> None:
        """Add the next band."""
        self._bands.append(band)

    def finish(self, cell_area_km2: FloatArray) -> TileIndex:
        """The index; pair areas are scaled so that each cell keeps its exact area."""
        cell = np.concatenate([band.cell for band in self._bands])
        area = np.concatenate([band.area_km2 for band in self._bands])
        rough = np.bincount(cell, weights=area, minlength=cell_area_km2.size)
        scale = np.divide(cell_area_km2, rough, out=np.ones_like(rough), where=rough > 0)
        start = np.concatenate([[0], np.cumsum(np.concatenate([band.count for band in self._bands]))])
        return TileIndex(self.shape, start, cell, (area * scale[cell]).astype(np.float32))


def _sum_by_key(key: IntArray, length: IntArray, longest: int) -> tuple[IntArray, IntArray]:
    """Distinct keys, ascending, and the sum of their lengths; one sort of plain numbers, lengths in the low bits."""
    bits = int(longest).bit_length()
    packed = np.sort((key << bits) | length)
    key = packed >> bits
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return key[first], np.add.reduceat(packed & ((1 << bits) - 1), first)
