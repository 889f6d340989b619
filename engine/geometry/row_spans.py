"""Sets of pixels as spans along rows: the run-length form of a drawn shape on a grid.

A circle of 5,000 km is four thousand numbers here and twenty million pixels as a mask. Whether a pixel is inside is a
look-up in a sorted list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.typing import IntArray


@dataclass(frozen=True, eq=False)
class Spans:
    """Pixels of a grid as disjoint spans; each lies in one row.

    Attributes:
        grid: the grid.
        start: ``(n,)`` flat index of the first pixel of each span, ascending.
        stop: ``(n,)`` flat index after its last pixel.
    """

    grid: Grid
    start: IntArray
    stop: IntArray

    @classmethod
    def of_rows(cls, grid: Grid, row: IntArray, west: IntArray, east: IntArray) -> "Spans":
        """Spans from columns ``west`` to ``east - 1`` of rows.

        Columns may lie beyond the western or eastern edge of the grid and wrap around; a span covers the row at most
        once, and spans may overlap.
        """
        turned = west % grid.columns
        end = turned + np.minimum(east - west, grid.columns)
        over = np.maximum(end - grid.columns, 0)
        first, last = row * grid.columns + turned, row * grid.columns + np.minimum(end, grid.columns)
        wrapped = over > 0
        first = np.concatenate([first, (row * grid.columns)[wrapped]])
        last = np.concatenate([last, (row * grid.columns + over)[wrapped]])
        return cls(grid, *_merge(first[last > first], last[last > first], grid.columns))

    @property
    def area_km2(self) -> float:
        """Area of all pixels."""
        return float(((self.stop - self.start) * self.grid.pixel_area_km2[self.start // self.grid.columns]).sum())

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return int((self.stop - self.start).sum())

    def contains(self, pixel: IntArray) -> npt.NDArray[np.bool_]:
        """Whether each flat pixel is inside."""
        if self.start.size == 0:
            return np.zeros(np.shape(pixel), np.bool_)
        at = np.searchsorted(self.start, pixel, side="right") - 1
        return np.asarray((at >= 0) & (pixel < self.stop[at]), np.bool_)

    def mask(self, rows: slice, columns: slice) -> npt.NDArray[np.bool_]:
        """The pixels inside, true, on a window of the grid."""
        (top, bottom, row_step), (left, right, step) = rows.indices(self.grid.rows), columns.indices(self.grid.columns)
        steps = np.zeros((max(bottom - top, 0), self.grid.columns + 1), np.int8)
        first, last = np.searchsorted(self.start, [top * self.grid.columns, bottom * self.grid.columns])
        row, west = np.divmod(self.start[first:last], self.grid.columns)
        east = west + self.stop[first:last] - self.start[first:last]
        np.add.at(steps, (row - top, west), 1)
        np.add.at(steps, (row - top, east), -1)
        inside = np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1] > 0
        return np.asarray(inside[::row_step, left:right:step])

    @classmethod
    def union(cls, parts: "Sequence[Spans]") -> "Spans":
        """Union of one or more sets of spans on one grid."""
        start, stop = (np.concatenate([getattr(each, end) for each in parts]) for end in ("start", "stop"))
        return cls(parts[0].grid, *_merge(start, stop, parts[0].grid.columns))

    def tiles(self, shape: tuple[int, int]) -> tuple[IntArray, IntArray]:
        """Tiles of a lattice that lie entirely inside, and those that lie partly inside; both ascending."""
        height, width = self.grid.rows // shape[0], self.grid.columns // shape[1]
        row, west = np.divmod(self.start, self.grid.columns)
        east = west + self.stop - self.start
        if row.size == 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        top = int(row[0]) // height
        rows = int(row[-1]) // height - top + 1
        line = row // height - top
        left, right = int(west.min()) // width, -(-int(east.max()) // width)  # sums are formed between these alone
        size = rows, right - left
        full = _count_covering(line, -(-west // width) - left, east // width - left, size) == height
        met = _count_covering(line, west // width - left, -(-east // width) - left, size) > 0
        met &= ~full
        return _tiles(full, top, left, shape[1]), _tiles(met, top, left, shape[1])


def _tiles(chosen: npt.NDArray[np.bool_], top: int, left: int, columns: int) -> IntArray:
    """Numbers of the tiles that are true on a part of a lattice."""
    row, column = np.divmod(np.flatnonzero(chosen), chosen.shape[1])
    return np.asarray((row + top) * columns + column + left, np.int64)


def _merge(start: IntArray, stop: IntArray, columns: int) -> tuple[IntArray, IntArray]:
    """Spans sorted, and merged where they overlap or touch within a row."""
    order = np.argsort(start, kind="stable")
    start, stop = start[order], stop[order]
    reached = np.maximum.accumulate(stop)
    begins = np.ones(start.size, np.bool_)
    begins[1:] = (start[1:] > reached[:-1]) | ((start[1:] == reached[:-1]) & (start[1:] % columns == 0))
    first = np.flatnonzero(begins)
    last = np.append(first[1:], start.size) - 1
    return start[first], reached[last] if first.size else stop


def _count_covering(line: IntArray, west: IntArray, east: IntArray, shape: tuple[int, int]) -> npt.NDArray[np.int16]:
    """Number of spans ``west`` to ``east - 1`` of lines that cover each node of a lattice."""
    some = east > west
    line, west, east = line[some], west[some], east[some]
    steps = np.zeros((shape[0], shape[1] + 1), np.int16)
    np.add.at(steps, (line, west), 1)
    np.add.at(steps, (line, east), -1)
    return np.cumsum(steps, axis=1, dtype=np.int16)[:, :-1]
