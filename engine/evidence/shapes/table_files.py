"""GeoPackage files and zipped Shapefiles as features, by GDAL with nothing else within its reach.

The bytes are written to an empty folder under names of ours, only the parts of the one format are unpacked, the layer
is read from there alone, and no address is followed.
"""

import io
import os
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from shapely import get_parts
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from engine.errors import InputError
from engine.evidence.shapes.map_features import (
    LARGEST_BYTES,
    MOST_FEATURES,
    Line,
    MapFeature,
    MapFile,
    check_counts,
    refuse,
)
from engine.evidence.shapes.xml_files import unpack

SETTINGS = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",  # nothing on a server has this ending
    "GDAL_HTTP_MAX_RETRY": "0",
    "SHAPE_RESTORE_SHX": "YES",  # a Shapefile without its index is read all the same
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "PROJ_NETWORK": "OFF",
}
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MOST_LAYERS = 50
_NAMES = ("name", "title", "label", "letter", "segment", "id")


def read_geopackage(data: bytes) -> MapFile:
    """All layers of a GeoPackage.

    Raises:
        InputError: it is damaged or in no known coordinates.
    """
    with tempfile.TemporaryDirectory(prefix="hereabouts-") as folder:
        path = Path(folder) / "areas.gpkg"
        path.write_bytes(data)
        return _read(path, "GeoPackage")


def read_shapefile(data: bytes) -> MapFile:
    """The Shapefiles in a zip archive.

    Raises:
        InputError: it is damaged, too large, or holds none.
    """
    found: list[MapFile] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for members in _shapefiles(archive):
                with tempfile.TemporaryDirectory(prefix="hereabouts-") as folder:
                    for member in members:
                        suffix = Path(member.filename).suffix.lower()
                        (Path(folder) / f"areas{suffix}").write_bytes(unpack(archive, member))
                    found.append(_read(Path(folder) / "areas.shp", "Shapefile"))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("The archive is damaged or locked; save it again without a password.") from error
    features = tuple(feature for each in found for feature in each.features)
    check_counts(len(features), 0)
    return MapFile(features, tuple(dict.fromkeys(note for each in found for note in each.notes)))


def _shapefiles(archive: zipfile.ZipFile) -> list[list[zipfile.ZipInfo]]:
    """The members of each Shapefile: the same path but for the suffix."""
    members = [each for each in archive.infolist() if Path(each.filename).suffix.lower() in PARTS]
    stems = [each.filename[:-4] for each in members if each.filename.lower().endswith(".shp")]
    stems = [stem for stem in stems if "__MACOSX" not in stem]
    if not stems:
        refuse("is an archive without KML and without a Shapefile (.shp)")
    if len(stems) > MOST_LAYERS:
        refuse(f"holds more than {MOST_LAYERS} Shapefiles")
    if sum(each.file_size for each in members) > LARGEST_BYTES:
        refuse(f"unpacks to more than {LARGEST_BYTES / 1e6:.0f} MB")
    return [[each for each in members if each.filename[:-4] == stem] for stem in stems]


@contextmanager
def _alone() -> Iterator[None]:
    """GDAL within its own folder: settings for the time of one read."""
    import pyogrio

    before = {name: pyogrio.get_gdal_config_option(name) for name in SETTINGS}
    network = os.environ.get("PROJ_NETWORK")
    os.environ["PROJ_NETWORK"] = "OFF"
    pyogrio.set_gdal_config_options(dict(SETTINGS))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
        if network is None:
            del os.environ["PROJ_NETWORK"]
        else:
            os.environ["PROJ_NETWORK"] = network


def _read(path: Path, title: str) -> MapFile:
    import geopandas
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    features: list[MapFeature] = []
    notes: list[str] = []
    try:
        with _alone(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL has to say of a file is in what it gives
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
            for layer in layers[:MOST_LAYERS]:
                table = geopandas.read_file(path, layer=layer, engine="pyogrio", max_features=MOST_FEATURES + 1)
                features += _features(_in_degrees(table, title, notes), layer if len(layers) > 1 else "")
                check_counts(len(features), 0)
    except (DataSourceError, DataLayerError, RuntimeError, ValueError, UnicodeDecodeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The {title} cannot be read, it is damaged or cut; save it again.") from error
    return MapFile(tuple(features), tuple(notes))


def _in_degrees(table: Any, title: str, notes: list[str]) -> Any:
    """The table in longitudes and latitudes of WGS 84."""
    if table.crs is not None:
        return table.to_crs(4326)
    west, south, east, north = table.total_bounds
    if not (np.isfinite([west, south, east, north]).all() and west >= -180 and east <= 360 and abs(south) <= 90
            and abs(north) <= 90):  # fmt: skip
        raise InputError(f"The {title} does not say its coordinate system (.prj) and is not in degrees; add the .prj.")
    notes.append(f"The {title} does not say its coordinate system; its numbers were taken as degrees (WGS 84).")
    return table


def _features(table: Any, folder: str) -> Iterator[MapFeature]:
    columns = [name for name in table.columns if name != table.geometry.name]
    for row in table.itertuples(index=False):
        values = dict(zip(table.columns, row, strict=True))
        shape = values.pop(table.geometry.name)
        texts = {str(name).lower()[:80]: str(values[name])[:2000] for name in columns if values[name] is not None}
        texts = {name: text for name, text in texts.items() if text not in ("nan", "None", "")}
        name = next((texts[key] for key in _NAMES if key in texts), "")
        yield _feature(shape, MapFeature(name, folder, "", values=texts))


def _feature(shape: BaseGeometry | None, made: MapFeature) -> MapFeature:
    polygons, lines, points = [], [], []
    for part in _flat(shape):
        if isinstance(part, Polygon):
            polygons.append(tuple(_line(ring.coords) for ring in (part.exterior, *part.interiors)))
        elif isinstance(part, LineString):
            lines.append(_line(part.coords))
        elif isinstance(part, Point):
            points.append((float(part.y), float(part.x)))
    return MapFeature(made.name, made.folder, made.kind, tuple(polygons), tuple(lines), tuple(points), made.values)


def _flat(shape: BaseGeometry | None) -> Iterator[BaseGeometry]:
    if shape is None or shape.is_empty:
        return
    for part in get_parts(shape):
        if hasattr(part, "geoms"):
            yield from _flat(part)
        else:
            yield part


def _line(coordinates: Any) -> Line:
    return tuple((float(position[1]), float(position[0])) for position in coordinates)
