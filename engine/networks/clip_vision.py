"""The vision tower of CLIP as a function of weights under the keys of the ``transformers`` library.

For published models that carry a tower of their own, fine-tuned, without the text half that
``engine.networks.encoders`` builds.
Dosovitskiy et al., ICLR 2021; Radford et al., ICML 2021 (norm before the layers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.networks.state_dict import Shapes, State, linear, linear_shapes

if TYPE_CHECKING:
    import torch

NORM_EPSILON = 1e-5


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


def class_token(state: State, images: torch.Tensor, of: VisionShape) -> torch.Tensor:
    """``last_hidden_state[:, 0]`` of prepared images ``(B, 3, S, S)``; ``(B, width)``."""
    import torch
    from torch.nn import functional

    patches = functional.conv2d(images, state["embeddings.patch_embedding.weight"], stride=of.patch)
    patches = patches.flatten(2).transpose(1, 2)
    first = state["embeddings.class_embedding"].expand(len(images), 1, -1)
    tokens = torch.cat([first, patches], dim=1) + state["embeddings.position_embedding.weight"]
    tokens = _norm(state, "pre_layrnorm", tokens)
    for number in range(of.layers):
        tokens = _block(state, f"encoder.layers.{number}", tokens, of)
    return tokens[:, 0]


def _block(state: State, layer: str, tokens: torch.Tensor, of: VisionShape) -> torch.Tensor:
    tokens = tokens + _attention(state, f"{layer}.self_attn", _norm(state, f"{layer}.layer_norm1", tokens), of.heads)
    hidden = linear(state, f"{layer}.mlp.fc1", _norm(state, f"{layer}.layer_norm2", tokens))
    return tokens + linear(state, f"{layer}.mlp.fc2", _gelu(hidden, of.quick_gelu))


def _attention(state: State, key: str, tokens: torch.Tensor, heads: int) -> torch.Tensor:
    from torch.nn import functional

    batch, length, width = tokens.shape

    def split(part: str) -> torch.Tensor:
        return linear(state, f"{key}.{part}", tokens).view(batch, length, heads, -1).transpose(1, 2)

    mixed = functional.scaled_dot_product_attention(split("q_proj"), split("k_proj"), split("v_proj"))
    return linear(state, f"{key}.out_proj", mixed.transpose(1, 2).reshape(batch, length, width))


def _gelu(values: torch.Tensor, quick: bool) -> torch.Tensor:
    from torch.nn import functional

    return values * (1.702 * values).sigmoid() if quick else functional.gelu(values)


def _norm(state: State, key: str, values: torch.Tensor) -> torch.Tensor:
    from torch.nn import functional

    weight, bias = state[f"{key}.weight"], state[f"{key}.bias"]
    return functional.layer_norm(values, (values.shape[-1],), weight, bias, NORM_EPSILON)


def _norm_shapes(key: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{key}.weight": (width,), f"{key}.bias": (width,)}
