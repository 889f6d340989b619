"""Refines an overlay by further partitions; every new cell has a parent in the base overlay.

The base overlay's own pixel raster is one of the label sources, so that its partitions are not drawn again. See
``split`` for splitting cells along a drawn shape.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.partitions.cell_rows import SharedLattice, cell_rows
from engine.partitions.overlay import Overlay, PartitionTable, PixelSink, Progress, build_overlay
from engine.partitions.partition import NOWHERE, LabelRaster, RowSource
from engine.typing import FloatArray, IntArray

MOST_COMBINATIONS = 130
"""Combinations of labels that several partitions may have together to be numbered as one."""

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


@dataclass(frozen=True, eq=False)
class JointSource:
    """Partitions of few labels as one of their combinations, so that a refinement numbers them in one step.

    Attributes:
        parts: the partitions.
    """

    parts: tuple[RowSource, ...]

    @property
    def name(self) -> str:
        """The names."""
        return " and ".join(part.name for part in self.parts)

    @property
    def labels(self) -> tuple[str, ...]:
        """Those of a part that is alone; else one empty text per combination, since the numbers are what counts."""
        if len(self.parts) == 1:
            return self.parts[0].labels
        return ("",) * math.prod(_width(part) for part in self.parts)

    @property
    def grid(self) -> Grid:
        """That of all parts."""
        return self.parts[0].grid

    @property
    def owner(self) -> IntArray:
        """That of a part that is alone; else every combination owns itself."""
        if len(self.parts) == 1:
            return self.parts[0].owner
        return np.arange(len(self.labels), dtype=np.int64)

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Combination of each pixel."""
        number = self.parts[0].rows(start, stop)
        if len(self.parts) == 1:
            return number
        number = number.astype(np.int16) - np.int16(NOWHERE)
        for part in self.parts[1:]:
            number *= np.int16(_width(part))
            number += part.rows(start, stop).astype(np.int16) - np.int16(NOWHERE)
        return number

    def split(self, overlay: Overlay) -> Iterator[PartitionTable]:
        """The table of each part in an overlay that this source has cut."""
        if len(self.parts) == 1:
            yield overlay.table(self.name)
            return
        number = overlay.table(self.name).cell_label.astype(np.int64)
        for part in reversed(self.parts):
            number, label = np.divmod(number, _width(part))
            cell_label = (label + NOWHERE).astype(np.int32)
            area = np.bincount(label, weights=overlay.area_km2, minlength=_width(part)).astype(np.float64)[1:]
            yield PartitionTable(part.name, part.labels, part.owner, cell_label, area)


def join_sources(sources: Sequence[RowSource]) -> list[JointSource]:
    """Sources in groups of few combinations, those of most labels first.

    Combinations are numbered in tables of cells times labels, so that many labels belong where cells are still few.

    Raises:
        InputError: a name is used twice, or the sources lie on different grids.
    """
    names = [each.name for each in sources]
    if len(set(names)) < len(names):
        raise InputError(f"Two partitions share a name among {', '.join(names)}; rename one of them.")
    if len({each.grid for each in sources}) > 1:
        raise InputError("The partitions lie on different grids; draw all of them on the same grid first.")
    groups: list[list[RowSource]] = []
    for source in sorted(sources, key=_width, reverse=True):
        fitting = (each for each in groups if math.prod(map(_width, each)) * _width(source) <= MOST_COMBINATIONS)
        group = next(fitting, None)
        if group is None:
            groups.append([source])
        else:
            group.append(source)
    return [JointSource(tuple(group)) for group in groups]


def _width(source: RowSource) -> int:
    """Labels and none."""
    return len(source.labels) + 1


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
    joint = join_sources([*sources, *helpers])
    finer = build_overlay([CellSource(base), *joint], progress, pixel_cell)
    found = {table.name: table for each in joint for table in each.split(finer)}
    added = [found[each.name] for each in sources]
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
