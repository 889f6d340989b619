import json
import pickle
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.artifacts.weights import first_difference, load_into, load_tensor, load_tensors
from engine.errors import ArtifactError

TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


class Payload:
    """Runs code when it is unpickled."""

    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return (Path.touch, (Path(self.canary),))


def network():
    return torch.nn.ModuleDict({"a": torch.nn.Linear(3, 2)})


def refused(path, match):
    with pytest.raises(ArtifactError, match=match) as caught:
        load_tensors(path)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".ckpt", ".safetensors"])
def test_tensors_come_back(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    if suffix == ".safetensors":
        save_file(TENSORS, path)
    else:
        torch.save({"state_dict": TENSORS, "epoch": 3} if suffix == ".ckpt" else TENSORS, path)
    found = load_tensors(path)
    assert list(found) == list(TENSORS) or set(found) == set(TENSORS)
    assert all(torch.equal(found[key], TENSORS[key]) for key in TENSORS)


def test_the_old_format_of_torch_is_read_too(tmp_path):
    torch.save(TENSORS, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert torch.equal(load_tensors(tmp_path / "old.pth")["a.weight"], TENSORS["a.weight"])


def test_a_single_tensor(tmp_path):
    torch.save(torch.nn.Parameter(torch.tensor(3.5)), tmp_path / "scale.pth")
    assert float(load_tensor(tmp_path / "scale.pth")) == 3.5
    torch.save(TENSORS, tmp_path / "table.pth")
    with pytest.raises(ArtifactError, match="single tensor"):
        load_tensor(tmp_path / "table.pth")
    refused(tmp_path / "scale.pth", "no table of tensors")


@pytest.mark.parametrize("writer", ["torch", "pickle", "old torch"])
@pytest.mark.parametrize("suffix", [".pth", ".bin", ".ckpt", ".safetensors"])
def test_a_pickle_payload_is_refused_and_not_run(tmp_path, writer, suffix):
    canary, path = tmp_path / "canary", tmp_path / f"evil{suffix}"
    content = {"a.weight": TENSORS["a.weight"], "x": Payload(canary)}
    if writer == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=writer == "torch")
    refused(path, "not opened|truncated")
    assert not canary.exists()


def test_the_payload_would_have_run(tmp_path):
    pickle.loads(pickle.dumps(Payload(tmp_path / "canary")))  # noqa: S301 - our own, to show that the canary sings
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("keep", [0, 4, 60, 300])
def test_a_truncated_file_is_a_sentence(tmp_path, suffix, keep):
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"w{suffix}"
    tensors = {"a": torch.zeros(100, 100)}
    save_file(tensors, whole) if suffix == ".safetensors" else torch.save(tensors, whole)
    path.write_bytes(whole.read_bytes()[:keep])
    refused(path, "truncated|not opened")


def tampered_headers():
    good = {"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    yield "too long", struct.pack("<Q", 1 << 60) + b"{}" + bytes(24)
    yield "not json", struct.pack("<Q", 4) + b"####" + bytes(24)
    for name, change in {
        "shape": {"shape": [2, 300]},
        "negative": {"shape": [-2, -3]},
        "offset": {"data_offsets": [0, 2400]},
        "swapped": {"data_offsets": [24, 0]},
        "dtype": {"dtype": "F64"},
        "unknown dtype": {"dtype": "OBJECT"},
    }.items():
        header = json.dumps({"a": {**good["a"], **change}}).encode()
        yield name, struct.pack("<Q", len(header)) + header + bytes(24)
    header = json.dumps({**good, "b": {"dtype": "F32", "shape": [6], "data_offsets": [0, 24]}}).encode()
    yield "overlap", struct.pack("<Q", len(header)) + header + bytes(24)


@pytest.mark.parametrize(
    ("name", "content"), list(tampered_headers()), ids=lambda value: value if type(value) is str else ""
)
def test_a_tampered_safetensors_header_is_refused(tmp_path, name, content):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    refused(path, "tampered")


def test_other_files_are_refused(tmp_path):
    (tmp_path / "w.npy").write_bytes(b"x")
    refused(tmp_path / "w.npy", "format")
    refused(tmp_path / "none.pth", "no weight file")
    torch.save({"a": 3}, tmp_path / "numbers.pth")
    refused(tmp_path / "numbers.pth", "no table of tensors")
    torch.save({}, tmp_path / "empty.pth")
    refused(tmp_path / "empty.pth", "no table of tensors")


@pytest.mark.parametrize("assign", [False, True])
def test_fitting_weights_are_taken(assign):
    module = network()
    load_into(module, TENSORS, "w.pth", assign=assign)
    assert torch.equal(module["a"].weight, TENSORS["a.weight"])


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"a.weight": TENSORS["a.weight"]}, "a.bias is missing"),
        ({**TENSORS, "b.weight": torch.ones(1)}, "b.weight is not expected"),
        ({**TENSORS, "a.weight": torch.ones(3, 3)}, r"a.weight has the shape \(3, 3\), not \(2, 3\)"),
        ({"c": torch.ones(1)}, "a.weight is missing"),
    ],
)
def test_another_architecture_names_the_first_difference(tensors, words):
    module = network()
    before = module["a"].weight.clone()
    with pytest.raises(ArtifactError, match=words) as caught:
        load_into(module, tensors, "w.pth")
    assert str(caught.value).startswith("w.pth does not fit")
    assert torch.equal(module["a"].weight, before)


def test_alike_has_no_difference():
    assert first_difference({"a": (1,)}, {"a": (1,)}) is None


def test_the_published_heads_of_geoclip_open(tmp_path):
    from engine.artifacts.store import Store

    store = Store(tmp_path)
    head = load_tensors(store.path("geoclip", "model/weights/image_encoder_mlp_weights.pth"))
    assert {key: tuple(value.shape) for key, value in head.items()} == {
        "0.weight": (768, 768),
        "0.bias": (768,),
        "2.weight": (512, 768),
        "2.bias": (512,),
    }
    scale = load_tensor(store.path("geoclip", "model/weights/logit_scale_weights.pth"))
    assert float(scale.exp()) == pytest.approx(39.687, abs=1e-3)
