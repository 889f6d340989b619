"""GeoJSON as features: one document, lines of features, collections of anything, and CalTopo's or SARTopo's exports."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import InputError
from engine.evidence.shapes.map_features import Line, MapFeature, MapFile, check_counts, decode, refusal, refuse
from engine.evidence.shapes.polygons import Point

_DEEPEST = 12  # collections within collections
_NAMES = ("title", "name", "Name", "NAME", "label", "letter", "id")
_LONGEST_VALUE = 2_000


def read_geojson(data: bytes) -> MapFile:
    """The features of a GeoJSON text, or of one feature a line (``.geojsonl``, ``.geojsonseq``).

    Raises:
        InputError: it is not GeoJSON.
    """
    reader = _Reader()
    for value in _values(decode(data)):
        reader.read(value, 0)
    return MapFile(tuple(reader.named()))


def _values(text: str) -> Iterator[Any]:
    text = text.strip().replace("\x1e", "\n").strip()
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            refuse("is not JSON")
        check_counts(len(lines), 0)
        try:
            found = [json.loads(line) for line in lines]
        except (ValueError, RecursionError) as error:
            raise InputError("The file is not JSON; save the areas again, it may have been cut on its way.") from error
        yield from found


@dataclass
class _Reader:
    """Collects features; folders are joined at the end, since they may come after what lies in them."""

    found: list[tuple[MapFeature, str]] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    positions: int = 0

    def named(self) -> Iterator[MapFeature]:
        for feature, folder in self.found:
            yield replace(feature, folder=self.folders.get(folder, ""))

    def read(self, value: Any, depth: int) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if depth > _DEEPEST:
            refuse("nests collections too deeply")
        if kind == "FeatureCollection":
            members = value.get("features")
            if not isinstance(members, list):
                refuse("has a FeatureCollection without a list of features")
            for member in members:
                self.read(member, depth + 1)
        elif kind == "Feature":
            self._feature(value)
        elif kind == "Topology":
            refuse("is TopoJSON")
        else:
            self._keep(self._geometry(value, MapFeature(), depth), "")

    def _feature(self, value: dict[str, Any]) -> None:
        properties = value.get("properties")
        properties = properties if isinstance(properties, Mapping) else {}
        kind = properties.get("class")
        made = MapFeature(_name_of(properties), "", str(kind)[:40] if isinstance(kind, str) else "")
        made = replace(made, values=dict(_texts(properties)))
        identity = value.get("id", properties.get("id"))
        if kind == "Folder" and isinstance(identity, str):
            self.folders[identity] = made.name
        if value.get("geometry") is not None:
            made = self._geometry(value["geometry"], made, 0)
        folder = properties.get("folderId")
        self._keep(made, folder if isinstance(folder, str) else "")

    def _keep(self, feature: MapFeature, folder: str) -> None:
        self.found.append((feature, folder))
        check_counts(len(self.found), self.positions)

    def _geometry(self, value: Any, made: MapFeature, depth: int) -> MapFeature:
        if depth > _DEEPEST:
            refuse("nests collections too deeply")
        kind = value.get("type") if isinstance(value, dict) else None
        if kind == "GeometryCollection":
            for member in _listing(value.get("geometries"), "a GeometryCollection"):
                made = self._geometry(member, made, depth + 1)
            return made
        given = value.get("coordinates") if isinstance(value, dict) else None
        if kind in ("Polygon", "MultiPolygon"):
            polygons = [given] if kind == "Polygon" else _listing(given, "a MultiPolygon")
            return replace(made, polygons=(*made.polygons, *(self._rings(each) for each in polygons)))
        if kind in ("LineString", "MultiLineString"):
            lines = [given] if kind == "LineString" else _listing(given, "a MultiLineString")
            return replace(made, lines=(*made.lines, *(self._line(each) for each in lines)))
        if kind in ("Point", "MultiPoint"):
            points = [given] if kind == "Point" else _listing(given, "a MultiPoint")
            return replace(made, points=(*made.points, *(self._point(each) for each in points if each)))
        raise refusal("is not GeoJSON")

    def _rings(self, given: Any) -> tuple[Line, ...]:
        return tuple(self._line(ring) for ring in _listing(given, "a polygon"))

    def _line(self, given: Any) -> Line:
        return tuple(self._point(position) for position in _listing(given, "a line"))

    def _point(self, position: Any) -> Point:
        numbers = position[:2] if isinstance(position, list) else []
        if len(numbers) < 2 or not all(type(number) in (int, float) and abs(number) < 1e6 for number in numbers):
            refuse("has a position that is not longitude and latitude")
        self.positions += 1
        return float(numbers[1]), float(numbers[0])


def _listing(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        refuse(f"has {what} without coordinates that can be read")
    return value


def _name_of(properties: Mapping[str, Any]) -> str:
    """A feature's name; the parts of our own region exports are called as in its KML."""
    for key in _NAMES:
        value = properties.get(key)
        if isinstance(value, str) and value.strip():
            number = properties.get("number")
            also = f" {number}" if key == "letter" and isinstance(number, str | int) and number != "" else ""
            return f"{value.strip()}{also}"
    part = properties.get("part")
    return f"Area {part}" if type(part) is int else ""


def _texts(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in properties.items():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(key).lower()[:80], str(value)[:_LONGEST_VALUE]
        elif isinstance(value, list) and all(isinstance(each, int | float) for each in value[:100]):
            yield str(key).lower()[:80], " ".join(map(str, value[:100]))
