"""A region and its places as KML 2.2, for Google Earth and every GIS.

A viewer of KML shows descriptions as HTML, so what others wrote is escaped twice: once as HTML, once as XML. Names of
features are ours alone. Polygons are cut at the date line and made narrow and dense, see ``shapes.for_globes``.
"""

import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from shapely.geometry import Polygon

from engine.export.contents import Contents
from engine.export.shapes import RegionPart, for_globes, region_parts
from engine.export.vector import DECIMALS
from engine.export.xml_text import add, write_xml

NAMESPACE = "http://www.opengis.net/kml/2.2"
REGION_FILL, REGION_LINE, PLACE_COLOUR = "66ffe500", "ebffe500", "ff00bfff"
"""The dashboard's cyan and amber as KML writes colours: alpha, blue, green, red."""
PART_FIELDS = (("part", "int"), ("area_km2", "double"), ("probability", "double"))
PLACE_FIELDS = (("rank", "int"), ("probability", "double"), ("area_km2", "double"), ("place", "string"))


def write_kml(contents: Contents, path: Path) -> None:
    """A document with the folders ``region`` and ``places``."""
    root = Element("kml", {"xmlns": NAMESPACE})
    document = add(root, "Document")
    add(document, "name", "Hereabouts: search region")
    add(document, "description", _description(contents))
    _styles(document)
    _parameters(document, contents)  # before the schemas: the standard has one order
    _schema(document, "part", PART_FIELDS)
    _schema(document, "candidate", PLACE_FIELDS)
    region = _folder(document, "region")
    for part in region_parts(contents.region):
        _part(region, part)
    places = _folder(document, "places")
    for place in contents.places:
        _place(places, place)
    write_xml(root, path)


def _description(contents: Contents) -> str:
    region = contents.region
    lines = [
        f"Search region of {region.area_km2:,.1f} km2, {region.probability:.1%} in {region.components} area(s).",
        f"Photo: {contents.photo.get('name', '')}",
        f"SHA-256 of the photo: {contents.photo.get('sha256', '')}",
        f"SHA-256 of the region: {region.sha256}",
        str(contents.facts.get("use", "")),
        *(f"{source['title']}: {source['licence']}" for source in contents.facts.get("sources", ())),
    ]
    return "<br/>".join(html.escape(line) for line in lines)


def _styles(document: Element) -> None:
    area = add(document, "Style", id="region")
    line = add(area, "LineStyle")
    add(line, "color", REGION_LINE)
    add(line, "width", "1.5")
    add(add(area, "PolyStyle"), "color", REGION_FILL)
    point = add(document, "Style", id="place")
    icon = add(point, "IconStyle")  # no picture is named, so a viewer takes its own and asks no other host
    add(icon, "color", PLACE_COLOUR)
    add(icon, "scale", "1.1")


def _schema(document: Element, name: str, fields: Iterable[tuple[str, str]]) -> None:
    schema = add(document, "Schema", name=name, id=name)
    for field, kind in fields:
        add(schema, "SimpleField", type=kind, name=field)


def _parameters(document: Element, contents: Contents) -> None:
    """Every setting, as the document's own data: shown as text, never as HTML."""
    data = add(document, "ExtendedData")
    for name, value in contents.parameters():
        add(add(data, "Data", name=name), "value", html.escape(value))


def _folder(document: Element, name: str) -> Element:
    folder = add(document, "Folder")
    add(folder, "name", name)
    return folder


def _values(feature: Element, schema: str, values: Sequence[tuple[str, Any]]) -> None:
    data = add(add(feature, "ExtendedData"), "SchemaData", schemaUrl=f"#{schema}")
    for name, value in values:
        add(data, "SimpleData", value if isinstance(value, str) else repr(value), name=name)


def _part(folder: Element, part: RegionPart) -> None:
    feature = add(folder, "Placemark")
    add(feature, "name", f"Area {part.rank}")
    add(feature, "description", f"{part.area_km2:,.1f} km2, probability {part.probability:.2%}")
    add(feature, "styleUrl", "#region")
    _values(feature, "part", [("part", part.rank), ("area_km2", part.area_km2), ("probability", part.probability)])
    shape = add(feature, "MultiGeometry")
    for polygon in for_globes(part.shape).geoms:
        _polygon(shape, polygon)


def _polygon(parent: Element, polygon: Polygon) -> None:
    drawn = add(parent, "Polygon")
    add(drawn, "tessellate", "1")
    add(drawn, "altitudeMode", "clampToGround")
    rings = [("outerBoundaryIs", polygon.exterior), *(("innerBoundaryIs", hole) for hole in polygon.interiors)]
    for side, ring in rings:
        add(add(add(drawn, side), "LinearRing"), "coordinates").text = _coordinates(ring.coords)


def _coordinates(points: Iterable[Sequence[float]]) -> str:
    return " ".join(f"{_number(point[0])},{_number(point[1])}" for point in points)


def _number(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _place(folder: Element, place: Any) -> None:
    feature = add(folder, "Placemark")
    add(feature, "name", f"Candidate {place['rank']}")
    told = f"{place['lat']:.4f}, {place['lon']:.4f}: {place['probability']:.2%} on {place['area_km2']:,.0f} km2"
    add(feature, "description", html.escape(f"{place.get('name', '')} {told}".strip()))
    add(feature, "styleUrl", "#place")
    named = [("place", html.escape(place["name"]))] if place.get("name") else []
    numbers = [(name, place[name]) for name in ("rank", "probability", "area_km2")]
    _values(feature, "candidate", [*numbers, *named])
    point = add(feature, "Point")
    add(point, "altitudeMode", "clampToGround")
    add(point, "coordinates", _coordinates([(place["lon"], place["lat"])]))
