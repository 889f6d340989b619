import numpy as np
import pytest

from engine.errors import ArtifactError
from engine.signs.recognizer import FEATURES
from engine.signs.script_head import MODEL_PATH, NOTHING, READABLE, ScriptHead, load_script_head


@pytest.fixture
def head():
    weights = np.zeros((3, FEATURES), np.float32)
    weights[:, 0] = (2.0, 0.0, -2.0)
    return ScriptHead(
        ("Latn", "Thai", NOTHING), np.ones(FEATURES, np.float32), np.full(FEATURES, 2.0, np.float32), weights,
        np.zeros(3, np.float32), 0.5,
    )  # fmt: skip


def features(value):
    return np.full(FEATURES, value, np.float32)


def test_probabilities_are_a_softmax_of_standardised_features(head):
    found = head.probabilities(np.stack([features(1.0), features(3.0)]))
    assert found.sum(1) == pytest.approx(1.0)
    assert found[0] == pytest.approx(1 / 3)
    assert found[1] == pytest.approx(np.exp([4.0, 0.0, -4.0]) / np.exp([4.0, 0.0, -4.0]).sum())


def test_a_guess_says_whether_the_network_can_read_it(head):
    sure, none = head.guess(features(5.0)), head.guess(features(-5.0))
    assert (sure.script, none.script) == ("Latn", NOTHING)
    assert sure.readable == sure.probability > 0.99
    assert none.readable < 0.01


def test_it_is_written_and_read_in_half_precision(head, tmp_path):
    head.save(tmp_path / "head.npz")
    again = load_script_head(tmp_path / "head.npz")
    assert (again.labels, again.temperature) == (head.labels, head.temperature)
    assert again.weights == pytest.approx(head.weights)


def test_the_shipped_model_knows_the_scripts_of_signs():
    head = load_script_head(MODEL_PATH)
    assert {"Cyrl", "Arab", "Hang", "Thai", "Deva", "Hebr", "Grek", NOTHING} | READABLE <= set(head.labels)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\x93NUMPY"])
def test_a_damaged_file_is_one_sentence(content, tmp_path):
    (tmp_path / "damaged.npz").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"damaged.npz cannot be read \(\w+\); install the project again"):
        load_script_head(tmp_path / "damaged.npz")


def test_a_model_of_another_version_is_refused(head, tmp_path):
    short = ScriptHead(head.labels, head.mean[:7], head.spread[:7], head.weights[:, :7], head.bias)
    short.save(tmp_path / "short.npz")
    with pytest.raises(ArtifactError, match="does not fit this version"):
        load_script_head(tmp_path / "short.npz")
