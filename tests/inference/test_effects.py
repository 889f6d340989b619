"""The areas with and without a statement are those of the regions that a full ranking gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import Evidence
from engine.inference.effects import MINUS, Effect, areas_for_mass, effects
from engine.locate.locator import Locator
from engine.locate.result import evidence_effects
from engine.locate.settings import Settings
from engine.testing import grey_photo


def by_sorting(log_weights, area, share):
    order = np.argsort(-log_weights, kind="stable")
    mass = np.exp(log_weights - log_weights.max())[order] * area[order]
    reached = np.cumsum(mass)
    place = int(np.searchsorted(reached, share * reached[-1] * (1 - 1e-12)))
    before = reached[place - 1] if place else 0.0
    part = (share * reached[-1] - before) / mass[place]
    return area[order][:place].sum() + min(part, 1.0) * area[order][place]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.99), st.sampled_from([0.0, 1.0, 30.0]))
def test_areas_are_those_of_a_full_sort(seed, share, spread):
    rng = np.random.default_rng(seed)
    log_weights, area = spread * rng.standard_normal(500).round(2), rng.uniform(1, 100, 500)
    assert areas_for_mass(log_weights, area, (share,))[0] == pytest.approx(
        by_sorting(log_weights, area, share), rel=1e-6
    )


def test_effects_equal_those_of_answers_without_each_statement(world, evidence_world):
    locator = Locator(world, [], evidence_world)
    evidence = (
        Evidence("country", CountryIs(("CL", "DE"))),
        Evidence("high", Elevation(1500)),
        Evidence("near", Circle(10, 20, 3000), 0.65),
    )
    answer = locator.locate(grey_photo(), Settings(evidence=evidence))
    found = evidence_effects(answer)
    assert [each.name for each in found] == ["evidence_country", "evidence_high", "evidence_near"]
    for number, effect in enumerate(found):
        rest = evidence[:number] + evidence[number + 1 :]
        without = locator.locate(grey_photo(), Settings(evidence=rest))
        for share, area, other in zip(effect.masses, effect.area_km2, effect.area_without_km2, strict=True):
            assert area == pytest.approx(answer.search_map.region(mass=share).area_km2, abs=13_000)  # one pixel
            assert other == pytest.approx(without.search_map.region(mass=share).area_km2, abs=13_000)


def test_a_constant_likelihood_changes_nothing():
    log_weights, area = np.log(np.arange(1.0, 50.0)), np.full(49, 7.0)
    (effect,) = effects(log_weights, area, [("evidence_a", np.full(49, -3.0))])
    assert effect.change == pytest.approx((0.0, 0.0))
    assert effect.change_text() == "no change"


@pytest.mark.parametrize(
    ("with_it", "words"),
    [(29.0, f"{MINUS}71 %"), (112.0, "+12 %"), (100.2, "no change"), (0.04, f"{MINUS}99.96 %"), (0.0, f"{MINUS}100 %"),
     (2000.0, "×20")],
)  # fmt: skip
def test_change_text(with_it, words):
    assert Effect("evidence_a", (0.9,), (with_it,), (100.0,)).change_text() == words
