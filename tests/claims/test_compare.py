"""Two claimed places side by side."""

import pytest

from engine.claims.clues import Agreement, ClaimTable, Clue, Source
from engine.claims.compare import compare_claims


def table(ratio, expected="flat"):
    clue = Clue("Terrain", Source.IMAGE, expected, "mountains seen", Agreement.NEUTRAL, ratio)
    return ClaimTable(0.0, 0.0, (clue,), ((Source.IMAGE, ratio),))


@pytest.mark.parametrize(("first", "second", "better"), [(1.0, -0.5, "A over B"), (-0.5, 1.0, "B over A")])
def test_the_place_of_the_higher_ratio_is_supported(first, second, better):
    found = compare_claims(table(first), table(second))
    assert found.clues[0].log10_ratio == pytest.approx(first - second)
    assert found.sentence.startswith(f"Moderate support for {better}: what the photo shows is 32 times more likely at ")


def test_equal_places_are_not_told_apart():
    assert compare_claims(table(0.2), table(0.2)).sentence == "Nothing in the photo tells A from B."
    excluded = compare_claims(table(float("-inf")), table(float("-inf")))
    assert excluded.log10_by_source == ((Source.IMAGE, 0.0),)
