import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.artifacts.catalog import Preprocessing
from engine.errors import ArtifactError, PredictorError
from engine.inference.pooling import Pooling, pool
from engine.networks.preprocessing import prepare
from engine.predictors.attribute_head import (
    HEADER,
    Attribute,
    AttributeHead,
    HeadCheckpoint,
    HeadSpec,
    UrbanPrior,
    build,
    load_checkpoint,
    logits,
    read_record,
    save_checkpoint,
)
from engine.predictors.base import Predictor
from engine.testing import POPULATION, grey_photo, make_world

WANTED = Preprocessing(32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "bilinear", "centre", 36)
PRIOR = np.array([0.1, 0.2, 0.3, 0.4])


def random_photo(seed=0):
    photo = grey_photo()
    pixels = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    return type(photo)(name="random.png", sha256=f"{seed:064x}", pixels=pixels)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build("test_resnet.r160_in1k", {"population": 4})


@pytest.fixture
def path(tmp_path, network):
    spec = HeadSpec((Attribute("population", POPULATION, PRIOR, 0.5),), "test_resnet", WANTED)
    checkpoint = HeadCheckpoint((spec,), (network.state_dict(),), {"title": "Mine", "licence": "MIT", "source": "here"})
    save_checkpoint(tmp_path / "attribute_head.safetensors", checkpoint)
    return tmp_path / "attribute_head.safetensors"


def test_the_answer_is_the_networks_softmax_at_its_temperature(path, network):
    photo = random_photo()
    with torch.inference_mode():
        (scores,) = logits(network, torch.from_numpy(prepare(photo.pixels, WANTED)))
    model = AttributeHead(path)
    (answer,) = model.predict(photo)
    np.testing.assert_allclose(answer.probability, (scores[0].double() / 0.5).softmax(0).numpy(), rtol=1e-4)
    np.testing.assert_allclose(answer.label_prior, PRIOR)
    assert (answer.partition, model.record.title, model.record.licence) == ("population", "Mine", "MIT")
    assert isinstance(model, Predictor)


def test_a_checkpoint_is_safetensors_with_a_record_beside_it(path):
    told = json.loads(path.with_suffix(".json").read_text())
    assert told["kind"] == "attribute_head" and told["networks"][0]["attributes"][0]["labels"] == list(POPULATION)
    specs, facts = read_record(path)
    assert specs[0].preprocessing == WANTED and facts["title"] == "Mine"
    assert set(load_checkpoint(path).tensors[0]) >= {"heads.population.weight", "heads.population.bias"}


def test_the_record_is_read_without_torch(path):
    root = Path(__file__).parents[2]
    code = (
        "import sys; from pathlib import Path; from engine.predictors.attribute_head import AttributeHead\n"
        "print(AttributeHead(Path(sys.argv[1])).record.title, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == ["Mine", "False"]


def test_a_missing_checkpoint_is_listed_and_says_what_to_do(tmp_path):
    model = AttributeHead(tmp_path / "gone.safetensors")
    assert "train one" in model.record.summary
    with pytest.raises(PredictorError, match="There is no checkpoint"):
        model.predict(grey_photo())


@pytest.mark.parametrize("record", [{"kind": "cell_classifier", "format": 1}, {"kind": "attribute_head", "format": 9}])
def test_other_checkpoints_are_refused(tmp_path, record):
    save_file({"x": torch.zeros(1)}, tmp_path / "o.safetensors", {HEADER: json.dumps({**record, "networks": []})})
    with pytest.raises(ArtifactError, match="another kind or version"):
        read_record(tmp_path / "o.safetensors")


def test_damage_is_refused_in_a_sentence(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(PredictorError, match=r"damaged|truncated"):
        AttributeHead(path).predict(grey_photo())
    path.write_bytes(b"")
    with pytest.raises(ArtifactError, match="damaged"):
        read_record(path)


def test_weights_of_another_architecture_are_refused(tmp_path, network):
    spec = HeadSpec((Attribute("population", POPULATION, PRIOR),), "test_vit", WANTED)
    save_checkpoint(tmp_path / "w.safetensors", HeadCheckpoint((spec,), (network.state_dict(),), {}))
    with pytest.raises(PredictorError, match="does not fit the architecture"):
        AttributeHead(tmp_path / "w.safetensors").predict(grey_photo())


def test_the_default_backbone_can_be_built():
    with torch.device("meta"):
        network = build("resnetv2_50x1_bit.goog_in21k", {"population": 4, "land_cover": 7})
    heads = network["heads"]
    assert heads["population"].weight.shape == (4, 2048) and heads["land_cover"].weight.shape == (7, 2048)
    with pytest.raises(ArtifactError, match="timm knows no backbone"):
        build("no_such_net", {})


def test_the_urban_prior_is_a_mask_under_either_pooling():
    world = make_world()
    table = world.overlay.table("population")
    (answer,) = UrbanPrior(tuple(table.area_km2)).predict(grey_photo())
    assert answer.probability[:2].sum() == 0
    plain = pool(world.overlay, [answer], world.prior, {"urban_prior": 1.0}, pooling=Pooling.PRODUCT)
    density = plain.probability / world.overlay.area_km2
    inside = table.cell_label >= 2
    np.testing.assert_allclose(density[inside], density[inside][0], rtol=1e-9)
    assert density[~inside].max() == 0
    corrected = pool(world.overlay, [answer], world.prior, {"urban_prior": 1.0})
    usual = pool(world.overlay, [], world.prior)
    has = inside & (usual.probability > 0)
    gain = corrected.probability[has] / usual.probability[has]
    np.testing.assert_allclose(gain, gain[0], rtol=1e-9)


def test_the_urban_prior_is_off_unless_asked_for():
    model = UrbanPrior()
    assert model.record.weight == 0.0
    (answer,) = model.predict(grey_photo())
    assert answer.probability[3] < answer.probability[2]  # by area: the dense city is far smaller
