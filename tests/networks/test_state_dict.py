import numpy as np
import pytest
import torch

from engine.errors import ArtifactError
from engine.networks.array_cache import cached_array
from engine.networks.state_dict import check_state, linear_shapes, random_state, without_prefix

SHAPES = linear_shapes("layer", 3, 2)


def test_weights_are_checked_by_key_and_shape():
    good = random_state(SHAPES)
    assert list(check_state(good, SHAPES, "file")) == ["layer.weight", "layer.bias"]
    with pytest.raises(ArtifactError, match=r"^file does not fit .* layer.bias is missing"):
        check_state({"layer.weight": good["layer.weight"]}, SHAPES, "file")
    with pytest.raises(ArtifactError, match="more is not expected"):
        check_state({**good, "more": torch.zeros(1)}, SHAPES, "file")


def test_random_weights_repeat_and_keep_the_size_of_signals():
    shapes = linear_shapes("layer", 400, 300)
    first, again = random_state(shapes, 5), random_state(shapes, 5)
    assert torch.equal(first["layer.weight"], again["layer.weight"])
    assert float(first["layer.weight"].std()) == pytest.approx(1 / 20, rel=0.02)


def test_a_prefix_is_taken_off():
    state = {"a.b": torch.zeros(1), "c": torch.ones(1)}
    assert list(without_prefix(state, "a.")) == ["b"]


def test_an_array_is_kept_and_built_again_when_it_does_not_fit(tmp_path):
    built = []

    def build():
        built.append(1)
        return np.arange(6, dtype=np.float32).reshape(2, 3)

    path = tmp_path / "folder" / "array.npy"
    first = cached_array(path, (2, 3), build)
    np.testing.assert_array_equal(cached_array(path, (2, 3), build), first)
    assert built == [1]
    assert not first.flags.writeable
    np.save(path, np.full((2, 3), np.nan, np.float32))
    cached_array(path, (2, 3), build)
    path.write_bytes(b"")
    cached_array(path, (2, 3), build)
    assert built == [1, 1, 1]
    assert [each.name for each in path.parent.iterdir()] == ["array.npy"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert cached_array(blocked / "array.npy", (1,), lambda: np.ones(1, np.float32)) == pytest.approx([1])
    assert cached_array(None, (1,), lambda: np.ones(1, np.float32)) == pytest.approx([1])


def test_a_pickled_array_is_never_opened(tmp_path):
    path = tmp_path / "array.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert cached_array(path, (1,), lambda: np.ones(1, np.float32)) == pytest.approx([1])
