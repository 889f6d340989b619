"""A search plan as GPX 1.1: waypoints, then rings and segments as closed tracks, for receivers and CalTopo."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from engine.evidence.shapes.polygons import Point
from engine.export.plan_contents import (
    DECIMALS,
    FOLDERS,
    USE,
    PlanContents,
    assignment_words,
    cut_polygon,
    inner_point,
    point_words,
    ring_points,
    segment_words,
)
from engine.export.xml_text import add, write_xml


def write_plan_gpx(contents: PlanContents, path: Path) -> None:
    """GPX 1.1: waypoints, then closed tracks of rings and segments, their PODs as comments; GPX has no areas."""
    root = Element("gpx", {"version": "1.1", "creator": "Hereabouts", "xmlns": "http://www.topografix.com/GPX/1/1"})
    metadata = add(root, "metadata")
    add(metadata, "name", contents.heading)
    add(metadata, "desc", USE)
    point = contents.plan.point
    if point is not None:
        _waypoint(root, (point.latitude, point.longitude), "LKP", point_words(contents), FOLDERS["point"])
    for rank, given in enumerate(contents.assignments, start=1):
        _waypoint(
            root, inner_point(contents, given), f"{rank}: {given.segment}", assignment_words(given), FOLDERS["next"]
        )
    for name, km, words in contents.rings():
        _track(root, name, words, FOLDERS["rings"], [ring_points(contents, km)])
    for segment, row, _given in contents.rows():
        rings = [
            [(lat, lon) for lon, lat in ring.coords]
            for polygon in segment.polygons
            for part in cut_polygon(polygon)
            for ring in (part.exterior, *part.interiors)
        ]
        pods = " ".join(f"pod_{n}={100 * pod:g}" for n, pod in enumerate(segment.pods, start=1))
        _track(root, segment.name, segment_words(row), FOLDERS["segments"], rings, pods)
    write_xml(root, path)


def _waypoint(root: Element, point: Point, name: str, words: str, kind: str) -> None:
    made = add(root, "wpt", lat=f"{point[0]:.{DECIMALS}f}", lon=f"{_east(point[1]):.{DECIMALS}f}")
    add(made, "name", name)
    add(made, "desc", words)
    add(made, "type", kind)


def _track(
    root: Element, name: str, words: str, kind: str, lines: Sequence[Sequence[Point]], comment: str = ""
) -> None:
    track = add(root, "trk")
    add(track, "name", name)
    if comment:
        add(track, "cmt", comment)
    add(track, "desc", words)
    add(track, "type", kind)
    for line in lines:
        part = add(track, "trkseg")
        for lat, lon in line:
            add(part, "trkpt", lat=f"{lat:.{DECIMALS}f}", lon=f"{_east(lon):.{DECIMALS}f}")


def _east(longitude: float) -> float:
    """GPX longitudes run from -180 up to but not including 180."""
    turned = (longitude + 180.0) % 360.0 - 180.0
    return -180.0 if round(turned, DECIMALS) >= 180.0 else turned
