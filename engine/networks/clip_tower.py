"""The image half of a CLIP as a network that can be trained, with the keys of ``open_clip`` and without that library.

Importing open_clip costs 240 MB (torchvision, timm, transformers); an image half needs none of it. The embedding hangs
on the class token alone, so that the last perceptron works out nothing else.
Dosovitskiy et al., ICLR 2021; Radford et al., ICML 2021.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from engine.networks.clip_vision import VisionShape

if TYPE_CHECKING:
    import torch

TOWERS: dict[str, tuple[VisionShape, int]] = {
    "ViT-B-32-quickgelu": (VisionShape(768, 12, 12, 3072, 32, 224, quick_gelu=True), 512),
}
"""Shape and length of the embedding, by open_clip's name of the architecture."""


def build_tower(of: VisionShape, dimension: int) -> torch.nn.Module:
    """The network, with whatever weights PyTorch starts from; from images ``(B, 3, S, S)`` to ``(B, dimension)``.

    It has ``transformer.resblocks`` and ``ln_post`` where open_clip has them.
    """
    made: torch.nn.Module = _classes()[1](of, dimension)
    return made


@cache
def _classes() -> tuple[type[Any], type[Any]]:
    """Block and tower; classes of networks need torch to be written."""
    import torch
    from torch import nn

    class QuickGelu(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * torch.sigmoid(1.702 * x)

    class Block(nn.Module):
        def __init__(self, of: VisionShape) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(of.width), nn.LayerNorm(of.width)
            self.attn = nn.MultiheadAttention(of.width, of.heads, batch_first=True)
            self.mlp = nn.Sequential()
            self.mlp.add_module("c_fc", nn.Linear(of.width, of.hidden))
            self.mlp.add_module("gelu", QuickGelu() if of.quick_gelu else nn.GELU())
            self.mlp.add_module("c_proj", nn.Linear(of.hidden, of.width))

        def forward(self, x: torch.Tensor, wanted: int | None = None) -> torch.Tensor:
            """The first ``wanted`` tokens, all unless given; every token is looked at."""
            seen = self.ln_1(x)
            x = (x + self.attn(seen, seen, seen, need_weights=False)[0])[:, :wanted]
            out: torch.Tensor = x + self.mlp(self.ln_2(x))
            return out

    class Tower(nn.Module):
        def __init__(self, of: VisionShape, dimension: int) -> None:
            super().__init__()
            self.class_embedding = nn.Parameter(torch.zeros(of.width))
            self.positional_embedding = nn.Parameter(torch.zeros((of.image // of.patch) ** 2 + 1, of.width))
            self.proj = nn.Parameter(torch.zeros(of.width, dimension))
            self.conv1 = nn.Conv2d(3, of.width, of.patch, of.patch, bias=False)
            self.ln_pre, self.ln_post = nn.LayerNorm(of.width), nn.LayerNorm(of.width)
            self.transformer = nn.ModuleDict({"resblocks": nn.ModuleList(Block(of) for _ in range(of.layers))})

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            """Embeddings, not normalised."""
            patches = self.conv1(images).flatten(2).transpose(1, 2)
            first = self.class_embedding.expand(len(images), 1, -1)
            x = self.ln_pre(torch.cat([first, patches], dim=1) + self.positional_embedding)
            blocks: Any = self.transformer["resblocks"]
            for block in blocks[:-1]:
                x = block(x)
            found: torch.Tensor = self.ln_post(blocks[-1](x, 1))[:, 0] @ self.proj
            return found

    return Block, Tower
