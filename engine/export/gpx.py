"""The ranked places as GPX 1.1 waypoints, for a receiver in the hand or on a vehicle."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from engine.export.contents import Contents
from engine.export.xml_text import add, write_xml

NAMESPACE = "http://www.topografix.com/GPX/1/1"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"


def write_gpx(contents: Contents, path: Path) -> None:
    """One waypoint per place, in the order of their ranks; elements in the order that the schema asks for."""
    location = f"{NAMESPACE} {NAMESPACE}/gpx.xsd"
    head = {"xmlns": NAMESPACE, "xmlns:xsi": SCHEMA, "xsi:schemaLocation": location}
    root = Element("gpx", {"version": "1.1", "creator": "Hereabouts", **head})
    metadata = add(root, "metadata")
    add(metadata, "name", "Hereabouts: candidate locations")
    add(metadata, "desc", _description(contents))
    for place in contents.places:
        _waypoint(root, place)
    write_xml(root, path)


def _description(contents: Contents) -> str:
    photo = contents.photo
    return f"Photo {photo.get('name', '')}, SHA-256 {photo.get('sha256', '')}. {contents.facts.get('use', '')}"


def _waypoint(root: Element, place: Any) -> None:
    point = add(root, "wpt", lat=f"{place['lat']:.9f}", lon=f"{_east(place['lon']):.9f}")
    add(point, "name", f"Candidate {place['rank']}")
    told = f"{place['probability']:.2%} on {place['area_km2']:,.0f} km2"
    add(point, "desc", f"{place['name']}: {told}" if place.get("name") else told)
    add(point, "type", "candidate location")


def _east(longitude: float) -> float:
    """GPX longitudes run from -180 up to but not including 180."""
    return -180.0 if longitude >= 180.0 else longitude
