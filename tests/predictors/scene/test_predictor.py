"""The predictor on real photos. Its model was fitted on some of them: what is checked is that the parts work together,
not how good the model is; figures on places left out are in ``assets/models/scene.md``."""

import numpy as np
import pytest

from engine.photos.photo import open_photo
from engine.predictors.scene.predictor import Scene

ALPS = "places/unesco_world_heritage/wh_1037.jpg"
PALACE = "places/culture_quizzer_commons/cq_10.jpg"
THINGS = "photos/metadata-extractor_gps/tif__Issue 151.tif"


@pytest.fixture(scope="module")
def predicted(shared):
    scene = Scene()
    return {name: scene.predict(open_photo(shared / "data" / name)) for name in (ALPS, PALACE, THINGS)}


def ratio(predictions, partition, label):
    """How much a label's probability rose over its prior."""
    (found,) = (each for each in predictions if each.partition == partition)
    names = {block.partition: block.labels for block in Scene().model.blocks}[partition]
    return (found.probability / found.label_prior)[names.index(label)]


@pytest.mark.shared
def test_alps_raise_rugged_relief_and_few_people(predicted):
    alps = predicted[ALPS]
    assert ratio(alps, "scene_relief", "mountains") > 1.5
    assert ratio(alps, "scene_relief", "flat") < 1.0
    assert ratio(alps, "population", "lowest") > 1.5
    assert ratio(alps, "population", "high") < 0.7
    assert alps[0].note.startswith("The scene network saw mountain ")
    assert "rugged relief" in alps[0].note


@pytest.mark.shared
def test_a_palace_raises_built_up_land(predicted):
    palace = predicted[PALACE]
    assert ratio(palace, "land_cover", "urban") > 1.2
    assert ratio(palace, "population", "lowest") < 1.0
    assert "palace" in palace[0].note


@pytest.mark.shared
def test_a_photo_of_things_leaves_the_prior_and_says_what_it_saw(predicted):
    for each in predicted[THINGS]:
        np.testing.assert_allclose(each.probability, each.label_prior)
    assert "wallet" in predicted[THINGS][0].note
    assert "a photo of no place" in predicted[THINGS][0].note
