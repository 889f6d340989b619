"""Cutting the cells of an overlay along a shape, exact to the pixel, at the cost of the shape's outline.

A cell that lies in the shape in part keeps its number outside and gets a twin, numbered behind all others, inside. The
pixels stay where they are kept; who asks for them is told the twins. Only tiles that the outline crosses, and those of
the cells that it crosses, are looked at.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.geometry.row_spans import Spans
from engine.partitions.overlay import Overlay
from engine.partitions.refine import TwinTable
from engine.partitions.split_raster import TwinRaster
from engine.partitions.split_tile_index import Change, Pairs, cut_tiles, marked, pairs_in_tiles, tiles_of_one_cell
from engine.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Split:
    """An overlay cut along a shape.

    Attributes:
        overlay: the cells that were not cut under their old numbers, and the twins behind them.
        parent: ``(cells,)`` the number that each cell, or its outer half, has in both overlays.
        inside: ``(cells,)`` whether each cell lies in the shape; it does entirely or not at all.
    """

    overlay: Overlay
    parent: IntArray
    inside: BoolArray


def split(overlay: Overlay, spans: Spans) -> Split:
    """The overlay in which no cell lies both inside and outside a shape."""
    full, mixed = spans.tiles(overlay.tiles.shape)
    in_full, in_mixed = pairs_in_tiles(overlay.tiles, full), pairs_in_tiles(overlay.tiles, mixed)
    edge = _read(overlay, mixed, spans)
    inside, outside = _sides(overlay, in_full, in_mixed, edge)
    cut = np.flatnonzero(inside & outside)
    parent = np.concatenate([np.arange(overlay.cells, dtype=np.int64), cut])
    lies_inside = np.concatenate([inside & ~outside, np.ones(cut.size, np.bool_)])
    if cut.size == 0:
        return Split(overlay, parent, lies_inside)
    twin = np.arange(overlay.cells, dtype=np.int32)
    twin[cut] = overlay.cells + np.arange(cut.size, dtype=np.int32)
    moved = in_full.some(twin[in_full.cell] != in_full.cell)
    area, center = _halved(overlay, moved, edge, cut, twin)
    tiles = cut_tiles(overlay.tiles, parent, _change(overlay, moved, in_mixed, edge, twin), area)
    tables = tuple(TwinTable(table, cut) for table in overlay.tables)
    raster = TwinRaster(overlay.pixel_cell, spans, twin, parent)
    return Split(Overlay(overlay.grid, tables, area, center, raster, tiles), parent, lies_inside)


@dataclass(frozen=True, eq=False)
class _Pixels:
    """Some pixels: their flat index, cell, and whether they lie in the shape."""

    pixel: IntArray
    cell: IntArray
    inside: BoolArray


def _read(overlay: Overlay, tiles: IntArray, spans: Spans | None) -> _Pixels:
    """All pixels of some tiles; all of them are inside where no shape is given."""
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


def _halved(
    overlay: Overlay, moved: Pairs, edge: _Pixels, cut: IntArray, twin: npt.NDArray[np.int32]
) -> tuple[FloatArray, FloatArray]:
    """Areas and centres of all cells: what lies inside is summed, the rest stays outside.

    A tile that is one cell's alone is summed at once, all others by their pixels.
    """
    alone = tiles_of_one_cell(overlay.tiles, moved.tile)
    shared = marked(overlay.tiles.shape, moved.tile[~alone])
    whole = moved.some(alone)
    sums = _binned(_tile_sums(overlay, whole.tile), twin[whole.cell] - overlay.cells, cut.size)
    for some in (edge, _read(overlay, np.flatnonzero(shared), None)):
        here = some.inside & (twin[some.cell] != some.cell)
        sums += _binned(_pixel_sums(overlay.grid, some.pixel[here]), twin[some.cell[here]] - overlay.cells, cut.size)
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
    """The same of whole tiles: sums over rows times sums over columns."""
    grid, (rows, columns) = overlay.grid, overlay.tiles.shape
    phi, lam = np.radians(grid.latitudes), np.radians(grid.longitudes)
    area, wide = grid.pixel_area_km2, grid.columns // columns
    by_row = [weights.reshape(rows, -1).sum(axis=1) for weights in (area, area * np.cos(phi), area * np.sin(phi))]
    east, north = (weights.reshape(columns, -1).sum(axis=1) for weights in (np.cos(lam), np.sin(lam)))
    row, column = np.divmod(tile, columns)
    flat = by_row[1][row]
    return by_row[0][row] * wide, flat * east[column], flat * north[column], by_row[2][row] * wide


def _binned(sums: Sums, number: npt.NDArray[np.int32], count: int) -> FloatArray:
    """``(4, count)`` totals by number."""
    return np.stack([np.bincount(number, each, count) for each in sums]).astype(np.float64)  # empty ones are whole


def _change(overlay: Overlay, moved: Pairs, in_mixed: Pairs, edge: _Pixels, twin: npt.NDArray[np.int32]) -> Change:
    """What becomes of the pairs: those inside change hands, those that the outline crosses are divided."""
    affected = in_mixed.some(twin[in_mixed.cell] != in_mixed.cell)
    key = affected.tile.astype(np.int64) * overlay.cells + affected.cell
    order = np.argsort(key)
    affected = affected.some(order)
    tile = overlay.tiles.tile_of_pixels(edge.pixel, overlay.grid)
    cut = twin[edge.cell] != edge.cell
    place = np.searchsorted(key[order], (tile * overlay.cells + edge.cell)[cut])
    within = edge.inside[cut]
    area = np.bincount(place[within], overlay.grid.area_of(edge.pixel[cut][within]), key.size)
    left = np.bincount(place[~within], minlength=key.size) > 0
    whole, part = affected.some((area > 0) & ~left), affected.some((area > 0) & left)
    return Change(
        np.concatenate([moved.number, whole.number]),
        twin[np.concatenate([moved.cell, whole.cell])].astype(np.int64),
        part,
        twin[part.cell].astype(np.int64),
        area[(area > 0) & left].astype(np.float64),
    )
