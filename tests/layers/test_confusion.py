"""The measured confusion of the layers: what ships, and how statements are softened by it."""

import json
import shutil

import numpy as np
import pytest

from engine.errors import LayerError
from engine.layers import builtin, confusion
from engine.layers.assets_folder import ASSETS
from engine.layers.confusion import confusions, height_spreads, soften
from engine.layers.shipped import shipped_partition


def test_every_approximate_layer_has_one():
    assert set(confusions()) == {"population", "land_cover", "relief", "climate", "lake_distance"}
    for name, measured in confusions().items():
        if name in builtin.CLASSES:
            assert measured.labels == tuple(entry.label for entry in builtin.CLASSES[name])
        else:
            assert measured.labels == shipped_partition(name).labels
        assert measured.true.sum(axis=1) == pytest.approx(1.0)
        assert (measured.true > 0).all()  # no sample is large enough to rule a label out
        assert measured.places > 1000
        assert measured.against


def test_layers_are_right_more_often_than_not():
    for measured in confusions().values():
        usual = measured.true.mean(axis=0)
        assert (measured.right >= usual - 0.05).all(), measured.layer
    assert confusions()["relief"].right.min() > 0.5


def test_heights_spread_more_in_mountains():
    spread = height_spreads()
    assert spread["flat"].below_m < spread["hills"].below_m < spread["mountains"].below_m
    assert all(0.2 < each.share_below < 0.9 for each in spread.values())


def test_softening_is_what_is_true_on_average():
    true = np.array([[0.8, 0.2], [0.3, 0.7]])
    assert soften(np.array([1.0, 0.0, 0.0]), true) == pytest.approx([0.8, 0.3, 0.0])
    assert soften(np.array([1.0, 1.0, 0.5]), true) == pytest.approx([1.0, 1.0, 0.5])
    share = np.array([0.2, 0.9, 0.1])
    assert soften(1 - share, true)[:2] == pytest.approx(1 - soften(share, true)[:2])  # a negation is the complement


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    """A copy of the figures whose content a test writes."""
    (tmp_path / "evidence").mkdir()
    shutil.copy(ASSETS / "records.toml", tmp_path)
    monkeypatch.setattr("engine.layers.assets_folder.ASSETS", tmp_path)

    def write(text: str) -> None:
        (tmp_path / "evidence/confusion.json").write_text(text, "utf-8")
        monkeypatch.setattr(builtin, "layer_path", lambda _: tmp_path / "evidence/confusion.json")
        confusion._table.cache_clear()

    yield write
    confusion._table.cache_clear()


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "{}",
        '{"layers": [{}], "height_m": {}}',
        json.dumps(
            {
                "layers": [_row := {"layer": "a", "labels": ["b"], "places": 1, "against": "", "true": [[0.5]]}],
                "height_m": {},
            }
        ),
        json.dumps({"layers": [_row | {"true": [[1.0, 0.0]]}], "height_m": {}}),
        json.dumps({"layers": [], "height_m": {"flat": {"depth": 3}}}),
    ],
)
def test_damaged_figures_are_refused(damaged, text):
    damaged(text)
    with pytest.raises(LayerError, match="measured confusion"):
        confusion._table()
