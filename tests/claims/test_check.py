"""A claimed place: numbers that hold, and words that say no more than the numbers."""

import json

import numpy as np
import pytest

from engine.claims.check import check_claim, claim_facts
from engine.claims.headline import NOTHING
from engine.claims.sentences import LIMITS, UNCHECKED, format_point, support_sentence
from engine.claims.values import BETTER, Judgement, Support, judgement_of
from engine.errors import InputError
from engine.evaluation.calibration import Calibration
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.geometry.sphere import EARTH_AREA_KM2, great_circle_km
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling
from engine.locate.locator import Locator
from engine.locate.maps import prior_map
from engine.locate.settings import Settings
from engine.partitions.partition import NOWHERE
from engine.predictors.base import CellLikelihood, Prediction
from engine.testing import FixedPredictor, grey_photo, make_record

PLACE, FAR = (34.5, -57.5), (19.5, 98.5)
CERTAINTY = 0.9


def sure_of(world, point, name="model", certainty=CERTAINTY):
    """A predictor that is certain of a geocell; what it is not certain of follows the prior."""
    table = world.overlay.table("geocells_fine")
    probability = (1 - certainty) * world.prior.on(table) / world.prior.on(table).sum()
    probability[int(table.cell_label[int(world.overlay.cell_at(*point))])] += certainty
    record = make_record(name)
    return FixedPredictor(record, (Prediction(record, table.name, probability),))


def nameless(latitude, longitude):
    return ""


def named(latitude, longitude):
    return f"near town {latitude:.0f}"


@pytest.fixture(scope="module")
def answer(world):
    return Locator(world, [sure_of(world, PLACE)]).locate(grey_photo())


def check(answer, point, **options):
    return check_claim(answer, *point, name=options.pop("name", nameless), **options)


def test_the_numbers_are_those_of_a_plain_sum(answer, world):
    found = check(answer, FAR)
    density = answer.search_map.density
    value = density[int(world.overlay.cell_at(*FAR))]
    area, land = world.overlay.area_km2, world.overlay.table("population").cell_label != NOWHERE
    assert found.area_to_reach_km2 == pytest.approx(area[density >= value].sum())
    assert found.denser_probability == pytest.approx(answer.search_map.probability[density > value].sum())
    assert found.less_likely_land == pytest.approx(area[land & (density < value)].sum() / area[land].sum())
    assert found.ground_km2 == area[int(world.overlay.cell_at(*FAR))]
    before = prior_map(world).density[int(world.overlay.cell_at(*FAR))]
    assert found.factor == pytest.approx(value / before)


def test_a_place_that_the_photo_supports(answer):
    found = check(answer, PLACE)
    assert found.judgement is Judgement.STRONGLY_FOR
    assert found.denser_probability < 0.9
    assert [support.record.name for support in found.supports] == ["model"]
    assert found.supports[0].factor == pytest.approx(CERTAINTY / 0.0118, rel=0.15)
    text = " ".join(found.verdict)
    assert found.table.headline in text
    assert "for this place: what the photo shows is" in found.table.headline
    assert "more likely there than elsewhere." in found.table.headline
    assert "inside the region that holds" in text


def test_a_place_that_the_photo_doubts(answer, world):
    found = check(answer, FAR)
    assert found.judgement is Judgement.AGAINST
    assert any("for elsewhere: what the photo shows is" in sentence for sentence in found.verdict)
    owned = world.prior.on(world.overlay.table("geocells_fine")).sum()
    assert found.supports[0].factor == pytest.approx(0.98 * (1 - CERTAINTY) / owned + 0.02, rel=0.05)
    assert support_sentence(found.supports[0]) == "model speaks against it: 7.3 times less likely."


def test_a_photo_that_says_nothing_cannot_tell(world):
    silent = Locator(world, []).locate(grey_photo())
    found = check(silent, PLACE)
    assert found.judgement is Judgement.NEUTRAL
    assert found.factor == pytest.approx(1)
    assert NOTHING in found.verdict
    vague = Locator(world, [sure_of(world, PLACE, certainty=0.003)]).locate(grey_photo())
    assert any(s.startswith(NOTHING) for s in check(vague, PLACE).verdict)


def test_at_sea_it_says_so(answer, world):
    labels = world.overlay.table("population").cell_label
    sea = labels[np.asarray(world.overlay.pixel_cell)] == NOWHERE
    row, column = np.argwhere(sea)[0]
    grid = world.overlay.grid
    at_sea = check(answer, (float(grid.latitudes[row]), float(grid.longitudes[column])))
    assert at_sea.on_land is False
    assert "is in water: the nearest land is" in at_sea.verdict[0]
    land = at_sea.nearest_land
    assert check(answer, (land.latitude, land.longitude)).on_land is True
    assert great_circle_km(at_sea.latitude, at_sea.longitude, land.latitude, land.longitude) == pytest.approx(
        land.distance_km
    )
    row, column = np.argwhere(~sea)[0]
    on_land = check(answer, (float(grid.latitudes[row]), float(grid.longitudes[column])))
    assert on_land.on_land is True
    assert on_land.nearest_land is None
    assert not any("in water" in sentence for sentence in on_land.verdict)


