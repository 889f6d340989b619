"""The areas that statements are about, as shapes for the map."""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched

Feature = dict[str, Any]
COLOR = "#ffd166"


def outlines(evidence: Iterable[Evidence], without: str = "") -> Iterator[Feature]:
    """GeoJSON features, longitude first; a point with ``radius_m`` stands for a circle.

    Args:
        evidence: statements; those that speak of no area are left out.
        without: id of a statement that is left out.
    """
    for each in evidence:
        area = each.statement.area if isinstance(each.statement, Searched) else each.statement
        if isinstance(area, DrawnArea | Circle) and each.id != without:
            yield _feature(area)


def _feature(area: DrawnArea | Circle) -> Feature:
    properties: Feature = {"color": COLOR, "opacity": 0.06} | ({"text": area.name} if area.name else {})
    if isinstance(area, Circle):
        geometry: Feature = {"type": "Point", "coordinates": [area.longitude, area.latitude]}
        return {"type": "Feature", "properties": properties | {"radius_m": area.radius_km * 1000}, "geometry": geometry}
    rings = [[[list(reversed(point)) for point in ring] for ring in polygon] for polygon in area.polygons]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "MultiPolygon", "coordinates": rings}}
