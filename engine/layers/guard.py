"""Opening rasters that strangers made: GeoTIFF and NetCDF and nothing else, from one local file and nowhere else.

GDAL opens 150 formats, among them texts that point to other files and to servers. Here the first bytes of a file must
be those of the two formats, the driver is named, sidecar files are not looked for, and the path is a local file's.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import LayerError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

SIGNATURES = {
    b"II*\0": "GTiff",
    b"MM\0*": "GTiff",
    b"II+\0": "GTiff",  # BigTIFF
    b"MM\0+": "GTiff",
    b"\x89HDF": "netCDF",  # NetCDF 4 is HDF5
    b"CDF\x01": "netCDF",
    b"CDF\x02": "netCDF",
    b"CDF\x05": "netCDF",
}
"""First bytes of the formats that are opened, and GDAL's name of the driver."""

SETTINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no .vrt, .ovr, .tfw or .aux.xml beside the file is read
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",  # nothing on a server has this ending
    "GDAL_CACHEMAX": 256,
}
"""GDAL's settings while a raster is open; the cache is in MB."""


@contextmanager
def open_dataset(path: Path, variable: str = "", quiet: bool = False) -> "Iterator[DatasetReader]":
    """A raster, open for reading while the block runs; errors of reading become a LayerError too.

    Args:
        path: a local file, GeoTIFF or NetCDF.
        variable: of a NetCDF file, where it holds several.
        quiet: no warning of a raster without a place on Earth, for callers that check it; not for use in threads.

    Raises:
        LayerError: the file is missing, of another format, truncated or damaged, or the variable is not in it.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    driver = driver_of(path)
    name = path.resolve().as_posix()
    try:
        with rasterio.Env(**SETTINGS), warnings.catch_warnings() if quiet else nullcontext():
            if quiet:
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
            if driver == "netCDF":
                name = f'NETCDF:"{name}":{_variable(path, variable)}'
            with rasterio.open(name, driver=driver) as dataset:
                yield dataset
    except RasterioError as error:
        raise LayerError(
            f"The raster {path.name} is not a readable {_TITLES[driver]}, it is truncated or damaged; "
            "replace it with a good copy or install again."
        ) from error


_TITLES = {"GTiff": "GeoTIFF", "netCDF": "NetCDF file"}


def driver_of(path: Path) -> str:
    """GDAL's driver for a file by its first bytes.

    Raises:
        LayerError: the file is missing or neither GeoTIFF nor NetCDF.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise LayerError(
            f"The raster {path.name} is missing or cannot be opened ({error.strerror}); "
            "put the file there or install again."
        ) from error
    for signature, driver in SIGNATURES.items():
        if start.startswith(signature):
            return driver
    kind = "a GDAL VRT, a text that points to other files" if b"<VRTDataset" in start else "something else"
    raise LayerError(f"The file {path.name} is not a readable GeoTIFF or NetCDF but {kind}; give the raster itself.")


def _variable(path: Path, wanted: str) -> str:
    """The variable to open: the requested one, or the only one."""
    import rasterio

    with rasterio.open(path.resolve().as_posix(), driver="netCDF") as whole:
        names = [name.rsplit(":", 1)[-1] for name in whole.subdatasets]
        only = whole.tags(1).get("NETCDF_VARNAME", "") if whole.count else ""
    names = names or [only]
    if wanted and wanted not in names:
        raise LayerError(f"The file {path.name} has no variable {wanted!r} but {', '.join(names)}; name one of them.")
    if not wanted and len(names) > 1:
        raise LayerError(f"The file {path.name} holds the variables {', '.join(names)}; name one of them.")
    return wanted or names[0]
