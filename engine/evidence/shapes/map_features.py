"""What map files hold, before anything is judged: features with a name, a folder, rings, lines and points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from engine.errors import InputError
from engine.evidence.shapes.polygons import Point

LARGEST_BYTES = 60_000_000
"""Size that a file may have, and its contents when they are unpacked."""

MOST_FEATURES = 5_000
MOST_POSITIONS = 2_000_000

FORMATS = "KML, KMZ, GPX, GeoJSON (also of CalTopo and SARTopo), GeoPackage or a zipped Shapefile"
REMEDY = f"save the areas as {FORMATS}, in degrees (WGS 84)"

Line = tuple[Point, ...]


@dataclass(frozen=True)
class MapFeature:
    """One feature of a file; latitudes before longitudes, in degrees.

    Attributes:
        name: as the file has it, or empty.
        folder: that it lies in, or empty.
        kind: the file's own word for it: ``"Assignment"``, ``"track"``; or empty.
        polygons: each an outline and its holes, as they stand in the file.
        lines: open or closed.
        points: single ones.
        values: other texts of the feature, by lower-case name.
    """

    name: str = ""
    folder: str = ""
    kind: str = ""
    polygons: tuple[tuple[Line, ...], ...] = ()
    lines: tuple[Line, ...] = ()
    points: tuple[Point, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether it has no geometry at all."""
        return not (self.polygons or self.lines or self.points)


@dataclass(frozen=True)
class MapFile:
    """The features of a file.

    Attributes:
        features: in their order.
        notes: whole sentences on what was not read.
    """

    features: tuple[MapFeature, ...]
    notes: tuple[str, ...] = ()


def refusal(what: str) -> InputError:
    """The error for a file that cannot be used; ``what`` is the rest of a sentence about it."""
    return InputError(f"The file {what}; {REMEDY}.")


def refuse(what: str) -> NoReturn:
    """Raise ``refusal``.

    Raises:
        InputError: always.
    """
    raise refusal(what)


def check_counts(features: int, positions: int) -> None:
    """Refuse more than can be drawn.

    Raises:
        InputError: there are too many features or positions.
    """
    if features > MOST_FEATURES:
        raise InputError(f"The file has more than {MOST_FEATURES:,} features; save the part that the search is about.")
    if positions > MOST_POSITIONS:
        raise InputError(f"The file has more than {MOST_POSITIONS:,} positions; simplify it before it is read.")


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
