"""True sentences about named places are not punished: none costs its place more than a factor of two.

Layers are read at the places themselves, at their own resolution; the masses that sentences are held against are those
of the Earth in pixels of a third of a degree.
"""

import math
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from engine.evidence.statements.base import PlaceStatement
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import CERTAIN, HINT, LIKELY
from engine.evidence.statements.layers import LabelIs
from engine.layers import builtin
from engine.layers.in_use import layers_in_use
from engine.layers.shipped import shipped_partitions
from engine.partitions.overlay import PartitionTable


def _places():
    spec = spec_from_file_location("true_sentences", Path(__file__).with_name("true_sentences.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PLACES


PLACES = _places()
FACTS = ("drives", "language", "script", "continent", "currency")
WATERS = {"sea": "sea", "lake": "lake", "water": "any"}


def statement_of(sentence: str) -> PlaceStatement:
    """The statement of a sentence such as ``"not sea 10"``."""
    negated = sentence.startswith("not ")
    kind, value = sentence.removeprefix("not ").split(" ", 1)
    if kind in WATERS:
        return CoastWithin(float(value), negated, WATERS[kind])
    if kind == "country":
        return CountryIs((value,), negated)
    if kind == "height":
        low, high = (float(bound) if bound else None for bound in value.split(".."))
        return Elevation(low, high)
    if kind in FACTS:
        return CountryFact(kind, value, negated)
    return LabelIs(kind, tuple(value.split("|")), negated)


@dataclass(frozen=True)
class _Cells:
    """The cells of a coarse Earth, then one cell for each place with the labels that the layers have there."""

    tables: tuple[PartitionTable, ...]
    cells: int

    def table(self, name: str) -> PartitionTable:
        return next(table for table in self.tables if table.name == name)


@dataclass(frozen=True)
class _Masses:
    """The prior of the coarse Earth; the places themselves have no mass."""

    earth: object
    probability: np.ndarray

    def on(self, table: PartitionTable) -> np.ndarray:
        return self.earth.prior.on(self.earth.overlay.table(table.name))


@dataclass(frozen=True)
class _Ground:
    overlay: _Cells
    prior: _Masses
    edges: object
    confusion: object

    @classmethod
    def of(cls, earth, latitude, longitude) -> "_Ground":
        readers = {each.name: each for each in (*layers_in_use(), *shipped_partitions())}
        tables = []
        for table in earth.overlay.tables:
            if table.name in readers:
                at_places = readers[table.name].labels_at(np.array(latitude), np.array(longitude))
                labels = np.concatenate([table.cell_label, at_places.astype(np.int64)])
                owner = np.arange(len(table.labels))  # at its own resolution no label is lost
                tables.append(PartitionTable(table.name, table.labels, owner, labels, table.area_km2))
        cells = earth.overlay.cells + len(latitude)
        probability = np.append(earth.prior.probability, np.zeros(len(latitude)))
        return cls(_Cells(tuple(tables), cells), _Masses(earth, probability), earth.edges, earth.confusion)

    def gain(self, statement: PlaceStatement, probability: float) -> np.ndarray:
        """``(places,)`` nats that the map gains at each place."""
        likelihood = statement.likelihood(self).log_likelihood(self, probability)
        mean = float((self.prior.probability * np.exp(likelihood)).sum())
        known = self.prior.probability.size - np.count_nonzero(self.prior.probability == 0)
        return likelihood[known:] - math.log(mean)


@pytest.fixture(scope="module")
def ground(earth):
    assert (earth.prior.probability > 0).all()
    return _Ground.of(earth, [each.latitude for each in PLACES], [each.longitude for each in PLACES])


def test_there_are_two_hundred_sentences_about_sixty_places():
    assert len(PLACES) >= 60
    assert sum(len(place.sentences) for place in PLACES) >= 200
    assert len({place.name for place in PLACES}) == len(PLACES)


@pytest.mark.parametrize("probability", [HINT, LIKELY, CERTAIN], ids=["hint", "likely", "certain"])
def test_a_true_sentence_costs_no_more_than_a_factor_of_two(ground, probability):
    lost = {}
    for number, place in enumerate(PLACES):
        for sentence in place.sentences:
            gain = float(ground.gain(statement_of(sentence), probability)[number])
            if gain < -math.log(2):
                lost[f"{place.name}: {sentence}"] = round(gain, 2)
    assert lost == {}


def test_most_true_sentences_help(ground):
    gains = [
        float(ground.gain(statement_of(sentence), LIKELY)[number])
        for number, place in enumerate(PLACES)
        for sentence in place.sentences
    ]
    assert np.mean(np.array(gains) > 0) > 0.9
    assert np.mean(gains) > 0.8


@pytest.fixture(scope="module")
def cities(earth):
    with np.load(builtin.layer_path("evidence_places"), allow_pickle=False) as file:
        large = file["population"] >= 20_000
        latitude, longitude = (file["points"][large] / 1e5).T
        return _Ground.of(earth, latitude, longitude), file["population"][large].astype(np.int64)


def test_dense_city_is_true_in_the_centres_of_cities(cities):
    ground, people = cities
    gain = ground.gain(LabelIs("population", ("high",)), LIKELY)
    assert (gain[people >= 1_000_000] >= 0).mean() >= 0.9
    assert (gain[people >= 5_000_000] > 1).all()


def test_towns_are_not_told_to_be_country(cities):
    ground, people = cities
    gain = ground.gain(LabelIs("population", ("medium", "high")), LIKELY)
    assert (gain[people >= 20_000] >= 0).mean() >= 0.99
