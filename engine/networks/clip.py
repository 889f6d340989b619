"""CLIP: its vision tower as a network, and the renaming of weights between two key schemes.

The network has the keys of ``open_clip`` without that library, whose import costs 240 MB (torchvision, timm,
transformers). Weights published under the keys of the ``transformers`` library are renamed on reading: that library
keeps query, key and value apart where open_clip has one matrix, and stores projections transposed.
The embedding depends on the class token alone, so the last block computes no other token.
Dosovitskiy et al., ICLR 2021; Radford et al., ICML 2021.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import ArtifactError
from engine.networks.state_dict import Shapes, State, linear_shapes

if TYPE_CHECKING:
    import torch


_LAYER = re.compile(r"(vision|text)_model\.encoder\.layers\.(\d+)\.(.+)")
_IN_LAYER = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
_OUTSIDE = {
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "vision_model.pre_layrnorm.weight": "visual.ln_pre.weight",
    "vision_model.pre_layrnorm.bias": "visual.ln_pre.bias",
    "vision_model.post_layernorm.weight": "visual.ln_post.weight",
    "vision_model.post_layernorm.bias": "visual.ln_post.bias",
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm.weight": "ln_final.weight",
    "text_model.final_layer_norm.bias": "ln_final.bias",
    "logit_scale": "logit_scale",
}
_TRANSPOSED = {"visual_projection.weight": "visual.proj", "text_projection.weight": "text_projection"}
_BLOCKS = {"vision": "visual.transformer.resblocks", "text": "transformer.resblocks"}


@dataclass(frozen=True)
class VisionShape:
    """Sizes of a tower; the defaults are ViT-L/14 at 224 pixels.

    Attributes:
        width: length of a token.
        layers: number of layers.
        heads: attention heads.
        hidden: width of the layer inside each block.
        patch: side of a patch in pixels.
        image: side of the image in pixels.
        quick_gelu: ``x sigmoid(1.702 x)`` in place of GELU, as the OpenAI weights want.
    """

    width: int = 1024
    layers: int = 24
    heads: int = 16
    hidden: int = 4096
    patch: int = 14
    image: int = 224
    quick_gelu: bool = False


def vision_shapes(of: VisionShape) -> Shapes:
    """Keys, without ``vision_model.``, and shapes of all that the class token depends on (no norm after it)."""
    tokens = (of.image // of.patch) ** 2 + 1
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.class_embedding": (of.width,),
        "embeddings.patch_embedding.weight": (of.width, 3, of.patch, of.patch),
        "embeddings.position_embedding.weight": (tokens, of.width),
        **_norm_shapes("pre_layrnorm", of.width),
    }
    for number in range(of.layers):
        layer = f"encoder.layers.{number}"
        shapes |= _norm_shapes(f"{layer}.layer_norm1", of.width) | _norm_shapes(f"{layer}.layer_norm2", of.width)
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes |= linear_shapes(f"{layer}.self_attn.{part}", of.width, of.width)
        shapes |= linear_shapes(f"{layer}.mlp.fc1", of.width, of.hidden)
        shapes |= linear_shapes(f"{layer}.mlp.fc2", of.hidden, of.width)
    return shapes


TOWERS: dict[str, tuple[VisionShape, int]] = {
    "ViT-B-32-quickgelu": (VisionShape(768, 12, 12, 3072, 32, 224, quick_gelu=True), 512),
}
"""Shape and length of the embedding, by open_clip's name of the architecture."""


def build_tower(of: VisionShape, dimension: int | None = None) -> torch.nn.Module:
    """The network with PyTorch's initial weights; from images ``(B, 3, S, S)`` to ``(B, dimension)``, not normalised.

    It has ``transformer.resblocks`` and ``ln_post`` where open_clip has them. Its method ``class_token`` gives the
    token before the last norm, ``(B, width)``.

    Args:
        of: sizes.
        dimension: length of the embedding; None for a tower that ends in the class token.
    """
    tower: torch.nn.Module = _classes()[1](of, dimension)
    return tower


