"""Splits the cells of an overlay along a shape, exact to the pixel, at a cost that grows with the outline only.

A cell that straddles the outline keeps its number for the part outside; the part inside becomes a new *inner cell*,
numbered after all others. The stored pixel raster does not change: ``SplitRaster`` maps cells to inner cells on access.
Only tiles that the outline crosses, and the tiles of the cells that it crosses, are read.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.geometry.row_spans import Spans
from engine.partitions.overlay import Overlay
from engine.partitions.refine import SplitTable
from engine.partitions.split_raster import SplitRaster
from engine.partitions.split_tile_index import Change, Pairs, is_single_cell, pairs_in_tiles, split_tiles, tile_mask
from engine.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Split:
    """An overlay split along a shape.

    Attributes:
        overlay: the cells under their old numbers, followed by the inner cells.
        parent: ``(cells,)`` number of the original cell that each cell is part of.
        inside: ``(cells,)`` whether each cell lies in the shape; every cell is entirely inside or outside.
    """

    overlay: Overlay
    parent: IntArray
    inside: BoolArray


def split(overlay: Overlay, spans: Spans) -> Split:
    """The overlay split so that no cell lies both inside and outside a shape."""
    full, mixed = spans.tiles(overlay.tiles.shape)
    in_full, in_mixed = pairs_in_tiles(overlay.tiles, full), pairs_in_tiles(overlay.tiles, mixed)
    edge = _pixels_in_tiles(overlay, mixed, spans)
    inside, outside = _sides(overlay, in_full, in_mixed, edge)
    cut = np.flatnonzero(inside & outside)
    parent = np.concatenate([np.arange(overlay.cells, dtype=np.int64), cut])
    lies_inside = np.concatenate([inside & ~outside, np.ones(cut.size, np.bool_)])
    if cut.size == 0:
        return Split(overlay, parent, lies_inside)
    inner = np.arange(overlay.cells, dtype=np.int32)
    inner[cut] = overlay.cells + np.arange(cut.size, dtype=np.int32)
    moved = in_full.select(inner[in_full.cell] != in_full.cell)
    area, center = _split_areas(overlay, moved, edge, cut, inner)
    tiles = split_tiles(overlay.tiles, parent, _change(overlay, moved, in_mixed, edge, inner), area)
    tables = tuple(SplitTable(table, cut) for table in overlay.tables)
    raster = SplitRaster(overlay.pixel_cell, spans, inner, parent)
    return Split(Overlay(overlay.grid, tables, area, center, raster, tiles), parent, lies_inside)


@dataclass(frozen=True, eq=False)
class _Pixels:
    """Some pixels: their flat index, cell, and whether they lie in the shape."""

    pixel: IntArray
    cell: IntArray
    inside: BoolArray


def _pixels_in_tiles(overlay: Overlay, tiles: IntArray, spans: Spans | None) -> _Pixels:
    """All pixels of some tiles; without a shape, all count as inside."""
    pixel = overlay.tiles.pixels_of_tiles(tiles, overlay.grid)
    row, column = np.divmod(pixel, overlay.grid.columns)
    cell = np.asarray(overlay.pixel_cell[row, column], np.int64) if pixel.size else np.empty(0, np.int64)
    inside = np.ones(pixel.size, np.bool_) if spans is None else spans.contains(pixel)
    return _Pixels(pixel, cell, inside)


def _sides(overlay: Overlay, in_full: Pairs, in_mixed: Pairs, edge: _Pixels) -> tuple[BoolArray, BoolArray]:
    """Whether each cell has pixels inside the shape, and outside."""
    full = np.bincount(in_full.cell, minlength=overlay.cells)
    met = full + np.bincount(in_mixed.cell, minlength=overlay.cells)
    inside, outside = full > 0, met < overlay.tiles.counts
    inside[edge.cell[edge.inside]] = True
    outside[edge.cell[~edge.inside]] = True
    return inside, outside


def _split_areas(
    overlay: Overlay, moved: Pairs, edge: _Pixels, cut: IntArray, inner: npt.NDArray[np.int32]
) -> tuple[FloatArray, FloatArray]:
    """Areas and centres of all cells: sums over the inner parts, subtracted from the original cells.

    Tiles of a single cell are summed as a whole, all others by their pixels.
    """
    alone = is_single_cell(overlay.tiles, moved.tile)
    shared = tile_mask(overlay.tiles.shape, moved.tile[~alone])
    whole = moved.select(alone)
    sums = _sum_by_number(_tile_sums(overlay, whole.tile), inner[whole.cell] - overlay.cells, cut.size)
    for some in (edge, _pixels_in_tiles(overlay, np.flatnonzero(shared), None)):
        here = some.inside & (inner[some.cell] != some.cell)
        sums += _sum_by_number(
            _pixel_sums(overlay.grid, some.pixel[here]), inner[some.cell[here]] - overlay.cells, cut.size
        )
    area, center = np.concatenate([overlay.area_km2, sums[0]]), np.concatenate([overlay.center, sums[1:].T])
    area[cut] -= sums[0]
    center[cut] -= sums[1:].T
    return area, center


Sums = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _pixel_sums(grid: Grid, pixel: IntArray) -> Sums:
    """Area, and area times x, y and z, of each pixel."""
    row, column = np.divmod(pixel, grid.columns)
    phi, lam = np.radians(grid.latitudes), np.radians(grid.longitudes)
    area = grid.pixel_area_km2
    flat = (area * np.cos(phi))[row]
    return area[row], flat * np.cos(lam)[column], flat * np.sin(lam)[column], (area * np.sin(phi))[row]


def _tile_sums(overlay: Overlay, tile: IntArray | npt.NDArray[np.int32]) -> Sums:
    """The same for whole tiles: sums over rows times sums over columns."""
    grid, (rows, columns) = overlay.grid, overlay.tiles.shape
    phi, lam = np.radians(grid.latitudes), np.radians(grid.longitudes)
    area, wide = grid.pixel_area_km2, grid.columns // columns
    by_row = [weights.reshape(rows, -1).sum(axis=1) for weights in (area, area * np.cos(phi), area * np.sin(phi))]
    east, north = (weights.reshape(columns, -1).sum(axis=1) for weights in (np.cos(lam), np.sin(lam)))
    row, column = np.divmod(tile, columns)
    flat = by_row[1][row]
    return by_row[0][row] * wide, flat * east[column], flat * north[column], by_row[2][row] * wide


def _sum_by_number(sums: Sums, number: npt.NDArray[np.int32], count: int) -> FloatArray:
    """``(4, count)`` totals by number."""
    return np.stack([np.bincount(number, each, count) for each in sums]).astype(np.float64)  # int where empty


def _change(overlay: Overlay, moved: Pairs, in_mixed: Pairs, edge: _Pixels, inner: npt.NDArray[np.int32]) -> Change:
    """The changes to the tile index: pairs inside move to inner cells, pairs that the outline crosses are divided."""
    affected = in_mixed.select(inner[in_mixed.cell] != in_mixed.cell)
    key = affected.tile.astype(np.int64) * overlay.cells + affected.cell
    order = np.argsort(key)
    affected = affected.select(order)
    tile = overlay.tiles.tile_of_pixels(edge.pixel, overlay.grid)
    cut = inner[edge.cell] != edge.cell
    place = np.searchsorted(key[order], (tile * overlay.cells + edge.cell)[cut])
    within = edge.inside[cut]
    area = np.bincount(place[within], overlay.grid.area_of(edge.pixel[cut][within]), key.size)
    left = np.bincount(place[~within], minlength=key.size) > 0
    whole, part = affected.select((area > 0) & ~left), affected.select((area > 0) & left)
    return Change(
        np.concatenate([moved.number, whole.number]),
        inner[np.concatenate([moved.cell, whole.cell])].astype(np.int64),
        part,
        inner[part.cell].astype(np.int64),
        area[(area > 0) & left].astype(np.float64),
    )
