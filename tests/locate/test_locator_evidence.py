"""Evidence in answers: on its own world, beside the predictors, in contributions, facts and notes."""

import json

import numpy as np
import pytest

from engine.errors import InputError, PredictorError
from engine.evidence.shapes.polygons import LARGEST_RADIUS_KM, polygon_from_points
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.countries import CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.serialization import from_json
from engine.evidence.statements.sights import Seen
from engine.export.json_result import answer_facts
from engine.inference.pooling import Pooling, pool
from engine.locate.attribution import contributions_at, leave_one_out, leave_out
from engine.locate.locator import Locator
from engine.locate.settings import Settings, without_predictor
from engine.predictors.base import CellLikelihood
from engine.testing import grey_photo, make_evidence_world, make_record, peaked

PLACE = (10.5, 20.5)
VALLEY = DrawnArea((polygon_from_points([(0, 10), (0, 40), (30, 40), (30, 10)]),), name="valley")
EVIDENCE = (
    Evidence("country", CountryIs(("CL", "DE", "JP")), 0.9),
    Evidence("valley", VALLEY, 0.8),
    Evidence("searched", Searched(Circle(*PLACE, 300), 0.7)),
    Evidence("snow", Seen("snow", 1), 0.65),
)


EVERYWHERE = Evidence("everywhere", Circle(*PLACE, LARGEST_RADIUS_KM), 0.9)


@pytest.fixture(scope="module")
def evidence_world(world):
    return make_evidence_world(world)


@pytest.fixture(scope="module")
def located(world, evidence_world):
    return Locator(world, [peaked(world, *PLACE)], evidence_world)


@pytest.fixture(scope="module")
def answer(located):
    return located.locate(grey_photo(), Settings(evidence=EVIDENCE, weights={"evidence_snow": 0.5}))


def test_photos_without_evidence_stay_on_the_base_world(located, world):
    off = tuple(Evidence(each.id, each.statement, each.probability, on=False) for each in EVIDENCE)
    for evidence in ((), off):
        assert located.locate(grey_photo(), Settings(evidence=evidence)).world is world


def test_a_statement_that_holds_everywhere_moves_no_region(located, world):
    bare = located.locate(grey_photo())
    silent = located.locate(grey_photo(), Settings(evidence=(EVERYWHERE,)))
    assert silent.search_map.log_density == pytest.approx(bare.search_map.log_density[silent.world.parent], abs=1e-9)
    assert silent.search_map.probability.sum() == pytest.approx(1.0, abs=1e-12)
    elsewhere = Evidence("b", Circle(-20.0, 100.0, LARGEST_RADIUS_KM), 1.0)
    other = located.locate(grey_photo(), Settings(evidence=(elsewhere,)))
    for mass in (0.3, 0.5, 0.9):
        one, two = (each.search_map.region(mass=mass) for each in (silent, other))
        assert one.sha256 == two.sha256
        assert one.area_km2 == pytest.approx(two.area_km2, rel=1e-9)


def test_the_map_is_prior_predictors_and_statements_added(answer, located):
    rest = located.locate(grey_photo(), Settings(evidence=(EVERYWHERE,)))
    bare = located.locate(grey_photo(), Settings(evidence=EVIDENCE, weights={"evidence_valley": 0.0})).world
    holds = answer.outcomes[2].likelihoods[0].log_likelihood > np.log(0.2) + 1e-9
    mass = bare.prior.probability[holds].sum()
    odds = max(1.0, (1.0 - mass) / mass)
    points = [PLACE, (10.5, 55.0), (-40.5, -100.5), (20.0, 11.0)]
    for latitude, longitude in points:
        found = contributions_at(answer, latitude, longitude)
        total = found.prior.nats + sum(term.nats for term in found.predictors) + found.constant
        assert total == pytest.approx(found.log_density, abs=1e-9)
        terms = {term.record.name: term.nats for term in found.predictors}
        inside = 0 < latitude < 30 and 10 < longitude < 40
        assert terms["evidence_valley"] == pytest.approx(np.log(0.8 * odds if inside else 0.2))
        assert terms["evidence_searched"] == pytest.approx(np.log(0.3) if (latitude, longitude) == PLACE else 0.0)
        before = contributions_at(rest, latitude, longitude)
        assert found.prior.nats == pytest.approx(before.prior.nats)
        assert terms["peaked"] == pytest.approx({t.record.name: t.nats for t in before.predictors}["peaked"])


def test_each_statement_is_an_outcome_that_can_be_left_out(answer, located):
    names = [outcome.record.name for outcome in answer.outcomes]
    assert names == ["peaked", "evidence_country", "evidence_valley", "evidence_searched", "evidence_snow"]
    assert answer.outcomes[2].record.title == "Inside the drawn area 'valley'"
    changes = {each.record.name: each for each in leave_one_out(answer)}
    assert set(changes) == set(names)
    rest = tuple(each for each in EVIDENCE if each.id != "country")
    settings = Settings(evidence=rest, weights=answer.settings.weights)
    alone = located.locate(grey_photo(), settings)
    for mass, area in zip((0.5, 0.9), changes["evidence_country"].area_without_km2, strict=True):
        assert area == pytest.approx(alone.search_map.region(mass=mass).area_km2)
    assert leave_out(answer, "evidence_snow").record.summary == "What you stated, hint."
    silent = located.locate(grey_photo(), without_predictor(answer.settings, "evidence_country"))
    assert silent.search_map.log_density == pytest.approx(alone.search_map.log_density, abs=1e-9)


