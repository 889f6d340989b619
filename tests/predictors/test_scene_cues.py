"""Scene cues lean the way anyone would, weakly, and say when they say nothing."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import ArtifactError, PredictorError
from engine.photos.photo import Photo, open_photo
from engine.predictors.base import Prediction, Predictor
from engine.predictors.scene_cues import (
    LABELS,
    MODEL_PATH,
    CueModel,
    Scale,
    SceneCues,
    bits_from_uniform,
    load_scene_cues,
    softmax,
)
from engine.predictors.scene_features import FEATURE_NAMES

SHARED = Path(__file__).parents[2] / "../shared/data/photos"
COUNT = len(FEATURE_NAMES)


def photo(top: tuple[int, int, int], bottom: tuple[int, int, int], noise: float = 25.0) -> Photo:
    pixels = np.empty((180, 240, 3))
    pixels[:60], pixels[60:] = top, bottom
    noisy = np.clip(pixels + np.random.default_rng(1).normal(0.0, noise, pixels.shape), 0, 255)
    return Photo("made", "0" * 64, noisy.astype(np.uint8))


def street() -> Photo:
    pixels = np.full((180, 240, 3), 120, np.uint8)
    for at in range(5, 240, 20):
        pixels[:110, at : at + 9] = 60
    return Photo("made", "0" * 64, pixels)


@pytest.fixture(scope="module")
def cues() -> SceneCues:
    return SceneCues()


def share(prediction: Prediction, *labels: str) -> float:
    names = LABELS[prediction.partition]
    return float(sum(prediction.probability[names.index(label)] for label in labels))


def test_it_is_a_predictor_that_speaks_of_two_partitions(cues: SceneCues) -> None:
    assert isinstance(cues, Predictor)
    people, cover = cues.predict(street())
    assert (people.partition, cover.partition) == ("population", "land_cover")
    for prediction in (people, cover):
        size = len(LABELS[prediction.partition])
        assert prediction.probability.shape == (size,)
        assert prediction.predictor == cues.record
        assert prediction.label_prior == pytest.approx(np.full(size, 1 / size))


def test_the_labels_are_those_of_the_layers() -> None:
    builtin = pytest.importorskip("engine.layers.builtin", reason="the built-in layers are not here")
    for name, classes in builtin.CLASSES.items():
        assert LABELS[name] == tuple(one.label for one in classes)


def test_the_fit_knows_the_layers_that_ship() -> None:
    """Its labels come from them: after a change of the layers, run assets/scripts/fit_scene_cues.py again."""
    builtin = pytest.importorskip("engine.layers.builtin", reason="the built-in layers are not here")
    stored = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    assert stored["layers"] == {name: builtin.record(name).sha256 for name in LABELS}


def test_it_leans_the_way_anyone_would(cues: SceneCues) -> None:
    people, cover = cues.predict(street())
    assert share(people, "medium", "high") > 0.55
    assert LABELS["land_cover"][cover.probability.argmax()] == "urban"
    people, cover = cues.predict(photo((70, 110, 50), (50, 90, 40)))
    assert share(people, "lowest", "low") > 0.52
    assert share(cover, "urban") < 1 / 7
    assert share(cover, "broadleaf_forest", "other_forest") > 2 / 7
    _, cover = cues.predict(photo((90, 150, 230), (240, 243, 248), 3.0))
    assert LABELS["land_cover"][cover.probability.argmax()] == "bare_water_snow"


def test_it_never_says_much(cues: SceneCues) -> None:
    chance = np.random.default_rng(0)
    for _ in range(20):
        colours = chance.integers(0, 256, (2, 3)).tolist()
        for prediction in cues.predict(photo(tuple(colours[0]), tuple(colours[1]), chance.uniform(0, 60))):
            ratio = prediction.probability * len(prediction.probability)
            assert ratio.min() > 0.3
            assert ratio.max() < 3.0


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_says_nothing_and_it_is_noted(cues: SceneCues, value: int) -> None:
    for prediction in cues.predict(Photo("blank", "0" * 64, np.full((64, 64, 3), value, np.uint8))):
        assert bits_from_uniform(prediction.probability) < 1e-9
        assert "No usable" in prediction.note
        assert prediction.partition.replace("_", " ") in prediction.note


def test_the_same_photo_gives_the_same_answer(cues: SceneCues) -> None:
    first, second = cues.predict(street()), SceneCues().predict(street())
    assert all((a.probability == b.probability).all() for a, b in zip(first, second, strict=True))


def test_the_record_states_its_accuracy_as_measured(cues: SceneCues) -> None:
    stored = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    record = cues.record
    assert record.name == "scene_cues"
    assert record.licence == "Apache-2.0"
    assert record.approximate
    assert f"{stored['photos']} photos of {stored['places']} places" in record.summary
    for target in stored["targets"].values():
        found = target["evaluation"]
        assert f"{found['accuracy']:.0%}" in record.summary
        assert f"{found['log_loss']:.3f}" in record.summary
        better = found["balanced_log_loss"] < found["balanced_log_loss_uniform"]
        assert ("a little better" if better else "no better") in record.summary


def scale(guarded: float = 1.0) -> Scale:
    half = np.full(COUNT, 0.5)
    return Scale(half, np.full(COUNT, 0.1), half - 0.2, half + 0.2, np.full(COUNT, guarded))


def test_trust_falls_outside_the_range_of_the_fit() -> None:
    inside, outside = np.full(COUNT, 0.6), np.full(COUNT, 0.6)
    outside[3] = 0.9
    assert scale().trust(inside) == 1.0
    assert scale().trust(outside) == pytest.approx(1.0 / (1.0 + 2.0 / 4.0))
    assert scale(guarded=0.0).trust(outside) == 1.0
    assert scale().standard(outside)[3] == pytest.approx(2.0)
    assert scale().trust(np.stack([inside, outside])).shape == (2,)


def test_temper_trust_and_uniform_share_shrink() -> None:
    weights = np.zeros((3, COUNT))
    weights[0, 0] = 2.0
    features = np.eye(COUNT)[0]

    def answer(temper: float, uniform: float, trust: float) -> Any:
        return CueModel(weights, np.zeros(3), temper, uniform).probability(features, np.array(trust))

    assert answer(1.0, 0.0, 1.0) == pytest.approx(softmax(np.array([2.0, 0.0, 0.0])))
    assert answer(0.5, 0.0, 1.0) == pytest.approx(answer(1.0, 0.0, 0.5))
    assert answer(0.0, 0.0, 1.0) == pytest.approx(np.full(3, 1 / 3))
    assert answer(1.0, 0.4, 1.0) == pytest.approx(0.6 * answer(1.0, 0.0, 1.0) + 0.4 / 3)


def test_bits_from_uniform() -> None:
    assert bits_from_uniform(np.full(4, 0.25)) == pytest.approx(0.0)
    assert bits_from_uniform(np.array([1.0, 0.0, 0.0, 0.0])) == pytest.approx(2.0)
    assert softmax(np.array([1e4, 0.0])).tolist() == [1.0, 0.0]


def test_a_missing_file_is_said_and_stops_only_this_predictor(tmp_path: Path) -> None:
    cues = SceneCues(tmp_path / "none.json")
    with pytest.raises(ArtifactError, match=r"none\.json.*missing.*install"):
        load_scene_cues(tmp_path / "none.json")
    with pytest.raises(PredictorError, match="missing"):
        cues.predict(street())
    assert "missing" in cues.record.summary


def damaged(change: str) -> str:
    stored = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    match change:
        case "features":
            stored["features"][0] = "moonlight"
        case "labels":
            stored["targets"]["population"]["labels"].reverse()
        case "shape":
            stored["targets"]["land_cover"]["coefficients"].pop()
        case "nan":
            stored["mean"][0] = float("nan")
        case "spread":
            stored["spread"][0] = 0.0
        case "key":
            del stored["targets"]["land_cover"]["temper"]
        case "list":
            return "[]"
    return "{" if change == "json" else json.dumps(stored)


@pytest.mark.parametrize("change", ["features", "labels", "shape", "nan", "spread", "key", "list", "json"])
def test_a_damaged_file_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "scene_cues.json"
    path.write_text(damaged(change), encoding="utf-8")
    with pytest.raises(ArtifactError, match="damaged or made for another version"):
        load_scene_cues(path)


def test_kauai_is_not_a_city(cues: SceneCues) -> None:
    """The photo that the geoclip package carries: green cliffs over the sea, almost nobody."""
    spec = find_spec("geoclip")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the geoclip package is not installed")
    people, cover = cues.predict(open_photo(Path(spec.submodule_search_locations[0]) / "images" / "Kauai.png"))
    assert share(people, "lowest", "low") > 0.55
    assert share(cover, "urban") < 1 / 7


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test photos are not here")
@pytest.mark.parametrize(
    ("path", "populous"),
    [
        ("exif-samples_gps/jpg__gps__DSCN0029.jpg", True),  # narrow street in Arezzo
        ("global-streetscapes_sample/9e1f0817-d7b4-4413-901a-644fd7de053e.jpeg", True),  # street in Stuttgart
        ("metadata-extractor_gps/jpg__FujiFilm FinePixS1Pro (3).jpg", False),  # corn field
        ("metadata-extractor_gps/jpg__Sony DSC-HX5V (2).jpg", False),  # meadow
    ],
)
def test_real_photos(cues: SceneCues, path: str, populous: bool) -> None:
    people, _ = cues.predict(open_photo(SHARED / path))
    assert (share(people, "medium", "high") > 0.5) == populous
