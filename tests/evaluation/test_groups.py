import numpy as np
import pytest

from engine.evaluation.groups import ELSEWHERE, Grouping, by_continent, by_label, draw_balanced, groupings
from engine.evaluation.leakage import leakage_report
from engine.evaluation.manifest import Manifest

CITIES = {
    "Europe": [(48.9, 2.4), (64.1, -21.9), (37.9, 23.7), (59.9, 30.3), (38.7, -9.1), (35.3, 25.1), (67.9, 33.4)],
    "Asia": [(35.7, 139.7), (39.9, 32.9), (31.8, 35.2), (24.7, 46.7),
             (1.3, 103.8), (55.0, 82.9), (-6.2, 106.8), (64.7, 177.5)],
    "Africa": [(30.0, 31.2), (36.8, 10.2), (-33.9, 18.4), (9.0, 38.7), (33.6, -7.6),
               (-18.9, 47.5), (14.7, -17.4), (-20.2, 57.5)],
    "North America": [(40.7, -74.0), (64.2, -51.7), (19.4, -99.1), (9.9, -84.1),
                      (23.1, -82.4), (61.2, -149.9), (18.5, -69.9)],
    "South America": [(-23.5, -46.6), (4.7, -74.1), (-54.8, -68.3), (10.5, -66.9), (-0.2, -78.5)],
    "Oceania": [(-33.9, 151.2), (-36.8, 174.8), (21.3, -157.9), (-9.4, 147.2),
                (-18.1, 178.4), (13.5, 144.8), (-17.5, -149.6)],
    "Antarctica": [(-77.8, 166.7), (-62.2, -58.9)],
}  # fmt: skip


@pytest.mark.parametrize("name", CITIES)
def test_cities_lie_on_their_continents(name):
    latitude, longitude = np.array(CITIES[name]).T
    found = by_continent(latitude, longitude)
    assert [found.labels[n] for n in found.group] == [name] * len(CITIES[name])


def test_the_middle_of_an_ocean_is_elsewhere():
    found = by_continent(np.array([40.0]), np.array([-45.0]))
    assert found.labels[found.group[0]] in (ELSEWHERE, "North America")


def test_photos_at_sea_belong_to_no_bucket(world):
    table = world.overlay.table("population")
    sea, land = int(np.flatnonzero(table.cell_label < 0)[0]), int(np.flatnonzero(table.cell_label == 2)[0])
    found = by_label(world.overlay, "population", np.array([sea, land]))
    assert [found.labels[n] for n in found.group] == [ELSEWHERE, "medium"]
    assert [g.name for g in groupings(world.overlay, np.zeros(2), np.zeros(2))] == [
        "population",
        "land_cover",
        "continent",
    ]


def test_the_balance_has_equally_many_of_each_bucket_as_in_the_paper():
    labels = ("lowest", "low", "medium", "high", ELSEWHERE)
    group = np.repeat(np.arange(5), [540, 548, 1159, 715, 3])
    positions, notes = draw_balanced(Grouping("population", labels, group))
    assert positions.size == 2160
    assert np.bincount(group[positions]).tolist() == [540, 540, 540, 540]
    assert np.unique(positions).size == 2160
    assert any("3 photos lie in no population bucket" in note for note in notes)
    assert np.array_equal(positions, draw_balanced(Grouping("population", labels, group))[0])


def test_an_empty_bucket_is_told():
    found, notes = draw_balanced(Grouping("population", ("lowest", "low", ELSEWHERE), np.array([0, 0, 2])))
    assert found.size == 2
    assert any("No photo lies in the bucket 'low'" in note for note in notes)
    assert draw_balanced(Grouping("population", ("lowest", ELSEWHERE), np.array([1, 1])))[0].size == 0


def test_leakage_counts_authors_and_images():
    manifest = Manifest(
        tuple("abcdef"),
        np.zeros(6),
        np.zeros(6),
        (),
        ("ann", "bob", "ann", "cy", "", ""),
        ("fit", "fit", "test", "test", "test", ""),
    )
    report = leakage_report(manifest, {"a": "1", "d": "1", "e": "2", "f": "2"})
    assert report["authors_in_both_splits"] == 1
    assert report["test_photos_by_those_authors"] == 1
    assert report["images_in_both_splits"] == 1
    assert report["duplicate_images"] == 2
    assert len(report["sentences"]) == 3
    nothing = leakage_report(Manifest(("a",), np.zeros(1), np.zeros(1)), {})
    assert [sentence.split(":")[0] for sentence in nothing["sentences"]] == [
        "The manifest names no author", "No photo file was read"]  # fmt: skip
