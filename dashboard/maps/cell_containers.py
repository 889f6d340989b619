"""The cells of an overlay for the browser: ids of the pixels in tiles, and which cells each overview tile meets.

Made once for an overlay, kept beside it on disk. An overlay that a drawn shape has cut is its root's container and a
small patch: the spans of the shape, the inner cells, and the overview tiles that changed.
"""

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from dashboard.maps.containers import SMALL, Container, pack, planes
from engine.files import write_bytes
from engine.partitions.overlay import Overlay, PixelCells
from engine.partitions.split_raster import SplitRaster
from engine.partitions.split_tile_index import SplitTiles, pairs_in_tiles
from engine.partitions.storage.block_raster import CellRaster
from engine.partitions.tile_index import TileIndex
from engine.progress import Report

FORMAT = 1
"""Raised whenever what is stored changes; older files are then made again."""
TILE, APRON = 540, 4
"""Pixels along a tile, and those of its neighbors around it, for outlines across its edge."""
THREADS = 4


@dataclass(frozen=True, eq=False)
class CellContainers:
    """An overlay for the browser: its root, and what cuts changed."""

    root: Container
    patch: Container | None = None


def cell_containers(overlay: Overlay, report: Report | None = None) -> CellContainers:
    """The containers of an overlay: remembered, read from its folder, or made (some seconds on the default grid)."""
    if overlay not in _KEPT:
        _KEPT[overlay] = CellContainers(_root(overlay, report), _patch(overlay))
    return _KEPT[overlay]


def cells_are_ready(overlay: Overlay) -> bool:
    """Whether the containers of an overlay can be had at once: of one that was cut, the patch is made in a moment."""
    tiles = overlay.tiles.root if isinstance(overlay.tiles, SplitTiles) else overlay.tiles
    path = _path(_uncut(overlay.pixel_cell))
    return tiles in _ROOTS or (path is not None and path.is_file())


_KEPT: "WeakKeyDictionary[Overlay, CellContainers]" = WeakKeyDictionary()
_ROOTS: "WeakKeyDictionary[TileIndex, Container]" = WeakKeyDictionary()


def _root(overlay: Overlay, report: Report | None) -> Container:
    if not isinstance(overlay.tiles, SplitTiles):
        return _kept_root(overlay.tiles, overlay.pixel_cell, overlay.area_km2, report, keep=True)
    # The areas of cut cells add up but for the last bit; the patch has the exact ones, so this stays off the disk.
    areas = np.bincount(overlay.tiles.root_cell, overlay.area_km2).astype(np.float64)
    return _kept_root(overlay.tiles.root, overlay.pixel_cell, areas, report, keep=False)


def _kept_root(
    tiles: TileIndex, cells: PixelCells, areas: npt.NDArray[np.float64], report: Report | None, *, keep: bool
) -> Container:
    if tiles not in _ROOTS:
        raster = _uncut(cells)
        path = _path(raster)
        stored = _read(path) if path is not None else None
        if stored is None:
            stored = encode_cells(raster, tiles, areas, report)
            if keep and path is not None:
                _write(path, stored)
        _ROOTS[tiles] = stored
    return _ROOTS[tiles]


def _uncut(raster: PixelCells) -> npt.NDArray[np.int32] | CellRaster:
    while isinstance(raster, SplitRaster):
        raster = raster.base
    return raster


def _path(raster: npt.NDArray[np.int32] | CellRaster) -> Path | None:
    """The file beside a raster that lies on disk."""
    if isinstance(raster, CellRaster):
        return raster.path.parent / f"browser-{FORMAT}.map"
    name = getattr(raster, "filename", None)
    return Path(str(name)).parent / f"browser-{FORMAT}.map" if name else None


def _read(path: Path) -> Container | None:
    if not path.is_file():
        return None
    data = path.read_bytes()
    return Container(data[8:], int.from_bytes(data[:8], "little"))


def _write(path: Path, made: Container) -> None:
    """Store the container; a folder that cannot be written costs only the time to compute it again."""
    with suppress(OSError):
        write_bytes(path, made.head.to_bytes(8, "little") + made.data)