@pytest.mark.parametrize(("point", "words"), [((90.0, 12.0), "the North Pole"), ((-90.0, 0.0), "the South Pole")])
def test_at_a_pole_no_longitude_is_named(answer, point, words):
    found = check(answer, point)
    assert f"The claimed location, {words}, is reached after" in " ".join(found.verdict)
    assert found.better is None or found.better.direction in {"south", "north"}


def test_a_place_that_the_plain_product_rules_out(world):
    record = make_record("sure")
    prediction = Prediction(record, "population", np.array([1.0, 0, 0, 0]))
    answer = Locator(world, [FixedPredictor(record, (prediction,))]).locate(
        grey_photo(), Settings(pooling=Pooling.PRODUCT)
    )
    labels = world.overlay.table("population").cell_label[np.asarray(world.overlay.pixel_cell)]
    grid = world.overlay.grid

    def first_with(label):
        row, column = np.argwhere(labels == label)[0]
        return float(grid.latitudes[row]), float(grid.longitudes[column])

    out, kept = check(answer, first_with(2)), check(answer, first_with(0))
    assert out.factor == 0
    assert out.judgement is Judgement.STRONGLY_AGAINST
    assert out.prior_factor is None
    assert any("is ruled out by at least one predictor" in sentence for sentence in out.verdict[:2])
    assert support_sentence(out.supports[0]) == "sure rules the place out."
    assert out.better is not None
    mask = world.overlay.table("population").area_km2[0]
    assert kept.factor == pytest.approx(EARTH_AREA_KM2 / mask, rel=1e-6)
    assert kept.supports[0].factor == pytest.approx(EARTH_AREA_KM2 / mask, rel=1e-6)
    assert json.dumps(claim_facts(out), allow_nan=False)


def test_the_nearest_better_place_is_better_and_named(answer, world):
    found = check(answer, FAR, name=named)
    better = found.better
    assert better is not None
    density = answer.search_map.density
    claimed, there = (density[int(world.overlay.cell_at(*p))] for p in (FAR, (better.latitude, better.longitude)))
    assert there >= BETTER * claimed
    assert better.distance_km == pytest.approx(float(great_circle_km(*FAR, better.latitude, better.longitude)))
    (sentence,) = [s for s in found.verdict if s.startswith("The nearest ground")]
    assert sentence.endswith(f"to the {better.direction} (near town {better.latitude:.0f}).")
    start = "The claimed location, 19.5000° N, 98.5000° E (near town 20), is reached"
    assert any(sentence.startswith(start) for sentence in found.verdict)


def test_the_best_place_has_no_better_one(answer):
    best = answer.search_map.candidates(1)[0]
    found = check(answer, (best.latitude, best.longitude))
    assert found.better is None
    assert found.better_name == ""
    assert "No place on the map is ten times as likely per km²." in found.verdict


def test_the_prior_is_named_where_it_moves_a_place(world):
    answer = Locator(world, []).locate(grey_photo())
    prior = prior_map(world)
    grid = world.overlay.grid

    def at(cell):
        return tuple(float(v) for v in grid.point_of(world.overlay.pixels_of(int(cell))[0]))

    popular, lonely = check(answer, at(prior.order[0])), check(answer, at(prior.order[-1]))
    assert popular.prior_factor > 10
    assert any("times more often than on average land" in s for s in popular.verdict)
    assert lonely.prior_factor < 0.1
    assert any("times less often than on average land" in s for s in lonely.verdict)
    even = Locator(world, []).locate(grey_photo(), Settings(prior_weight=0.0))
    assert check(even, at(prior.order[0])).prior_factor is None


def test_statements_are_told_from_models(world):
    chosen = Settings(declared={"population": {"high": 0.99}})
    both = Locator(world, [sure_of(world, PLACE)]).locate(grey_photo(), chosen)
    found = check(both, PLACE)
    assert {support.record.name: support.stated for support in found.supports} == {"model": False, "declared": True}
    assert found.table.headline in found.verdict and found.table.analyst in found.verdict
    assert not any("support" in s for s in (found.table.analyst,))
    only = check(Locator(world, []).locate(grey_photo(), chosen), PLACE)
    assert NOTHING in only.verdict
    assert "not evidence from the photo" in only.table.analyst or "not counted" in only.table.analyst
    assert Support(make_record("evidence_7"), 2.0).stated


