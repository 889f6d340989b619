"""The whole map as a cloud-optimised GeoTIFF: how dense the probability is, and how soon each pixel is reached.

Written window by window, so that memory does not grow with the grid.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from rasterio import shutil as raster_files
from rasterio.crs import CRS
from rasterio.windows import Window

from engine.export.contents import Contents
from engine.inference.ranking import Ranking
from engine.typing import FloatArray

Float32Array = npt.NDArray[np.float32]

BLOCK = 512
"""Side of a tile in pixels."""
WINDOW = 16 * BLOCK
"""Columns that are in memory at once, of so many rows as a tile has."""
CACHE_MB = 64
BANDS = (
    ("Probability density", "1/km2"),
    ("Cumulative probability, highest density first: smallest mass whose region contains the pixel", "1"),
)
TAGGED = ("photo", "region", "pooling", "grid", "floors", "versions", "made_at", "use")
"""Facts that the file repeats as tags; what the predictors said and their licences fill a table elsewhere."""


def write_geotiff(contents: Contents, path: Path) -> None:
    """Two float32 bands on the common grid or on one of fewer pixels, EPSG:4326, tiles of 512, averaged overviews.

    Band 1 is probability per km2, 0 where the map excludes a place. Band 2 is the smallest probability mass whose
    region holds the pixel, NaN (the value for "no data") where the map excludes it. With ``raster_step`` above 1 a
    pixel has the mean density of its area and the lowest band 2 of its parts.
    """
    working = path.with_suffix(".working.tif")
    settings = {"GDAL_CACHEMAX": CACHE_MB, "GDAL_NUM_THREADS": "2", "GDAL_PAM_ENABLED": False}
    with rasterio.Env(**settings):
        with rasterio.open(working, "w", **_profile(contents)) as raster:
            _describe(raster, contents)
            for window, bands in _bands(contents.region.search_map, contents.raster_step):
                raster.write(bands, window=window)
        raster_files.copy(
            working, path, driver="COG", COMPRESS="DEFLATE", BLOCKSIZE=BLOCK, BIGTIFF="IF_SAFER",
            OVERVIEW_RESAMPLING="AVERAGE", OVERVIEWS="IGNORE_EXISTING", NUM_THREADS="2",
        )  # fmt: skip
    working.unlink()


def _profile(contents: Contents) -> dict[str, Any]:
    grid, step = contents.region.overlay.grid, contents.raster_step
    return {
        "driver": "GTiff",
        "width": grid.columns // step,
        "height": grid.rows // step,
        "count": len(BANDS),
        "dtype": "float32",
        "crs": CRS.from_epsg(4326),
        "transform": Affine(grid.longitude_step * step, 0.0, -180.0, 0.0, -grid.latitude_step * step, 90.0),
        "nodata": np.nan,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "interleave": "band",
        "compress": "deflate",
        "zlevel": 1,
        "BIGTIFF": "IF_SAFER",
    }


def _describe(raster: Any, contents: Contents) -> None:
    raster.descriptions = tuple(name for name, _ in BANDS)
    raster.units = tuple(unit for _, unit in BANDS)
    told = {name: text for name, text in contents.parameters() if name.split(".")[0] in TAGGED}
    raster.update_tags(**{f"HEREABOUTS_{name.upper().replace('.', '_')}": text for name, text in told.items()})


def _bands(search_map: Ranking, step: int) -> Iterator[tuple[Window, Float32Array]]:
    """Windows of both bands from the north-west on; each fills whole tiles."""
    overlay = search_map.overlay
    density, reach = search_map.density.astype(np.float32), mass_to_reach(search_map).astype(np.float32)
    for window in _windows(overlay.grid.rows // step, overlay.grid.columns // step):
        (top, bottom), (left, right) = window.toranges()
        rows, columns = slice(top * step, bottom * step), slice(left * step, right * step)
        cells = np.asarray(overlay.pixel_cell[rows, columns])
        mean = _mean(density[cells], overlay.grid.pixel_area_km2[rows], step)
        yield window, np.stack([mean, _lowest(reach[cells], step)])


def _windows(rows: int, columns: int) -> Iterator[Window]:
    for top in range(0, rows, BLOCK):
        for left in range(0, columns, WINDOW):
            yield Window(left, top, min(WINDOW, columns - left), min(BLOCK, rows - top))


def mass_to_reach(search_map: Ranking) -> FloatArray:
    """``(cells,)`` smallest mass whose region holds each cell whole, ties included; NaN where excluded."""
    upto = search_map.count_at_least(search_map.log_density)
    return np.where(np.isfinite(search_map.log_density), search_map.probability_up_to[upto], np.nan)


def _mean(pixels: Float32Array, area: FloatArray, step: int) -> Float32Array:
    """Mean over blocks of ``step`` x ``step`` pixels; ``area`` of one pixel of each row is its weight."""
    if step == 1:
        return pixels
    rows = pixels.reshape(pixels.shape[0] // step, step, -1, step).mean(axis=3, dtype=np.float64)
    share = area.reshape(-1, step) / area.reshape(-1, step).sum(axis=1, keepdims=True)
    return np.asarray((rows * share[:, :, None]).sum(axis=1), np.float32)


def _lowest(pixels: Float32Array, step: int) -> Float32Array:
    """Lowest value in blocks of ``step`` x ``step`` pixels; NaN only where all are."""
    if step == 1:
        return pixels
    rows = np.fmin.reduce(pixels.reshape(pixels.shape[0] // step, step, -1, step), axis=3)
    return np.asarray(np.fmin.reduce(rows, axis=1), np.float32)
