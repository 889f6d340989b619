"""Parts of sentences that several kinds of statements share; names come from the tables that ship."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import get_args

from engine.evidence.countries.facts import Fact, countries, values_of
from engine.layers.builtin import CLASSES
from engine.layers.shipped import shipped_partitions

Titles = Callable[[str, str], str]
"""Gives the words for a value: first what it is (``"country"``, a fact, the name of a layer), then the value."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MOST_SPELLED = 5
"""Countries or labels that a sentence spells out; it counts the others."""


def titles(kind: str, value: str) -> str:
    """The words for a value, or the value itself where no table has it."""
    return _titles_by_value(kind).get(value, value)


def format_number(value: float) -> str:
    """``2000`` as ``"2,000"``, ``2.5`` as ``"2.5"``."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def join_names(names: Sequence[str]) -> str:
    """``"Chile, Peru or Bolivia"``; a long list is cut."""
    if len(names) > MOST_SPELLED:
        return f"{', '.join(names[:MOST_SPELLED])} or {len(names) - MOST_SPELLED} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def lower_initial(title: str) -> str:
    """A title inside a sentence: without its capital, unless it is an abbreviation."""
    return title[0].lower() + title[1:] if title[:1].isupper() and title[1:2].islower() else title


@cache
def _titles_by_value(kind: str) -> Mapping[str, str]:
    if kind == "country":
        return {country.code: country.name for country in countries()}
    for fact in get_args(Fact):
        if kind == fact:
            return {value: title for value, title, _ in values_of(fact)}
    if kind in CLASSES:
        return {entry.label: entry.title for entry in CLASSES[kind]}
    return next((dict(zip(p.labels, p.titles, strict=True)) for p in shipped_partitions() if p.name == kind), {})
