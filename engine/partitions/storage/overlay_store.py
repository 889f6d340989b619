"""Stores an overlay on disk: one folder, the pixel raster memory-mapped, everything else in one small table file.

A folder appears complete or not at all: it is written under a temporary name, flushed, then renamed. On a large grid
the raster is written as compressed blocks, and a killed build resumes where it stopped.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from filelock import FileLock

from engine.errors import ArtifactError
from engine.geometry.grid import Grid
from engine.partitions.overlay import Overlay, PartitionTable, PixelCells, PixelSink
from engine.partitions.storage.block_raster import BlockIndex, CellRaster
from engine.partitions.storage.block_writer import BLOCKS_FILE, BlockSink, block_shape
from engine.partitions.tile_index import TileIndex

FORMAT = 2
"""Raised whenever what is stored, or how it is computed, changes; older folders are then built again."""

LARGEST_PLAIN_PIXELS = 120_000_000
"""Grids with more pixels are stored as compressed blocks; the default grid, 58 million, is a plain array of 233 MB."""

TABLE_ARRAYS = ("owner", "label", "mask")
"""Names under which the arrays of a partition table are stored, in the order of its fields."""

INDEX_ARRAYS = ("length", "palette", "only")
"""Fields of a ``BlockIndex``, stored under ``block_<field>``."""

Extra = Mapping[str, npt.NDArray[np.float64]]
Raster = npt.NDArray[np.int32] | PixelSink
Build = Callable[[Raster], tuple[Overlay, Extra]]


@dataclass(frozen=True, eq=False)
class StoredOverlay:
    """An overlay with further arrays on its cells, for instance the prior."""

    overlay: Overlay
    extra: Extra


def is_stored(folder: Path) -> bool:
    """Whether a finished overlay lies in a folder; a damaged one counts and is built anew when it is read."""
    return (folder / "overlay.json").is_file()


def load_or_build(folder: Path, build: Build, grid: Grid, compressed: bool | None = None) -> StoredOverlay:
    """The overlay stored in a folder, built first if the folder is absent or damaged.

    ``build`` gets the pixel raster to write into, or on a large grid the sink. Concurrent processes wait
    for one build.

    Raises:
        ArtifactError: the folder cannot be written.
    """
    stored = _load(folder)
    if stored is not None:
        return stored
    make = _build_in_blocks if (grid.pixels > LARGEST_PLAIN_PIXELS if compressed is None else compressed) else _build
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            stored = _load(folder)
            return stored if stored is not None else make(folder, build, grid)
    except OSError as error:
        raise ArtifactError(
            f"The map data cannot be stored in {folder.parent} ({error.strerror or error}); "
            "free some space there or set HEREABOUTS_CACHE to a folder that can be written."
        ) from error


def _build(folder: Path, build: Build, grid: Grid) -> StoredOverlay:
    _remove_orphans(folder)
    temporary = Path(tempfile.mkdtemp(prefix=folder.name + ".part-", dir=folder.parent))
    try:
        raster = np.lib.format.open_memmap(temporary / "pixel_cell.npy", "w+", np.int32, grid.shape)
        overlay, extra = build(raster)
        raster.flush()
        _write_tables(temporary, overlay, extra)
        _replace(folder, temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return _read_back(folder)


def _build_in_blocks(folder: Path, build: Build, grid: Grid) -> StoredOverlay:
    """The same in compressed blocks; finished bands stay on disk if the build is interrupted."""
    sink = BlockSink(folder.parent / (folder.name + ".building"), grid, FORMAT)
    overlay, extra = build(sink)
    if isinstance(overlay.pixel_cell, CellRaster):
        overlay.pixel_cell.close()
    _write_tables(sink.folder, overlay, extra, sink.index())
    sink.drop_bands()
    _replace(folder, sink.folder)
    return _read_back(folder)


def _replace(folder: Path, new: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    new.rename(folder)


def _read_back(folder: Path) -> StoredOverlay:
    stored = _load(folder)
    if stored is None:
        raise ArtifactError(f"The map data in {folder} could not be read back; delete that folder and start again.")
    return stored


def _remove_orphans(folder: Path) -> None:
    """Remove the leftovers of killed builds; the lock is held, so no other process writes there."""
    for orphan in folder.parent.glob(folder.name + ".part-*"):
        shutil.rmtree(orphan, ignore_errors=True)


def _write_tables(folder: Path, overlay: Overlay, extra: Extra, index: BlockIndex | None = None) -> None:
    arrays: dict[str, npt.NDArray[Any]] = {
        "area_km2": overlay.area_km2,
        "center": overlay.center,
        "tile_start": overlay.tiles.start,
        "tile_cell": overlay.tiles.cell,
        "tile_area_km2": overlay.tiles.area_km2,
    }
    for number, table in enumerate(overlay.tables):
        values: tuple[npt.NDArray[Any], ...] = (table.owner, table.cell_label, table.area_km2)
        arrays |= {f"{key}_{number}": value for key, value in zip(TABLE_ARRAYS, values, strict=True)}
    arrays |= {f"extra_{name}": values for name, values in extra.items()}
    if index is not None:
        arrays |= {f"block_{name}": getattr(index, name) for name in INDEX_ARRAYS}
    with (folder / "tables.npz").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # the stub mistakes the names for allow_pickle
        file.flush()
        os.fsync(file.fileno())
    description = {
        "format": FORMAT,
        "grid": overlay.grid.shape,
        "lattice": overlay.tiles.shape,
        "blocks": index is not None,
        "partitions": [{"name": table.name, "labels": table.labels} for table in overlay.tables],
        "extra": sorted(extra),
    }
    (folder / "overlay.json").write_text(json.dumps(description), encoding="utf-8")


def _load(folder: Path) -> StoredOverlay | None:
    """The stored overlay, or None where there is none that can be used."""
    try:
        description = json.loads((folder / "overlay.json").read_text(encoding="utf-8"))
        if description["format"] != FORMAT:
            return None
        # Opened here and not by NumPy, which leaves a damaged file open.
        with (folder / "tables.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return _assemble(description, arrays, _raster(folder, description, arrays))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _raster(folder: Path, description: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> PixelCells:
    if not description["blocks"]:
        plain: npt.NDArray[np.int32] = np.lib.format.open_memmap(folder / "pixel_cell.npy", "r")
        return plain
    grid = Grid(*description["grid"])
    index = BlockIndex(*(arrays[f"block_{name}"] for name in INDEX_ARRAYS))
    return CellRaster(folder / BLOCKS_FILE, grid.shape, block_shape(grid), index)


def _assemble(
    description: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], raster: PixelCells
) -> StoredOverlay:
    grid = Grid(*description["grid"])
    if raster.shape != grid.shape or raster.dtype != np.int32:
        raise ValueError("raster does not fit the grid")
    tables = tuple(
        PartitionTable(entry["name"], tuple(entry["labels"]), *(arrays[f"{key}_{n}"] for key in TABLE_ARRAYS))
        for n, entry in enumerate(description["partitions"])
    )
    tiles = TileIndex(tuple(description["lattice"]), arrays["tile_start"], arrays["tile_cell"], arrays["tile_area_km2"])
    overlay = Overlay(grid, tables, arrays["area_km2"], arrays["center"], raster, tiles)
    return StoredOverlay(overlay, {name: arrays[f"extra_{name}"] for name in description["extra"]})