def test_the_most_telling_voice_comes_first(world):
    loud, quiet = sure_of(world, PLACE, "loud"), sure_of(world, PLACE, "quiet", certainty=0.01)
    found = check(Locator(world, [quiet, loud]).locate(grey_photo()), PLACE)
    assert [support.record.name for support in found.supports] == ["loud", "quiet"]


def test_calibration_is_told_where_it_was_kept(answer):
    scores = np.linspace(0, 0.999, 500)
    found = check(answer, FAR, calibration=Calibration(scores, 500))
    test = found.reference_photos
    assert test is not None
    assert test.photos == 500
    assert test.reached == pytest.approx((scores <= found.denser_probability).mean())
    assert test.low <= test.reached <= test.high
    assert any(s.startswith("Of 500 test photos with known locations, ") for s in found.verdict)
    assert UNCHECKED not in found.verdict
    assert UNCHECKED in check(answer, FAR).verdict
    assert check(answer, FAR, calibration=Calibration(np.empty(0), 0)).reference_photos is None


@pytest.mark.parametrize("point", [PLACE, FAR, (90, 0), (-90, 180), (0, 180), (-33.3, -0.0)])
def test_every_verdict_stays_humble_and_readable(answer, point):
    found = check(answer, point)
    assert found.verdict[-1] == LIMITS
    for sentence in found.verdict:
        assert sentence.endswith(".")
        assert "!" not in sentence
        assert "nan" not in sentence and "inf" not in sentence
        assert not any(word in sentence.lower() for word in ("certainly", "definitely", "proves", "impossible"))
    facts = json.loads(json.dumps(claim_facts(found), allow_nan=False))
    assert facts["verdict"] == list(found.verdict)
    assert facts["area_to_reach_km2"] == found.area_to_reach_km2


@pytest.mark.parametrize(
    ("factor", "judgement"),
    [
        (1e9, Judgement.STRONGLY_FOR), (20, Judgement.STRONGLY_FOR), (19.9, Judgement.FOR), (3, Judgement.FOR),
        (2.9, Judgement.NEUTRAL), (1, Judgement.NEUTRAL), (0.34, Judgement.NEUTRAL),
        (1 / 3, Judgement.AGAINST), (0.051, Judgement.AGAINST), (0.05, Judgement.STRONGLY_AGAINST),
        (0, Judgement.STRONGLY_AGAINST),
    ],
)  # fmt: skip
def test_words_for_factors(factor, judgement):
    assert judgement_of(factor) is judgement


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (25.0, "speaks strongly for it: 25 times more likely."),
        (4.0, "speaks for it: 4 times more likely."),
        (1.2, "is neutral (×1.2)."),
        (0.1, "speaks against it: 10 times less likely."),
        (0.01, "speaks strongly against it: 100 times less likely."),
    ],
)
def test_words_for_voices(factor, words):
    assert support_sentence(Support(make_record("model"), factor)) == f"model {words}"
    assert support_sentence(Support(make_record("declared"), factor)).startswith('Your statement "declared" ')
    stated = support_sentence(Support(DECLARED, factor))
    assert stated.startswith("Your statement ")
    assert "support" not in stated and "speaks" not in stated
    if factor != 1.2:
        assert stated.endswith("it is your own knowledge, not evidence from the photo.")
        assert ("does not fit" in stated) == (factor < 1)


def test_words_for_points():
    assert format_point(22.21, -159.4) == "22.2100° N, 159.4000° W"
    assert format_point(-33.9, 18.4) == "33.9000° S, 18.4000° E"


@pytest.mark.parametrize("point", [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_a_point_off_the_globe_is_refused(answer, point):
    with pytest.raises(InputError, match="outside"):
        check(answer, point)


def test_a_statement_counts_by_its_ratio_alone(world):
    """A likelihood of 0.9 inside and 0.1 outside counts over its mean, and so does any multiple of it."""
    inside = world.overlay.table("population").cell_label == 3
    record = make_record("evidence_1")
    cell = int(np.flatnonzero(inside)[0])
    point = tuple(float(v) for v in world.overlay.grid.point_of(world.overlay.pixels_of(cell)[0]))
    prior, factors = prior_map(world), []
    for scale in (0.0, -900.0, 900.0):
        likelihood = CellLikelihood(record, scale + np.log(np.where(inside, 0.9, 0.1)))
        answer = Locator(world, []).answer(grey_photo(), (Outcome(record, likelihoods=(likelihood,)),))
        found = check(answer, point)
        factors.append(found.supports[0].factor)
        assert found.factor == pytest.approx(found.supports[0].factor)
        assert support_sentence(found.supports[0]).startswith('Your statement "evidence 1" ')
    mean = float((prior.probability * np.where(inside, 0.9, 0.1)).sum())
    assert factors == pytest.approx([0.9 / mean] * 3)
