"""Attributes: what a raster measures, as a record and a table of classes; all that adding an attribute takes.

The two of Bianco et al. 2024 are here; more come from a small TOML file (docs/layers.md).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.errors import LayerError
from engine.layers import lccs
from engine.layers.builtin import LAND_COVER_CLASSES, POPULATION_CLASSES, LayerClass

MOST_CLASSES = 120
"""A label fits one signed byte, and no legend of more classes is readable."""

FINEST = (64800, 129600)
"""Rows and columns of the finest raster that is taken, 10 arc-seconds; coarser ones divide it."""


@dataclass(frozen=True)
class LogBuckets:
    """As many classes as there are, of equal width in log10 over the raster's positive values; 0 is in the lowest."""


@dataclass(frozen=True)
class Bands:
    """Classes by rising value: class k holds ``edges[k - 1] <= value < edges[k]``; one edge less than classes."""

    edges: tuple[float, ...]


@dataclass(frozen=True)
class Values:
    """Classes by whole number.

    Attributes:
        of_class: the numbers of each class.
        nowhere: numbers that belong to no class, besides the raster's no-data.
        water: values that belong to a class but are not counted as land in shares of the land.
    """

    of_class: tuple[tuple[int, ...], ...]
    nowhere: tuple[int, ...] = ()
    water: tuple[int, ...] = ()


Rule = LogBuckets | Bands | Values


@dataclass(frozen=True)
class Attribute:
    """One attribute of a satellite layer, for instance land cover.

    Attributes:
        name: of the layer and its partition: small letters, digits and ``_``.
        title: a few words.
        classes: the labels, in the order of a prediction's probabilities.
        rule: how a value of the raster becomes a class.
        native: rows and columns that the product is published with; ``(0, 0)`` where any is right.
        variable: of a NetCDF file.
        licence: of the product.
        source: what to cite.
        paper_shares: percent of the land per class in Bianco et al. 2024; empty where not printed.
    """

    name: str
    title: str
    classes: tuple[LayerClass, ...]
    rule: Rule
    native: tuple[int, int] = (0, 0)
    variable: str = ""
    licence: str = ""
    source: str = ""
    paper_shares: tuple[float, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the partition."""
        return tuple(entry.label for entry in self.classes)


POPULATION = Attribute(
    name="population",
    title="Population density",
    classes=POPULATION_CLASSES,
    rule=LogBuckets(),
    native=(21600, 43200),
    licence="CC-BY-4.0",
    source="LandScan Global, Oak Ridge National Laboratory, https://landscan.ornl.gov",
    paper_shares=(93.9, 4.93, 1.10, 0.029),
)
"""LandScan Global, Bianco et al. 2024, sections 4.1.1 and 5.1."""

LAND_COVER = Attribute(
    name="land_cover",
    title="Land cover",
    classes=LAND_COVER_CLASSES,
    rule=Values(
        tuple(lccs.values_of(entry.label) for entry in LAND_COVER_CLASSES), (lccs.NO_DATA_VALUE,), (lccs.WATER_VALUE,)
    ),
    native=FINEST,
    variable="lccs_class",
    licence="ESA-CCI Land Cover terms: free for any use with credit",
    source="ESA Climate Change Initiative - Land Cover led by UCLouvain, http://www.esa-landcover-cci.org",
)
"""ESA-CCI Land Cover, Bianco et al. 2024, sections 4.1.2 and 5.2."""

PUBLISHED: Mapping[str, Attribute] = {"population": POPULATION, "land_cover": LAND_COVER}
"""Attributes of Bianco et al. 2024 by name; a user's layer of this name replaces the built-in one."""


def read_attribute(path: Path) -> Attribute:
    """An attribute from a TOML file: a record and ``[[class]]`` tables.

    Raises:
        LayerError: the file cannot be read or is not such a record.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LayerError(
            f"The attribute {path.name} cannot be read as TOML ({error}); see docs/layers.md for one that works."
        ) from error
    return attribute_of(table, path.name)


def attribute_of(table: Mapping[str, Any], file_name: str) -> Attribute:
    """An attribute from the table of its record.

    Raises:
        LayerError: a field is missing, unknown or invalid.
    """
    try:
        classes = tuple(LayerClass(str(c["label"]), str(c["title"]), str(c["colour"])) for c in table["class"])
        rows, columns = table.get("native", (0, 0))
        attribute = Attribute(
            name=str(table["name"]),
            title=str(table["title"]),
            classes=classes,
            rule=_rule_of(table),
            native=(int(rows), int(columns)),
            variable=str(table.get("variable", "")),
            licence=str(table.get("licence", "")),
            source=str(table.get("source", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LayerError(
            f"The attribute {file_name} lacks or garbles the field {error}; see docs/layers.md for one that works."
        ) from error
    _check(attribute, file_name)
    return attribute


def _rule_of(table: Mapping[str, Any]) -> Rule:
    """By ``log10_buckets = true``, ``edges = [...]``, or ``values = [...]`` in each class."""
    if table.get("log10_buckets"):
        return LogBuckets()
    if "edges" in table:
        return Bands(tuple(float(edge) for edge in table["edges"]))
    numbers = tuple(tuple(int(value) for value in entry["values"]) for entry in table["class"])
    nowhere, water = (tuple(int(value) for value in table.get(key, ())) for key in ("nowhere", "water"))
    return Values(numbers, nowhere, water)


def _rises(edges: tuple[float, ...], count: int) -> bool:
    return len(edges) == count and all(low < high for low, high in pairwise(edges))


def _check(attribute: Attribute, file_name: str) -> None:
    """What would not show until much later."""
    trouble = ""
    name, labels, rule = attribute.name, attribute.labels, attribute.rule
    if not (name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and name[0].isalpha()):
        trouble = f"the name {name!r}, expected were small letters, digits and _"
    elif not 2 <= len(labels) <= MOST_CLASSES or len(set(labels)) < len(labels):
        trouble = f"{len(labels)} classes, expected were 2 to {MOST_CLASSES} with different labels"
    elif isinstance(rule, Bands) and not _rises(rule.edges, len(labels) - 1):
        trouble = f"{len(rule.edges)} edges for {len(labels)} classes, expected were one edge less than classes, rising"
    elif isinstance(rule, Values):
        numbers = [*rule.nowhere, *(value for some in rule.of_class for value in some)]
        if len(set(numbers)) < len(numbers) or not all(0 <= value <= 65535 for value in numbers):
            trouble = "a value in two classes or outside 0 to 65535"
    if trouble:
        raise LayerError(f"The attribute {file_name} has {trouble}; correct it, see docs/layers.md for one that works.")