def tower_from_transformers(state: State, of: VisionShape) -> torch.nn.Module:
    """A tower that ends in the class token, in evaluation mode, with the weights of ``vision_shapes``.

    Args:
        state: tensors under the keys of the transformers library, without ``vision_model.``; not copied where the
            two schemes agree.
        of: sizes.
    """
    import torch

    renamed = clip_from_transformers({f"vision_model.{key}": value for key, value in state.items()})
    with torch.device("meta"):
        tower = build_tower(of)
    tower.load_state_dict({key.removeprefix("visual."): value for key, value in renamed.items()}, assign=True)
    return tower.eval().requires_grad_(False)


def clip_from_transformers(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same weights under open_clip's keys; position ids, which are not weights, are left out.

    Raises:
        ArtifactError: a key does not belong to a CLIP model of the transformers library.
    """
    weights = {key: value for key, value in tensors.items() if not key.endswith("position_ids")}
    renamed: dict[str, torch.Tensor] = {}
    for key, value in weights.items():
        if ".self_attn.q_proj." in key:
            renamed[_layer_key(key.replace("self_attn.q_proj.", "attn.in_proj_"))] = _join_attention(weights, key)
        elif key in _TRANSPOSED:
            renamed[_TRANSPOSED[key]] = value.T.contiguous()
        elif not re.search(r"\.self_attn\.[kv]_proj\.", key):
            renamed[_OUTSIDE.get(key) or _layer_key(key)] = value
    return renamed


def _join_attention(weights: Mapping[str, torch.Tensor], query_key: str) -> torch.Tensor:
    """Query, key and value of one layer, stacked."""
    import torch

    keys = [query_key.replace("q_proj", f"{letter}_proj") for letter in "qkv"]
    if missing := [key for key in keys if key not in weights]:
        raise _not_clip(f"{missing[0]} is missing")
    return torch.cat([weights[key] for key in keys])


def _layer_key(key: str) -> str:
    """The open_clip key of a tensor inside a layer."""
    found = _LAYER.fullmatch(key)
    if found is None:
        raise _not_clip(f"{key} is not expected")
    tower, number, rest = found.groups()
    stem, dot, end = rest.rpartition(".")
    return f"{_BLOCKS[tower]}.{number}.{_IN_LAYER.get(stem, stem)}{dot}{end}"


def _not_clip(what: str) -> ArtifactError:
    return ArtifactError(f"These are not the weights of a transformers CLIP model: {what}; supply the published file.")


def _norm_shapes(key: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{key}.weight": (width,), f"{key}.bias": (width,)}


@cache
def _classes() -> tuple[type[Any], type[Any]]:
    """Block and tower; defined in a function since their base classes need torch."""
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
            """The first ``wanted`` tokens, all by default; every token is attended to."""
            seen = self.ln_1(x)
            x = (x + self.attn(seen, seen, seen, need_weights=False)[0])[:, :wanted]
            out: torch.Tensor = x + self.mlp(self.ln_2(x))
            return out

    class Tower(nn.Module):
        def __init__(self, of: VisionShape, dimension: int | None) -> None:
            super().__init__()
            self.class_embedding = nn.Parameter(torch.zeros(of.width))
            self.positional_embedding = nn.Parameter(torch.zeros((of.image // of.patch) ** 2 + 1, of.width))
            self.conv1 = nn.Conv2d(3, of.width, of.patch, of.patch, bias=False)
            self.ln_pre = nn.LayerNorm(of.width)
            self.transformer = nn.ModuleDict({"resblocks": nn.ModuleList(Block(of) for _ in range(of.layers))})
            if dimension is not None:
                self.ln_post = nn.LayerNorm(of.width)
                self.proj = nn.Parameter(torch.zeros(of.width, dimension))

        def class_token(self, images: torch.Tensor) -> torch.Tensor:
            """The class token after the last block, before any norm."""
            return self._last_token(images)[:, 0]

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            """Embeddings, not normalised."""
            embedding: torch.Tensor = self.ln_post(self._last_token(images))[:, 0] @ self.proj
            return embedding

        def _last_token(self, images: torch.Tensor) -> torch.Tensor:
            """``(B, 1, width)``."""
            patches = self.conv1(images).flatten(2).transpose(1, 2)
            first = self.class_embedding.expand(len(images), 1, -1)
            x = self.ln_pre(torch.cat([first, patches], dim=1) + self.positional_embedding)
            blocks: Any = self.transformer["resblocks"]
            for block in blocks[:-1]:
                x = block(x)
            token: torch.Tensor = blocks[-1](x, 1)
            return token

    return Block, Tower
