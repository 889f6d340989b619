from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ArtifactError, PredictorError
from engine.geometry.grid import Grid
from engine.partitions.partition import NOWHERE
from engine.photos.photo import Photo
from engine.predictors.scene.model import load_scene_model, save_scene_model
from engine.predictors.scene.network import SceneNetwork, SceneView, scene_views
from engine.predictors.scene.partitions import merged_partitions, partition_sources
from engine.predictors.scene.predictor import Scene
from engine.predictors.scene.words import attributes_text, class_titles, classes_text

NOISE = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)


@pytest.fixture(scope="module")
def model():
    return load_scene_model()


def seeing(model, name):
    """A network that sees one class, and otherwise the mean photo of the fit."""
    log_probability = np.full(1000, -12.0)
    log_probability[class_titles().index(name)] = -0.01
    view = SceneView(log_probability, model.mean[1000:2280] ** 2, model.mean[2280:])
    network = SceneNetwork(lambda: pytest.fail("no network is needed"))
    network.view = lambda photo: view
    return Scene(network=network)


def test_a_mountain_lifts_mountains(model):
    predictions = {each.partition: each for each in seeing(model, "mountain").predict(Photo("p", "a" * 64, NOISE))}
    assert set(predictions) == {block.partition for block in model.blocks}
    relief = predictions["scene_relief"]
    ratio = relief.probability / relief.label_prior
    assert ratio[2] > ratio[1] > ratio[0]  # mountains, hills, flat
    assert "mountain 9" in predictions["population"].note


@pytest.mark.parametrize("name", ["espresso", "strawberry", "beaker", "folding chair", "dalmatian"])
def test_a_photo_of_no_place_leaves_the_prior_and_says_why(model, name):
    predictions = seeing(model, name).predict(Photo("p", "a" * 64, NOISE))
    for each in predictions:
        np.testing.assert_allclose(each.probability, each.label_prior)
    assert "photo of no place" in predictions[0].note
    assert name in predictions[0].note


def test_a_photo_of_one_colour_or_of_few_pixels_is_refused():
    scene = Scene()
    with pytest.raises(PredictorError, match="one colour"):
        scene.predict(Photo("p", "a" * 64, np.full((64, 64, 3), 130, np.uint8)))
    with pytest.raises(PredictorError, match="needs 32 x 32 pixels and this photo has 40 x 10"):
        scene.predict(Photo("p", "a" * 64, NOISE[:10, :40]))


def test_damaged_weights_are_one_sentence():
    def damaged():
        raise ArtifactError("weights.pth is damaged")

    with pytest.raises(PredictorError, match="The scene network cannot be read: weights"):
        Scene(network=SceneNetwork(damaged)).predict(Photo("p", "a" * 64, NOISE))


def test_a_model_survives_its_file(model, tmp_path):
    save_scene_model(model, tmp_path / "scene.npz")
    again = load_scene_model(tmp_path / "scene.npz")
    assert again.blocks[0].labels == model.blocks[0].labels
    np.testing.assert_array_equal(again.weights, model.weights)
    (tmp_path / "scene.npz").write_bytes((tmp_path / "scene.npz").read_bytes()[:1000])
    with pytest.raises(ArtifactError, match="damaged or made for another version"):
        load_scene_model(tmp_path / "scene.npz")
    with pytest.raises(ArtifactError, match="missing"):
        load_scene_model(tmp_path / "none.npz")
    assert Scene(path=tmp_path / "none.npz").partitions() == ()


def test_no_scores_are_the_prior_and_name_nothing(model):
    marginals = model.marginals(np.zeros_like(model.offset))
    for block, each in zip(model.blocks, marginals, strict=True):
        assert np.abs(each - block.prior).max() < 0.05, block.partition
    assert attributes_text(model.blocks, [block.prior for block in model.blocks]) == ""


def test_classes_are_named_with_their_share():
    probability = np.full(1000, 0.0001)
    probability[[970, 979]] = 0.67, 0.07
    assert classes_text(probability) == "mountain 67 %, valley 7 %"


def test_labels_of_the_model_are_those_of_the_layers(model):
    drawn = {each.name: each.labels for each in merged_partitions()}
    for block in model.blocks:
        assert drawn.get(block.partition, block.labels) == block.labels
        assert len(block.labels) == len(block.titles) == block.prior.size


def test_partitions_are_drawn_everywhere_on_a_small_grid(model):
    grid = Grid(180, 360)
    for source in partition_sources(model.regions):
        rows = source.draw(grid)
        raster = rows.rows(0, grid.rows)
        assert raster.shape == grid.shape
        assert raster.min() > NOWHERE
        assert raster.max() < len(rows.labels)
        assert rows.owner.shape == (len(rows.labels),)
    zermatt, pacific = (46.0, 7.7), (-30.0, -120.0)
    relief = merged_partitions()[2]
    told = relief.labels_at([zermatt[0], pacific[0]], [zermatt[1], pacific[1]])
    assert [relief.labels[each] for each in told] == ["mountains", "sea"]


def test_views_are_the_whole_and_three_squares_each_with_its_mirror():
    views = scene_views(NOISE)
    assert views.shape == (8, 3, 260, 260)
    np.testing.assert_array_equal(views[4:], views[:4, ..., ::-1])
    white = scene_views(np.full((40, 40, 3), 255, np.uint8))
    np.testing.assert_allclose(white, 1.0, atol=1e-6)  # (255 - 127) / 128


def test_a_photo_is_looked_at_once():
    class Counting:
        looks = 0

        def look(self, images):
            import torch

            self.looks += 1
            zeros = torch.zeros(len(images), 1)
            return type("Look", (), {"logits": zeros, "features": zeros, "textures": zeros})()

    counting = Counting()
    network = SceneNetwork(lambda: counting)
    photo = Photo("p", "a" * 64, NOISE)
    assert network.view(photo) is network.view(photo)
    network.view(replace(photo, sha256="b" * 64))
    assert counting.looks == 2


def test_beside_published_models_it_weighs_nothing():
    assert Scene().record.weight == 1.0
    off = Scene(weight=0.0).record
    assert off.weight == 0.0
    assert "off while a published model answers" in off.summary
