"""The reference here is the head as CVPR 2024's repository describes it, written with torch's own layers."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import ArtifactError
from engine.networks.clip import VisionShape, vision_shapes
from engine.networks.osv5m import cell_probabilities, parse_checkpoint
from engine.networks.state_dict import random_state

SHAPE = VisionShape(width=32, layers=1, heads=2, hidden=64, patch=8, image=16)
CELLS = 5


def layers(*sizes, last_norm):
    found = [nn.LayerNorm(sizes[0])]
    for at, (inputs, outputs) in enumerate(pairwise(sizes)):
        found.append(nn.Linear(inputs, outputs))
        if last_norm or at < len(sizes) - 2:
            found += [nn.GroupNorm(4, outputs), nn.GELU()]
    return nn.Sequential(*found)


class OneStack(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = layers(32, 32, 16, 3 * CELLS, last_norm=False)

    def forward(self, token):
        return self.mlp(token)[:, :CELLS]


class Split(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = layers(32, 32, 16, last_norm=True)
        self.classif, self.reg = nn.Linear(16, CELLS), nn.Linear(16, 2 * CELLS)

    def forward(self, token):
        return self.classif(self.mlp(token))


class Apart(nn.Module):
    def __init__(self):
        super().__init__()
        self.classif = layers(32, 32, 16, CELLS, last_norm=False)
        self.reg = layers(32, 32, 16, 2 * CELLS, last_norm=False)

    def forward(self, token):
        return self.classif(token)


def checkpoint(mid, prefix=""):
    """A whole published file: tower, head and the buffers of the boxes."""
    tower = {f"backbone.clip.vision_model.{key}": value for key, value in random_state(vision_shapes(SHAPE), 1).items()}
    tower["backbone.clip.vision_model.post_layernorm.weight"] = torch.ones(32)
    boxes = {
        "head.cell_center": torch.tensor([[0.1 * n, 0.2 * n - 0.4] for n in range(CELLS)], dtype=torch.float64),
        "head.cell_size_up": torch.full((CELLS, 2), 0.05, dtype=torch.float64),
        "head.cell_size_down": torch.full((CELLS, 2), 0.03, dtype=torch.float64),
    }
    head = {f"mid.{key}": value for key, value in mid.state_dict().items()}
    return {prefix + key: value for key, value in (tower | head | boxes).items()}


@pytest.mark.parametrize("kind", [OneStack, Split, Apart])
@pytest.mark.parametrize("prefix", ["", "model."])
def test_every_published_layout_gives_the_softmax_of_its_logits(kind, prefix):
    torch.manual_seed(0)
    mid = kind().eval()
    weights = parse_checkpoint(checkpoint(mid, prefix), "model.safetensors", SHAPE)
    assert weights.cells == CELLS
    images = torch.randn(3, 3, 16, 16)
    with torch.no_grad():
        expected = mid(weights.tower.class_token(images)).softmax(1).numpy()
    np.testing.assert_allclose(cell_probabilities(weights, images.numpy()), expected, atol=1e-6)


def test_the_boxes_come_from_the_buffers():
    boxes = parse_checkpoint(checkpoint(Split()), "model.safetensors", SHAPE).boxes
    assert boxes[1] == pytest.approx([9 - 2.7, -36 - 5.4, 9 + 4.5, -36 + 9, 9, -36])
    without = {key: value for key, value in checkpoint(Split()).items() if "cell_" not in key}
    assert parse_checkpoint(without, "model.safetensors", SHAPE).boxes is None


def test_another_architecture_is_refused():
    content = checkpoint(Split())
    del content["backbone.clip.vision_model.pre_layrnorm.bias"]
    with pytest.raises(ArtifactError, match=r"pre_layrnorm\.bias is missing"):
        parse_checkpoint(content, "model.safetensors", SHAPE)
    headless = {key: value for key, value in checkpoint(Split()).items() if not key.startswith("mid.")}
    with pytest.raises(ArtifactError, match="holds no head"):
        parse_checkpoint(headless, "model.safetensors", SHAPE)
