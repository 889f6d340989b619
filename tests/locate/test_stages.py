"""The same region under the baseline, with the photo, and with the analyst's evidence."""

import numpy as np
import pytest

from engine.evidence.statements.areas import Circle
from engine.evidence.statements.evidence import Evidence
from engine.inference.pooling import Pooling
from engine.locate.locator import Locator
from engine.locate.maps import prior_map
from engine.locate.settings import Settings
from engine.locate.stages import Source, mass_inside, stage_maps, stages
from engine.predictors.base import Prediction
from engine.testing import FixedPredictor, grey_photo, make_record, peaked

PLACE = (10.5, 20.5)
DECLARED = {"population": {"high": 0.9}}


def located(world, evidence_world, predictors=None, **settings):
    chosen = [peaked(world, *PLACE)] if predictors is None else predictors
    return Locator(world, chosen, evidence_world).locate(grey_photo(), Settings(**settings))


def test_a_photo_alone_stands_on_the_baseline(world, evidence_world):
    answer = located(world, evidence_world)
    maps = stage_maps(answer)
    assert [each.source for each in maps] == [Source.BASELINE, Source.PHOTO]
    assert np.allclose(maps[0].search_map.probability, prior_map(world).probability)
    assert maps[1].search_map is answer.search_map
    region = answer.search_map.region(mass=0.5)
    baseline, photo = stages(maps, region)
    inside = region.search_map.order[: region.whole_cells]
    assert baseline.probability >= prior_map(world).probability[inside].sum() - 1e-12
    assert photo.probability == region.probability and photo.area_km2 == region.area_km2
    assert baseline.probability < photo.probability
    assert baseline.area_km2 > photo.area_km2
    assert not photo.is_silent


def test_declared_labels_are_the_analysts(world, evidence_world):
    answer = located(world, evidence_world, declared=DECLARED)
    assert [each.source for each in stage_maps(answer)] == [Source.BASELINE, Source.PHOTO, Source.ANALYST]


def test_a_photo_that_gives_nothing_is_silent(world, evidence_world):
    record = make_record("silent")
    table = world.overlay.table("population")
    known = world.prior.on(table)
    says = FixedPredictor(record, (Prediction(record, "population", known / known.sum(), known / known.sum()),))
    maps = stage_maps(located(world, evidence_world, [says]))
    assert maps[1].is_silent and not maps[0].is_silent


def test_a_predictor_without_weight_is_no_stage(world, evidence_world):
    answer = located(world, evidence_world, weights={"peaked": 0.0})
    assert [each.source for each in stage_maps(answer)] == [Source.BASELINE]


def test_the_product_of_experts_has_no_baseline(world, evidence_world):
    answer = located(world, evidence_world, pooling=Pooling.PRODUCT)
    assert [each.source for each in stage_maps(answer)] == [Source.PHOTO]


def test_the_mass_inside_its_own_region_is_that_of_the_region(world, evidence_world):
    search_map = located(world, evidence_world).search_map
    for mass in (0.1, 0.5, 0.93):
        region = search_map.region(mass=mass)
        assert mass_inside(search_map, region) == pytest.approx(region.probability, abs=1e-6)
    budget = search_map.region(budget_km2=123_456.0)
    assert mass_inside(search_map, budget) == pytest.approx(budget.probability, abs=1e-3)


def test_statements_come_last(world, evidence_world):
    near = Evidence("near", Circle(*PLACE, 2000.0))
    maps = stage_maps(located(world, evidence_world, evidence=(near,)))
    assert [each.source for each in maps] == [Source.BASELINE, Source.PHOTO, Source.ANALYST]
    region = maps[-1].search_map.region(mass=0.9)
    masses = [each.probability for each in stages(maps, region)]
    assert masses == sorted(masses)
