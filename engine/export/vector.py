"""A region as GeoJSON (RFC 7946): one feature per part, exact to the pixel, cut at the date line.

How the region was found is passed in as ``facts``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from engine.export.contents import Contents, region_facts
from engine.export.shapes import RegionPart, region_parts
from engine.inference.region import Region

DECIMALS = 9
"""Decimals of a degree in coordinates: a tenth of a millimetre, so that the area of one pixel stays right to 1e-7."""


def region_geojson(region: Region, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The region as a FeatureCollection of MultiPolygons, the most probable part first.

    Args:
        region: what to write.
        facts: put under ``"hereabouts"`` of the collection, for instance the predictors and their weights.
    """
    return {
        "type": "FeatureCollection",
        "features": [_feature(part) for part in region_parts(region)],
        "hereabouts": {"region": region_facts(region), **(facts or {})},
    }


def geojson_text(region: Region, facts: Mapping[str, Any] | None = None) -> str:
    """The region as GeoJSON text, UTF-8 safe, without NaN."""
    text = json.dumps(region_geojson(region, facts), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()  # a lone surrogate has no place in UTF-8


def write_geojson(contents: Contents, path: Path) -> None:
    """The region and everything that is known of the answer, into a file."""
    path.write_text(geojson_text(contents.region, contents.facts), encoding="utf-8")


def _feature(part: RegionPart) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"part": part.rank, "area_km2": round(part.area_km2, 6), "probability": part.probability},
        "geometry": {"type": "MultiPolygon", "coordinates": _round_coordinates(mapping(part.shape)["coordinates"])},
    }


def _round_coordinates(coordinates: Any) -> Any:  # nested tuples of any depth
    if isinstance(coordinates, float):
        return round(coordinates, DECIMALS)
    return [_round_coordinates(inner) for inner in coordinates]
