"""Searches places by name as the user types, from GeoNames, offline.

Accents, case and punctuation do not matter; "springfield, us" and "springfield, united states" ask for a country. Read
when first asked (half a second), then about a millisecond a search. Made by ``assets/scripts/gazetteer_table.py``.
"""

import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from engine.errors import InputError, LayerError
from engine.evidence.countries.facts import countries, country
from engine.geometry.sphere import check_point, unit_vectors
from engine.layers import builtin
from engine.typing import IntArray

if TYPE_CHECKING:
    from scipy.spatial import KDTree

TABLE = "evidence_places"
WHOLE_NAME = 10.0
"""Factor on the population of a place whose usual name equals the text: Bath ranks before Bathinda."""
OTHER_BEGINS = 1.0 / 30.0
"""Factor on the population of a place where only another name begins with the text: Paris ranks before Perth."""
LONGEST_TEXT = 200
"""Characters of a search text that are looked at."""

NAMES_A_PLACE = 60
"""Names looked at for each place wanted, because a place may have many that begin alike."""


_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŋ": "n"}
    | dict.fromkeys("'`.\u2019\u2018\u02bb\u02bc\u02be\u02bf\u00b4", "")  # apostrophes
    | dict.fromkeys("-/,_()\u2010\u2011\u2013\u2014", " ")  # hyphens
)


@dataclass(frozen=True)
class GazetteerPlace:
    """A populated place.

    Attributes:
        name: as GeoNames lists it, usually the English or the local one.
        country: ISO 3166 alpha-2 code.
        latitude, longitude: degrees.
        population: number of people; 0 where it is not known.
        other_names: in the script of the country and in other languages.
    """

    name: str
    country: str
    latitude: float
    longitude: float
    population: int
    other_names: tuple[str, ...] = ()

    @property
    def ascii_name(self) -> str:
        """The name in plain letters and small, as it can be typed."""
        return fold(self.name)

    @property
    def country_name(self) -> str:
        """The country in English."""
        return country(self.country).name


def search(text: str, limit: int = 8) -> tuple[GazetteerPlace, ...]:
    """Places whose name, or one of whose other names, begins with a text; those of most people first.

    Args:
        text: what was typed so far; after a comma a country's code or the beginning of its name.
        limit: how many at most.

    Raises:
        InputError: ``limit`` is less than 1.
        LayerError: the list of places is missing or damaged.
    """
    if limit < 1:
        raise InputError(f"The number of places wanted is {limit}, expected was 1 or more; leave it out for 8.")
    name, _, where = (
        text[:LONGEST_TEXT].rpartition(",") if "," in text[:LONGEST_TEXT] else (text[:LONGEST_TEXT], "", "")
    )
    return _places().beginning(fold(name), fold(where), limit) if fold(name) else ()


def nearest(latitude: float, longitude: float, least_population: int = 0) -> GazetteerPlace:
    """The place nearest to a point in degrees, of so many people at least.

    Raises:
        InputError: the point is not on the globe, or no place has so many people.
        LayerError: the list of places is missing or damaged.
    """
    check_point(latitude, longitude)
    return _places().nearest(latitude, longitude, least_population)


def fold(text: str) -> str:
    """A name without case, accents and punctuation: ``"Besançon"`` and ``"besancon"`` are one."""
    plain = text.casefold().translate(_LETTERS)
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_LETTERS)
    return " ".join(plain.split())


