import argparse
import sys
import types

import numpy as np
import pytest
import torch
from torchvision.models import resnet50

from engine.errors import ArtifactError
from engine.networks.isn import build, crop_probabilities, load_checkpoint, load_lightning, save_checkpoint
from engine.partitions.geocells import grow


@pytest.fixture(scope="module")
def partitions():
    rng = np.random.default_rng(0)
    towns = rng.uniform([-50, -150], [60, 150], (12, 2))[rng.integers(0, 12, 600)] + rng.normal(0, 1, (600, 2))
    sizes = (("coarse", 200), ("middle", 60), ("fine", 20))
    return tuple(grow(towns[:, 0], towns[:, 1], 0, most, name=f"cells_{name}") for name, most in sizes)


@pytest.fixture(scope="module")
def network(partitions):
    torch.manual_seed(0)
    return build([len(cells) for cells in partitions])


def write_csv(path, cells):
    rows = zip(cells.tokens, cells.photo_count, cells.mean_latitude, cells.mean_longitude, strict=True)
    lines = [
        f"{n},{token},{count},{lat!r},{lon!r}"
        for n, (token, count, lat, lon) in enumerate((t, c, float(a), float(b)) for t, c, a, b in rows)
    ]
    head = [
        "num_images: 600",
        "min_concept_probability: ---",
        "class_label,hex_id,imgs_per_cell,latitude_mean,longitude_mean",
    ]
    path.write_text("\n".join([*head, *lines]) + "\n")
    return path


def test_the_network_is_torchvisions(network, partitions):
    theirs = resnet50(weights=None)
    names = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]
    plain = network.state_dict()
    renamed = {
        f"{names[int(key.split('.')[1])]}.{'.'.join(key.split('.')[2:])}": value
        for key, value in plain.items()
        if key.startswith("model.")
    }
    theirs.load_state_dict({**renamed, "fc.weight": torch.zeros(1000, 2048), "fc.bias": torch.zeros(1000)})
    theirs.fc = torch.nn.Identity()
    crops = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        features = theirs.eval()(crops)
        expected = [head(features).softmax(1).numpy() for head in network["classifier"]]
    found = crop_probabilities(network, crops.numpy())
    assert [each.shape for each in found] == [(2, len(cells)) for cells in partitions]
    for ours, reference in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, reference, atol=1e-5)


def test_a_checkpoint_of_the_project_holds_everything(network, partitions, tmp_path):
    path = tmp_path / "mine.safetensors"
    save_checkpoint(path, network, partitions, {"title": "Mine", "licence": "CC0-1.0", "source": "a test"})
    found = load_checkpoint(path)
    assert found.facts == {"title": "Mine", "licence": "CC0-1.0", "source": "a test"}
    for ours, given in zip(found.partitions, partitions, strict=True):
        assert ours.name == given.name
        np.testing.assert_array_equal(ours.ids, given.ids)
        np.testing.assert_array_equal(ours.mean_latitude, given.mean_latitude)
    crops = np.random.default_rng(0).normal(size=(1, 3, 64, 64)).astype(np.float32)
    for one, other in zip(crop_probabilities(network, crops), crop_probabilities(found.network, crops), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-12)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.safetensors"]


def test_a_lightning_checkpoint_with_its_partition_files(network, partitions, tmp_path, monkeypatch):
    """As Lightning writes it: hyperparameters in a Namespace, callbacks keyed by their class."""
    callbacks = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    callbacks.ModelCheckpoint = type("ModelCheckpoint", (), {"__module__": callbacks.__name__})
    for name in ("pytorch_lightning", "pytorch_lightning.callbacks"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, callbacks.__name__, callbacks)
    content = {
        "epoch": 14,
        "state_dict": network.state_dict(),
        "hyper_parameters": argparse.Namespace(arch="resnet50"),
        "callbacks": {callbacks.ModelCheckpoint: {"best_model_score": 18.48}},
    }
    path = tmp_path / "checkpoint.ckpt"
    torch.save(content, path)
    for name in ("pytorch_lightning", "pytorch_lightning.callbacks", callbacks.__name__):
        monkeypatch.delitem(sys.modules, name)
    files = [write_csv(tmp_path / f"{cells.name}.csv", cells) for cells in partitions]
    found = load_lightning(path, files)
    assert [cells.name for cells in found.partitions] == [f"geoestimation_{cells.name}" for cells in partitions]
    assert torch.equal(found.network.state_dict()["classifier.2.bias"], network.state_dict()["classifier.2.bias"])
    with pytest.raises(ArtifactError, match=r"classifier\.0\.weight has the shape"):
        load_lightning(path, files[::-1])
    files[0].write_text("class_label\n")
    with pytest.raises(ArtifactError, match=r"cells_coarse\.csv"):
        load_lightning(path, files)


class Evil:
    def __reduce__(self):
        return print, ("this must not run",)


def test_code_in_a_checkpoint_is_not_run(network, partitions, tmp_path, capsys):
    path = tmp_path / "checkpoint.ckpt"
    torch.save({"state_dict": network.state_dict(), "callbacks": Evil()}, path)
    files = [write_csv(tmp_path / f"{cells.name}.csv", cells) for cells in partitions]
    with pytest.raises(ArtifactError, match="was not opened"):
        load_lightning(path, files)
    assert capsys.readouterr().out == ""


def test_other_files_are_refused(network, partitions, tmp_path):
    from safetensors.torch import save_file

    foreign = tmp_path / "foreign.safetensors"
    save_file({"a": torch.zeros(1)}, foreign)
    with pytest.raises(ArtifactError, match="is not a checkpoint of this project"):
        load_checkpoint(foreign)
    with pytest.raises(ArtifactError, match="There is no checkpoint"):
        load_checkpoint(tmp_path / "nowhere.safetensors")
    save_file(
        {"a": torch.zeros(1)}, foreign, {"hereabouts": '{"format": 9, "kind": "cell_classifier", "partitions": ["x"]}'}
    )
    with pytest.raises(ArtifactError, match="another kind or version"):
        load_checkpoint(foreign)
    save_file(
        {"a": torch.zeros(1)}, foreign, {"hereabouts": '{"format": 1, "kind": "cell_classifier", "partitions": ["x"]}'}
    )
    with pytest.raises(ArtifactError, match="does not hold the cells"):
        load_checkpoint(foreign)
    short = tmp_path / "short.safetensors"
    save_checkpoint(short, network, partitions, {})
    short.write_bytes(short.read_bytes()[:-5000])
    with pytest.raises(ArtifactError, match=r"damaged|truncated"):
        load_checkpoint(short)
