"""Every town of the gazetteer is land in each layer, and in its own country."""

import numpy as np
import pytest

from engine.layers import builtin
from engine.layers.in_use import layers_in_use
from engine.layers.shipped import shipped_partition


@pytest.fixture(scope="module")
def towns() -> dict[str, np.ndarray]:
    with np.load(builtin.layer_path("evidence_places"), allow_pickle=False) as file:
        latitude, longitude = (file["points"] / 1e5).T
        return {
            "latitude": latitude,
            "longitude": longitude,
            "people": file["population"].astype(np.int64),
            "code": file["codes"].astype(str),
        }


def labels_of(name: str, towns: dict[str, np.ndarray]) -> np.ndarray:
    partition = next((layer for layer in layers_in_use() if layer.name == name), None) or shipped_partition(name)
    return partition.labels_at(towns["latitude"], towns["longitude"])


def test_there_are_147360_towns(towns):
    assert towns["people"].size == 147_360


@pytest.mark.parametrize(
    "name", ["population", "climate", "elevation", "relief", "lake_distance", "river_distance", "continents"]
)
def test_every_town_has_a_label(name, towns):
    assert (labels_of(name, towns) >= 0).all()


def test_every_town_is_on_the_land_side_of_the_coast(towns):
    coast = shipped_partition("coast_distance")
    lower_km = np.array(coast.edges[:-1])[labels_of("coast_distance", towns)]
    assert (lower_km >= 0).all()


def test_every_town_has_a_zone_of_land(towns):
    zones = shipped_partition("time_zones")
    assert not np.isin(labels_of("time_zones", towns), zones.sea_labels).any()


def test_towns_are_in_their_own_country(towns):
    countries = shipped_partition("countries")
    named = np.array(countries.labels)[labels_of("countries", towns)]
    elsewhere = named != towns["code"]
    assert (labels_of("countries", towns) >= 0).all()
    assert elsewhere.mean() < 0.001  # of two towns on one pixel of 3.7 km the larger one's country counts
    assert towns["people"][elsewhere].sum() < 2_000_000


def test_towns_are_not_wilderness_and_cities_have_dense_centres(towns):
    bucket = labels_of("population", towns)
    labels = [entry.label for entry in builtin.POPULATION_CLASSES]
    people = towns["people"]
    assert (bucket[people >= 1_000_000] == labels.index("high")).mean() >= 0.99
    assert (bucket[people >= 20_000] >= labels.index("medium")).mean() >= 0.99
    assert (bucket[people >= 2_000] >= labels.index("low")).all()
    assert (bucket[(people >= 1_000) & (people < 5_000)] == labels.index("high")).mean() < 0.02
