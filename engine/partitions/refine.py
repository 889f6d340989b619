"""Refines an overlay by further partitions; every new cell has a parent in the base overlay.

The base overlay's own pixel raster is one of the label sources, so that its partitions are not drawn again. See
``split`` for splitting cells along a drawn shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.partitions.cell_rows import SharedLattice, cell_rows
from engine.partitions.overlay import Overlay, PartitionTable, PixelSink, Progress, build_overlay
from engine.partitions.partition import LabelRaster, RowSource
from engine.typing import FloatArray, IntArray

_BASE = "base cells"


@dataclass(frozen=True, eq=False)
class CellSource:
    """The cells of an overlay as a ``RowSource``."""

    overlay: Overlay
    name: str = _BASE

    @property
    def labels(self) -> tuple[str, ...]:
        """One empty text per cell; only the cell numbers matter."""
        return ("",) * self.overlay.cells

    @property
    def grid(self) -> Grid:
        """Grid of the overlay."""
        return self.overlay.grid

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Every cell owns itself."""
        return np.arange(self.overlay.cells, dtype=np.int64)

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Cell of each pixel."""
        return np.asarray(self.overlay.pixel_cell[start:stop, :], np.int32)


@dataclass(frozen=True, eq=False)
class ChildBlocks:
    """S2 cells of one level numbered within their ancestors of another: 4 labels per level between them.

    On an overlay that has the ancestors as a partition this cuts as finely as the cells themselves would, and the
    refinement has 16 labels to number instead of 24,576.
    """

    name: str
    blocks: RowSource
    children: int

    @classmethod
    def of(cls, grid: Grid, level: int, ancestors: int) -> "ChildBlocks":
        """The cells of ``level`` within those of level ``ancestors``."""
        ids = s2.all_cells(level)
        blocks = cell_rows(f"s2_level_{level}", ids, s2.tokens(ids), SharedLattice.of(grid))
        return cls(f"s2_level_{level}_in_{ancestors}", blocks, 4 ** (level - ancestors))

    @property
    def labels(self) -> tuple[str, ...]:
        """The numbers as text."""
        return tuple(str(number) for number in range(self.children))

    @property
    def grid(self) -> Grid:
        """Grid of the blocks."""
        return self.blocks.grid

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Every number owns itself."""
        return np.arange(self.children, dtype=np.int64)

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Number of each pixel's block within its ancestor."""
        return (self.blocks.rows(start, stop) % self.children).astype(np.int8)


@dataclass(frozen=True, eq=False)
class Refined:
    """A refined overlay.

    Attributes:
        overlay: the overlay with the base's partitions, then the further ones.
        parent: ``(cells,)`` the base cell that each cell is part of.
    """

    overlay: Overlay
    parent: IntArray


def refine(
    base: Overlay,
    sources: Sequence[RowSource],
    progress: Progress | None = None,
    pixel_cell: npt.NDArray[np.int32] | PixelSink | None = None,
    helpers: Sequence[RowSource] = (),
) -> Refined:
    """The common refinement of an overlay and further partitions of its grid.

    Args:
        base: the overlay to cut.
        sources: partitions to add.
        progress: called with the share done.
        pixel_cell: as for ``build_overlay``.
        helpers: partitions that cut cells but are not part of the result.

    Raises:
        InputError: a name is used twice, or a partition lies on another grid.
    """
    finer = build_overlay([CellSource(base), *sources, *helpers], progress, pixel_cell)
    added = finer.tables[1 : 1 + len(sources)]
    parent = finer.tables[0].cell_label.astype(np.int64)
    tables = (*(_refine_table(table, parent) for table in base.tables), *added)
    whole = Overlay(finer.grid, tables, finer.area_km2, finer.center, finer.pixel_cell, finer.tiles)
    return Refined(whole, parent)


def _refine_table(table: PartitionTable, parent: IntArray) -> PartitionTable:
    """The table of a base overlay for the cells of its refinement."""
    return PartitionTable(table.name, table.labels, table.owner, table.cell_label[parent], table.area_km2)


class SplitTable(PartitionTable):
    """The table of a split overlay: the original labels, then those of the inner cells; concatenated on first use.

    An overlay has ten tables, and queries on a split overlay seldom need more than two.
    """

    before: PartitionTable
    cut: IntArray

    def __init__(self, before: PartitionTable, cut: IntArray) -> None:
        """The table ``before`` extended by the inner cells of the cells ``cut``."""
        own = {"name": before.name, "labels": before.labels, "owner": before.owner, "area_km2": before.area_km2}
        for name, value in {**own, "before": before, "cut": cut}.items():
            object.__setattr__(self, name, value)

    @cached_property
    def cell_label(self) -> npt.NDArray[np.int32]:
        """As in ``PartitionTable``."""
        return np.concatenate([self.before.cell_label, self.before.cell_label[self.cut]])


def share_of_parent(area_km2: FloatArray, parent: IntArray) -> FloatArray:
    """``(cells,)`` share of each cell in its parent's area; sums to 1 per parent."""
    whole = np.bincount(parent, weights=area_km2)
    return np.asarray(area_km2 / whole[parent], np.float64)
