"""Statements as sentences; names of countries, languages and classes come from the tables that ship."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import get_args

from engine.evidence.countries.facts import Fact, countries, values_of
from engine.layers.builtin import CLASSES
from engine.layers.shipped import shipped_partitions

Titles = Callable[[str, str], str]
"""Gives the words for a value: first what it is (``"country"``, a fact, the name of a layer), then the value."""

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

LAYERS: Mapping[str, str] = {
    "climate": "Climate",
    "relief": "Terrain",
    "population": "Population density",
    "land_cover": "Land cover",
}
"""Titles of the layers that a statement may speak of."""

SIGHTS: Mapping[str, str] = {"snow": "Snow on the ground", "palm_trees": "Palm trees"}
"""What can be seen."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MOST_SPELLED = 5
"""Countries or labels that a sentence spells out; of more it says how many there are."""


def titles(kind: str, value: str) -> str:
    """The words for a value, or the value itself where no table knows it."""
    return _table(kind).get(value, value)


def number(value: float) -> str:
    """``2000`` as ``"2,000"``, ``2.5`` as ``"2.5"``."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def listed(names: Sequence[str]) -> str:
    """``"Chile, Peru or Bolivia"``; a long list is cut."""
    if len(names) > MOST_SPELLED:
        return f"{', '.join(names[:MOST_SPELLED])} or {len(names) - MOST_SPELLED} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def country_is(codes: Sequence[str], negated: bool, title: Titles) -> str:
    """``"In Chile"``."""
    return f"{'Not in' if negated else 'In'} {listed([title('country', code) for code in codes])}"


def country_fact(fact: str, value: str, negated: bool, title: Titles) -> str:
    """``"Cars drive on the left"``."""
    return FACTS[fact][int(negated)].format(title(fact, value))


def label_is(partition: str, labels: Sequence[str], negated: bool, title: Titles) -> str:
    """``"Terrain: mountains"``."""
    names = [_small(title(partition, label)) for label in labels]
    return f"{LAYERS[partition]}: {'not ' if negated else ''}{listed(names)}"


def seen(what: str, month: int | None) -> str:
    """``"Snow on the ground in March"``."""
    return SIGHTS[what] + (f" in {MONTHS[month - 1]}" if month is not None else "")


def elevation(lowest_m: float | None, highest_m: float | None) -> str:
    """``"Above 2,000 m"``."""
    if lowest_m is None:
        return f"Below {number(highest_m or 0.0)} m"
    if highest_m is None:
        return f"Above {number(lowest_m)} m"
    return f"Between {number(lowest_m)} and {number(highest_m)} m"


@cache
def _table(kind: str) -> Mapping[str, str]:
    """Words by value of one kind."""
    if kind == "country":
        return {country.code: country.name for country in countries()}
    for fact in get_args(Fact):
        if kind == fact:
            return {value: title for value, title, _ in values_of(fact)}
    if kind in CLASSES:
        return {entry.label: entry.title for entry in CLASSES[kind]}
    return next((dict(zip(p.labels, p.titles, strict=True)) for p in shipped_partitions() if p.name == kind), {})


def _small(title: str) -> str:
    """A title inside a sentence: without its capital, unless it is an abbreviation."""
    return title[0].lower() + title[1:] if title[:1].isupper() and title[1:2].islower() else title
