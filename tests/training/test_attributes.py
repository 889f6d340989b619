import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from engine.errors import ArtifactError, InputError
from engine.photos.photo import open_photo
from engine.predictors.attribute_head import AttributeHead, build, read_record
from engine.testing import make_world
from engine.training.attributes import AttributeOptions, train_attributes
from engine.training.backbone import DEFAULT, build_network, preprocessing_of
from engine.training.loop import Plan
from engine.training.preparation import SplitOptions

PLAN = Plan(epochs=1, batch=16, learning_rate=2e-3)


def options(world, out, **more):
    usual = {"layers": world.layers, "backbone": "test_resnet", "random_weights": True, "size": 32, "plan": PLAN}
    return AttributeOptions(**{"manifest": world.manifest, "out": out, "device": "cpu", **usual, **more})


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A training on the made-up world, long enough to learn it; and the world."""
    import made_up_world

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("learned")
    world = made_up_world.made_up(folder / "world", 360)
    plan = replace(PLAN, epochs=8, patience=8)
    told = train_attributes(options(world, folder / "out", heads="shared", plan=plan, sharing=SplitOptions(test=0.2)))
    return world, folder / "out", told


def test_labels_that_show_in_photos_are_learned_to_95_percent_on_held_out_photos(learned):
    _, _, told = learned
    figures = {each["name"]: each for each in told["figures"]}
    assert figures["population"]["photos"] == figures["land_cover"]["photos"] == told["photos"]["test"] >= 60
    assert figures["population"]["accuracy"] >= 0.95
    assert figures["land_cover"]["accuracy"] >= 0.95
    assert figures["land_cover"]["log_loss"] < 0.3 * figures["land_cover"]["log_loss_constant"]


def test_the_predictor_says_what_the_training_measured(learned):
    world, out, _ = learned
    model = AttributeHead(out / "attribute_head.safetensors")
    rows = world.manifest.read_text().splitlines()[1:61]
    right = np.zeros(2)
    for row in rows:
        path, latitude, longitude, _ = row.split(",")
        answers = model.predict(open_photo(world.manifest.parent / path))
        place = np.array([float(latitude)]), np.array([float(longitude)])
        right += [int(a.probability.argmax() == layer.label_at(*place)[0])
                  for a, layer in zip(answers, world.layers, strict=True)]  # fmt: skip
    assert (right / len(rows) >= 0.95).all()
    assert [answer.partition for answer in answers] == ["population", "land_cover"]
    assert model.record.name == "attribute_head" and "population right for" in model.record.summary


def test_a_training_leaves_a_card_a_report_a_log_and_no_pickle(learned):
    _, out, told = learned
    card = (out / "MODEL_CARD.md").read_text()
    for words in ("## Intended use", "### Population", "| True \\ said |", "test photos that share no place, author"):
        assert words in card
    assert json.loads((out / "report.json").read_text()) == told
    assert (out / "train-population-land_cover" / "log.csv").read_text().count("\n") == 9
    assert {file.suffix for file in out.rglob("*") if file.is_file()} <= {
        ".safetensors", ".json", ".md", ".csv", ".bin", ".jsonl"
    }  # fmt: skip


def test_separate_networks_are_one_checkpoint(tmp_path, small_world):
    told = train_attributes(options(small_world, tmp_path))
    specs, _ = read_record(tmp_path / "attribute_head.safetensors")
    assert [[a.name for a in spec.attributes] for spec in specs] == [["population"], ["land_cover"]]
    assert told["heads"] == "separate" and len(told["epochs"]) == 2
    answers = AttributeHead(tmp_path / "attribute_head.safetensors").predict(
        open_photo(small_world.manifest.parent / "pictures" / "00000.png")
    )
    assert [len(answer.probability) for answer in answers] == [4, 4]
    prior = answers[0].label_prior
    assert prior is not None and prior.sum() == pytest.approx(1) and prior.min() > 0


def test_photos_that_cannot_be_used_are_counted(tmp_path, small_world):
    folder = small_world.manifest.parent
    lines = small_world.manifest.read_text().splitlines()
    (tmp_path / "words.jpg").write_text("no photo")
    Image.new("RGB", (30, 30), "red").save(tmp_path / "same1.png")
    (tmp_path / "same2.png").write_bytes((tmp_path / "same1.png").read_bytes())
    absolute = [f"{folder}/{line}" for line in lines[1:]]
    more = [f"{tmp_path}/words.jpg,1,1,w", f"{tmp_path}/gone.jpg,1,1,g", f"{tmp_path}/same1.png,2,2,s",
            f"{tmp_path}/same2.png,3,3,t", f"{tmp_path}/same2.png,3,3,t"]  # fmt: skip
    manifest = tmp_path / "m.csv"
    manifest.write_text("\n".join([lines[0], *absolute, *more]))
    told = train_attributes(options(small_world, tmp_path / "out", manifest=manifest, layers=small_world.layers[:1]))
    assert told["excluded"] == {
        "photo file is missing": 1,
        "repeats the id of another row": 1,
        "not a photo that can be opened": 1,
        "the same file as another photo": 1,
    }
    assert "words.jpg is not an image" in told["examples_of_excluded_files"][0]
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "1 left out: not a photo that can be opened" in card
    assert "words.jpg is not an image" in card


def test_restart_forgets_and_other_settings_are_refused(tmp_path, small_world):
    one = options(small_world, tmp_path, layers=small_world.layers[:1])
    train_attributes(one)
    other = replace(one, plan=replace(PLAN, batch=8))
    with pytest.raises(InputError, match="--restart"):
        train_attributes(other)
    assert train_attributes(replace(other, restart=True))["epochs"] == [1]


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"heads": "hydra"}, InputError, "choose separate or shared"),
        ({"backbone": "resnet_of_mine"}, ArtifactError, "timm knows no backbone"),
        ({"size": 3}, InputError, "size of 3 pixels"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, small_world, more, error, words):
    with pytest.raises(error, match=words):
        train_attributes(options(small_world, tmp_path, **more))


def test_the_default_backbone_is_bit_m_with_timms_preprocessing():
    wanted = preprocessing_of(DEFAULT)
    assert DEFAULT == "resnetv2_50x1_bit.goog_in21k"
    assert (wanted.size, wanted.mean, wanted.std) == (224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert wanted.resize is not None and wanted.resize >= 224


def test_weights_of_the_user_are_taken_and_their_classifier_is_not(tmp_path):
    torch.manual_seed(3)
    source = build("test_resnet", {})["backbone"].state_dict()
    save_file({**source, "fc.weight": torch.zeros(10, 96), "fc.bias": torch.zeros(10)}, tmp_path / "w.safetensors")
    network = build_network("test_resnet", {"a": 3}, tmp_path / "w.safetensors", random_weights=False, seed=0)
    assert all(torch.equal(value, source[key]) for key, value in network["backbone"].state_dict().items())
    with pytest.raises(ArtifactError, match="does not fit the architecture"):
        build_network("test_vit", {"a": 3}, tmp_path / "w.safetensors", random_weights=False, seed=0)


def test_weights_that_cannot_be_had_are_said_with_what_to_do(monkeypatch):
    def offline(*_, **__):
        raise OSError("no network")

    import timm

    monkeypatch.setattr("engine.training.backbone.build", lambda *_: {"backbone": torch.nn.Identity()})
    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(ArtifactError, match="--weights FILE, or start from nothing with --random-weights"):
        build_network("test_resnet", {"a": 2}, None, random_weights=False, seed=0)


def test_a_checkpoint_pools_with_a_world(learned):
    from engine.inference.pooling import pool

    world, out, _ = learned
    earth = make_world()
    photo = open_photo(world.manifest.parent / "pictures" / "00003.png")
    answers = AttributeHead(out / "attribute_head.safetensors").predict(photo)
    found = pool(earth.overlay, answers[:1], earth.prior)
    assert np.isfinite(found.probability).all() and found.probability.sum() == pytest.approx(1)
