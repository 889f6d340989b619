"""Build the networks behind ``encoders.py`` and run them once: the functions that touch torch, and nothing else does.

Knows neither photos nor caches. Weights are never drawn at random and then overwritten: the network is made without
memory (torch's ``meta`` device) and takes the tensors of the file, so loading costs the memory of the weights once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.artifacts.catalog import EncoderRecord
from engine.errors import InputError

if TYPE_CHECKING:
    import torch

Float32 = npt.NDArray[np.float32]
DTYPES = ("float32", "float16", "bfloat16")
TINY_CLIP = "tiny-clip"
"""A CLIP with two small layers, for tests: 32 px, embeddings of 16, everything else as in the real one."""
_TINY_CONFIG: Mapping[str, Any] = {
    "embed_dim": 16,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}


@dataclass(frozen=True)
class Device:
    """Where a network lives.

    Attributes:
        name: torch's name of the device.
        dtype: torch's name of the number format.
    """

    name: str
    dtype: str


def device_and_dtype(device: str | None = None, dtype: str | None = None) -> Device:
    """The device and number format to use; what is not given is chosen.

    CUDA before MPS before the CPU; float16 on CUDA, float32 elsewhere (processors compute half floats slowly).

    Raises:
        InputError: no such device here, or no such format.
    """
    import torch

    here = [name for name, found in _devices().items() if found]
    chosen = device if device is not None else here[0]
    if chosen.split(":")[0] not in here:
        raise InputError(f"There is no device {chosen!r} on this machine; choose one of: {', '.join(here)}.")
    fitting = dtype if dtype is not None else "float16" if chosen.startswith("cuda") else "float32"
    if fitting not in DTYPES:
        raise InputError(f"There is no number format {fitting!r} for encoders; choose one of: {', '.join(DTYPES)}.")
    return Device(str(torch.device(chosen)), fitting)


def _devices() -> dict[str, bool]:
    """Kinds of devices, the fastest first, and whether this machine has them."""
    import torch

    return {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}


def build(record: EncoderRecord, size: int, device: Device, weights: Path | None, seed: int | None) -> torch.nn.Module:
    """A network in evaluation mode, with weights from a file, or random ones from a seed.

    Args:
        record: library and architecture.
        size: side of its input in pixels.
        device: where to put it.
        weights: the weight file, or None.
        seed: seed of random weights, used when there is no file.

    Raises:
        ArtifactError: the file is damaged or of another architecture.
        InputError: no such architecture.
    """
    import torch

    module = _random_network(record, seed or 0) if weights is None else _load_network(record, weights)
    if record.library == "timm":
        module.set_input_size((size, size))  # type: ignore[operator]  # timm resamples the position embedding
    module.requires_grad_(requires_grad=False)
    return module.eval().to(torch.device(device.name), getattr(torch, device.dtype))


def _random_network(record: EncoderRecord, seed: int) -> torch.nn.Module:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _network(record)


def _load_network(record: EncoderRecord, weights: Path) -> torch.nn.Module:
    import torch

    from engine.artifacts.weights import load_into, load_tensors
    from engine.networks.clip import clip_from_transformers

    tensors = load_tensors(weights)
    if record.library == "efficientnet_lite":
        from engine.networks import efficientnet_lite

        return efficientnet_lite.build(record.architecture, tensors, weights.name)
    if record.weights_format == "transformers":
        tensors = clip_from_transformers(tensors)
    with torch.device("meta"):
        module = _network(record)
    load_into(module, tensors, weights.name, assign=True)
    if record.library == "open_clip":  # the one buffer that is not part of the weights
        text: Any = module
        text.attn_mask = torch.full((text.context_length, text.context_length), float("-inf")).triu_(1)
    return module


def _network(record: EncoderRecord) -> torch.nn.Module:
    """The bare network of a record, with whatever weights its library starts from."""
    makers = {"open_clip": _open_clip, "timm": _timm, "efficientnet_lite": _efficientnet_lite}
    if record.library not in makers:
        raise InputError(f"There is no library {record.library!r} for encoders; choose one of: {', '.join(makers)}.")
    return makers[record.library](record.architecture)


def _open_clip(architecture: str) -> torch.nn.Module:
    import open_clip
    from open_clip.model import CLIP

    config = _TINY_CONFIG if architecture == TINY_CLIP else open_clip.get_model_config(architecture)
    if config is None:
        raise InputError(f"open_clip knows no architecture {architecture!r}; correct the catalogue.")
    network: torch.nn.Module = CLIP(**config)
    return network


def _timm(architecture: str) -> torch.nn.Module:
    import timm

    if not timm.is_model(architecture):
        raise InputError(f"timm knows no architecture {architecture!r}; correct the catalogue.")
    network: torch.nn.Module = timm.create_model(architecture, pretrained=False, num_classes=0)
    return network


def _efficientnet_lite(architecture: str) -> torch.nn.Module:
    from engine.networks import efficientnet_lite

    return efficientnet_lite.build(architecture)


def forward(module: torch.nn.Module, batch: Float32, device: Device) -> tuple[Float32, Float32]:
    """One pass over prepared images.

    Args:
        module: a network of ``build``.
        batch: ``(B, 3, S, S)`` float32.
        device: where the network lives.

    Returns:
        The class token before the last norm ``(B, W)`` and the embedding ``(B, D)``, both float32; a network without
        tokens gives its embedding twice.
    """
    import torch

    visual: Any = getattr(module, "visual", module)
    if not (hasattr(visual, "ln_post") or hasattr(visual, "norm")):
        with torch.inference_mode():
            images = torch.from_numpy(np.ascontiguousarray(batch)).to(torch.device(device.name), _dtype(device))
            pooled = _numpy(visual(images))
        return pooled, pooled
    final_norm = visual.ln_post if hasattr(visual, "ln_post") else visual.norm
    tokens: list[torch.Tensor] = []
    with torch.inference_mode(), final_norm.register_forward_pre_hook(lambda _, inputs: tokens.append(inputs[0])):
        images = torch.from_numpy(np.ascontiguousarray(batch)).to(torch.device(device.name), _dtype(device))
        embedded = visual(images)
    return _numpy(tokens[0][:, 0]), _numpy(embedded)


def forward_text(module: torch.nn.Module, prompts: list[str], device: Device) -> Float32:
    """Embeddings of prompts, ``(P, D)`` float32, not normalised.

    Of CLIP's 77 places only as many as the longest prompt fills are worked out: each looks back alone, so that what
    stands behind a prompt's end changes nothing. A sentence of 20 tokens costs a quarter.
    """
    import open_clip
    import torch

    text: Any = module
    tokens = open_clip.tokenize(prompts, context_length=text.context_length).to(torch.device(device.name))
    with torch.inference_mode():
        return _numpy(_text_features(text, tokens) if text.text_pool_type == "argmax" else text.encode_text(tokens))


def _text_features(text: Any, tokens: torch.Tensor) -> torch.Tensor:
    """What ``open_clip.CLIP.encode_text`` gives; the end of a text is the token with the highest number."""
    import torch

    ends, cast = tokens.argmax(dim=-1), text.transformer.get_cast_dtype()
    length = int(ends.max()) + 1
    values = text.token_embedding(tokens[:, :length]).to(cast) + text.positional_embedding[:length].to(cast)
    values = text.transformer(values, attn_mask=text.attn_mask[:length, :length])
    last: torch.Tensor = text.ln_final(values)[torch.arange(len(ends), device=ends.device), ends]
    projection: Any = text.text_projection
    if projection is None:
        return last
    found: torch.Tensor = projection(last) if callable(projection) else last @ projection
    return found


def is_out_of_memory(error: Exception) -> bool:
    """Whether a failure is the lack of memory: torch's own class, or what its processor allocator says."""
    import torch

    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


def _dtype(device: Device) -> torch.dtype:
    import torch

    found: torch.dtype = getattr(torch, device.dtype)
    return found


def _numpy(tensor: torch.Tensor) -> Float32:
    """A tensor as a float32 array on the processor."""
    return np.asarray(tensor.float().cpu().numpy(), np.float32)
