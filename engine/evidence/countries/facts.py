"""What a photo may show of a country: side of the road, languages, scripts, country-code domain, calling code ...

Facts from GeoNames, CLDR and manually curated lists, combined by ``assets/scripts/country_table.py``. The codes are
those of the partition ``countries``.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from engine.errors import InputError, LayerError
from engine.layers import builtin

Fact = Literal["drives", "language", "script", "suffix", "prefix", "currency", "plate", "plate_look", "continent"]
FACTS: tuple[Fact, ...] = get_args(Fact)
"""The kinds of facts."""

Status = Literal["official", "regional", "spoken"]
TABLE = "evidence_country_table"


@dataclass(frozen=True)
class Language:
    """A language in a country.

    Attributes:
        code: ISO 639, for instance ``"de"``.
        title: in English.
        share: of the people who speak it, also as a second language, 0 to 1.
        status: official in the country, official in a region of it, or only widely spoken.
        scripts: ISO 15924, those that it is written in there.
    """

    code: str
    title: str
    share: float
    status: Status
    scripts: tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """A country or dependent area.

    Attributes:
        code: ISO 3166 alpha-2, or XK.
        alpha3: ISO 3166 alpha-3.
        name: in English.
        capital: in English; empty where there is none.
        continents: two-letter codes, two for a country that lies on two.
        drives: ``"left"``, ``"right"`` or empty where there are no roads.
        languages: those of most people first.
        scripts: ISO 15924, those of most people first.
        suffixes: of the internet, ``".de"``.
        prefixes: of the telephone, ``"+49"``; ``"+1"`` and ``"+1 684"`` where it is shared.
        currencies: ISO 4217.
        plates: distinguishing signs of vehicles, the one of today first.
        plate_looks: ``("rear_yellow", 1.0)``: a look of number plates and the share of private cars that have it, 0 to
            1. A look whose kind (colours, band) is not listed at all is not known.
        neighbours: codes of the countries that it has a land border with.
    """

    code: str
    alpha3: str
    name: str
    capital: str
    continents: tuple[str, ...]
    drives: str
    languages: tuple[Language, ...]
    scripts: tuple[str, ...]
    suffixes: tuple[str, ...]
    prefixes: tuple[str, ...]
    currencies: tuple[str, ...]
    plates: tuple[str, ...]
    plate_looks: tuple[tuple[str, float], ...]
    neighbours: tuple[str, ...]

    def values(self, fact: Fact) -> tuple[str, ...]:
        """What the country has of a fact, as ``codes_with`` takes it.

        Raises:
            InputError: there is no such fact.
        """
        known: dict[str, tuple[str, ...]] = {
            "drives": (self.drives,) if self.drives else (),
            "language": tuple(language.code for language in self.languages),
            "script": self.scripts,
            "suffix": self.suffixes,
            "prefix": self.prefixes,
            "currency": self.currencies,
            "plate": self.plates,
            "plate_look": tuple(look for look, share in self.plate_looks if share),
            "continent": self.continents,
        }
        return known[_check_fact(fact)]


def countries() -> tuple[Country, ...]:
    """All countries, by code.

    Raises:
        LayerError: the table is missing or damaged.
    """
    return _table()[0]


def country(code: str) -> Country:
    """The country of an ISO 3166 alpha-2 code, in capitals or not.

    Raises:
        InputError: there is none.
    """
    known = _by_code()
    if code.upper() not in known:
        raise InputError(f"There is no country {code!r}; give a two-letter ISO 3166 code, for instance DE.")
    return known[code.upper()]


def codes_with(fact: Fact, value: str) -> frozenset[str]:
    """Codes of the countries that have a value of a fact; ``codes_with("drives", "left")``.

    ``engine.evidence.countries.visibility`` has how often it is seen there.

    Raises:
        InputError: there is no such fact, or no country has the value.
    """
    found = _index(_check_fact(fact)).get(value)
    if found is None:
        raise InputError(f"No country has {value!r} as its {fact}; choose one of the values offered.")
    return found


@cache
def values_of(fact: Fact) -> tuple[tuple[str, str, int], ...]:
    """Value, title for people and number of countries of each value that a fact has anywhere, most countries first.

    Titles read ``"German"``, ``"Cyrillic"``, ``".de"``, ``"+49"``, ``"Euro (EUR)"``, ``"D"``, ``"yellow at the rear"``,
    ``"Asia"``, ``"left"``.

    Raises:
        InputError: there is no such fact.
    """
    titles = _table()[1].get(_check_fact(fact), {})
    count = Counter({value: len(codes) for value, codes in _index(fact).items()})
    rows = [(value, titles.get(value, value), number) for value, number in count.items()]
    return tuple(sorted(rows, key=lambda row: (-row[2], row[1], row[0])))


def _check_fact(fact: str) -> str:
    if fact not in FACTS:
        raise InputError(f"There is no fact {fact!r} of countries; the facts are {', '.join(FACTS)}.")
    return fact


@cache
def _index(fact: Fact) -> dict[str, frozenset[str]]:
    """Codes by value."""
    found: dict[str, set[str]] = {}
    for each in countries():
        for value in each.values(fact):
            found.setdefault(value, set()).add(each.code)
    return {value: frozenset(codes) for value, codes in found.items()}


@cache
def _by_code() -> dict[str, Country]:
    return {each.code: each for each in countries()}


@cache
def _table() -> tuple[tuple[Country, ...], dict[str, dict[str, str]]]:
    """The countries, and titles by fact and value."""
    try:
        table = json.loads(builtin.layer_path(TABLE).read_text("utf-8"))
        titles = table["titles"]
        return tuple(_country_of(row, titles["language"]) for row in table["countries"]), titles
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LayerError(
            f"The table of countries cannot be read ({type(error).__name__}); install the project again."
        ) from error


def _country_of(row: dict[str, Any], names: dict[str, str]) -> Country:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    fields["languages"] = tuple(
        Language(code, names[code], percent / 100, status, tuple(scripts.split()))
        for code, percent, status, scripts in row["languages"]
    )
    fields["plate_looks"] = tuple((look, percent / 100) for look, percent in row["plate_looks"])
    fields["scripts"] = tuple(dict.fromkeys(script for each in fields["languages"] for script in each.scripts))
    return Country(**fields)
