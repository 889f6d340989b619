"""Rasters of the published size and synthetic content, for benchmarks: the built-in layers with detail down to a pixel.

The land is that of the Earth; detail finer than the built-in layers is noise that is
smooth over a few pixels, so that blocks are as mixed as in the published rasters and files are small.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.layers import builtin, lccs
from engine.progress import Report

SEA = -2147483647
"""LandScan's no-data value."""

_BAND = 180  # rows written at once; a whole number of built-in pixels at 30 arc-seconds and finer

Numbers = npt.NDArray[Any]


def write_population(path: Path, rows: int = 21600, report: Report | None = None) -> None:
    """A raster like LandScan Global, int32, ``rows`` x ``2 * rows``: a multiple or a divisor of 5400."""
    coarse = builtin.population(_coarse(rows)).raster

    def people(bucket: Numbers, rng: np.random.Generator) -> Numbers:
        detail = _smooth(rng, bucket.shape, 3)  # a third of the squares is one bucket up or down
        exponent = np.float32(1.3) * np.clip(bucket + np.float32(1.5) * detail - np.float32(0.25), 0, 4)
        dense = np.power(np.float32(10), exponent).astype(np.int32)
        dense[(bucket == 0) & (detail > 0.3) & (detail < 0.8)] = 0
        return np.where(bucket < 0, np.int32(SEA), dense)

    _write(path, coarse, rows, "int32", SEA, people, report)


def write_land_cover(path: Path, rows: int = 64800, report: Report | None = None) -> None:
    """A raster like ESA-CCI Land Cover, uint8, ``rows`` x ``2 * rows``: a multiple or a divisor of 5400."""
    coarse = builtin.land_cover(_coarse(rows)).raster
    first = np.array([some[0] for some in lccs.MERGED.values()], np.uint8)
    neighbour = np.array([130, 12, 60, 10, 50, 130, 210], np.uint8)  # of another class, but for the sea

    def cover(classes: Numbers, rng: np.random.Generator) -> Numbers:
        return np.where(_smooth(rng, classes.shape, 6) < 0.85, first[classes], neighbour[classes])

    _write(path, coarse, rows, "uint8", None, cover, report)


def _coarse(rows: int) -> Grid:
    return Grid(min(rows, builtin.ROWS), 2 * min(rows, builtin.ROWS))


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], step: int) -> npt.NDArray[np.float32]:
    """Random numbers from 0 to 1 that are equal over squares of ``step`` pixels."""
    squares = rng.random((-(-shape[0] // step), -(-shape[1] // step)), np.float32)
    return squares.repeat(step, 0)[: shape[0]].repeat(step, 1)[:, : shape[1]]


def _write(
    path: Path,
    coarse: Numbers,
    rows: int,
    kind: str,
    no_data: int | None,
    fill: Callable[[Numbers, np.random.Generator], Numbers],
    report: Report | None,
) -> None:
    """Write band by band; the noise of a band depends only on its position."""
    import rasterio
    from rasterio.transform import from_origin

    finer, band = rows // coarse.shape[0], min(_BAND, rows)
    profile = {"driver": "GTiff", "height": rows, "width": 2 * rows, "count": 1, "dtype": kind, "nodata": no_data}
    place = {"crs": "EPSG:4326", "transform": from_origin(-180.0, 90.0, 180.0 / rows, 180.0 / rows)}
    strips = {"compress": "deflate", "zlevel": 1, "num_threads": "ALL_CPUS", "bigtiff": "IF_SAFER"}
    with rasterio.open(path, "w", **profile, **place, **strips, blockysize=min(30, band)) as dataset:
        for top in range(0, rows, band):
            bottom = min(top + band, rows)
            block = coarse[top // finer : -(-bottom // finer)].repeat(finer, 0)[top % finer :][: bottom - top]
            values = fill(block.repeat(finer, 1), np.random.default_rng(top))
            dataset.write(values, 1, window=((top, bottom), (0, 2 * rows)))
            if report is not None:
                report(f"Writing {path.name}", bottom / rows)
