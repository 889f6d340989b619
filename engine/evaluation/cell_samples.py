"""Sample points of the cells of an overlay: the centre of each cell, and random points over its area.

Computed in one pass over the grid in row blocks and cached in the user's cache folder: 39,000 cells of 58 million
pixels take a few seconds.
"""

import hashlib
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.files import atomic_path
from engine.geometry.grid import Grid
from engine.geometry.sphere import unit_vectors
from engine.partitions.overlay import Overlay
from engine.paths import cache_folder
from engine.typing import FloatArray, IntArray

SAMPLES = 32
"""Average number of sample pixels per cell; a cell of fewer pixels is represented by all of them."""
BLOCK_PIXELS = 2_000_000
FORMAT = 1
KEEP_PIXELS = 5_000_000
"""Samples of grids with at least so many pixels are cached on disk; smaller grids are fast to sample again."""


@dataclass(frozen=True, eq=False)
class CellSamples:
    """Points of every cell.

    Attributes:
        grid: the grid.
        anchor: ``(cells,)`` flat pixel nearest the centre of each cell: the top-1 location.
        start: ``(cells + 1,)`` samples of cell c are ``start[c]:start[c + 1]``.
        pixel: ``(samples,)`` flat pixel of each sample.
    """

    grid: Grid
    anchor: IntArray
    start: IntArray
    pixel: IntArray = field(repr=False)

    @cached_property
    def anchor_point(self) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes in degrees of the anchors, ``(cells,)`` each."""
        return self.grid.point_of(self.anchor)

    @cached_property
    def vector(self) -> npt.NDArray[np.float32]:
        """``(samples, 3)`` unit vectors."""
        return unit_vectors(*self.grid.point_of(self.pixel)).astype(np.float32)

    @cached_property
    def cell(self) -> IntArray:
        """``(samples,)`` cell of each sample."""
        return np.repeat(np.arange(self.anchor.size), np.diff(self.start))

    @cached_property
    def center(self) -> FloatArray:
        """``(cells, 3)`` unit vectors of the anchors."""
        return unit_vectors(*self.anchor_point)

    @cached_property
    def radius_km(self) -> FloatArray:
        """``(cells,)`` greatest distance of a sample from the anchor, at least half a pixel."""
        chord = np.linalg.norm(self.vector - self.center[self.cell], axis=1)
        farthest = np.zeros(self.anchor.size)
        np.maximum.at(farthest, self.cell, chord)
        pixel_km = 6371.0088 * np.radians(self.grid.latitude_step)
        return np.asarray(np.maximum(2 * 6371.0088 * np.arcsin(np.clip(farthest / 2, 0, 1)), pixel_km / 2), np.float64)


def cell_samples(overlay: Overlay, cache: Path | None = None) -> CellSamples:
    """The points of an overlay's cells, read from the cache or computed and cached."""
    if overlay.grid.pixels < KEEP_PIXELS:
        return find_cell_samples(overlay)
    digest = hashlib.sha256(f"{FORMAT} {SAMPLES} {overlay.grid.shape}".encode())
    digest.update(overlay.area_km2.tobytes())
    digest.update(overlay.center.tobytes())
    path = (cache or cache_folder()) / f"cell-samples-{digest.hexdigest()[:16]}.npz"
    try:
        with np.load(path) as cached:
            return CellSamples(overlay.grid, cached["anchor"], cached["start"], cached["pixel"].astype(np.int64))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        found = find_cell_samples(overlay)
        _write_cache(path, found)
        return found


def _write_cache(path: Path, found: CellSamples) -> None:
    """Store the samples; a cache that cannot be written is no error."""
    with suppress(OSError), atomic_path(path, sync=False) as temporary, temporary.open("wb") as file:
        np.savez(file, anchor=found.anchor, start=found.start, pixel=found.pixel.astype(np.int32))


def find_cell_samples(overlay: Overlay, seed: int = 0) -> CellSamples:
    """One pass over the grid: the pixel nearest each cell's centre, and a random sample of each cell's pixels."""
    sampler = _Sampler(overlay, seed)
    step = max(BLOCK_PIXELS // overlay.grid.columns, 1)
    for start in range(0, overlay.grid.rows, step):
        sampler.add(start, min(start + step, overlay.grid.rows))
    return sampler.finish()


class _Sampler:
    def __init__(self, overlay: Overlay, seed: int) -> None:
        self.overlay, self.rng = overlay, np.random.default_rng(seed)
        self.best = np.full(overlay.cells, -np.inf)
        self.anchor = np.zeros(overlay.cells, np.int64)
        self.cells: list[IntArray] = []
        self.pixels: list[IntArray] = []

    def add(self, start: int, stop: int) -> None:
        grid = self.overlay.grid
        cell = np.asarray(self.overlay.pixel_cell[start:stop]).reshape(-1)
        self._anchors(start, stop, cell)
        pixel_area = np.repeat(grid.pixel_area_km2[start:stop], grid.columns)
        share = SAMPLES * pixel_area / self.overlay.area_km2[cell]
        sampled = np.flatnonzero(self.rng.random(cell.size, np.float32) < share)
        self.cells.append(cell[sampled].astype(np.int64))
        self.pixels.append(sampled + start * grid.columns)

    def _anchors(self, start: int, stop: int, cell: npt.NDArray[np.int32]) -> None:
        towards = self._cosines(start, stop, cell)
        before = self.best.copy()
        np.maximum.at(self.best, cell, towards)
        at_best = np.flatnonzero((towards == self.best[cell]) & (towards > before[cell]))[::-1]
        self.anchor[cell[at_best]] = at_best + start * self.overlay.grid.columns  # the last, that is first, pixel wins

    def _cosines(self, start: int, stop: int, cell: npt.NDArray[np.int32]) -> FloatArray:
        """Cosine of the angle between each pixel and the centre of its cell."""
        grid, center = self.overlay.grid, self.overlay.unit_center
        phi, lam = np.radians(grid.latitudes[start:stop]), np.radians(grid.longitudes)
        x = np.multiply.outer(np.cos(phi), np.cos(lam)).reshape(-1)
        y = np.multiply.outer(np.cos(phi), np.sin(lam)).reshape(-1)
        z = np.repeat(np.sin(phi), grid.columns)
        return np.asarray(x * center[cell, 0] + y * center[cell, 1] + z * center[cell, 2], np.float64)

    def finish(self) -> CellSamples:
        cells, pixels = np.concatenate(self.cells), np.concatenate(self.pixels)
        without = np.flatnonzero(np.bincount(cells, minlength=self.overlay.cells) == 0)
        cells, pixels = np.concatenate([cells, without]), np.concatenate([pixels, self.anchor[without]])
        order = np.argsort(cells, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=self.overlay.cells))])
        return CellSamples(self.overlay.grid, self.anchor, start, pixels[order])
