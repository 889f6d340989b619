"""A region, its places and every setting as one GeoPackage with the layers ``region``, ``places``, ``parameters``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shapely.geometry import Point

from engine.export.contents import Contents
from engine.export.shapes import region_parts

CRS = "EPSG:4326"
PLACE_COLUMNS = ("rank", "probability", "area_km2")


def write_geopackage(contents: Contents, path: Path) -> None:
    """Polygons of the parts, points of the places, and a table of names and values."""
    import pandas as pd
    from geopandas import GeoDataFrame
    from pyogrio import write_dataframe

    parts = region_parts(contents.region)
    region = {
        "part": [part.rank for part in parts],
        "area_km2": [part.area_km2 for part in parts],
        "probability": [part.probability for part in parts],
    }
    shapes = GeoDataFrame(region, geometry=[part.shape for part in parts], crs=CRS)
    write_dataframe(shapes, path, layer="region", driver="GPKG", geometry_type="MultiPolygon")
    points = GeoDataFrame(_places(contents), geometry=[_point(place) for place in contents.places], crs=CRS)
    write_dataframe(points, path, layer="places", driver="GPKG", geometry_type="Point")
    rows = pd.DataFrame(contents.parameters(), columns=["name", "value"])
    write_dataframe(rows, path, layer="parameters", driver="GPKG")


def _places(contents: Contents) -> dict[str, list[Any]]:
    columns = {name: [place[name] for place in contents.places] for name in PLACE_COLUMNS}
    return {**columns, "name": [str(place.get("name", "")) for place in contents.places]}


def _point(place: Mapping[str, Any]) -> Point:
    return Point(place["lon"], place["lat"])
