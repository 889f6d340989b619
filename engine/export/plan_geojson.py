"""A search plan as GeoJSON the way CalTopo and SARTopo write it: ``title``, ``class``, ``folderId``, ``stroke``."""

import json
from pathlib import Path
from typing import Any

from engine.export.plan_contents import (
    DECIMALS,
    FOLDERS,
    NEXT_COLOR,
    RING_COLOR,
    SEGMENT_COLOR,
    PlanContents,
    assignment_words,
    cut_polygon,
    inner_point,
    plan_facts,
    point_words,
    ring_points,
    row_values,
    segment_words,
)
from engine.search_planning.plan import Segment


def write_plan_geojson(contents: PlanContents, path: Path) -> None:
    """A FeatureCollection as CalTopo writes it, folders included."""
    path.write_text(json.dumps(plan_geojson(contents), ensure_ascii=False, allow_nan=False, indent=1), "utf-8")


def plan_geojson(contents: PlanContents) -> dict[str, Any]:
    """The plan as GeoJSON values."""
    features = [_folder(key, title) for key, title in FOLDERS.items()]
    point = contents.plan.point
    if point is not None:
        told: dict[str, Any] = {
            "title": "LKP",
            "class": "Marker",
            "folderId": "hereabouts-point",
            "marker-symbol": "point",
            "marker-color": RING_COLOR,
            "description": point_words(contents),
        }
        features.append(
            _feature("lkp", told, {"type": "Point", "coordinates": _position(point.latitude, point.longitude)})
        )
    for name, km, words in contents.rings():
        line = [_position(*each) for each in ring_points(contents, km)]
        told = {
            "title": name,
            "class": "Shape",
            "folderId": "hereabouts-rings",
            "stroke": RING_COLOR,
            "stroke-width": 2,
            "description": words,
        }
        features.append(_feature(f"ring-{name}", told, {"type": "LineString", "coordinates": line}))
    for segment, row, given in contents.rows():
        folder = "hereabouts-segments"
        color = NEXT_COLOR if given is not None else SEGMENT_COLOR
        words = segment_words(row) + (f". Next: {assignment_words(given)}" if given is not None else "")
        told = {
            "title": segment.name,
            "class": "Shape",
            "folderId": folder,
            "stroke": color,
            "stroke-width": 2,
            "fill": color,
            "fill-opacity": 0.1,
            "description": words,
            **row_values(row),
        }
        features.append(_feature(f"segment-{segment.name}", told, _multi(segment)))
    for rank, given in enumerate(contents.assignments, start=1):
        told = {
            "title": f"{rank}: {given.segment}",
            "class": "Marker",
            "folderId": "hereabouts-next",
            "marker-symbol": "point",
            "marker-color": NEXT_COLOR,
            "description": assignment_words(given),
        }
        features.append(
            _feature(f"next-{rank}", told, {"type": "Point", "coordinates": _position(*inner_point(contents, given))})
        )
    return {"type": "FeatureCollection", "features": features, "hereabouts": {"plan": plan_facts(contents)}}


def _folder(key: str, title: str) -> dict[str, Any]:
    properties = {"title": title, "class": "Folder", "visible": True}
    return {"type": "Feature", "id": f"hereabouts-{key}", "geometry": None, "properties": properties}


def _feature(identity: str, properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": f"hereabouts-{identity}", "geometry": geometry, "properties": properties}


def _multi(segment: Segment) -> dict[str, Any]:
    polygons = [
        [_rounded(ring.coords) for ring in (part.exterior, *part.interiors)]
        for polygon in segment.polygons
        for part in cut_polygon(polygon)
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rounded(points: Any) -> list[list[float]]:
    return [[round(float(lon), DECIMALS), round(float(lat), DECIMALS)] for lon, lat in points]


def _position(latitude: float, longitude: float) -> list[float]:
    return [round(longitude, DECIMALS), round(latitude, DECIMALS)]
