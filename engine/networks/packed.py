"""The layers of a CLIP image tower on oneDNN instead of MKL, weights packed once: twice as fast on many processors.

PyTorch's float32 matrix products run on MKL, which keeps processors of other makers than Intel from their widest
instructions; oneDNN, which PyTorch carries too, goes by what a processor can do. On two cores of an AMD EPYC (Zen 5) a
ViT-L/14 took 0.45 s a photo in place of 0.9 s. Results differ in the last digits of float32 only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

PHOTOS_AT_ONCE = 2
"""Photos whose activations fit a processor's cache; with 16 at once each photo took a quarter longer."""


def pack_visual(module: torch.nn.Module) -> bool:
    """Give the image tower of an open_clip model packed layers, in place; it can only be run on the processor then.

    Args:
        module: an open_clip ``CLIP`` in evaluation mode, on the processor, float32.

    Returns:
        Whether it was done: not where this build of PyTorch lacks oneDNN or these operations, nor for other networks.
    """
    return pack_blocks(_blocks(module))


def pack_text(module: torch.nn.Module) -> bool:
    """Give the text tower of an open_clip model packed layers, likewise."""
    return pack_blocks(list(getattr(getattr(module, "transformer", None), "resblocks", [])))


def pack_blocks(blocks: Sequence[Any]) -> bool:
    """Give residual blocks packed layers, in place; they can only be run on the processor then, and not be trained.

    Args:
        blocks: each with ``attn`` (self-attention, batch first) and ``mlp.c_fc``, ``mlp.c_proj``, all float32.

    Returns:
        Whether it was done; not where there is none, one is packed already, or this build of PyTorch cannot.
    """
    if not blocks or not all(_is_packable(block) for block in blocks) or not available():
        return False
    packed_linear, packed_attention = _classes()
    for block in blocks:
        block.attn = packed_attention(block.attn)
        block.mlp.c_fc, block.mlp.c_proj = packed_linear(block.mlp.c_fc), packed_linear(block.mlp.c_proj)
    return True


def available() -> bool:
    """Whether this build of PyTorch has oneDNN and can pack a layer for it, tried on a small one."""
    import torch
    from torch.nn import functional

    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    inputs, weight, bias = torch.ones(2, 4), torch.ones(3, 4), torch.ones(3)
    try:
        found = _product(inputs, _pack_weight(weight), bias)
    except (RuntimeError, AttributeError, NotImplementedError, TypeError):
        return False
    return bool(torch.allclose(found, functional.linear(inputs, weight, bias)))


def _blocks(module: torch.nn.Module) -> list[Any]:
    """The residual blocks of the image tower, if it is one that is known and not packed yet."""
    import torch

    visual = getattr(module, "visual", None)
    blocks = list(getattr(getattr(visual, "transformer", None), "resblocks", []))
    plain = all(
        parameter.dtype == torch.float32 and parameter.device.type == "cpu" for parameter in module.parameters()
    )
    return blocks if plain else []


def _is_packable(block: Any) -> bool:
    """Whether a block is of the kind that is known, on the processor in float32."""
    import torch

    plain = all(values.dtype == torch.float32 and values.device.type == "cpu" for values in block.parameters())
    return plain and type(getattr(block, "attn", None)) is torch.nn.MultiheadAttention


def _pack_weight(weight: torch.Tensor) -> torch.Tensor:
    import torch

    found: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
    return found


def _product(inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """``inputs @ weight.T + bias`` with a packed weight."""
    import torch

    found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(inputs, weight, bias, "none", [], "")
    return found


def _classes() -> tuple[type, type]:
    """The two modules; made when called, because importing torch takes seconds."""
    import torch
    from torch.nn import functional

    class PackedLinear(torch.nn.Module):
        """A linear layer whose weight is no parameter any more."""

        def __init__(self, layer: torch.nn.Linear) -> None:
            super().__init__()
            self.weight, self.bias = _pack_weight(layer.weight.detach()), layer.bias.detach()

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return _product(inputs, self.weight, self.bias)

    class PackedAttention(torch.nn.Module):
        """Self-attention with the call of ``torch.nn.MultiheadAttention``; queries, keys and values are the same."""

        def __init__(self, layer: torch.nn.MultiheadAttention) -> None:
            super().__init__()
            self.heads = layer.num_heads
            weight, bias = layer.in_proj_weight, layer.in_proj_bias
            if weight is None or bias is None:
                raise TypeError("an attention without a joint projection cannot be packed")
            self.weight, self.bias = _pack_weight(weight.detach()), bias.detach()
            self.out = PackedLinear(layer.out_proj)

        def forward(
            self, tokens: torch.Tensor, *_: object, attn_mask: torch.Tensor | None = None, **__: object
        ) -> tuple[torch.Tensor, None]:
            batch, length, width = tokens.shape
            joint = _product(tokens, self.weight, self.bias).view(batch, length, 3, self.heads, -1)
            query, key, value = joint.permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask)
            return self.out(mixed.transpose(1, 2).reshape(batch, length, width)), None

    return PackedLinear, PackedAttention
