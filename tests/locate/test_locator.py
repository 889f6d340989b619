import io

import numpy as np
import pytest
from PIL import Image

from engine.errors import ContradictionError, InputError, PhotoError
from engine.export.json_result import answer_facts
from engine.inference.pooling import Pooling
from engine.locate.locator import Locator
from engine.locate.maps import predictor_map, prior_map
from engine.locate.settings import Settings, without_predictor
from engine.predictors.base import Prediction
from engine.testing import BrokenPredictor, FixedPredictor, grey_photo, make_record, peaked


def png_bytes(seed=0):
    pixels = np.random.default_rng(seed).integers(0, 255, (80, 120, 3), dtype=np.uint8)
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG")
    return sink.getvalue()


def test_the_known_place_is_in_the_region(locator):
    answer = locator.locate(png_bytes())
    assert answer.search_map.region(mass=0.8).contains(10.5, 20.5)
    assert answer.search_map.area_to_reach(10.5, 20.5) < answer.search_map.area_to_reach(-40.5, -100.5)
    assert answer.information_nats > 1


def test_bytes_path_and_photo_give_the_same_region(locator, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(png_bytes())
    by_bytes, by_path, by_text = (locator.locate(source) for source in (png_bytes(), path, str(path)))
    digests = {a.search_map.region(budget_km2=1e6).sha256 for a in (by_bytes, by_path, by_text)}
    assert len(digests) == 1
    assert by_bytes.photo.sha256 == by_path.photo.sha256


def test_one_predictor_that_fails_leaves_the_others_working(world):
    broken = BrokenPredictor(make_record("broken"))
    alone = Locator(world, [peaked(world, 10.5, 20.5)]).locate(png_bytes())
    both = Locator(world, [broken, peaked(world, 10.5, 20.5)]).locate(png_bytes())
    assert [outcome.status for outcome in both.outcomes] == ["failed", "ok"]
    assert np.array_equal(alone.search_map.log_density, both.search_map.log_density)
    told = next(note for note in both.notes if "weights of this predictor are damaged" in note)
    assert "broken" in told.lower()  # a reason may name a file only; the note says who fell silent


def test_a_predictor_that_crashes_is_told_in_a_sentence(world):
    class Crashing(FixedPredictor):
        def predict(self, photo):
            raise ZeroDivisionError

    answer = Locator(world, [Crashing(make_record("crashing"), ())]).locate(png_bytes())
    assert "stopped with ZeroDivisionError" in answer.outcomes[0].reason
    assert "switch it off" in answer.outcomes[0].reason


def test_a_photo_that_says_nothing_is_said_to_say_nothing(world):
    answer = Locator(world, []).locate(grey_photo())
    assert answer.information_nats == pytest.approx(0, abs=1e-9)
    assert any("No model found a usable cue" in note for note in answer.notes)


def test_statements_join_as_one_more_predictor(locator):
    settings = Settings(declared={"population": {"high": 0.9}})
    answer = locator.locate(grey_photo(), settings)
    assert answer.outcomes[-1].record.name == "declared"
    with pytest.raises(InputError, match="no label 'dense'"):
        locator.locate(grey_photo(), Settings(declared={"population": {"dense": 0.9}}))


def test_switching_off_is_leaving_out(world):
    two = Locator(world, [peaked(world, 10.5, 20.5)]).locate(grey_photo(), without_predictor(Settings(), "peaked"))
    assert np.array_equal(two.search_map.log_density, prior_map(world).log_density)


def test_product_contradiction_reaches_the_caller(world):
    table = world.overlay.table("population")
    sides = [
        FixedPredictor(make_record(str(j)), (Prediction(make_record(str(j)), table.name, np.eye(4)[j]),))
        for j in (0, 3)
    ]
    locator = Locator(world, sides)
    with pytest.raises(ContradictionError, match="contradict"):
        locator.locate(grey_photo(), Settings(pooling=Pooling.PRODUCT))
    assert locator.locate(grey_photo()).search_map.region(budget_km2=1e6).area_km2 > 0


def test_a_single_predictor_is_drawn_as_paper_a_draws_it(world):
    predictions = peaked(world, 10.5, 20.5).predictions
    alone = predictor_map(world, predictions)
    table = world.overlay.table("geocells_fine")
    label = int(np.argmax(predictions[0].probability))
    inside = table.cell_label == label
    assert alone.density[inside] == pytest.approx(np.full(inside.sum(), alone.density.max()))


def test_not_a_photo_is_refused(locator):
    with pytest.raises(PhotoError):
        locator.locate(b"not a photo")


def test_facts_have_the_documented_shape(world):
    broken = BrokenPredictor(make_record("broken"))
    (prediction,) = peaked(world, 10.5, 20.5).predictions
    twice = FixedPredictor(make_record("twice"), (prediction, prediction))
    locator = Locator(world, [peaked(world, 10.5, 20.5), twice, broken])
    answer = locator.locate(png_bytes(), Settings(weights={"peaked": 0.0}))
    region = answer.search_map.region(budget_km2=1e6)
    facts = answer_facts(answer, region, answer.search_map.candidates(3), (22.2, -159.4))
    assert set(facts["photo"]) == {"name", "sha256", "width", "height"}
    assert {"budget_km2", "area_km2", "probability", "parts"} <= set(facts["region"])
    assert all(set(place) == {"rank", "name", "lat", "lon", "probability", "area_km2"} for place in facts["places"])
    assert {"lat", "lon", "area_to_reach_km2", "judgement", "better", "verdict"} <= set(facts["claim"])
    rows = facts["predictors"]
    needed = {"name", "partition", "labels", "weight", "status", "reason", "licence"}
    assert all(needed <= set(row) for row in rows)
    assert [(row["name"], row["status"]) for row in rows] == [
        ("prior", "ok"), ("peaked", "off"), ("twice", "ok"), ("twice", "ok"), ("broken", "failed"),
    ]  # fmt: skip
