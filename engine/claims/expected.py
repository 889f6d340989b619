"""What is expected at a place for each kind of statement, in words."""

from collections.abc import Callable

import numpy as np

from engine.claims.sizes import readable_km
from engine.errors import InputError
from engine.evidence.countries.facts import Country, country
from engine.evidence.statements import sentences
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.base import Statement
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import FACTS, CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.layers import LAYERS, LabelIs
from engine.evidence.statements.likelihood import COAST, COUNTRIES, ELEVATION, LAKES, RIVERS
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.sights import CLIMATE, Seen
from engine.evidence.statements.sun import SunSeen
from engine.geometry.sphere import great_circle_km
from engine.layers.shipped import shipped_partitions
from engine.partitions.overlay import Overlay
from engine.partitions.partition import NOWHERE

UNKNOWN = "not known there"
_MOST_VALUES = 3
NAMES = {
    "drives": "Side of the road", "language": "Language", "script": "Script", "suffix": "Country-code domain",
    "prefix": "Calling code", "currency": "Currency", "plate": "Plate country code", "plate_look": "Number plates",
    "continent": "Continent",
}  # fmt: skip
"""Short names of clues about countries."""


class PlaceFacts:
    """What the layers say at one place; a layer that the answer's map lacks is read from those that ship."""

    def __init__(self, overlay: Overlay, latitude: float, longitude: float) -> None:
        """Find the cell of a point in degrees."""
        self.overlay, self.latitude, self.longitude = overlay, latitude, longitude
        self.cell = int(overlay.cell_at(latitude, longitude))

    def label(self, partition: str) -> str | None:
        """Label of a partition there, or None where there is none."""
        try:
            table = self.overlay.table(partition)
        except InputError:
            return self._shipped_label(partition)
        number = int(table.cell_label[self.cell])
        return None if number == NOWHERE else str(table.labels[number])

    def title(self, partition: str) -> str:
        """The label in words."""
        label = self.label(partition)
        if label is None:
            return UNKNOWN
        kind = "country" if partition == COUNTRIES else partition
        return sentences.lower_initial(sentences.titles(kind, label))

    def country(self) -> Country | None:
        """The country there, or None at sea."""
        code = self.label(COUNTRIES)
        try:
            return None if code is None else country(code)
        except InputError:
            return None

    def _shipped_label(self, partition: str) -> str | None:
        shipped = next((each for each in shipped_partitions() if each.name == partition), None)
        if shipped is None:
            return None
        number = int(shipped.labels_at(np.array([self.latitude]), np.array([self.longitude]))[0])
        return None if number == NOWHERE else shipped.labels[number]


def clue_name(statement: Statement) -> str:
    """A short name for the clue: ``"Sun"``, ``"Climate"``, ``"Country"``."""
    if isinstance(statement, CountryFact):
        return NAMES[statement.fact]
    if isinstance(statement, LabelIs):
        return LAYERS[statement.partition]
    if isinstance(statement, Seen):
        return "Snow" if statement.what == "snow" else "Palm trees"
    names: dict[type, str] = {
        CountryIs: "Country", SunSeen: "Sun", CoastWithin: "Distance to water", Elevation: "Elevation",
        Circle: "Circle", DrawnArea: "Drawn area", Searched: "Searched area",
    }  # fmt: skip
    return names.get(type(statement), "Statement")


def expected_there(statement: Statement, place: PlaceFacts, inside: bool | None = None) -> str:  # noqa: PLR0911
    """What the layers and tables say at a place, for a statement that is not about the sun.

    Args:
        statement: whose subject is looked up.
        place: the claimed place.
        inside: whether the place lies in the outline of the statement, where it has one.
    """
    if isinstance(statement, CountryIs):
        found = place.country()
        return found.name if found is not None else "no country (sea)"
    if isinstance(statement, CountryFact):
        return _country_fact(statement, place)
    if isinstance(statement, LabelIs):
        return place.title(statement.partition)
    if isinstance(statement, Seen):
        return f"{place.title(CLIMATE)}, {place.title(ELEVATION)}"
    if isinstance(statement, Elevation):
        return place.title(ELEVATION)
    if isinstance(statement, CoastWithin):
        return _water(statement, place)
    if isinstance(statement, Circle):
        away = float(great_circle_km(statement.latitude, statement.longitude, place.latitude, place.longitude))
        return f"{readable_km(away)} from {statement.name or 'its centre'}"
    return {True: "inside", False: "outside", None: UNKNOWN}[inside]


def _country_fact(statement: CountryFact, place: PlaceFacts) -> str:
    found = place.country()
    if found is None:
        return "no country (sea)"
    values = found.values(statement.fact)
    if not values:
        return UNKNOWN
    names = [sentences.titles(statement.fact, value) for value in values[:_MOST_VALUES]]
    more = f" and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else ""
    words = f"{', '.join(names)}{more}"
    return f"{words} ({found.name})" if statement.fact != "continent" else words


def _water(statement: CoastWithin, place: PlaceFacts) -> str:
    layers = {"sea": (COAST,), "lake": (LAKES,), "any": (COAST, LAKES, RIVERS)}[statement.water]
    titles = [place.title(name) for name in layers]
    known = [title for title in titles if title != UNKNOWN]
    return ", ".join(known) if known else UNKNOWN


def observed_words(statement: Statement, titles: Callable[[str, str], str] | None = None) -> str:
    """The statement as it stands beside ``expected``: a sentence with a small initial, without its subject."""
    if isinstance(statement, LabelIs | CountryFact):
        text = statement.sentence(titles)
        if isinstance(statement, LabelIs):
            return text.split(": ", 1)[1] + " stated"
        before = FACTS[statement.fact][int(statement.negated)].split("{}")[0]
        value = text[len(before) :] if text.startswith(before) else text
        return f"{'not ' if statement.negated else ''}{value} stated"
    return sentences.lower_initial(statement.sentence(titles)) + " stated"
