"""Tiles of one raster, as STAC catalogues serve them, read as if they were whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.errors import LayerError
from engine.layers.guard import open_dataset

if TYPE_CHECKING:
    from rasterio.crs import CRS
    from rasterio.transform import Affine

_OFF_STEP = 0.05  # pixels by which a tile's corner may miss the lattice


@dataclass(frozen=True)
class Tile:
    """One file and where it lies in the whole, in pixels."""

    path: Path
    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Tiles of the whole Earth side by side; as much of rasterio's ``DatasetReader`` as a conversion reads.

    Attributes:
        tiles: the files; together they cover everything once.
        height, width: of the whole.
        crs, dtypes, nodata: of every tile.
    """

    tiles: tuple[Tile, ...]
    height: int
    width: int
    crs: "CRS"
    dtypes: tuple[str, ...]
    nodata: float | None
    count: int = 1
    driver: str = "GTiff"

    @property
    def transform(self) -> "Affine":
        """The lattice of the whole."""
        from rasterio.transform import from_origin

        return from_origin(-180.0, 90.0, 360.0 / self.width, 180.0 / self.height)

    @property
    def bounds(self) -> Any:
        """The whole Earth."""
        from rasterio.coords import BoundingBox

        return BoundingBox(-180.0, -90.0, 180.0, 90.0)

    @property
    def block_shapes(self) -> list[tuple[int, int]]:
        """Rows that are well read together; tiles of COGs are cut into 512 x 512."""
        return [(512, 512)]

    def read(self, band: int, window: tuple[tuple[int, int], tuple[int, int]]) -> npt.NDArray[Any]:
        """A band of whole rows, ``((top, bottom), (0, width))``.

        Raises:
            LayerError: a tile is damaged.
        """
        (top, bottom), (_, right) = window
        values = np.zeros((bottom - top, right), np.dtype(self.dtypes[0]))
        for tile in self.tiles:
            first, last = max(top, tile.top), min(bottom, tile.top + tile.rows)
            if first < last:
                with open_dataset(tile.path) as dataset:
                    part = dataset.read(band, window=((first - tile.top, last - tile.top), (0, tile.columns)))
                values[first - top : last - top, tile.left : tile.left + tile.columns] = part
        return values


def mosaic_of(paths: Sequence[Path]) -> Mosaic:
    """The whole that tiles make up.

    Raises:
        LayerError: a tile is damaged, tiles differ, or they leave a part of the Earth out.
    """
    found = [_looked_at(path) for path in sorted(paths)]
    if not found:
        raise LayerError("There is no tile to put together, expected were those of the whole Earth; fetch them again.")
    tiles, height, width, crs, kind, nodata = found[0]
    for path, other in zip(sorted(paths), found, strict=True):
        if other[1:5] != (height, width, crs, kind):
            raise LayerError(f"The tile {path.name} has other pixels than {found[0][0][0].path.name}; fetch it again.")
    tiles = tuple(one[0][0] for one in found)
    covered = sum(tile.rows * tile.columns for tile in tiles) / (height * width)
    if covered != 1.0:
        raise LayerError(
            f"The {len(tiles)} tiles cover {100 * covered:.4g} % of the Earth, expected was all of it once; "
            "fetch them again."
        )
    return Mosaic(tiles, height, width, crs, (kind,), nodata)


def _looked_at(path: Path) -> tuple[tuple[Tile, ...], int, int, Any, str, float | None]:
    """A tile, the size of the whole that it belongs to, and the kind of its pixels."""
    with open_dataset(path, quiet=True) as dataset:
        step = dataset.transform
        if not (step.a > 0 > step.e) or dataset.count != 1:
            raise LayerError(f"The tile {path.name} is not one band with north up; fetch it again.")
        width, height = round(360.0 / step.a), round(-180.0 / step.e)
        left, top = (dataset.bounds.left + 180.0) / 360.0 * width, (90.0 - dataset.bounds.top) / 180.0 * height
        if max(abs(left - round(left)), abs(top - round(top))) > _OFF_STEP:
            raise LayerError(f"The tile {path.name} lies between the pixels of the whole; fetch it again.")
        tile = Tile(path, round(top), round(left), dataset.height, dataset.width)
        return (tile,), height, width, dataset.crs, dataset.dtypes[0], dataset.nodata
