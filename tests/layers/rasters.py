"""Rasters as the publishers make them, and as they should not be; shared by the tests of this folder."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from engine.geometry.grid import Grid
from engine.layers import builtin

SEA = -2147483647
SHAPE = (360, 720)
LCCS = np.array([10, 50, 70, 130, 160, 190, 200], np.uint8)


def write(path: Path, values: np.ndarray, **changes: object) -> Path:
    """A global GeoTIFF in degrees; keyword arguments change the profile."""
    height, width = values.shape[-2:]
    profile = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1 if values.ndim == 2 else values.shape[0],
        "dtype": values.dtype,
        "crs": "EPSG:4326",
        "transform": from_origin(-180, 90, 360 / width, 180 / height),
        "compress": "deflate",
        **changes,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values, 1 if values.ndim == 2 else None)
    return path


def people(shape: tuple[int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """Whole people per pixel on the land of the Earth, ``SEA`` elsewhere; 0 in half of the wilderness."""
    bucket = builtin.population(Grid(*shape)).raster
    rng = np.random.default_rng(seed)
    dense = (10 ** (1.3 * np.maximum(bucket, 0) + 1.3 * rng.random(shape))).astype(np.int32)
    dense[(bucket == 0) & (rng.random(shape) < 0.5)] = 0
    return np.where(bucket < 0, SEA, dense).astype(np.int32)


def cover(shape: tuple[int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """Values of ESA-CCI on the Earth; water where there is no land."""
    classes = builtin.land_cover(Grid(*shape)).raster
    land = builtin.population(Grid(*shape)).raster >= 0
    values = LCCS[classes]
    finer = np.random.default_rng(seed).integers(0, 3, shape)
    values = np.where((values == 10) & (finer > 0), 10 + finer, values)
    return np.where(land, values, 210).astype(np.uint8)


def write_netcdf(path: Path, values: np.ndarray, north_up: bool = True, signed: bool = False) -> Path:
    """A NetCDF 4 file in the layout of ESA-CCI: lccs_class(time, lat, lon) and a second variable."""
    import h5py

    rows, columns = values.shape
    latitude = 90 - (np.arange(rows) + 0.5) * 180 / rows
    longitude = -180 + (np.arange(columns) + 0.5) * 360 / columns
    if not north_up:
        latitude, values = latitude[::-1], values[::-1]
    with h5py.File(path, "w") as file:
        axes = {"time": [0.0], "lat": latitude, "lon": longitude}
        for name, numbers in axes.items():
            file.create_dataset(name, data=numbers).make_scale(name)
        file["lat"].attrs.update(units=np.bytes_("degrees_north"), standard_name=np.bytes_("latitude"))
        file["lon"].attrs.update(units=np.bytes_("degrees_east"), standard_name=np.bytes_("longitude"))
        for name, numbers in {"lccs_class": values, "change_count": np.zeros_like(values)}.items():
            data = numbers.view(np.int8) if signed else numbers
            variable = file.create_dataset(name, data=data[None], chunks=(1, 90, 90), compression="gzip")
            for axis, scale in enumerate(axes):
                variable.dims[axis].attach_scale(file[scale])
    return path
