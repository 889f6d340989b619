"""The tile index of a split overlay: the original index and the few (tile, cell) pairs that changed.

Copying millions of pairs to add a thousand would dominate the cost of a split.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.partitions.tile_index import TileIndex
from engine.typing import FloatArray, Int32Array, IntArray


@dataclass(frozen=True, eq=False)
class Pairs:
    """Some pairs of tile and cell.

    Attributes:
        number: ``(n,)`` position among the pairs of the original index; pairs added by splits follow.
        tile: ``(n,)``.
        cell: ``(n,)``.
    """

    number: IntArray
    tile: IntArray | Int32Array
    cell: IntArray | Int32Array

    def select(self, chosen: npt.NDArray[np.bool_] | IntArray) -> "Pairs":
        """The pairs of a mask or of indices."""
        return Pairs(self.number[chosen], self.tile[chosen], self.cell[chosen])


@dataclass(frozen=True, eq=False)
class Change:
    """The changes that one split makes to the pairs.

    Attributes:
        moved: ``(m,)`` numbers of pairs that now belong to an inner cell.
        moved_to: ``(m,)`` those inner cells.
        divided: ``(k,)`` pairs that the outline crosses, with their original cell.
        inner: ``(k,)`` the inner cell of each divided pair.
        area_km2: ``(k,)`` its area in the tile.
    """

    moved: IntArray
    moved_to: IntArray
    divided: Pairs
    inner: IntArray
    area_km2: FloatArray


@dataclass(frozen=True, eq=False)
class SplitTiles:
    """A ``TileIndex`` for an overlay that was split.

    Attributes:
        root: the index before any split.
        root_cell: ``(cells,)`` the cell of ``root`` that each cell is a part of.
        changed: ``(m,)`` ascending numbers of pairs of ``root`` that belong to another cell now.
        changed_to: ``(m,)`` those cells.
        added: pairs that splits added.
        added_km2: ``(k,)`` their areas.
        lost: ``(l,)`` ascending numbers of pairs of ``root`` that lost area.
        lost_km2: the area that each of them lost.
        cell_km2: ``(cells,)`` area of each cell.
    """

    root: TileIndex
    root_cell: IntArray
    changed: IntArray
    changed_to: IntArray
    added: Pairs
    added_km2: FloatArray
    lost: IntArray
    lost_km2: FloatArray
    cell_km2: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        """As in ``TileIndex``."""
        return self.root.shape

    def lowest(self, value: Int32Array) -> Int32Array:
        """As in ``TileIndex``."""
        lowest = self.root.lowest(value).reshape(-1)
        tile, start, cell = self._changed_tiles
        if tile.size:
            lowest[tile] = np.minimum.reduceat(value[cell], start)
        return lowest.reshape(self.shape)

    @cached_property
    def _changed_tiles(self) -> tuple[IntArray, IntArray, IntArray]:
        """Tiles whose pairs changed, ascending; where their pairs begin, and the cells of these now."""
        tile = np.flatnonzero(tile_mask(self.shape, self.root.tile[self.changed], self.added.tile))
        pairs = pairs_in_tiles(self, tile)
        order = np.argsort(pairs.tile, kind="stable")
        count = np.bincount(np.searchsorted(tile, pairs.tile), minlength=tile.size)
        return tile, np.cumsum(count) - count, pairs.cell[order].astype(np.int64)

    def total(self, density: FloatArray) -> FloatArray:
        """As in ``TileIndex``."""
        return self.whole.total(density)

    def largest(self, label: Int32Array, labels: int) -> npt.NDArray[np.int16]:
        """As in ``TileIndex``."""
        return self.whole.largest(label, labels)

    def tiles_of(self, cell: int) -> IntArray:
        """As in ``TileIndex``."""
        numbers = self.root.pairs_of(int(self.root_cell[cell]))
        here = self.root.tile[numbers[self.cells_of(numbers) == cell]]
        return np.unique(np.concatenate([here, self.added.tile[self.added.cell == cell]]).astype(np.int64))

    def tile_of_pixels(self, pixels: IntArray, grid: Grid) -> IntArray:
        """As in ``TileIndex``."""
        return self.root.tile_of_pixels(pixels, grid)

    def pixels_of_tiles(self, tiles: IntArray, grid: Grid) -> IntArray:
        """As in ``TileIndex``."""
        return self.root.pixels_of_tiles(tiles, grid)

    def corners(self, tiles: IntArray, grid: Grid) -> IntArray:
        """As in ``TileIndex``."""
        return self.root.corners(tiles, grid)

    @property
    def start(self) -> IntArray:
        """As in ``TileIndex``."""
        return self.whole.start

    @property
    def cell(self) -> Int32Array:
        """As in ``TileIndex``."""
        return self.whole.cell

    @property
    def tile(self) -> Int32Array:
        """As in ``TileIndex``."""
        return self.whole.tile

    @property
    def area_km2(self) -> npt.NDArray[np.float32]:
        """As in ``TileIndex``."""
        return self.whole.area_km2

    @cached_property
    def counts(self) -> IntArray:
        """``(cells,)`` tiles that each cell meets."""
        counts = np.zeros(self.root_cell.size, np.int64)
        counts[: self.root.counts.size] = self.root.counts
        counts -= np.bincount(self.root.cell[self.changed], minlength=counts.size)
        counts += np.bincount(self.changed_to, minlength=counts.size)
        return np.asarray(counts + np.bincount(self.added.cell, minlength=counts.size), np.int64)

    @cached_property
    def whole(self) -> TileIndex:
        """All pairs as an ordinary index."""
        cell, area = self.root.cell.copy(), self.root.area_km2.copy()
        cell[self.changed] = self.changed_to
        area[self.lost] = np.maximum(area[self.lost] - self.lost_km2, 0.0)
        order = np.argsort(self.added.tile, kind="stable")
        where = self.root.start[self.added.tile[order] + 1]
        counts = np.diff(self.root.start) + np.bincount(self.added.tile, minlength=self.root.start.size - 1)
        cell = np.insert(cell, where, self.added.cell[order])
        area = np.insert(area, where, self.added_km2[order])
        scale = self.cell_km2 / np.bincount(cell, area, self.cell_km2.size)
        start = np.concatenate([[0], np.cumsum(counts)])
        return TileIndex(self.shape, start, cell, (area * scale[cell]).astype(np.float32))

    def cells_of(self, numbers: IntArray) -> IntArray:
        """The cell of each pair of ``root`` now."""
        cells = self.root.cell[numbers].astype(np.int64)
        if self.changed.size:
            at = np.minimum(np.searchsorted(self.changed, numbers), self.changed.size - 1)
            cells = np.where(self.changed[at] == numbers, self.changed_to[at], cells)
        return cells


def pairs_in_tiles(tiles: TileIndex | SplitTiles, chosen: IntArray) -> Pairs:
    """All pairs of some tiles, which are ascending."""
    root = tiles if isinstance(tiles, TileIndex) else tiles.root
    begins = np.flatnonzero(np.diff(chosen, prepend=-2) != 1)
    first, last = chosen[begins], chosen[np.append(begins[1:], chosen.size) - 1] if chosen.size else chosen
    length = root.start[last + 1] - root.start[first]
    before = np.cumsum(length) - length
    numbers = np.repeat(root.start[first] - before, length) + np.arange(int(length.sum()))
    tile, cell = root.tile.take(numbers), root.cell.take(numbers)
    if isinstance(tiles, TileIndex):
        return Pairs(numbers, tile, cell)
    at = np.searchsorted(numbers, tiles.changed)
    here = at < numbers.size
    here[here] = numbers[at[here]] == tiles.changed[here]
    cell[at[here]] = tiles.changed_to[here]
    more = tiles.added.select(tile_mask(root.shape, chosen)[tiles.added.tile])
    return _concatenate(Pairs(numbers, tile, cell), more)


def is_single_cell(tiles: TileIndex | SplitTiles, chosen: IntArray | Int32Array) -> npt.NDArray[np.bool_]:
    """Whether each tile meets only one cell."""
    root = tiles if isinstance(tiles, TileIndex) else tiles.root
    alone = np.asarray(root.start[chosen + 1] - root.start[chosen] == 1, np.bool_)
    return alone if isinstance(tiles, TileIndex) else alone & ~tile_mask(root.shape, tiles.added.tile)[chosen]


def tile_mask(shape: tuple[int, int], *tiles: IntArray | Int32Array) -> npt.NDArray[np.bool_]:
    """Mask of some tiles of a lattice; cheaper than sorting them."""
    mark = np.zeros(shape[0] * shape[1], np.bool_)
    for each in tiles:
        mark[each] = True
    return mark


def split_tiles(before: TileIndex | SplitTiles, parent: IntArray, change: Change, cell_km2: FloatArray) -> SplitTiles:
    """The index after a split.

    Args:
        before: the index before the split.
        parent: ``(cells,)`` number of each cell before the split; the original cells come first.
        change: the changes of the split.
        cell_km2: ``(cells,)`` areas after the split.
    """
    old = before if isinstance(before, SplitTiles) else _without_splits(before)
    size = old.root.cell.size
    added, added_km2 = _move_added(old, change), old.added_km2.copy()
    on_root = change.divided.number < size
    np.subtract.at(added_km2, change.divided.number[~on_root] - size, change.area_km2[~on_root])
    numbers = size + added.number.size + np.arange(change.inner.size)
    more = Pairs(numbers, change.divided.tile, change.inner)
    lost, lost_km2 = _sum_by_number(
        np.concatenate([old.lost, change.divided.number[on_root]]),
        np.concatenate([old.lost_km2, change.area_km2[on_root]]),
    )
    moved = change.moved < size
    return SplitTiles(
        old.root,
        np.concatenate([old.root_cell, old.root_cell[parent[old.root_cell.size :]]]),
        *_merge_changes(old, change.moved[moved], change.moved_to[moved]),
        _concatenate(added, more),
        np.concatenate([added_km2, change.area_km2]),
        lost,
        lost_km2,
        cell_km2,
    )


def _without_splits(root: TileIndex) -> SplitTiles:
    none, no_area = np.empty(0, np.int64), np.empty(0)
    cells = np.arange(root.counts.size, dtype=np.int64)
    return SplitTiles(root, cells, none, none, Pairs(none, none, none), no_area, none, no_area, no_area)


def _move_added(old: SplitTiles, change: Change) -> Pairs:
    """The pairs of earlier splits, some of which now belong to a new inner cell."""
    cell, late = old.added.cell.copy(), change.moved >= old.root.cell.size
    cell[change.moved[late] - old.root.cell.size] = change.moved_to[late]
    return Pairs(old.added.number, old.added.tile, cell)


def _merge_changes(old: SplitTiles, moved: IntArray, moved_to: IntArray) -> tuple[IntArray, IntArray]:
    """Changed pairs of the root; the newest change wins."""
    numbers = np.concatenate([moved, old.changed])
    found, first = np.unique(numbers, return_index=True)
    return found, np.concatenate([moved_to, old.changed_to])[first]


def _sum_by_number(numbers: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    found, place = np.unique(numbers, return_inverse=True)
    return found, np.bincount(place, values, found.size).astype(np.float64)


def _concatenate(first: Pairs, second: Pairs) -> Pairs:
    return Pairs(
        np.concatenate([first.number, second.number]),
        np.concatenate([first.tile, second.tile]),
        np.concatenate([first.cell, second.cell]),
    )
