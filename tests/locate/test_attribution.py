import numpy as np
import pytest

from engine.errors import InputError
from engine.inference.pooling import Pooling
from engine.locate.attribution import contributions_at, leave_one_out, leave_out
from engine.locate.locator import Locator
from engine.locate.maps import prior_map
from engine.locate.settings import Settings
from engine.predictors.base import Prediction
from engine.testing import BrokenPredictor, FixedPredictor, grey_photo, make_record, peaked

PLACE = (10.5, 20.5)


def attribute(world, table="population", floor=0.02):
    labels = len(world.overlay.table(table).labels)
    probability = np.arange(1.0, labels + 1)
    record = make_record("attribute", floor)
    prediction = Prediction(record, table, probability / probability.sum(), np.full(labels, 1 / labels))
    return FixedPredictor(record, (prediction,))


def silent(world):
    record = make_record("silent")
    known = world.prior.on(world.overlay.table("population"))
    return FixedPredictor(record, (Prediction(record, "population", known / known.sum(), known / known.sum()),))


@pytest.fixture
def answer(world):
    broken = BrokenPredictor(make_record("broken"))
    predictors = [peaked(world, *PLACE), attribute(world), silent(world), broken]
    return Locator(world, predictors).locate(grey_photo(), Settings(weights={"attribute": 0.7}))


@pytest.mark.parametrize("point", [PLACE, (-40.5, -100.5), (89.9, 0.0), (0.0, 180.0)])
@pytest.mark.parametrize("weight", [1.0, 0.4])
def test_the_terms_sum_to_the_log_density(world, point, weight):
    locator = Locator(world, [peaked(world, *PLACE), attribute(world)])
    answer = locator.locate(grey_photo(), Settings(weights={"attribute": 0.7}, prior_weight=weight))
    here, there = contributions_at(answer, *point), contributions_at(answer, 33.3, -77.7)
    total = here.prior.nats + sum(term.nats for term in here.predictors) + here.constant
    assert total == pytest.approx(here.log_density, abs=1e-9)
    assert here.constant == pytest.approx(there.constant, abs=1e-9)
    cell = int(world.overlay.cell_at(*point))
    assert here.log_density == pytest.approx(float(answer.search_map.log_density[cell]))


def test_who_speaks_for_the_place(answer):
    found = {term.record.name: term for term in contributions_at(answer, *PLACE).predictors}
    assert set(found) == {"peaked", "attribute", "silent"}
    assert found["peaked"].nats > 3
    assert found["peaked"].factor == pytest.approx(np.exp(found["peaked"].nats))
    assert found["silent"].nats == pytest.approx(0, abs=1e-9)
    far = {term.record.name: term.nats for term in contributions_at(answer, -40.5, -100.5).predictors}
    assert far["peaked"] < -1


def test_under_the_plain_product_a_place_may_be_excluded(world):
    prediction = Prediction(make_record("sure"), "population", np.array([1.0, 0, 0, 0]))
    locator = Locator(world, [FixedPredictor(prediction.predictor, (prediction,))])
    answer = locator.locate(grey_photo(), Settings(pooling=Pooling.PRODUCT))
    labels = world.overlay.table("population").cell_label
    row, column = np.argwhere(labels[world.overlay.pixel_cell] == 1)[0]
    grid = world.overlay.grid
    found = contributions_at(answer, float(grid.latitudes[row]), float(grid.longitudes[column]))
    assert found.prior.nats == 0
    assert found.predictors[0].nats == -np.inf
    assert found.log_density == -np.inf
    assert np.isnan(found.constant)


def test_without_a_predictor_the_map_is_that_of_the_others(answer, world):
    changes = {each.record.name: each for each in leave_one_out(answer)}
    assert set(changes) == {"peaked", "attribute", "silent"}
    alone = Locator(world, [attribute(world), silent(world)]).locate(grey_photo(), Settings(weights={"attribute": 0.7}))
    without = changes["peaked"].without
    np.testing.assert_allclose(without.log_density, alone.search_map.log_density, atol=1e-9)
    for mass, area in zip((0.5, 0.9), changes["peaked"].area_without_km2, strict=True):
        assert area == pytest.approx(alone.search_map.region(mass=mass).area_km2)
    assert max(changes["peaked"].shrinks) < 0.5
    assert 0.3 < changes["peaked"].shift <= 1


def test_a_predictor_that_says_nothing_changes_nothing(answer):
    change = leave_out(answer, "silent")
    assert change.shift == pytest.approx(0, abs=1e-9)
    assert change.shrinks == pytest.approx((1, 1))
    assert leave_out(answer, "attribute", masses=[0.8]).masses == (0.8,)


def test_the_only_predictor_left_out_leaves_the_prior(world):
    answer = Locator(world, [peaked(world, *PLACE)]).locate(grey_photo())
    (change,) = leave_one_out(answer)
    np.testing.assert_allclose(change.without.log_density, prior_map(world).log_density, atol=1e-9)


def test_a_stranger_is_refused(answer, world):
    with pytest.raises(InputError, match="'broken' contributed nothing to this answer; choose one of: peaked"):
        leave_out(answer, "broken")
    off = Locator(world, [peaked(world, *PLACE)]).locate(grey_photo(), Settings(weights={"peaked": 0.0}))
    assert leave_one_out(off) == ()
    with pytest.raises(InputError, match=r"outside -90 to 90"):
        contributions_at(answer, 91.0, 0.0)