def test_answers_are_pure_and_bytes_for_bytes_the_same(located, world):
    settings = Settings(evidence=EVIDENCE)
    first = located.locate(grey_photo(), settings)
    fresh = Locator(world, located.predictors, make_evidence_world(world)).locate(grey_photo(), settings)
    for mass in (0.5, 0.9):
        digests = {
            each.search_map.region(mass=mass).sha256 for each in (first, located.locate(grey_photo(), settings), fresh)
        }
        assert len(digests) == 1


def test_facts_and_notes_know_the_evidence(answer, located):
    region = answer.search_map.region(mass=0.9)
    candidates = answer.search_map.candidates(2)
    facts = json.loads(json.dumps(answer_facts(answer, region, candidates, PLACE), allow_nan=False))
    rows = {row["name"]: row for row in facts["predictors"]}
    assert rows["evidence_country"]["reason"] == "In Chile, Germany or Japan"
    assert rows["evidence_country"]["status"] == "ok"
    assert rows["evidence_valley"]["labels"] == answer.world.overlay.cells
    assert [each.pop("sentence") for each in facts["evidence"]] == [each.sentence() for each in EVIDENCE]
    assert tuple(from_json(each) for each in facts["evidence"]) == EVIDENCE
    assert facts["claim"]["area_to_reach_km2"] == answer.search_map.area_to_reach(*PLACE)
    wrong = (*EVIDENCE, Evidence("wrong", CountryIs(("QQ",))))
    told = located.locate(grey_photo(), Settings(evidence=wrong, weights=answer.settings.weights))
    assert told.outcomes[-1].status == "failed"
    assert any("no 'QQ' among its countries" in note for note in told.notes)
    assert np.array_equal(told.search_map.log_density, answer.search_map.log_density)


def test_a_silent_photo_is_told_apart_from_what_was_stated(world, evidence_world):
    silent = Locator(world, [], evidence_world).locate(grey_photo(), Settings(evidence=EVIDENCE[:2]))
    assert silent.information_nats > 0.3
    assert silent.photo_nats == pytest.approx(0.0, abs=1e-9)
    assert any(note.startswith("No model found a usable cue in this photo") for note in silent.notes)


def test_without_a_photo_evidence_alone_gives_a_map(located):
    settings = Settings(evidence=EVIDENCE)
    found = located.pooled((), settings)
    assert found.outcomes[0].record.name == "evidence_country"
    assert np.array_equal(found.search_map.log_density, located.answer_without_photo(settings).log_density)
    before = located.pooled().search_map
    assert found.search_map.area_to_reach(12.0, 30.0) < before.area_to_reach(12.0, 30.0)


def test_the_plain_product_takes_evidence_too(world, evidence_world):
    settings = Settings(evidence=EVIDENCE[:1], pooling=Pooling.PRODUCT)
    answer = Locator(world, [], evidence_world).locate(grey_photo(), settings)
    table = answer.world.overlay.table("countries")
    inside = np.isin(table.cell_label, [table.labels.index(code) for code in ("CL", "DE", "JP")])
    log_density = answer.search_map.log_density
    assert np.ptp(log_density[inside]) == np.ptp(log_density[~inside]) == 0.0
    mass = answer.world.prior.probability[inside].sum()
    assert mass < 0.5
    assert log_density[inside][0] - log_density[~inside][0] == pytest.approx(np.log(9.0 * (1 - mass) / mass))


def test_two_statements_of_one_id_are_refused(located):
    twice = (EVIDENCE[0], Evidence("country", Seen("snow")))
    with pytest.raises(InputError, match="each its own id"):
        located.locate(grey_photo(), Settings(evidence=twice))


def test_evidence_made_for_another_map_is_refused(world):
    stray = CellLikelihood(make_record("stray"), np.zeros(3))
    with pytest.raises(PredictorError, match="speaks of 3 cells"):
        pool(world.overlay, (), world.prior, likelihoods=[stray])
    off = pool(world.overlay, (), world.prior, weights={"stray": 0.0}, likelihoods=[
        CellLikelihood(make_record("stray"), np.arange(float(world.overlay.cells)))])  # fmt: skip
    assert np.array_equal(off.log_density, pool(world.overlay, (), world.prior).log_density)


def test_records_say_who_says_it():
    record = Evidence("a", CountryIs(("CL",)), 1.0).record
    assert (record.name, record.title, record.summary) == ("evidence_a", "In Chile", "What you stated, certain.")
    assert record.floor == 0.0
