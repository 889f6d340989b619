import numpy as np
import pytest
import torch

from engine.artifacts.store import Store
from engine.errors import PredictorError
from engine.networks.isn import IsnCheckpoint, build, crop_probabilities, save_checkpoint
from engine.networks.preprocessing import prepare
from engine.partitions.geocells import grow
from engine.partitions.photo_locations import default_photo_places
from engine.predictors.base import Predictor
from engine.predictors.cell_classifier import FIVE_CROPS, CellClassifier, f_star, is_supplied, supplied_cells
from engine.testing import grey_photo


@pytest.fixture(scope="module")
def partitions():
    places = default_photo_places()
    sizes = (("coarse", 5000), ("middle", 3000), ("fine", 1500))
    return tuple(grow(places.latitude, places.longitude, 0, most, name=f"mine_{name}") for name, most in sizes)


@pytest.fixture(scope="module")
def checkpoint(partitions):
    torch.manual_seed(0)
    return IsnCheckpoint(build([len(cells) for cells in partitions]), partitions, {})


def random_photo(seed=0):
    photo = grey_photo()
    pixels = np.random.default_rng(seed).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    return type(photo)(name="random.png", sha256=f"{seed:064x}", pixels=pixels, width=400, height=300)


def test_f_star_by_hand():
    fine, coarse = np.array([0.2, 0.3, 0.5]), np.array([0.9, 0.1])
    found = f_star([coarse, fine], [np.array([0, 0, 1]), np.arange(3)])
    product = np.array([0.2 * 0.9, 0.3 * 0.9, 0.5 * 0.1])
    np.testing.assert_allclose(found, product / product.sum())


def test_f_star_survives_probabilities_of_zero():
    found = f_star([np.array([1.0, 0.0]), np.array([1e-200, 1.0])], [np.arange(2), np.arange(2)])
    np.testing.assert_allclose(found, [1, 0])


def test_the_answer_is_the_largest_of_five_crops_multiplied_over_the_sizes(checkpoint):
    photo = random_photo()
    crops = prepare(photo.pixels, FIVE_CROPS)
    assert crops.shape == (5, 3, 224, 224)
    best = [each.max(axis=0).astype(np.float64) for each in crop_probabilities(checkpoint.network, crops)]
    coarse, middle, fine = checkpoint.partitions
    expected = np.array(
        [
            best[2][label]
            * best[1][int(middle.label_of_leaf(fine.ids[label : label + 1])[0])]
            * best[0][int(coarse.label_of_leaf(fine.ids[label : label + 1])[0])]
            for label in range(len(fine))
        ]
    )
    model = CellClassifier(lambda: checkpoint)
    (prediction,) = model.predict(photo)
    np.testing.assert_allclose(prediction.probability, expected / expected.sum(), rtol=0.02, atol=1e-9)
    assert prediction.partition == "mine_fine"
    assert isinstance(model, Predictor)


def test_a_network_that_knows_only_the_prior_says_nothing(checkpoint, monkeypatch):
    shares = [cells.photo_count / cells.photo_count.sum() for cells in checkpoint.partitions]
    knows_nothing = [np.tile(share, (5, 1)) for share in shares]
    monkeypatch.setattr("engine.predictors.cell_classifier.crop_probabilities", lambda *_: knows_nothing)
    (prediction,) = CellClassifier(lambda: checkpoint).predict(random_photo())
    np.testing.assert_allclose(prediction.probability, prediction.label_prior)


def test_partitions_that_do_not_belong_together_are_refused(checkpoint, partitions):
    places = default_photo_places()
    north = places.latitude > 30
    other = grow(places.latitude[north], places.longitude[north], 0, 5000, name="north")
    torn = IsnCheckpoint(checkpoint.network, (other, *partitions[1:]), {})
    with pytest.raises(PredictorError, match="outside every cell of north"):
        CellClassifier(lambda: torn).predict(random_photo())


def test_from_the_folder_of_the_user(checkpoint, tmp_path):
    model = CellClassifier.from_store(Store(tmp_path / "models", by_hand=tmp_path))
    with pytest.raises(PredictorError, match=r"checkpoint\.ckpt.*put your own copy"):
        model.predict(random_photo())
    (tmp_path / "geoestimation").mkdir()
    own = tmp_path / "geoestimation" / "checkpoint.safetensors"
    save_checkpoint(own, checkpoint.network, checkpoint.partitions, {})
    store = Store(tmp_path / "models", by_hand=tmp_path)
    assert CellClassifier.from_store(store).predict(random_photo())[0].partition == "mine_fine"
    assert is_supplied(store)
    assert not is_supplied(Store(tmp_path / "models"))
    np.testing.assert_array_equal(supplied_cells(store).ids, checkpoint.partitions[-1].ids)
