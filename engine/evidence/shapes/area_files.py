"""Files with areas as planners have them: what encloses something is an area with its name, the rest is offered.

A marker is offered as a circle, a track as a corridor. Formats are told by their content, not by the file's name.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise

from engine.errors import InputError
from engine.evidence.shapes.json_files import read_geojson
from engine.evidence.shapes.map_features import LARGEST_BYTES, REMEDY, Line, MapFeature, MapFile, refuse
from engine.evidence.shapes.mending import circle_polygon, corridor, mend
from engine.evidence.shapes.polygons import MOST_NAME, Point, Polygon, area_km2
from engine.evidence.shapes.table_files import read_geopackage, read_shapefile
from engine.evidence.shapes.xml_files import read_kmz, read_xml
from engine.evidence.statements.areas import DrawnArea
from engine.geometry.sphere import great_circle_km
from engine.photos.plain import plain_text

CLOSED_KM, CLOSED_SHARE = 0.05, 0.02
"""A recorded track counts as closed where its ends are within 50 m, or within 2 % of its length."""


@dataclass(frozen=True)
class NamedArea:
    """An area of a file.

    Attributes:
        name: as the file has it, shortened; may be empty.
        polygons: what it encloses.
        folder: that it lay in, or empty.
        values: other texts of the feature, by lower-case name.
    """

    name: str
    polygons: tuple[Polygon, ...]
    folder: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def area_km2(self) -> float:
        """On the sphere."""
        return area_km2(self.polygons)

    def drawn(self, include: bool = True) -> DrawnArea:
        """The area for a statement."""
        return DrawnArea(self.polygons, include, self.name)


@dataclass(frozen=True)
class Offer:
    """Something that encloses nothing: a marker, which may become a circle, or a track, which may become a corridor.

    Attributes:
        name: as the file has it, or empty.
        lines: of a track.
        point: of a marker.
    """

    name: str
    lines: tuple[Line, ...] = ()
    point: Point | None = None

    @property
    def kind(self) -> str:
        """``"marker"`` or ``"track"``."""
        return "track" if self.point is None else "marker"

    def as_area(self, width_km: float) -> NamedArea:
        """A circle of that diameter around a marker, or a corridor of that width along a track.

        Raises:
            InputError: the width is not above 0, or too large.
        """
        if self.point is not None:
            if not 0.0 < width_km <= 200.0:
                raise InputError(f"A circle {width_km:g} km across makes no area; give a number above 0 up to 200 km.")
            return NamedArea(self.name, (circle_polygon(*self.point, width_km / 2),))
        return NamedArea(self.name, tuple(part for line in self.lines for part in corridor(line, width_km)))


@dataclass(frozen=True)
class AreaFile:
    """What a file has for a search.

    Attributes:
        areas: in the order of the file.
        offers: markers and tracks, which enclose nothing.
        notes: whole sentences: what was mended, what was left out.
    """

    areas: tuple[NamedArea, ...]
    offers: tuple[Offer, ...] = ()
    notes: tuple[str, ...] = ()


def read_area_file(data: bytes) -> AreaFile:
    """The areas of a KML, KMZ, GPX, GeoJSON or GeoPackage file, or of a zipped Shapefile.

    Raises:
        InputError: it is none of them, too large or damaged; or it holds neither an area nor what could become one.
    """
    return _judge(_features(data))


def _features(data: bytes) -> MapFile:
    if len(data) > LARGEST_BYTES:
        refuse(f"is {len(data) / 1e6:.0f} MB large, and at most {LARGEST_BYTES / 1e6:.0f} MB are read")
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x1e\x00\xff\xfe")
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    if data.startswith(b"SQLite format 3\x00"):
        return read_geopackage(data)
    if start.startswith(b"<"):
        return read_xml(data)
    if start[:1] in (b"{", b"["):
        return read_geojson(data)
    raise InputError(f"The file is of a kind that holds no areas; {REMEDY}.")


def _archive(data: bytes) -> MapFile:
    try:
        names = [name.lower() for name in zipfile.ZipFile(BytesIO(data)).namelist()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError("The archive is damaged or cut; save it again.") from error
    return read_kmz(data) if any(name.endswith(".kml") for name in names) else read_shapefile(data)


def _judge(file: MapFile) -> AreaFile:
    areas: list[NamedArea] = []
    offers: list[Offer] = []
    notes = list(file.notes)
    left: Counter[str] = Counter()
    for feature in file.features:
        name = plain_text(feature.name, MOST_NAME).strip()
        rings = [*feature.polygons, *((line,) for line in feature.lines if _closed(line, feature.kind))]
        open_lines = tuple(line for line in feature.lines if not _closed(line, feature.kind))
        if rings:
            areas += _areas(feature, name, rings, notes)
        if open_lines:
            offers.append(Offer(name, open_lines))
            left["line"] += 1
        for point in feature.points:
            offers.append(Offer(name, (), point))
            left["point"] += 1
        if feature.empty:
            left["folder" if feature.kind == "Folder" else "feature without geometry"] += 1
    if left:
        notes.append(f"{_listed(left)} {'was' if sum(left.values()) == 1 else 'were'} left out: {_why(left)}.")
    if not areas and not offers:
        raise InputError(f"The file holds no area, track or marker that can be used; {REMEDY}.")
    return AreaFile(tuple(areas), tuple(offers), tuple(dict.fromkeys(notes)))


def _areas(feature: MapFeature, name: str, rings: Sequence[Sequence[Line]], notes: list[str]) -> Iterator[NamedArea]:
    mended = mend(rings)
    called = f"'{name}'" if name else "An area without a name"
    notes += [f"{called} {note}." for note in mended.notes]
    if mended.polygons:
        yield NamedArea(name, mended.polygons, plain_text(feature.folder, MOST_NAME).strip(), feature.values)
    else:
        notes.append(f"{called} has no area that can be used and was left out.")


def _closed(line: Line, kind: str) -> bool:
    """Whether a line encloses something: it ends where it began, for recorded tracks nearly."""
    if len(line) < 4:
        return False
    gap = float(great_circle_km(*line[0], *line[-1]))
    if gap < 1e-4:
        return True
    if kind not in ("track", "AppTrack", "LiveTrack"):
        return False
    length = sum(float(great_circle_km(*a, *b)) for a, b in pairwise(line))
    return gap <= max(min(CLOSED_KM, length / 4), CLOSED_SHARE * length)


def _listed(left: Counter[str]) -> str:
    words = [f"{count} {_plural(what, count)}" for what, count in left.items()]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _plural(what: str, count: int) -> str:
    return what if count == 1 else re.sub(r"^(\w+)", r"\1s", what)


def _why(left: Counter[str]) -> str:
    offered = [f"a {what} can become a {area}" for what, area in (("point", "circle"), ("line", "corridor"))
               if left[what]]  # fmt: skip
    nothing = "it encloses nothing" if sum(left.values()) == 1 else "they enclose nothing"
    return nothing + (f"; {' and '.join(offered)}" if offered else "")
