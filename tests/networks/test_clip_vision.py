import pytest
import torch

from engine.networks.clip_vision import VisionShape, class_token, vision_shapes
from engine.networks.state_dict import checked

SMALL = VisionShape(width=32, layers=3, heads=2, hidden=96, patch=8, image=40)


@pytest.mark.parametrize(("quick", "activation"), [(False, "gelu"), (True, "quick_gelu")])
def test_the_class_token_is_that_of_transformers(quick, activation):
    from transformers import CLIPVisionConfig, CLIPVisionModel

    config = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=40,
        patch_size=8,
        hidden_act=activation,
    )
    torch.manual_seed(0)
    theirs = CLIPVisionModel(config).eval()
    state = {key.removeprefix("vision_model."): value for key, value in theirs.state_dict().items()}
    state = {key: value for key, value in state.items() if not key.startswith(("post_", "embeddings.position_ids"))}
    of = VisionShape(**{**SMALL.__dict__, "quick_gelu": quick})
    images = torch.randn(2, 3, 40, 40)
    with torch.no_grad():
        expected = theirs(pixel_values=images).last_hidden_state[:, 0]
        found = class_token(checked(state, vision_shapes(of), "random"), images, of)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_the_default_is_vit_l_14():
    shapes = vision_shapes(VisionShape())
    assert shapes["embeddings.position_embedding.weight"] == (257, 1024)
    assert 302e6 < sum(torch.Size(shape).numel() for shape in shapes.values()) < 305e6
