"""COG and GeoTIFF as tiles, through rio-tiler: windows, overviews and reprojection are its business.

Only files on this machine: GDAL can open addresses, archives and VRTs that point anywhere, so the file is opened by us,
with the GeoTIFF driver alone, and handed over open.
"""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import InputError, LayerError
from engine.geometry.web_mercator import LATITUDE_LIMIT, Tile
from engine.tile_search.imagery import DECODING, Bounds, Pixels, SourceRecord, TileError
from engine.tile_search.sources.mbtiles import file_digest

if TYPE_CHECKING:
    from engine.typing import FloatArray

TILE_PIXELS = 256
ENVIRONMENT = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_NUM_THREADS": "1"}
"""No look at neighbouring files, no side-car files."""


class Cog:
    """A ``.tif`` with a place on Earth as a tile source."""

    def __init__(self, path: Path) -> None:
        """Open the file and measure it.

        Raises:
            LayerError: it is missing, no GeoTIFF, damaged, or has no place on Earth.
        """
        import rasterio
        from rasterio.errors import RasterioError

        if not path.is_file():
            raise LayerError(f"There is no raster {path}; check the path.")
        self._path, self._lock = path, threading.Lock()
        try:
            with rasterio.Env(**ENVIRONMENT):
                self._dataset = rasterio.open(path.resolve(), driver="GTiff")
        except RasterioError as error:
            raise LayerError(f"{path.name} is not a readable GeoTIFF; convert it to one or copy it again.") from error
        try:
            self._reader = _reader(path, self._dataset)
            self._low, self._high = _range(self._dataset)
            self._record = _record(path, self._reader)
        except LayerError:
            self._dataset.close()
            raise

    @property
    def record(self) -> SourceRecord:
        """What the raster is."""
        return self._record

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile; see ``TileSource``."""
        import rasterio
        from rasterio.errors import RasterioError
        from rio_tiler.errors import RioTilerError, TileOutsideBounds

        try:
            with self._lock, DECODING, warnings.catch_warnings(), rasterio.Env(**ENVIRONMENT):
                warnings.simplefilter("ignore", UserWarning)  # rasters that reach the poles are cut, as they should be
                found = self._reader.tile(tile.x, tile.y, tile.z, tilesize=TILE_PIXELS)
        except TileOutsideBounds:
            return None
        except (RasterioError, RioTilerError, OSError, ValueError) as error:
            raise TileError(f"Tile {tile.path} of {self._path.name} cannot be read; copy the file again.") from error
        there = np.asarray(found.mask) > 0
        if not there.any():
            return None
        return _rgb(np.ma.getdata(found.data), there, self._low, self._high)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._dataset.close()


def _reader(path: Path, dataset: Any) -> Any:
    from rio_tiler.errors import NoOverviewWarning, RioTilerError
    from rio_tiler.io import Reader

    if dataset.crs is None:
        raise LayerError(f"{path.name} has no place on Earth; give it a coordinate system first.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NoOverviewWarning)  # said in the record's note
            return Reader(str(path), dataset=dataset)
    except (RioTilerError, ValueError) as error:
        raise LayerError(f"{path.name} has a coordinate system that cannot be used; reproject it.") from error


def _record(path: Path, reader: Any) -> SourceRecord:
    from rasterio.crs import CRS
    from rasterio.errors import RasterioError

    try:
        west, south, east, north = reader.get_geographic_bounds(CRS.from_epsg(4326))
        limit = LATITUDE_LIMIT
        bounds = Bounds(max(south, -limit), max(west, -180.0), min(north, limit), min(east, 180.0))
        deepest = min(max(int(reader.maxzoom), 0), 20)
    except (RasterioError, ValueError, InputError) as error:
        raise LayerError(f"{path.name} lies beyond the web map's square or nowhere; reproject it.") from error
    return SourceRecord(
        name=f"cog-{file_digest(path)}",
        title=path.stem[:100],
        attribution=f"{path.stem[:100]} (your own file)",
        terms="Your own file; you answer for its terms.",
        max_zoom=deepest,
        bounds=bounds,
        parallel=1,
        note="" if reader.dataset.overviews(1) else "It has no overviews, so coarse tiles are slow to read.",
    )


def _range(dataset: Any) -> tuple[float, float]:
    """Values that become black and white: all of them for 8 bits, else the middle 96 % of a small picture of it."""
    if dataset.dtypes[0] == "uint8":
        return 0.0, 255.0
    side = max(dataset.width, dataset.height)
    shape = (max(dataset.height * 512 // side, 1), max(dataset.width * 512 // side, 1))
    small = dataset.read(1, out_shape=shape, masked=True)
    values = np.asarray(small.compressed(), np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(values, [2, 98]))
    return low, high if high > low else low + 1.0


def _rgb(data: FloatArray, there: Any, low: float, high: float) -> Pixels:
    """``(bands, H, W)`` of any type as ``(H, W, 3)`` uint8; where there is nothing, white."""
    bands = data[:3] if data.shape[0] >= 3 else np.repeat(data[:1], 3, axis=0)
    scaled = np.nan_to_num((bands.astype(np.float32) - low) * (255.0 / (high - low)), nan=255.0)
    pixels = np.clip(np.round(scaled), 0, 255).astype(np.uint8).transpose(1, 2, 0).copy()
    pixels[~there] = 255
    return np.asarray(pixels, np.uint8)
