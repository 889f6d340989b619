"""CLIP weights as the ``transformers`` library names them, renamed to what open_clip expects. Pure; shapes stay.

The two libraries store the same network: transformers keeps query, key and value apart, open_clip keeps them in one
matrix; projections are stored transposed (Linear against a plain matrix).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.errors import ArtifactError

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


def clip_from_transformers(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same weights under open_clip's keys; position numbers, which are no weights, are left out.

    Raises:
        ArtifactError: a key does not belong to a CLIP model of the transformers library.
    """
    weights = {key: value for key, value in tensors.items() if not key.endswith("position_ids")}
    renamed: dict[str, torch.Tensor] = {}
    for key, value in weights.items():
        if ".self_attn.q_proj." in key:
            renamed[_layer_key(key.replace("self_attn.q_proj.", "attn.in_proj_"))] = _joined(weights, key)
        elif key in _TRANSPOSED:
            renamed[_TRANSPOSED[key]] = value.T.contiguous()
        elif not re.search(r"\.self_attn\.[kv]_proj\.", key):
            renamed[_OUTSIDE.get(key) or _layer_key(key)] = value
    return renamed


def _joined(weights: Mapping[str, torch.Tensor], query_key: str) -> torch.Tensor:
    """Query, key and value of one layer, one below the other."""
    import torch

    keys = [query_key.replace("q_proj", f"{letter}_proj") for letter in "qkv"]
    if missing := [key for key in keys if key not in weights]:
        raise _foreign(f"{missing[0]} is missing")
    return torch.cat([weights[key] for key in keys])


def _layer_key(key: str) -> str:
    """The open_clip key of something inside a layer."""
    found = _LAYER.fullmatch(key)
    if found is None:
        raise _foreign(f"{key} is not expected")
    tower, number, rest = found.groups()
    stem, dot, end = rest.rpartition(".")
    return f"{_BLOCKS[tower]}.{number}.{_IN_LAYER.get(stem, stem)}{dot}{end}"


def _foreign(what: str) -> ArtifactError:
    return ArtifactError(f"These are not the weights of a transformers CLIP model: {what}; supply the published file.")