def encode_cells(
    raster: npt.NDArray[np.int32] | CellRaster,
    tiles: TileIndex,
    areas: npt.NDArray[np.float64],
    report: Report | None = None,
) -> Container:
    """The container of an overlay that was never cut.

    Args:
        raster: ``(rows, columns)`` the cell of each pixel.
        tiles: which cells meet which overview tile.
        areas: ``(cells,)`` km2 of each cell.
        report: told how far it is.
    """
    cells = int(tiles.counts.size)
    encoded = _encoded_tiles(raster, report)
    (rows, columns), (height, width) = raster.shape, tiles.shape
    center_rows = (np.arange(height) * 2 + 1) * (rows // height) // 2
    center_columns = (np.arange(width) * 2 + 1) * (columns // width) // 2
    centers = np.stack([np.asarray(raster[row : row + 1, :])[0, center_columns] for row in center_rows])
    of_tile, two, start, members = _sets(tiles, cells)
    meta = {
        "kind": "cells", "rows": rows, "columns": columns, "tile": TILE, "apron": APRON, "cells": cells,
        "lattice": [height, width],
    }  # fmt: skip
    lengths = np.array([len(each) for each in encoded], np.uint32)
    return pack(
        meta,
        {
            "area_km2": (areas, "f64"),
            "set_of_tile": (of_tile, "u24"),
            "center_cell": (centers, "u24"),
            "set_two": (two, "u24"),
            "set_start": (start, "u32"),
            "set_cell": (members, "u24"),
            "tile_bytes": (lengths, "u32"),
        },
        {"tiles": encoded},
    )


def _encoded_tiles(raster: npt.NDArray[np.int32] | CellRaster, report: Report | None) -> list[bytes]:
    rows, columns = raster.shape
    corners = [(top, left) for top in range(0, rows, TILE) for left in range(0, columns, TILE)]
    found: list[bytes] = []
    with ThreadPoolExecutor(min(os.cpu_count() or 1, THREADS)) as pool:
        for data in pool.map(lambda corner: _encoded_tile(raster, *corner), corners):
            found.append(data)
            if report is not None:
                report("Preparing the cells of the map", len(found) / len(corners))
    return found


def _encoded_tile(raster: npt.NDArray[np.int32] | CellRaster, top: int, left: int) -> bytes:
    """A tile with its apron; it goes on around the Earth, and repeats its last row at a pole."""
    rows, columns = raster.shape
    side = np.arange(-APRON, TILE + APRON)
    row, column = np.clip(top + side, 0, rows - 1), (left + side) % columns
    band = np.asarray(raster[int(row[0]) : int(row[-1]) + 1, :])
    return zlib.compress(planes(band[row - row[0]][:, column], "u24"), SMALL)


def _sets(tiles: TileIndex, cells: int) -> tuple[npt.NDArray[Any], ...]:
    """The sets of cells that tiles meet: each alone, every two, then those of more, as in ``TileIndex``.

    Returns:
        The set of each tile; the first cells of all pairs, then the second ones; where the larger sets begin; the cells
        of these.
    """
    count, first, cell = np.diff(tiles.start), tiles.start[:-1], tiles.cell.astype(np.int64)
    of_tile = cell[first]
    pairs = np.flatnonzero(count == 2)
    key, of_tile[pairs] = np.unique(of_tile[pairs] * cells + cell[first[pairs] + 1], return_inverse=True)
    of_tile[pairs] += cells
    more = np.flatnonzero(count > 2)
    of_tile[more] = cells + key.size + np.arange(more.size)
    start = np.concatenate([[0], np.cumsum(count[more])])
    inside = np.repeat(first[more] - start[:-1], count[more]) + np.arange(int(start[-1]))
    return of_tile, np.concatenate([key // cells, key % cells]), start, cell[inside]


def _patch(overlay: Overlay) -> Container | None:
    """What the cuts of an overlay change in its root's container; None for one that was never cut."""
    if not isinstance(overlay.tiles, SplitTiles) or not isinstance(overlay.pixel_cell, SplitRaster):
        return None
    tiles, root_cells = overlay.tiles, int(overlay.tiles.root.counts.size)
    changed = np.unique(np.concatenate([tiles.root_cell[root_cells:], np.arange(root_cells, overlay.cells)]))
    arrays: dict[str, tuple[npt.NDArray[Any], Any]] = {
        "area_cell": (changed, "u24"),
        "area_km2": (overlay.area_km2[changed], "f64"),
    }
    cuts = _cuts(overlay.pixel_cell)
    for number, cut in enumerate(cuts):
        renumbered = np.flatnonzero(cut.inner != np.arange(cut.inner.size))
        arrays |= {
            f"cut{number}_start": (cut.spans.start, "u32"),
            f"cut{number}_stop": (cut.spans.stop, "u32"),
            f"cut{number}_from": (renumbered, "u24"),
            f"cut{number}_to": (cut.inner[renumbered], "u24"),
        }
    arrays |= _altered(overlay, tiles)
    return pack({"kind": "patch", "cells": overlay.cells, "cuts": len(cuts)}, arrays, level=1)


def _cuts(raster: SplitRaster) -> list[SplitRaster]:
    """The cuts of a raster, the first one first."""
    found = [raster]
    while isinstance(found[-1].base, SplitRaster):
        found.append(found[-1].base)
    return found[::-1]


def _altered(overlay: Overlay, tiles: SplitTiles) -> dict[str, tuple[npt.NDArray[Any], Any]]:
    """The overview tiles whose cells changed, with their cells now."""
    tile = np.unique(np.concatenate([tiles.root.tile[tiles.changed], tiles.added.tile])).astype(np.int64)
    pairs = pairs_in_tiles(tiles, tile)
    order = np.argsort(pairs.tile, kind="stable")
    count = np.bincount(np.searchsorted(tile, pairs.tile), minlength=tile.size)
    start = np.concatenate([[0], np.cumsum(count)])
    (height, width), (rows, columns) = tiles.shape, overlay.grid.shape
    row, column = np.divmod(tile, width)
    row, column = (row * 2 + 1) * (rows // height) // 2, (column * 2 + 1) * (columns // width) // 2
    center = overlay.pixel_cell[row, column] if tile.size else np.empty(0, np.int64)
    return {
        "altered_tile": (tile, "u24"),
        "altered_start": (start, "u32"),
        "altered_cell": (pairs.cell[order], "u24"),
        "altered_center": (np.asarray(center), "u24"),
    }
