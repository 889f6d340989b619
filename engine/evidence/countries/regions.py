"""Languages and continents below the country level: German in Bolzano, Honolulu in Oceania.

Which languages stand on signs in a region is a reviewed table, ``assets/scripts/language_region_table.py``; regions and
continents are partitions of their own, so that statements about them end where they do.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from engine.errors import LayerError
from engine.evidence.countries.facts import Fact, Language, countries, country
from engine.evidence.countries.visibility import EVERYWHERE, share_of_language
from engine.layers import builtin

TABLE = "evidence_region_languages"

SECOND = 0.6
"""How often people give the second of the two continents that a place may be on, beside the first."""


@dataclass(frozen=True)
class Region:
    """A region in which other languages stand on signs than in the rest of its country.

    Attributes:
        label: of the partition ``language_regions``.
        title: for people.
        country: ISO 3166 alpha-2.
        languages: ISO 639 -> how often it is seen there beside the country where it is seen most; what is not listed is
            as in the country.
        reason: why.
    """

    label: str
    title: str
    country: str
    languages: Mapping[str, float]
    reason: str


@cache
def regions() -> tuple[Region, ...]:
    """All regions, in the order of the partition's labels.

    Raises:
        LayerError: the table is missing or damaged.
    """
    try:
        return tuple(Region(**row) for row in json.loads(builtin.layer_path(TABLE).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise LayerError(
            f"The languages of regions cannot be read ({type(error).__name__}); install the project again."
        ) from error


@cache
def seen_in_regions(fact: Fact, value: str) -> Mapping[str, float]:
    """Label of each region -> how often a language or script is seen there, in [0, 1]; see ``visibility.seen_in``."""
    least = EVERYWHERE.get((fact, value), 0.0)
    return {each.label: max(_share(each, fact, value), least) for each in regions()}


def on_continent(labels: Sequence[str], code: str) -> list[float]:
    """How often people say of places with each label of the partition ``continents`` that they are on a continent."""
    return [1.0 if label.split("_")[0] == code else SECOND if code in label.split("_") else 0.0 for label in labels]


def _share(region: Region, fact: Fact, value: str) -> float:
    here = country(region.country)
    usual = {each.code: share_of_language(here, each) for each in here.languages}
    shares = usual | dict(region.languages)
    if fact == "language":
        return shares.get(value, 0.0)
    return max((share for code, share in shares.items() if value in _scripts_of(region.country, code)), default=0.0)


@cache
def _scripts_of(where: str, code: str) -> tuple[str, ...]:
    """Scripts of a language in a country, or in any where that country does not list it."""
    here = next((each for each in country(where).languages if each.code == code), None)
    return here.scripts if here else _anywhere().get(code, _NONE).scripts


@cache
def _anywhere() -> dict[str, Language]:
    return {language.code: language for each in countries() for language in each.languages}


_NONE = Language("", "", 0.0, "spoken", ())
