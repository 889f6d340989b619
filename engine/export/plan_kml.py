"""A search plan as KML 2.2, one folder a kind, for Google Earth and every GIS."""

import html
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from engine.evidence.shapes.polygons import Point
from engine.export.plan_contents import (
    DECIMALS,
    FOLDERS,
    NEXT_COLOR,
    RING_COLOR,
    SEGMENT_COLOR,
    USE,
    PlanContents,
    assignment_words,
    cut_polygon,
    inner_point,
    point_words,
    ring_points,
    row_values,
    segment_words,
)
from engine.export.xml_text import add, write_xml
from engine.search_planning.plan import Segment


def write_plan_kml(contents: PlanContents, path: Path) -> None:
    """KML 2.2 with one folder a kind."""
    root = Element("kml", {"xmlns": "http://www.opengis.net/kml/2.2"})
    document = add(root, "Document")
    add(document, "name", contents.heading)
    add(document, "description", html.escape(USE))
    for name, color in (("ring", RING_COLOR), ("segment", SEGMENT_COLOR), ("next", NEXT_COLOR)):
        _style(document, name, color)
    folders = {key: _kml_folder(document, title) for key, title in FOLDERS.items()}
    point = contents.plan.point
    if point is not None:
        mark = _placemark(folders["point"], "LKP", point_words(contents), "ring")
        add(add(mark, "Point"), "coordinates", _kml_points([(point.latitude, point.longitude)]))
    for name, km, words in contents.rings():
        line = add(_placemark(folders["rings"], name, words, "ring"), "LineString")
        add(line, "tessellate", "1")
        add(line, "coordinates", _kml_points(ring_points(contents, km)))
    for segment, row, given in contents.rows():
        words = segment_words(row) + (f". Next: {assignment_words(given)}" if given is not None else "")
        mark = _placemark(folders["segments"], segment.name, words, "next" if given is not None else "segment")
        data = add(mark, "ExtendedData")
        for key, value in row_values(row).items():
            add(add(data, "Data", name=key), "value", f"{value}")
        _kml_polygons(mark, segment)
    for rank, given in enumerate(contents.assignments, start=1):
        mark = _placemark(folders["next"], f"{rank}: {given.segment}", assignment_words(given), "next")
        add(add(mark, "Point"), "coordinates", _kml_points([inner_point(contents, given)]))
    write_xml(root, path)


def _style(document: Element, name: str, color: str) -> None:
    blue = f"{color[5:7]}{color[3:5]}{color[1:3]}"  # KML has alpha, blue, green, red
    style = add(document, "Style", id=name)
    icon = add(style, "IconStyle")  # no picture is named, so a viewer takes its own and asks no other host
    add(icon, "color", f"ff{blue}")
    line = add(style, "LineStyle")
    add(line, "color", f"ff{blue}")
    add(line, "width", "2")
    add(add(style, "PolyStyle"), "color", f"26{blue}")


def _kml_folder(document: Element, title: str) -> Element:
    folder = add(document, "Folder")
    add(folder, "name", title)
    return folder


def _placemark(folder: Element, name: str, words: str, style: str) -> Element:
    mark = add(folder, "Placemark")
    add(mark, "name", name)
    add(mark, "description", html.escape(words))
    add(mark, "styleUrl", f"#{style}")
    return mark


def _kml_polygons(mark: Element, segment: Segment) -> None:
    shape = add(mark, "MultiGeometry")
    for polygon in segment.polygons:
        for part in cut_polygon(polygon):
            drawn = add(shape, "Polygon")
            add(drawn, "tessellate", "1")
            rings = [("outerBoundaryIs", part.exterior), *(("innerBoundaryIs", hole) for hole in part.interiors)]
            for side, ring in rings:
                points = [(lat, lon) for lon, lat in ring.coords]
                add(add(add(drawn, side), "LinearRing"), "coordinates", _kml_points(points))


def _kml_points(points: Sequence[Point]) -> str:
    return " ".join(f"{lon:.{DECIMALS}f},{lat:.{DECIMALS}f}" for lat, lon in points)
