from dataclasses import dataclass, replace

import numpy as np
import pytest

from engine.artifacts.store import Store
from engine.errors import PredictorError
from engine.partitions.geocells import grow
from engine.predictors.reference_checks import (
    GEOCLIP_KAUAI,
    Found,
    best_point,
    reference_checks_for,
    run_reference_check,
)
from engine.testing import grey_photo

PLACES = {"Kauai": (22.05, -159.55), "Oahu": (21.45, -158.0), "Bern": (46.95, 7.45)}


@dataclass
class Says:
    """A model that is sure of one of three places, whatever it is shown."""

    place: str

    def __post_init__(self):
        latitude, longitude = np.array(list(PLACES.values())).T
        self.cells = grow(latitude, longitude, 0, 1, name="three")

    def log_probabilities(self, photos):
        latitude, longitude = PLACES[self.place]
        near = np.abs(self.cells.mean_latitude - latitude) + np.abs(self.cells.mean_longitude - longitude)
        return -np.tile(near, (len(photos), 1))


@dataclass
class Fails:
    cells: object = None

    def log_probabilities(self, photos):
        raise PredictorError("The weights are damaged; fetch them again.")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.delenv("HEREABOUTS_MODELS", raising=False)
    return Store(tmp_path / "models")


@pytest.fixture
def store(empty):
    path = empty.root / "clip_vit_l14_openai" / "open_clip_model.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"stand-in")
    return empty


def test_the_best_point_is_the_middle_of_the_likeliest_cell():
    assert best_point(Says("Bern"), grey_photo()) == pytest.approx(PLACES["Bern"])


def test_kauai_on_kauai_is_right(store):
    tried = run_reference_check(store, make=lambda _: Says("Kauai"))
    assert tried.found is Found.RIGHT
    assert 0 < tried.distance_km < 50
    assert "Kauai.png" in tried.sentence


@pytest.mark.parametrize("place", ["Oahu", "Bern"])
def test_kauai_elsewhere_is_wrong_and_says_what_to_do(store, place):
    tried = run_reference_check(store, make=lambda _: Says(place))
    assert tried.found is Found.WRONG
    assert tried.distance_km > 50
    assert "within 50 km" in tried.sentence and "fetch it again" in tried.sentence


def test_a_model_that_fails_is_wrong_with_its_own_sentence(store):
    tried = run_reference_check(store, make=lambda _: Fails())
    assert (tried.found, tried.sentence) == (Found.WRONG, "The weights are damaged; fetch them again.")


def test_without_the_weights_nothing_is_asked_and_the_reason_is_plain(empty):
    tried = run_reference_check(empty, make=lambda _: pytest.fail("asked without weights"))
    assert tried.found is Found.SKIPPED
    assert "CLIP ViT-L/14 (OpenAI) is not here yet" in tried.sentence
    assert "hereabouts models fetch geoclip" in tried.sentence
    assert not empty.root.exists()


def test_a_package_without_the_photo_is_told(store):
    tried = run_reference_check(store, replace(GEOCLIP_KAUAI, photo="images/gone.png"), lambda _: Says("Kauai"))
    assert tried.found is Found.SKIPPED
    assert "carries no images/gone.png" in tried.sentence


def test_damaged_weights_are_found_by_the_real_model(store):
    tried = run_reference_check(store)
    assert tried.found is Found.WRONG
    assert "open_clip_model.safetensors" in tried.sentence


def test_known_answers_belong_to_every_part_of_their_bundle(store):
    assert reference_checks_for(store, ["geoclip"]) == (GEOCLIP_KAUAI,)
    assert reference_checks_for(store, ["clip_vit_l14_openai"]) == (GEOCLIP_KAUAI,)
    assert reference_checks_for(store, ["plonk_yfcc"]) == ()


@pytest.mark.weights
def test_the_published_weights_find_kauai():
    tried = run_reference_check(Store())
    assert tried.found is Found.RIGHT, tried.sentence
