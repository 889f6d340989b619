"""Writes an overlay's pixels as compressed blocks, so that a killed build resumes where it stopped.

Every finished band has a small record file, written after its blocks; anything after the last complete band is
truncated and built again.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from engine.files import atomic_path
from engine.geometry.grid import Grid
from engine.partitions.run_lengths import BAND_TILE_ROWS, BandRecord, Runs
from engine.partitions.storage.block_raster import LARGEST_BLOCK, BlockIndex, CellRaster, encode_rows
from engine.partitions.tile_index import TileBand, TileIndexBuilder, largest_divisor

BLOCKS_FILE = "pixel_cell.blocks"
_BANDS, _PLAN = "bands", "plan.json"

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class EncodedBand:
    """The blocks of a band: bytes one after the other, and their index."""

    payload: bytes
    index: BlockIndex


def block_shape(grid: Grid) -> tuple[int, int]:
    """Rows and columns of a block: whole tiles of the display lattice, at most 256 pixels along an edge."""
    tiles = TileIndexBuilder(grid)
    tall = tiles.tile_rows * largest_divisor(BAND_TILE_ROWS, max(LARGEST_BLOCK // tiles.tile_rows, 1))
    wide = tiles.tile_columns * largest_divisor(tiles.shape[1], max(LARGEST_BLOCK // tiles.tile_columns, 1))
    return tall, wide


class BlockSink:
    """A ``PixelSink`` in a folder that outlives the process.

    Args:
        folder: created if absent; emptied if it holds a build of another kind.
        grid: the grid.
        kind: version that must be equal for a build to be resumed, for instance the format.
    """

    def __init__(self, folder: Path, grid: Grid, kind: int) -> None:
        self.folder, self.grid, self.block = folder, grid, block_shape(grid)
        self._indices: list[BlockIndex] = []
        plan = json.dumps({"grid": grid.shape, "kind": kind, "block": self.block})
        if not (folder / _PLAN).is_file() or (folder / _PLAN).read_text(encoding="utf-8") != plan:
            shutil.rmtree(folder, ignore_errors=True)
            (folder / _BANDS).mkdir(parents=True)
            (folder / _PLAN).write_text(plan, encoding="utf-8")
        (folder / BLOCKS_FILE).touch()

    def finished(self) -> Iterator[BandRecord]:
        """Records of the complete bands, from the north on; truncates anything after them."""
        complete = list(self._complete_bands())
        self._indices = [index for index, _ in complete]
        for path in self._band_files()[len(complete) :]:
            path.unlink()
        with (self.folder / BLOCKS_FILE).open("r+b") as file:
            file.truncate(sum(int(index.length.sum()) for index in self._indices))
        for _, record in complete:
            yield record

    def encode(self, runs: Runs, cells: npt.NDArray[np.int32]) -> EncodedBand:
        """The blocks of a band."""
        pixels = runs.on_pixels(cells)
        blocks = [
            encode_rows(pixels[top : top + self.block[0]], self.block[1])
            for top in range(0, pixels.shape[0], self.block[0])
        ]
        payload = b"".join(each for payloads, _ in blocks for each in payloads)
        return EncodedBand(payload, _concatenate([index for _, index in blocks]))

    def append(self, encoded: object, record: BandRecord) -> None:
        """Write the blocks, then the record file that marks them complete."""
        assert isinstance(encoded, EncodedBand)  # noqa: S101 - the result of this class's encode
        with (self.folder / BLOCKS_FILE).open("ab") as file:
            file.write(encoded.payload)
        arrays = {
            "length": encoded.index.length,
            "palette": encoded.index.palette,
            "only": encoded.index.only,
            "cells": record.cells,
            "sums": record.sums,
            "tile_cell": record.tiles.cell,
            "tile_area_km2": record.tiles.area_km2,
            "tile_count": record.tiles.count,
            **{f"found_{number}": new for number, new in enumerate(record.found)},
        }
        path = self._band_path(len(self._indices))
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # the stub mistakes the names for allow_pickle
        self._indices.append(encoded.index)

    def pixel_cell(self) -> CellRaster:
        """A raster that reads the blocks."""
        return CellRaster(self.folder / BLOCKS_FILE, self.grid.shape, self.block, self.index())

    def index(self) -> BlockIndex:
        """The index of all blocks."""
        return _concatenate(self._indices)

    def drop_bands(self) -> None:
        """Remove the files of the bands once the overlay is stored as a whole."""
        shutil.rmtree(self.folder / _BANDS, ignore_errors=True)
        (self.folder / _PLAN).unlink(missing_ok=True)

    def _band_path(self, number: int) -> Path:
        return self.folder / _BANDS / f"{number:05d}.npz"

    def _band_files(self) -> list[Path]:
        return sorted((self.folder / _BANDS).glob("*.npz"))

    def _complete_bands(self) -> Iterator[tuple[BlockIndex, BandRecord]]:
        remaining = (self.folder / BLOCKS_FILE).stat().st_size
        for number, path in enumerate(self._band_files()):
            band = _read_band(path) if path == self._band_path(number) else None
            if band is None or (remaining := remaining - int(band[0].length.sum())) < 0:
                return
            yield band


def _read_band(path: Path) -> tuple[BlockIndex, BandRecord] | None:
    """Index and record of a band, or None where its file is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays: Arrays = {name: archive[name] for name in archive.files}
        found = tuple(arrays[f"found_{n}"] for n in range(sum(name.startswith("found_") for name in arrays)))
        tiles = TileBand(arrays["tile_cell"], arrays["tile_area_km2"], arrays["tile_count"])
        index = BlockIndex(arrays["length"], arrays["palette"], arrays["only"])
        return index, BandRecord(found, arrays["cells"], arrays["sums"], tiles)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _concatenate(indices: list[BlockIndex]) -> BlockIndex:
    return BlockIndex(
        np.concatenate([index.length for index in indices]),
        np.concatenate([index.palette for index in indices]),
        np.concatenate([index.only for index in indices]),
    )
