import numpy as np
import pytest

from engine.artifacts.store import Store
from engine.errors import InputError, PredictorError
from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import unit_vectors
from engine.networks.encoders import Output
from engine.networks.plonk import PlonkShape, plonk_shapes
from engine.networks.state_dict import random_state
from engine.partitions.geocells import grow
from engine.partitions.photo_locations import default_photo_places
from engine.predictors.base import Predictor
from engine.predictors.plonk import BLOCK_LEVEL, VARIANTS, Plonk, even_share, variant
from engine.testing import grey_photo

SMALL = PlonkShape(condition=24, depth=2, width=32)


class Encoder:
    def __init__(self):
        self.asked = []

    def encode_photos(self, photos, *, output):
        self.asked.append(output)
        return np.stack([np.full(24, photo.pixels.mean() / 255, np.float32) for photo in photos])


@pytest.fixture(scope="module")
def cells():
    places = default_photo_places()
    return grow(places.latitude, places.longitude, 0, 200, name="geocells_fine")


def model(cells, name="plonk_yfcc", encoder=None):
    encoder = encoder or Encoder()
    return Plonk(variant(name), cells, lambda: random_state(plonk_shapes(SMALL), 3), lambda: encoder, count=64, steps=4)


@pytest.mark.parametrize("name", [each.artifact for each in VARIANTS])
def test_the_answer_is_a_density_over_the_geocells(cells, name):
    encoder = Encoder()
    plonk = model(cells, name, encoder)
    (prediction,) = plonk.predict(grey_photo())
    assert prediction.partition == "geocells_fine"
    assert prediction.probability.size == len(cells)
    assert prediction.label_prior.sum() == pytest.approx(1)
    assert encoder.asked == [Output.CLASS_TOKEN if name == "plonk_osv5m" else Output.PROJECTED]
    np.testing.assert_array_equal(plonk.predict(grey_photo())[0].probability, prediction.probability)
    assert isinstance(plonk, Predictor)


def test_points_at_a_place_make_its_cells_likely(cells, monkeypatch):
    rng = np.random.default_rng(0)
    points = unit_vectors(rng.normal(48.85, 0.2, 200), rng.normal(2.35, 0.2, 200))
    monkeypatch.setattr("engine.predictors.plonk.network.sample", lambda *_, **__: points)
    (prediction,) = model(cells).predict(grey_photo())
    best = int(np.argmax(prediction.probability / prediction.label_prior))
    assert abs(cells.mean_latitude[best] - 48.85) < 1
    assert abs(cells.mean_longitude[best] - 2.35) < 1


def test_evenly_drawn_photos_flatten_the_counts(cells):
    even, counted = even_share(cells), cells.photo_count / cells.photo_count.sum()
    assert even.sum() == pytest.approx(1)
    small = np.flatnonzero(s2.level_of(cells.ids) > BLOCK_LEVEL)
    _, block = np.unique(s2.parent(cells.ids[small], BLOCK_LEVEL), return_inverse=True)
    assert np.ptp(np.bincount(block, weights=even[small])) < 1e-12
    paris = int(cells.label_at(48.86, 2.35))
    outback = int(cells.label_at(-25.3, 131.0))
    assert even[paris] / even[outback] < counted[paris] / counted[outback]


def test_a_model_gone_wrong_is_said(cells, monkeypatch):
    monkeypatch.setattr("engine.predictors.plonk.network.sample", lambda *_, **__: np.full((5, 3), np.nan))
    with pytest.raises(PredictorError, match="drew no place on Earth"):
        model(cells).predict(grey_photo())


def test_names_and_missing_weights(cells, tmp_path):
    with pytest.raises(InputError, match="plonk_yfcc, plonk_osv5m, plonk_inaturalist"):
        variant("plonk")
    with pytest.raises(PredictorError, match="hereabouts models fetch plonk_osv5m"):
        Plonk.from_store("plonk_osv5m", cells, Store(tmp_path)).predict(grey_photo())
