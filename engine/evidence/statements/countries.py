"""Statements about the country: which one it is, and facts that hold in it, for instance the side of the road."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.errors import InputError
from engine.evidence.countries.facts import Fact, codes_with
from engine.evidence.countries.regions import on_continent, seen_in_regions
from engine.evidence.countries.visibility import seen_in
from engine.evidence.shapes.polygons import check_name
from engine.evidence.statements import sentences
from engine.evidence.statements.base import check_values
from engine.evidence.statements.likelihood import (
    CONTINENTS,
    COUNTRIES,
    REGIONS,
    CellShares,
    EvidenceMap,
    LabelShares,
    has_partition,
    negate_if,
    shares_of_labels,
)
from engine.evidence.statements.sentences import Titles
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

FACTS: Mapping[str, tuple[str, str]] = {
    "drives": ("Cars drive on the {}", "Cars do not drive on the {}"),
    "language": ("The language is {}", "The language is not {}"),
    "script": ("The script is {}", "The script is not {}"),
    "suffix": ("Country-code domain {}", "Country-code domain is not {}"),
    "prefix": ("Calling code {}", "Calling code is not {}"),
    "currency": ("Prices are in {}", "Prices are not in {}"),
    "plate": ("Plate country code {}", "Plate country code is not {}"),
    "plate_look": ("Plate appearance: {}", "Plate appearance: not {}"),
    "continent": ("In {}", "Not in {}"),
}
"""Per fact the sentence and its opposite."""

_CODE = re.compile(r"[A-Z][A-Z0-9_-]{1,7}")


@dataclass(frozen=True)
class CountryIs:
    """The place is in one of some countries, or in none of them.

    Attributes:
        codes: ISO 3166-1 alpha-2 codes in capitals, as the partition ``countries`` has them.
        negated: the place is in none of them.
    """

    kind: ClassVar[str] = "country_is"
    gradual: ClassVar[bool] = False

    codes: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        check_values(self.codes, "countries")
        for code in self.codes:
            if not _CODE.fullmatch(code):
                raise InputError(f"{code[:40]!r} is not the code of a country; give two capitals such as CL.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"In Chile"``, ``"Not in Chile or Peru"``."""
        title = titles or sentences.titles
        names = sentences.join_names([title("country", code) for code in self.codes])
        return f"{'Not in' if self.negated else 'In'} {names}"

    def likelihood(self, world: EvidenceMap) -> LabelShares:
        """1 in the countries, 0 elsewhere."""
        share = shares_of_labels(world.overlay.table(COUNTRIES), self.codes)
        return LabelShares(COUNTRIES, negate_if(self.negated, share))


@dataclass(frozen=True)
class CountryFact:
    """The place is in a country of which something holds, for instance that cars drive on the left.

    Attributes:
        fact: what is known.
        value: as the table of countries has it, for instance ``"left"``, ``"de"``, ``"Cyrl"``, ``".de"``, ``"+49"``.
        negated: it does not hold there.
    """

    kind: ClassVar[str] = "country_fact"
    gradual: ClassVar[bool] = False

    fact: Fact
    value: str
    negated: bool = False

    def __post_init__(self) -> None:
        check_name(self.value, "what was seen")
        if self.fact not in FACTS:
            raise InputError(f"There is no fact {self.fact[:40]!r}; use one of {', '.join(FACTS)}.")
        if not self.value:
            raise InputError(f"A statement about {self.fact} names no value; choose one from the list.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Cars drive on the left"``, ``"The language is not German"``."""
        title = titles or sentences.titles
        return FACTS[self.fact][int(self.negated)].format(title(self.fact, self.value))

    def likelihood(self, world: EvidenceMap) -> LabelShares | CellShares:
        """How often the value is seen; see ``visibility`` and ``regions`` of ``engine.evidence.countries``."""
        if self.fact == "continent" and has_partition(world, CONTINENTS):
            return LabelShares(CONTINENTS, negate_if(self.negated, self._on_continents(world)))
        by_country = self._in_countries(world)
        if self.fact not in ("language", "script") or not has_partition(world, REGIONS):
            return LabelShares(COUNTRIES, negate_if(self.negated, by_country))
        regions, seen = world.overlay.table(REGIONS), seen_in_regions(self.fact, self.value)
        by_region = np.array([*(seen.get(label, 0.0) for label in regions.labels), 0.0])
        in_country = by_country[world.overlay.table(COUNTRIES).cell_label]
        share = np.where(regions.cell_label == NOWHERE, in_country, by_region[regions.cell_label])
        return CellShares(negate_if(self.negated, share))

    def _on_continents(self, world: EvidenceMap) -> FloatArray:
        """``(labels + 1,)`` how often people say of each label that it is on the continent."""
        codes_with("continent", self.value)  # refuses one that there is not
        table = world.overlay.table(CONTINENTS)
        share = np.zeros(len(table.labels) + 1)
        np.maximum.at(share, table.owner, on_continent(table.labels, self.value))
        return share

    def _in_countries(self, world: EvidenceMap) -> FloatArray:
        """``(labels + 1,)`` how often the value is seen in each country."""
        seen = seen_in(self.fact, self.value)
        table = world.overlay.table(COUNTRIES)
        share = np.zeros(len(table.labels) + 1)
        for label, code in enumerate(table.labels):
            share[table.owner[label]] = max(share[table.owner[label]], seen.get(code, 0.0))
        return share
