"""Photos that were read before a model came, went or was replaced."""

from dataclasses import dataclass, field, replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.common import state
from dashboard.locate.catch_up import caught_up
from engine.errors import PredictorError
from engine.locate.locator import Locator
from engine.photos.photo import open_photo
from engine.predictors.base import Prediction, Record
from engine.testing import BrokenPredictor, make_record, peaked


@dataclass(eq=False)
class Counting:
    """Another predictor's answers, counted."""

    inner: object
    name: str
    photos: list = field(default_factory=list)

    @property
    def record(self) -> Record:
        return make_record(self.name)

    def predict(self, photo):
        self.photos.append(photo.pixels.shape)
        (said,) = self.inner.predict(photo)
        return (Prediction(self.record, said.partition, said.probability),)


@pytest.fixture
def old(world):
    return Counting(peaked(world, 10.5, 20.5), "old")


@pytest.fixture
def new(world):
    return Counting(peaked(world, -30.5, 20.5), "new")


@pytest.fixture
def entry(world, old, kauai):
    """A photo as the dashboard keeps it: its pixels are gone."""
    photo = open_photo(kauai)
    outcomes = Locator(world, [old]).read(photo)
    return state.PhotoEntry(replace(photo, pixels=photo.pixels[::64, ::64].copy()), b"", outcomes)


def names(outcomes):
    return [each.record.name for each in outcomes]


def test_a_model_that_came_is_asked_with_the_whole_photo_and_the_others_are_not(world, old, new, entry, kauai):
    outcomes = caught_up(entry, Locator(world, [old, new]), kauai.read_bytes, again=False)
    assert names(outcomes) == ["old", "new"]
    assert all(each.status == "ok" for each in outcomes)
    assert new.photos == [(504, 512, 3)]
    assert len(old.photos) == 1, "what was said stays"
    assert outcomes[0] is entry.outcomes[0]


def test_a_model_that_went_has_no_say_any_more(world, new, entry, kauai):
    assert names(caught_up(entry, Locator(world, [new]), kauai.read_bytes, again=True)) == ["new"]
    assert caught_up(entry, Locator(world, []), kauai.read_bytes, again=True) == ()


def test_a_photo_whose_file_is_gone_keeps_what_was_said(world, old, new, entry):
    assert names(caught_up(entry, Locator(world, [old, new]), None, again=True)) == ["old"]


def test_a_file_that_cannot_be_opened_any_more_keeps_what_was_said(world, old, new, entry):
    assert names(caught_up(entry, Locator(world, [old, new]), lambda: b"", again=True)) == ["old"]
    assert new.photos == []


def test_a_model_that_failed_is_asked_again_only_after_models_changed(world, entry, kauai):
    class Mended(Counting):
        failing = True

        def predict(self, photo):
            if self.failing:
                raise PredictorError("The weights are damaged; fetch them again.")
            return super().predict(photo)

    model = Mended(peaked(world, 0.5, 0.5), "mended")
    locator = Locator(world, [model])
    first = replace(entry, outcomes=caught_up(entry, locator, kauai.read_bytes, again=False))
    assert first.outcomes[0].status == "failed"
    model.failing = False
    assert caught_up(first, locator, kauai.read_bytes, again=False) == first.outcomes
    assert caught_up(first, locator, kauai.read_bytes, again=True)[0].status == "ok"


def test_a_model_that_cannot_answer_is_listed_with_its_reason(world, old, entry, kauai):
    broken = BrokenPredictor(make_record("broken"))
    outcomes = caught_up(entry, Locator(world, [old, broken]), kauai.read_bytes, again=True)
    assert [each.status for each in outcomes] == ["ok", "failed"]
    assert "damaged" in outcomes[1].reason


def page(monkeypatch, locator, stamps):
    monkeypatch.setattr("dashboard.common.services.locator", lambda: locator)
    monkeypatch.setattr("dashboard.models.worker.stamp", lambda: stamps[-1])
    return AppTest.from_string("from dashboard.locate import catch_up; catch_up.show()", default_timeout=30)


def test_the_page_asks_once_per_change(monkeypatch, world, old, new, entry):
    stamps = [()]
    test = page(monkeypatch, Locator(world, [old, new]), stamps)
    monkeypatch.setattr("dashboard.common.services.sample_photo", lambda: None)
    test.session_state[state.PHOTOS] = {"upload": entry}
    asked = []
    monkeypatch.setattr("dashboard.locate.catch_up.caught_up", lambda *_, again: asked.append(again) or ())
    test.run().run()
    assert asked == [False]
    stamps.append((("geoclip", 1, 2),))
    test.run().run()
    assert asked == [False, True]


def test_the_sample_photo_is_read_from_its_own_file(monkeypatch, world, old, new, entry):
    test = page(monkeypatch, Locator(world, [old, new]), [()])
    test.session_state[state.PHOTOS] = {"sample": entry}
    test.run()
    assert not test.exception
    assert names(test.session_state[state.PHOTOS]["sample"].outcomes) == ["old", "new"]
