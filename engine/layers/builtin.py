"""The two approximate layers that ship with the project, and what is on record about them.

They stand in for LandScan Global and ESA-CCI Land Cover, the layers of Bianco et al. 2024 (section 4.1), until the
licensed rasters are supplied. ``assets/records.toml`` and ``assets/scripts`` document how they were derived.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.layers.assets_folder import assets_path
from engine.layers.raster import read_on_grid
from engine.partitions.partition import Partition


@dataclass(frozen=True)
class LayerClass:
    """One label of a layer as people read it.

    Attributes:
        label: the label of the partition, for instance ``"other_forest"``.
        title: a few words for a legend.
        colour: ``#rrggbb``; the colours of one layer stay at least 30 CIELAB units apart for eyes that confuse red
            with green.
    """

    label: str
    title: str
    colour: str


POPULATION_CLASSES = (
    LayerClass("lowest", "Wilderness and open country", "#3b528b"),
    LayerClass("low", "Villages and dense countryside", "#21918c"),
    LayerClass("medium", "Towns and suburbs", "#7ad151"),
    LayerClass("high", "Dense city", "#fde725"),
)
"""The four buckets of Bianco et al. 2024, section 4.2, lowest first."""

LAND_COVER_CLASSES = (
    LayerClass("cropland", "Cropland", "#ffe135"),
    LayerClass("broadleaf_forest", "Broad-leaved forest", "#3aa76d"),
    LayerClass("other_forest", "Needle-leaved and mixed forest", "#0b4f3a"),
    LayerClass("short_vegetation", "Shrubs, grass, lichen, sparse plants", "#c46a00"),
    LayerClass("flooded_vegetation", "Flooded vegetation", "#3f9bf0"),
    LayerClass("urban", "Urban area", "#7a0177"),
    LayerClass("bare_water_snow", "Bare ground, water, snow and ice", "#e8e8e8"),
)
"""The seven merged classes of Bianco et al. 2024, section 5.2, in the order of ESA-CCI's codes."""

CLASSES: Mapping[str, tuple[LayerClass, ...]] = {
    "population": POPULATION_CLASSES,
    "land_cover": LAND_COVER_CLASSES,
}
"""Legend of each built-in layer by the name of its partition."""

ROWS = 5400
"""Rows of a built-in layer; it has twice as many columns."""


@dataclass(frozen=True)
class LayerRecord:
    """What is on record about a file in ``assets``.

    Attributes:
        name: ``"population"``, ``"land_cover"``, ``"blue_marble"``, ``"lines"`` or ``"borders"``.
        file: path inside ``assets``.
        title: a few words.
        description: what it is and how it was made, in a sentence or two.
        caveat: what it is not, for the dashboard to show; empty for the base map.
        sources: where the data comes from.
        licences: SPDX identifier or name of the licence of each source, in the same order.
        script: what makes the file again, path inside the project.
        sha256: hexadecimal digest of the file.
        bytes: its size.
        land_shares: percent of the land per label, in the order of the labels; empty for the base map.
    """

    name: str
    file: str
    title: str
    description: str
    caveat: str
    sources: tuple[str, ...]
    licences: tuple[str, ...]
    script: str
    sha256: str
    bytes: int
    land_shares: tuple[float, ...] = ()


def population(grid: Grid) -> Partition:
    """The Earth in four buckets of population density, ``POPULATION_CLASSES``; water belongs to none.

    On a coarser grid a pixel is land when any part of it is, so that islands stay, and takes the bucket that covers
    most of its land.

    Raises:
        LayerError: the file is missing or not what its record says.
    """
    return _partition("population", grid)


def land_cover(grid: Grid) -> Partition:
    """The Earth in seven classes of land cover, ``LAND_COVER_CLASSES``; every pixel belongs to one, water to the last.

    On a coarser grid a pixel takes the class that covers most of it.

    Raises:
        LayerError: the file is missing or not what its record says.
    """
    return _partition("land_cover", grid)


def record(name: str) -> LayerRecord:
    """The record of a file in ``assets`` by its name.

    Raises:
        LayerError: there is no record of that name, or the records are missing or damaged.
    """
    known = {entry.name: entry for entry in records()}
    if name not in known:
        raise LayerError(f"There is no built-in file named {name!r}; the names are {', '.join(known)}.")
    return known[name]


@cache
def records() -> tuple[LayerRecord, ...]:
    """The records of all files in ``assets``, in the order of ``assets/records.toml``.

    Raises:
        LayerError: the records are missing or damaged.
    """
    return read_records(assets_path("records.toml"))


def read_records(path: Path) -> tuple[LayerRecord, ...]:
    """The records in a TOML file with one table ``[[asset]]`` per file.

    Raises:
        LayerError: the file is not TOML or a field is missing or unknown.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["asset"]
        return tuple(_record_of(table) for table in tables)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise LayerError(
            f"The records in {path.name} cannot be read ({type(error).__name__}); "
            "run assets/scripts/build_layers.py or install the project again."
        ) from error


def _record_of(table: dict[str, Any]) -> LayerRecord:
    """The record in one TOML table; its lists become tuples."""
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return LayerRecord(**fields)


def path_of(name: str) -> Path:
    """The file of a built-in layer; it is not looked at.

    Raises:
        LayerError: it is missing.
    """
    return assets_path(record(name).file)


def layer_path(name: str) -> Path:
    """The file of a built-in layer, once its digest was compared.

    Raises:
        LayerError: the file is missing or not what its record says.
    """
    return _check_file(record(name))


def _partition(name: str, grid: Grid) -> Partition:
    labels = tuple(entry.label for entry in CLASSES[name])
    raster = read_on_grid(_check_file(record(name)), grid, len(labels))
    return Partition(name, labels, grid, raster)


def _check_file(entry: LayerRecord) -> Path:
    """The file of a record, after its digest was compared: two megabytes cost a few milliseconds."""
    path = assets_path(entry.file)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        message = f"The layer {path.name} cannot be opened ({error.strerror}); check its permissions."
        raise LayerError(message) from error
    if digest != entry.sha256:
        raise LayerError(
            f"The layer assets/{entry.file} has SHA-256 {digest[:12]}..., its record says {entry.sha256[:12]}...; "
            "install the project again or run assets/scripts/build_layers.py."
        )
    return path
