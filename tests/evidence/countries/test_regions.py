"""Languages and continents below the country level."""

import pytest

from engine.evidence.countries.facts import countries, values_of
from engine.evidence.countries.regions import SECOND, on_continent, regions, seen_in_regions
from engine.layers.shipped import shipped_partition


def region_at(latitude: float, longitude: float) -> str:
    partition = shipped_partition("language_regions")
    number = int(partition.labels_at(latitude, longitude)[0])
    return partition.labels[number] if number >= 0 else ""


def continent_at(latitude: float, longitude: float) -> str:
    partition = shipped_partition("continents")
    return partition.labels[int(partition.labels_at(latitude, longitude)[0])]


def test_regions_are_those_of_the_partition_and_speak_known_languages():
    assert tuple(each.label for each in regions()) == shipped_partition("language_regions").labels
    known = {value for value, _, _ in values_of("language")}
    codes = {each.code for each in countries()}
    for region in regions():
        assert region.country in codes
        assert set(region.languages) <= known, region.label
        assert all(0.0 < share <= 1.0 for share in region.languages.values())
        assert region.reason


@pytest.mark.parametrize(
    ("latitude", "longitude", "language", "least"),
    [
        (46.498, 11.354, "de", 0.9),  # Bolzano
        (48.582, 7.751, "de", 0.2),  # Strasbourg
        (13.08, 80.27, "ta", 1.0),  # Chennai
        (45.523, -73.582, "fr", 1.0),  # Montreal
        (46.204, 6.143, "fr", 1.0),  # Geneva
        (43.263, -2.935, "eu", 0.7),  # Bilbao
        (53.139, -4.277, "cy", 0.8),  # Caernarfon
        (39.47, 75.99, "ug", 0.7),  # Kashgar
        (25.77, -80.2, "es", 0.5),  # Miami
        (50.633, 5.567, "fr", 1.0),  # Liege
    ],
)
def test_a_language_of_few_is_seen_where_they_are(latitude, longitude, language, least):
    assert seen_in_regions("language", language)[region_at(latitude, longitude)] >= least


def test_a_language_is_rare_where_another_one_is_official():
    assert seen_in_regions("language", "nl")[region_at(50.633, 5.567)] < 0.1  # Dutch in Liege
    assert seen_in_regions("language", "hi")[region_at(13.08, 80.27)] < 0.1  # Hindi in Chennai
    assert region_at(52.52, 13.4) == ""  # Berlin is as the rest of Germany


def test_scripts_follow_languages_and_some_are_seen_everywhere():
    assert seen_in_regions("script", "Arab")[region_at(39.47, 75.99)] >= 0.7
    assert seen_in_regions("script", "Taml")[region_at(13.08, 80.27)] == 1.0
    assert min(seen_in_regions("script", "Latn").values()) >= 0.2
    assert min(seen_in_regions("language", "en").values()) >= 0.1


@pytest.mark.parametrize(
    ("latitude", "longitude", "label"),
    [
        (21.31, -157.85, "OC"),  # Honolulu
        (61.2, -149.9, "NA"),  # Anchorage
        (55.75, 37.62, "EU"),  # Moscow
        (55.03, 82.92, "AS"),  # Novosibirsk
        (56.84, 60.6, "EU_AS"),  # Yekaterinburg
        (41.01, 28.95, "EU_AS"),  # Istanbul
        (39.93, 32.86, "AS"),  # Ankara
        (30.04, 31.24, "AF"),  # Cairo
        (28.12, -15.44, "AF_EU"),  # Las Palmas
        (-2.53, 140.72, "OC_AS"),  # Jayapura
        (-6.2, 106.8, "AS"),  # Jakarta
        (4.92, -52.3, "SA"),  # Cayenne
        (-20.9, 55.5, "AF"),  # Reunion
        (66.1, -169.8, "AS"),  # Uelen, west of the date line's other side
        (-27.15, -109.4, "OC_SA"),  # Easter Island
    ],
)
def test_continents_go_by_geography(latitude, longitude, label):
    assert continent_at(latitude, longitude) == label


def test_ground_on_two_continents_is_on_both():
    assert on_continent(("EU", "AS", "EU_AS", "AS_EU"), "EU") == [1.0, 0.0, 1.0, SECOND]
