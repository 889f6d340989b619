"""KML, KMZ and GPX as features. Nothing that a file links to is fetched, and no document type is read."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element, ParseError, XMLParser

from engine.errors import InputError
from engine.evidence.shapes.map_features import (
    LARGEST_BYTES,
    Line,
    MapFeature,
    MapFile,
    check_counts,
    refusal,
    refuse,
)
from engine.evidence.shapes.polygons import Point

_DEEPEST = 60  # elements within elements
_GPX_KINDS = {"wpt": "waypoint", "rte": "route", "trk": "track"}
_TAGS = re.compile(r"<[^>]{0,200}>")


def read_kmz(data: bytes) -> MapFile:
    """The first KML document of a KMZ archive; pictures and other files of it are not read.

    Raises:
        InputError: there is none, it is damaged, or it unpacks to more than ``LARGEST_BYTES``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [each for each in archive.infolist() if each.filename.lower().endswith(".kml")]
            if not names:
                refuse("is an archive without a KML document")
            first = min(names, key=lambda each: (each.filename.lower() != "doc.kml", each.filename.count("/")))
            return read_xml(unpack(archive, first))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("The archive is damaged or locked; save it again without a password.") from error


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """One file of an archive, stopped at the size that it may have, whatever the archive says of itself.

    Raises:
        InputError: it is larger.
    """
    with archive.open(member) as file:
        found = file.read(LARGEST_BYTES + 1)
    if len(found) > LARGEST_BYTES:
        refuse(f"unpacks to more than {LARGEST_BYTES / 1e6:.0f} MB")
    return found


def read_xml(data: bytes) -> MapFile:
    """A KML document or a GPX file.

    Raises:
        InputError: it is neither, or no XML.
    """
    root = _parse(data)
    kind = _name(root)
    if kind == "kml":
        return _Kml().read(root)
    if kind == "gpx":
        return _read_gpx(root)
    raise refusal(f"is XML of the kind '{kind[:30]}'")


def _parse(data: bytes) -> Element:
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", data[:LARGEST_BYTES], re.IGNORECASE):
        refuse("has a document type, which map files need not and other files misuse")
    parser = XMLParser()  # noqa: S314 - expat reads no external entity, and documents with a type were refused above
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise InputError("The file is not whole XML; save it again, it may have been cut on its way.") from error
    return root


def _name(element: Element) -> str:
    """The local name: programs write namespaces in many ways."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _child(element: Element, name: str) -> Element | None:
    return next((each for each in element if _name(each) == name), None)


def _text(element: Element, name: str) -> str:
    found = _child(element, name)
    return " ".join((found.text or "").split()) if found is not None else ""


@dataclass
class _Kml:
    """Reads a KML document."""

    found: list[MapFeature] = field(default_factory=list)
    links: int = 0
    overlays: int = 0
    positions: int = 0

    def read(self, root: Element) -> MapFile:
        self._folder(root, "", 0)
        notes = []
        if self.links:
            notes.append(f"{_count(self.links, 'network link')} of the file {_was(self.links)} not followed.")
        if self.overlays:
            notes.append(f"{_count(self.overlays, 'picture overlay')} of the file {_was(self.overlays)} not read.")
        return MapFile(tuple(self.found), tuple(notes))

    def _folder(self, element: Element, folder: str, depth: int) -> None:
        if depth > _DEEPEST:
            refuse("nests folders too deeply")
        for child in element:
            name = _name(child)
            if name in ("document", "folder"):
                self._folder(child, _text(child, "name") if name == "folder" else folder, depth + 1)
            elif name == "placemark":
                self.found.append(self._placemark(child, folder))
                check_counts(len(self.found), self.positions)
            elif name == "networklink":
                self.links += 1
            elif name in ("groundoverlay", "screenoverlay", "photooverlay"):
                self.overlays += 1

    def _placemark(self, element: Element, folder: str) -> MapFeature:
        values = dict(_kml_values(element))
        made = MapFeature(_text(element, "name"), folder, "placemark", values=values)
        for child in element:
            made = self._geometry(child, made, 0)
        return made

    def _geometry(self, element: Element, made: MapFeature, depth: int) -> MapFeature:
        if depth > _DEEPEST:
            refuse("nests geometries too deeply")
        name = _name(element)
        if name in ("multigeometry", "multitrack"):
            for child in element:
                made = self._geometry(child, made, depth + 1)
            return made
        if name in ("polygon", "linearring"):
            rings = [self._coordinates(ring) for ring in element.iter() if _name(ring) == "linearring"]
            made = replace(made, polygons=(*made.polygons, tuple(rings))) if rings else made
        elif name in ("linestring", "track"):
            line = self._coordinates(element) if name == "linestring" else self._track(element)
            made = replace(made, lines=(*made.lines, line))
        elif name == "point":
            made = replace(made, points=(*made.points, *self._coordinates(element)))
        return made

    def _coordinates(self, element: Element) -> Line:
        found = _child(element, "coordinates")
        text = (found.text or "") if found is not None else ""
        # Some programs write a space behind the comma.
        line = tuple(_position(each.split(","), each) for each in re.sub(r"\s*,\s*", ",", text).split())
        self.positions += len(line)
        return line

    def _track(self, element: Element) -> Line:
        texts = [each.text or "" for each in element if _name(each) == "coord"]
        self.positions += len(texts)
        return tuple(_position(text.split(), text) for text in texts)


def _kml_values(element: Element) -> Iterator[tuple[str, str]]:
    description = _text(element, "description")
    if description:
        yield "description", _TAGS.sub(" ", description).strip()
    for each in element.iter():
        if _name(each) == "data" and each.get("name"):
            yield str(each.get("name")).lower(), _text(each, "value")
        elif _name(each) == "simpledata" and each.get("name"):
            yield str(each.get("name")).lower(), " ".join((each.text or "").split())


def _read_gpx(root: Element) -> MapFile:
    found: list[MapFeature] = []
    positions = 0
    for element in root:
        kind = _name(element)
        if kind not in _GPX_KINDS:
            continue
        segments = {"trk": [each for each in element if _name(each) == "trkseg"], "rte": [element]}.get(kind, [])
        parts = (tuple(_gpx_point(each) for each in part if _name(each) in ("trkpt", "rtept")) for part in segments)
        lines = tuple(line for line in parts if line)
        points = (_gpx_point(element),) if kind == "wpt" else ()
        positions += sum(map(len, lines)) + len(points)
        values = {name: text for name in ("desc", "cmt", "type") if (text := _text(element, name))}
        found.append(
            MapFeature(_text(element, "name"), _text(element, "type"), _GPX_KINDS[kind], (), lines, points, values)
        )
        check_counts(len(found), positions)
    return MapFile(tuple(found))


def _gpx_point(element: Element) -> Point:
    return _position([element.get("lon", ""), element.get("lat", "")], f"{element.get('lat')}, {element.get('lon')}")


def _position(numbers: Sequence[str], text: str) -> Point:
    """Longitude and latitude, as KML has them, and maybe a height."""
    try:
        return float(numbers[1]), float(numbers[0])
    except (ValueError, IndexError):
        refuse(f"has a position {' '.join(text.split())[:40]!r} that is not longitude and latitude")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
