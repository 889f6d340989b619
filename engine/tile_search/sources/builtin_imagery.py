"""The base map that ships with the product, cut into tiles: coarse imagery of the whole Earth without a network."""

import threading
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import LayerError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import Tile
from engine.layers.assets_folder import assets_path
from engine.tile_search.imagery import Pixels, SourceRecord
from engine.tile_search.sources.mbtiles import file_digest

TILE_PIXELS = 256
MAX_ZOOM = 6
"""The picture is 4,096 pixels around the equator: sharp at zoom 4, a quarter of that at zoom 6."""
PICTURE = "basemap/blue_marble.webp"


def builtin_record(path: Path | None = None) -> SourceRecord:
    """The record of the built-in imagery; its name changes with the picture, so that no old embedding is taken."""
    return SourceRecord(
        name=f"builtin-{file_digest(path or assets_path(PICTURE))}",
        title="Blue Marble, built in",
        attribution="NASA Blue Marble: Next Generation, NASA Earth Observatory (R. Stoeckli)",
        terms="Public domain.",
        max_zoom=MAX_ZOOM,
        homepage="https://visibleearth.nasa.gov/collection/1484/blue-marble",
        parallel=2,
        note="Ships with the product, needs no network, and ends at zoom 6 (tiles of up to 600 km).",
    )


class BuiltinImagery:
    """NASA Blue Marble as shipped, zooms 0 to 6."""

    def __init__(self, picture: Path | None = None) -> None:
        """Name the picture, equirectangular with 180 W at its left; it is decoded with the first tile.

        Raises:
            LayerError: there is no such file.
        """
        self._path = picture or assets_path(PICTURE)
        self._picture: Pixels | None = None
        self._lock = threading.Lock()
        self.record = builtin_record(self._path)

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile, bilinear; see ``TileSource``."""
        if tile.z > MAX_ZOOM:
            return None
        picture = self._load_picture()
        steps = (np.arange(TILE_PIXELS) + 0.5) / TILE_PIXELS
        latitude = web_mercator.latitude_of_row((tile.y + steps) / 2.0**tile.z)
        rows = (90.0 - latitude) / 180.0 * picture.shape[0] - 0.5
        columns = (tile.x + steps) / 2.0**tile.z * picture.shape[1] - 0.5
        return _bilinear(picture, rows, columns)

    def close(self) -> None:
        """Forget the picture."""
        self._picture = None

    def _load_picture(self) -> Pixels:
        with self._lock:
            if self._picture is None:
                self._picture = _open_picture(self._path)
            return self._picture


def _open_picture(path: Path) -> Pixels:
    try:
        with Image.open(path, formats=("WEBP", "PNG", "JPEG")) as image:
            return np.array(image.convert("RGB"), np.uint8)
    except (OSError, ValueError, SyntaxError) as error:
        raise LayerError(f"The base map {path.name} is missing or damaged; install the project again.") from error


def _bilinear(picture: Pixels, rows: np.ndarray, columns: np.ndarray) -> Pixels:
    """Values at fractional rows ``(H,)`` and columns ``(W,)``; columns go round the Earth, rows end at the poles."""
    height, width = picture.shape[:2]
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    down, right = (rows - top)[:, None, None], (columns - left)[None, :, None]
    y0, y1 = np.clip(top, 0, height - 1), np.clip(top + 1, 0, height - 1)
    x0, x1 = left % width, (left + 1) % width
    upper = picture[y0][:, x0] * (1 - right) + picture[y0][:, x1] * right
    lower = picture[y1][:, x0] * (1 - right) + picture[y1][:, x1] * right
    return np.asarray(np.round(upper * (1 - down) + lower * down), np.uint8)
