from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.artifacts.catalog import default_catalog
from engine.artifacts.store import Store
from engine.errors import InputError, PredictorError
from engine.geometry.grid import Grid
from engine.networks.clip import VisionShape, vision_shapes
from engine.networks.osv5m import parse_checkpoint
from engine.networks.state_dict import linear_shapes, random_state
from engine.partitions.partition import NOWHERE, gather_on_owners
from engine.predictors.base import Predictor
from engine.predictors.osv5m import BoxCells, Osv5m, boxes_partition
from engine.testing import grey_photo

GRID = Grid(180, 360)
SHAPE = VisionShape(width=32, layers=1, heads=2, hidden=64, patch=8, image=16)
PREPROCESSING = replace(default_catalog().record("osv5m_baseline").preprocessing, size=16)
TABLE = Path(__file__).parents[2] / "../shared/data/partitions/quadtree_10_1000.csv"
BOXES = np.array(
    [
        [0, 0, 10, 10, 5, 5],
        [0, 10, 5, 20, 1, 19],
        [5, 10, 10, 20, 6, 11],
        [-10.4, 0, -10.2, 0.1, -10.3, 0.05],  # smaller than a pixel, in nobody's land
        [9.9, 9.9, 9.95, 9.95, 9.92, 9.92],  # smaller than a pixel, its pixel is another's
    ],
    np.float64,
)


def weights(cells=5):
    tower = {f"backbone.clip.vision_model.{k}": v for k, v in random_state(vision_shapes(SHAPE), 1).items()}
    shapes = {"mid.mlp.0.weight": (32,), "mid.mlp.0.bias": (32,), **linear_shapes("mid.mlp.1", 32, 3 * cells)}
    return parse_checkpoint({**tower, **random_state(shapes, 2)}, "model.safetensors", SHAPE)


def test_boxes_own_the_pixels_whose_centres_they_hold():
    partition = boxes_partition(BoxCells(BOXES[:3]), GRID)
    assert partition.labels == ("box_0", "box_1", "box_2")
    assert partition.label_at([5, 1, 9, 20, 0.5], [5, 15, 15, 20, 10.5]).tolist() == [0, 1, 2, NOWHERE, 1]
    assert partition.owner.tolist() == [0, 1, 2]
    assert (partition.raster >= 0).sum() == 100 + 50 + 50


def test_no_probability_of_a_small_box_vanishes():
    partition = boxes_partition(BoxCells(BOXES), GRID)
    assert partition.owner.tolist() == [0, 1, 2, 3, 0]
    assert partition.label_at(-10.3, 0.05) == 3
    masses = gather_on_owners(np.full(5, 0.2), partition.owner)
    owning = np.unique(partition.raster)
    assert masses[owning[owning != NOWHERE]].sum() == pytest.approx(1)


def test_an_empty_box_is_refused():
    with pytest.raises(InputError, match="empty or leaves the globe"):
        BoxCells(np.array([[1.0, 0, 1, 1, 0, 0]]))


@pytest.mark.shared
def test_the_published_quadtree():
    cells = BoxCells(np.loadtxt(TABLE, delimiter=",", skiprows=1)[:, 1:].copy())
    assert len(cells) == 11_399
    partition = boxes_partition(cells, Grid(1080, 2160))
    share = partition.area_km2().sum() / (4 * np.pi * 6371.0088**2)
    assert share == pytest.approx(0.55, abs=0.01)
    masses = gather_on_owners(np.full(len(cells), 1 / len(cells)), partition.owner)
    owning = np.unique(partition.raster)
    assert masses[owning[owning != NOWHERE]].sum() == pytest.approx(1)


def test_predictions_are_a_softmax_over_the_boxes_with_a_uniform_prior():
    model = Osv5m(weights, PREPROCESSING)
    photos = [grey_photo(f"{value}.png", value) for value in (10, 240)]
    answers = model.predict_many(photos)
    for photo, (prediction,) in zip(photos, answers, strict=True):
        assert prediction.partition == "osv5m_cells"
        assert prediction.probability.sum() == pytest.approx(1)
        assert prediction.label_prior == pytest.approx(np.full(5, 0.2))
        np.testing.assert_allclose(model.predict(photo)[0].probability, prediction.probability, rtol=1e-4)
    assert not np.allclose(answers[0][0].probability, answers[1][0].probability)
    assert isinstance(model, Predictor)


def test_missing_and_wrong_weights_are_said_in_one_sentence(tmp_path):
    with pytest.raises(PredictorError, match=r"about 1\.29 GB.*hereabouts models fetch osv5m_baseline"):
        Osv5m.from_store(Store(tmp_path / "models")).predict(grey_photo())
    folder = tmp_path / "osv5m_baseline"
    folder.mkdir()
    save_file({"a": torch.zeros(2)}, folder / "model.safetensors")
    (folder / "config.json").write_text("{}")
    with pytest.raises(PredictorError, match="no head of the OSV-5M baseline"):
        Osv5m.from_store(Store(tmp_path / "models", by_hand=tmp_path)).predict(grey_photo())
