"""Clues of names of towns, where another clue points to their country.

A name alone is nothing: Kassa is a till, Limit a limit, and Essen, Cognac, Split and Cadillac have other meanings. So a
place counts only where it has many people, where the whole line is its name, and where another line points to its
country.
"""

import re
from collections.abc import Sequence
from functools import cache

from engine.evidence.gazetteer import GazetteerPlace, fold, search
from engine.evidence.statements.areas import Circle
from engine.signs.clues import Clue, is_clear
from engine.signs.lines import TextLine

LEAST_PEOPLE = 20_000
"""People of a place that counts."""

LEAST_LETTERS = 4
"""Letters of its name."""

NEAR_KM = 100.0
"""A sign that names a town usually stands within so many kilometres of it."""

MOST_COUNTRIES = 12
"""A clue that points to more countries supports none of them."""

MOST_NAMES = 12
"""Places of one name that are looked at."""

_TRIM = re.compile(r"[\d\W_]+$|^[\d\W_]+|\b(?:km|mi|m)\b\.?$", re.IGNORECASE)

_WORDS_TEXT = """
kassa limit essen cognac split cadillac orange nice reading bath mobile hull sale bar bus taxi hotel police exit
parking stop victoria santiago san jose union center centre central station park plaza male most bari ancona as tours
brest lens vienne chartres agen concord liberty independence hope paradise eden spa salon salem bayern born halle
hagen baden bonn marl unna hamm much wien gas ham buffalo phoenix eagle jackson lincoln madison houston austin marina
mercedes granada leon toledo valencia carmen dolores rosario socorro progreso libertad esperanza salvador florida
california america europa roma paris london berlin kingston windsor york wellington hamilton richmond
"""
WORDS = frozenset(_WORDS_TEXT.split())
"""Names that mean something else on a sign, or that many places share."""


def find_places(lines: Sequence[TextLine], clues: Sequence[Clue]) -> Sequence[Clue]:
    """Clues of names of places that the other clues of the photo support."""
    supported = {
        code: clue
        for clue in clues
        if clue.safe
        for code in clue.countries()
        if len(clue.countries()) <= MOST_COUNTRIES
    }
    found = (_place(line, supported) for line in lines if supported and is_clear(line))
    return [clue for clue in found if clue is not None]


def _place(line: TextLine, supported: dict[str, Clue]) -> Clue | None:
    name = fold(_trimmed(line.text))
    if len(name) < LEAST_LETTERS or name in WORDS:
        return None
    for place in _named(name):
        clue = supported.get(place.country)
        if clue is not None and clue.line != line:
            shape = Circle(place.latitude, place.longitude, NEAR_KM, name=place.name[:100])
            reason = f"{place.name} is a town in {place.country_name}, to which another line points as well"
            return Clue("place", shape, line, reason)
    return None


def _trimmed(text: str) -> str:
    """A text without distances, arrows and punctuation around it."""
    before = ""
    while before != text:
        before, text = text, _TRIM.sub("", text).strip()
    return text


@cache
def _named(name: str) -> tuple[GazetteerPlace, ...]:
    """Places of many people that are called so, as a whole, those of most people first."""
    found = search(name, MOST_NAMES)
    return tuple(
        place
        for place in found
        if place.population >= LEAST_PEOPLE and name in {fold(place.name), *map(fold, place.other_names)}
    )
