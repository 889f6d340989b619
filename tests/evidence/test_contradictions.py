"""A smallest set of statements with no common place, against a search of all sets."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evidence.contradictions import Contradiction, WeighedStatement, find_contradiction, holds_on
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.likelihood import log_of_share
from engine.evidence.statements.sights import Seen
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.testing import grey_photo


def stated(fits, probability=0.9):
    names = [Evidence(f"s{n}", CountryIs(("CL",)), probability) for n in range(len(fits))]
    return [
        WeighedStatement(name, log_of_share(np.asarray(row, float), probability, 0.3))
        for name, row in zip(names, fits, strict=True)
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 7),
    st.integers(1, 12),
    st.sampled_from([0.3, 0.6, 0.9]),
    st.sampled_from([0.6, 1.0]),
)
def test_a_smallest_set_without_a_common_place_is_found(seed, statements, cells, density, probability):
    fits = np.random.default_rng(seed).random((statements, cells)) < density
    found = find_contradiction(stated(fits, probability))
    sizes = [
        size
        for size in range(1, statements + 1)
        for chosen in combinations(range(statements), size)
        if not fits[list(chosen)].all(axis=0).any()
    ]
    if not sizes:
        assert found is None
        return
    assert found is not None
    chosen = [int(each.id[1:]) for each in found.evidence]
    assert len(chosen) == min(sizes)
    assert not fits[chosen].all(axis=0).any()


def test_degrees_and_halves_exclude_nothing():
    zero = np.zeros(5)
    assert find_contradiction([]) is None
    assert (
        find_contradiction([WeighedStatement(Evidence("a", Seen("snow"), 1.0), log_of_share(zero, 1.0, 0.3))]) is None
    )
    assert (
        find_contradiction([WeighedStatement(Evidence("a", CountryIs(("CL",)), 0.5), log_of_share(zero, 0.5, 0.3))])
        is None
    )
    part = WeighedStatement(Evidence("a", Elevation(100.0), 0.7), log_of_share(np.array([0.0, 0.01, 1.0]), 0.7, 0.3))
    assert holds_on(part).tolist() == [False, True, True]


def test_sentences_for_people():
    one, two = Evidence("a", CountryIs(("CL",))), Evidence("b", CountryFact("drives", "left"))
    three = Evidence("c", Elevation(8000))
    assert Contradiction((one, two)).sentence() == "No place fits both “In Chile” and “Cars drive on the left”."
    assert Contradiction((three,)).sentence() == "No place fits “Above 8,000 m”."
    assert Contradiction((one, two, three)).sentence() == (
        "No place fits “In Chile”, “Cars drive on the left” and “Above 8,000 m” together."
    )


def test_no_place_on_earth_is_in_chile_and_drives_left(earth):
    locator = Locator(earth.base, [], earth)
    evidence = (
        Evidence("high", Elevation(1000), 1.0),
        Evidence("chile", CountryIs(("CL",)), 1.0),
        Evidence("left", CountryFact("drives", "left"), 1.0),
        Evidence("europe", Circle(50, 10, 500), 0.65),
    )
    answer = locator.locate(grey_photo(), Settings(evidence=evidence))
    assert [each.id for each in answer.contradiction.evidence] == ["chile", "left"]
    assert "No place fits both “In Chile” and “Cars drive on the left”." in answer.notes
    assert answer.search_map.region(mass=0.9).area_km2 > 0
    fine = locator.locate(grey_photo(), Settings(evidence=evidence[:2]))
    assert fine.contradiction is None
    region = fine.search_map.region(mass=0.9)
    assert not region.contains(48.85, 2.35)
    best = fine.search_map.candidates(1)[0]
    assert region.contains(best.latitude, best.longitude)


def test_the_highest_ground_is_no_contradiction(earth):
    evidence = (Evidence("high", Elevation(8500.0), 1.0),)
    answer = Locator(earth.base, [], earth).locate(grey_photo(), Settings(evidence=evidence))
    assert answer.contradiction is None
