"""Draws S2 cells on a grid: finds the cell that holds the centre of each pixel.

This needs no Hilbert curve and no search: a pixel's face and leaf coordinates (i, j) index a tree of tables. The root
has one entry per cell of level 6, a branch 16 x 16 entries, four levels deeper; an entry is a label, ``NOWHERE``, or a
branch. Most pixels are resolved by the root.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.geometry.s2.lattice import FaceArray, Lattice
from engine.partitions.partition import NOWHERE, LabelRaster, Partition
from engine.typing import BoolArray, Int32Array, IntArray

ROOT_LEVEL, BRANCH_LEVELS = 6, 4
_ROOT_EDGE, _BRANCH_EDGE = 1 << ROOT_LEVEL, 1 << BRANCH_LEVELS
_ROOT_SIZE, _BRANCH_SIZE = 6 * _ROOT_EDGE**2, _BRANCH_EDGE**2
_BLOCK_PIXELS = 160_000  # a row block whose arrays stay in the processor's cache

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class CellTable:
    """The tree of tables of a set of disjoint cells.

    Attributes:
        entries: the root ``(6 * 64 * 64,)`` and after it the branches of 256 entries; a label, ``NOWHERE``, or
            ``-2 - b`` for branch b.
    """

    entries: Int32Array

    @classmethod
    def of(cls, ids: s2.IdArray) -> "CellTable":
        """The table of disjoint cells; the label of a cell is its place in ``ids``."""
        root = np.full((6, _ROOT_EDGE, _ROOT_EDGE), NOWHERE, np.int32)
        branches: list[Int32Array] = []
        columns = (array.tolist() for array in (*s2.cell_face_ij(ids), s2.level_of(ids)))
        for label, (face, i, j, size, level) in enumerate(zip(*columns, strict=True)):
            table, row, column, depth = _descend(root[face], branches, i, j, level)
            width = max(1, size >> (s2.LEAF_LEVEL - depth))
            table[row : row + width, column : column + width] = label
        return cls(np.concatenate([root.ravel(), *(branch.ravel() for branch in branches)]))

    def labels(self, face: FaceArray, i: Int32Array, j: Int32Array) -> Int32Array:
        """Label of each leaf cell, ``NOWHERE`` outside all cells; arrays of one shape."""
        shift = s2.LEAF_LEVEL - ROOT_LEVEL
        index = (face.astype(np.int64) << (2 * ROOT_LEVEL)) | ((i >> shift) << ROOT_LEVEL) | (j >> shift)
        found = self.entries[index].ravel()
        deep = np.flatnonzero(found < NOWHERE)
        i, j = i.ravel()[deep], j.ravel()[deep]
        while deep.size:
            shift -= BRANCH_LEVELS
            start = _ROOT_SIZE + (-2 - found[deep]) * _BRANCH_SIZE
            step = self.entries[start + (((i >> shift & 15) << BRANCH_LEVELS) | (j >> shift & 15))]
            found[deep] = step
            deeper = step < NOWHERE
            deep, i, j = deep[deeper], i[deeper], j[deeper]
        return np.asarray(found.reshape(face.shape), np.int32)


def _descend(
    table: Int32Array, branches: list[Int32Array], i: int, j: int, level: int
) -> tuple[Int32Array, int, int, int]:
    """The table that holds a cell, the cell's corner in it, and the table's level; grows branches on the way."""
    depth = ROOT_LEVEL
    corner = i >> (s2.LEAF_LEVEL - depth), j >> (s2.LEAF_LEVEL - depth)
    while level > depth:
        if table[corner] == NOWHERE:
            table[corner] = -2 - len(branches)
            branches.append(np.full((_BRANCH_EDGE, _BRANCH_EDGE), NOWHERE, np.int32))
        table, depth = branches[-2 - int(table[corner])], depth + BRANCH_LEVELS
        corner = i >> (s2.LEAF_LEVEL - depth) & 15, j >> (s2.LEAF_LEVEL - depth) & 15
    return table, *corner, depth


def draw_cells(
    name: str,
    ids: s2.IdArray,
    labels: Sequence[str],
    grid: Grid,
    *,
    threads: int = 2,
    progress: Progress | None = None,
) -> Partition:
    """The partition whose masks are disjoint cells: a pixel belongs to the cell that holds its centre.

    A cell that holds no pixel centre takes the pixel at its own centre when no cell owns that one; otherwise the cell
    that owns that pixel is its owner. Every label ends with an owner that owns pixels.

    Args:
        name: name of the partition.
        ids: disjoint cells, ``(J,)``, one per label.
        labels: ``(J,)`` texts.
        grid: the grid to draw on.
        threads: row blocks drawn at a time; NumPy releases the interpreter lock.
        progress: called in the caller's thread with the share of rows that are done, in (0, 1].
    """
    dtype = np.int16 if len(labels) <= np.iinfo(np.int16).max else np.int32
    raster = np.empty(grid.shape, dtype)
    owns = np.zeros(len(labels) + 1, np.bool_)  # the last entry catches NOWHERE, which is -1
    table, lattice = CellTable.of(ids), Lattice.of(grid.latitudes, grid.longitudes)

    def draw(rows: slice) -> int:
        block = table.labels(*lattice.face_ij(rows))
        raster[rows] = block
        owns[block] = True
        return int(rows.stop)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        for done in pool.map(draw, _row_blocks(grid)):
            if progress is not None:
                progress(done / grid.rows)
    owner = _assign_owners(raster, grid, ids, owns[:-1])
    return Partition(name=name, labels=tuple(labels), grid=grid, raster=raster, owner=owner)


def _row_blocks(grid: Grid) -> list[slice]:
    step = max(1, _BLOCK_PIXELS // grid.columns)
    return [slice(start, min(start + step, grid.rows)) for start in range(0, grid.rows, step)]


def _assign_owners(raster: LabelRaster, grid: Grid, ids: s2.IdArray, owns: BoolArray) -> IntArray:
    """Owners of all labels; assigns unlabelled pixels to cells without a pixel, in ``raster``."""
    owner = np.arange(ids.size, dtype=np.int64)
    lost = np.flatnonzero(~owns)
    flat = raster.reshape(-1)  # a view: the raster is contiguous
    pixel = grid.pixel_of(*s2.cell_centers(ids[lost]))
    free = np.flatnonzero(flat[pixel] == NOWHERE)
    taken, first = np.unique(pixel[free], return_index=True)  # the first of several labels takes the pixel
    flat[taken] = lost[free[first]]
    owner[lost] = flat[pixel]
    return owner