@dataclass(frozen=True, eq=False)
class _Places:
    """The places, those of most people first, and all their names in order.

    Attributes:
        names: the usual name of each place.
        others: its other names, with bars between them.
        codes: ``(places,)`` its country.
        points: ``(places, 2)`` latitude and longitude in degrees.
        population: ``(places,)``.
        keys: folded names in order.
        place_of_key: ``(keys,)`` the place of each.
        usual: ``(keys,)`` whether it is the usual name.
    """

    names: list[str]
    others: list[str]
    codes: npt.NDArray[np.str_]
    points: npt.NDArray[np.float64]
    population: IntArray
    keys: list[str]
    place_of_key: IntArray
    usual: npt.NDArray[np.bool_]

    def beginning(self, name: str, where: str, limit: int) -> tuple[GazetteerPlace, ...]:
        """See ``search``; texts are folded."""
        low, high = bisect_left(self.keys, name), bisect_left(self.keys, name + "\U0010ffff")
        whole = np.arange(low, high) < bisect_left(self.keys, name + "\0")
        place, usual = self.place_of_key[low:high], self.usual[low:high]
        weight = np.where(usual, np.where(whole, WHOLE_NAME, 1.0), np.where(whole, 1.0, OTHER_BEGINS))
        people = np.asarray((self.population[place] + 1.0) * weight, np.float64)
        if where:
            inside = np.isin(self.codes[place], _codes_of(where))
            place, people = place[inside], people[inside]
        best = dict.fromkeys(place[_largest(people, NAMES_A_PLACE * limit)].tolist())
        return tuple(self.place(each) for each in list(best)[:limit])

    def place(self, index: int) -> GazetteerPlace:
        """One place."""
        latitude, longitude = self.points[index].tolist()
        others = tuple(self.others[index].split("|")) if self.others[index] else ()
        people = int(self.population[index])
        return GazetteerPlace(self.names[index], str(self.codes[index]), latitude, longitude, people, others)

    def nearest(self, latitude: float, longitude: float, least_population: int) -> GazetteerPlace:
        """See ``nearest``."""
        count = int(np.searchsorted(-self.population, -max(least_population, 0), side="right"))
        if count == 0:
            raise InputError(f"No place has {least_population:,} people, the largest has {self.population[0]:,}.")
        return self.place(int(self._tree_of(count).query(unit_vectors(latitude, longitude))[1]))

    def _tree_of(self, count: int) -> "KDTree":
        """The first places by where they are; the last tree is cached."""
        from scipy.spatial import KDTree

        tree = next(iter(self._cached_tree), None)
        if tree is None or tree.n != count:
            tree = KDTree(unit_vectors(self.points[:count, 0], self.points[:count, 1]))
            self._cached_tree[:] = [tree]
        return tree

    @cached_property
    def _cached_tree(self) -> "list[KDTree]":
        return []


def _largest(people: npt.NDArray[np.float64], count: int) -> IntArray:
    """Indices of the largest numbers, in descending order."""
    some = np.argpartition(-people, count)[:count] if people.size > count else np.arange(people.size)
    return np.asarray(some[np.argsort(-people[some], kind="stable")], np.int64)


def _codes_of(where: str) -> list[str]:
    """Codes of the country of that code, or of those whose names begin so."""
    exact = [code for code, short, long, _ in _country_names() if where in (short, long)]
    return exact or [code for code, _, _, name in _country_names() if name.startswith(where)]


@cache
def _country_names() -> tuple[tuple[str, str, str, str], ...]:
    """Code, folded codes and folded name of each country."""
    return tuple((each.code, fold(each.code), fold(each.alpha3), fold(each.name)) for each in countries())


@cache
def _places() -> _Places:
    """Everything in the file."""
    _country_names()  # so that the first search is as quick as the others
    try:
        with builtin.layer_path(TABLE).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names, others, keys = (file[name].tobytes().decode().split("\n") for name in ("names", "others", "keys"))
            return _Places(
                names,
                others,
                file["codes"].astype(str),
                file["points"] / 1e5,
                file["population"].astype(np.int64),
                keys,
                file["place_of_key"].astype(np.int64),
                file["usual"],
            )
    except (OSError, BadZipFile, ValueError, KeyError) as error:
        raise LayerError(
            f"The list of places cannot be read ({type(error).__name__}); install the project again."
        ) from error
