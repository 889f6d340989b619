"""The vision tower of CLIP against open_clip's and that of transformers, with the same random weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.networks.backbones import Device, forward
from engine.networks.clip import TOWERS, VisionShape, build_tower, tower_from_transformers, vision_shapes
from engine.networks.state_dict import check_state

SMALL = VisionShape(width=32, layers=3, heads=2, hidden=128, patch=8, image=32)


def both(quick):
    """Ours and open_clip's with the same random weights."""
    from open_clip.model import CLIP

    torch.manual_seed(0)
    vision = {"layers": 3, "width": 32, "patch_size": 8, "head_width": 16, "image_size": 32}
    text = {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1}
    theirs = CLIP(16, vision, text, quick_gelu=quick).visual.eval()
    for values in theirs.parameters():
        torch.nn.init.normal_(values, std=0.2)
    ours = build_tower(VisionShape(**{**SMALL.__dict__, "quick_gelu": quick}), 16).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


@pytest.mark.parametrize("quick", [True, False])
def test_it_is_open_clips_image_half(quick):
    ours, theirs = both(quick)
    images = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), atol=1e-5, rtol=1e-4)
    device = Device("cpu", "float32")
    for mine, other in zip(forward(ours, images.numpy(), device), forward(theirs, images.numpy(), device), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)


def test_the_last_blocks_learn_as_open_clips_do():
    ours, theirs = both(quick=True)
    images = torch.randn(3, 3, 32, 32)
    for tower in (ours, theirs):
        tower(images).square().sum().backward()
    pairs = zip(ours.transformer["resblocks"][-2:], theirs.transformer.resblocks[-2:], strict=True)
    for mine, other in pairs:
        expected = dict(other.named_parameters())
        for name, values in mine.named_parameters():
            torch.testing.assert_close(values.grad, expected[name].grad, atol=1e-4, rtol=1e-3)


def test_the_shapes_are_open_clips():
    import open_clip
    from open_clip.model import CLIP

    for architecture, (shape, dimension) in TOWERS.items():
        with torch.device("meta"):
            theirs = CLIP(**open_clip.get_model_config(architecture)).visual.state_dict()
            ours = build_tower(shape, dimension).state_dict()
        assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}


def test_the_tile_search_needs_no_open_clip():
    code = """
import sys
from engine.tile_search.tile_encoders import load_encoders
load_encoders(random_weights=0, device="cpu")
print([m for m in ("open_clip", "torchvision", "timm", "transformers") if m in sys.modules])
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"


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
    of = VisionShape(width=32, layers=3, heads=2, hidden=96, patch=8, image=40, quick_gelu=quick)
    images = torch.randn(2, 3, 40, 40)
    with torch.no_grad():
        expected = theirs(pixel_values=images).last_hidden_state[:, 0]
        found = tower_from_transformers(check_state(state, vision_shapes(of), "random"), of).class_token(images)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_the_default_is_vit_l_14():
    shapes = vision_shapes(VisionShape())
    assert shapes["embeddings.position_embedding.weight"] == (257, 1024)
    assert 302e6 < sum(torch.Size(shape).numel() for shape in shapes.values()) < 305e6
