import numpy as np
import pytest
import torch

from engine.artifacts.catalog import default_catalog
from engine.artifacts.store import Store
from engine.artifacts.weights import load_tensors
from engine.errors import ArtifactError
from engine.networks.efficientnet_lite import VARIANTS, block_specs, build
from engine.networks.encoders import image_encoder

RECORD = default_catalog().record("efficientnet_lite2")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return load_tensors(Store(tmp_path_factory.mktemp("store")).path(RECORD.name))


def test_it_agrees_with_the_published_package(state):
    from efficientnet_lite_pytorch import EfficientNet

    published = EfficientNet.from_name("efficientnet-lite2")
    published.load_state_dict(state)
    published.eval()
    images = torch.randn(2, 3, 260, 260, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        look = build("efficientnet_lite2", state).look(images)
        torch.testing.assert_close(look.logits, published(images), atol=1e-4, rtol=0)
    assert look.features.shape == (2, 1280)
    assert look.textures.shape == (2, 752)


def test_weights_of_another_size_are_refused(state):
    with pytest.raises(ArtifactError, match="does not fit EfficientNet-Lite: _conv_head"):
        build("efficientnet_lite0", state, "weights.pth")
    with pytest.raises(ArtifactError, match="choose one of: efficientnet_lite0"):
        build("efficientnet_lite9")


def test_variants_have_the_published_depths():
    assert [len(block_specs(each)) for each in VARIANTS.values()] == [16, 21, 21]


def test_it_is_an_encoder_too(tmp_path):
    encoder = image_encoder(RECORD, Store(tmp_path), device="cpu")
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    embedding = encoder.encode([pixels, pixels])
    assert embedding.shape == (2, 1280)
    np.testing.assert_allclose(embedding[0], embedding[1], atol=1e-5)
