"""Open published weights without ever running a pickle: safetensors, or ``torch.load(weights_only=True)``; no fallback.

A refused file stays refused: there is no laxer way to open it. Keys and shapes are compared with what a network
expects; the error names the first difference. Imports torch only when called.
"""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from engine.errors import ArtifactError

if TYPE_CHECKING:
    import torch

PICKLED = (".pth", ".pt", ".bin", ".ckpt")
Shape = tuple[int, ...]


def load_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of a weight file by its key, on the CPU, mapped from disk where the format allows it.

    Args:
        path: ``.safetensors``, or ``.pth``, ``.pt``, ``.bin``, ``.ckpt`` as published by others. A checkpoint with
            its weights under ``state_dict`` gives those.

    Raises:
        ArtifactError: the file is missing, truncated, tampered with, wants to run code, or holds no tensors.
    """
    content = _content(path)
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not content or not all(map(_is_tensor, content.values())):
        raise ArtifactError(f"{path.name} contains no table of tensors; supply the weights that the record names.")
    return {str(key): value for key, value in content.items()}


def load_tensor(path: Path) -> torch.Tensor:
    """The single tensor of a file that contains nothing else.

    Raises:
        ArtifactError: likewise, or it contains something else.
    """
    content = _content(path)
    if not _is_tensor(content):
        raise ArtifactError(f"{path.name} does not contain a single tensor; supply the file that the record names.")
    return content.detach()


def load_into(module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], name: str, *, assign: bool = False) -> None:
    """Put tensors into a network that expects exactly these keys and shapes.

    Args:
        module: the network.
        tensors: by key.
        name: the file that they come from, for the message.
        assign: take the tensors themselves instead of copying them (for a network made on the ``meta`` device).

    Raises:
        ArtifactError: a key is missing, unexpected or of another shape; the first one is named.
    """
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in tensors.items()}
    if (difference := first_difference(expected, found)) is not None:
        raise ArtifactError(
            f"{name} does not fit the architecture of its record: {difference}; "
            "remove the file and fetch it again, or supply weights of the right architecture."
        )
    module.load_state_dict(dict(tensors), strict=True, assign=assign)


def first_difference(expected: Mapping[str, Shape], found: Mapping[str, Shape]) -> str | None:
    """The first key in which two sets of weights differ, in words; None when they are alike."""
    for key, shape in expected.items():
        if key not in found:
            return f"{key} is missing"
        if found[key] != shape:
            return f"{key} has the shape {found[key]}, not {shape}"
    unexpected = next((key for key in found if key not in expected), None)
    return None if unexpected is None else f"{unexpected} is not expected"


def _content(path: Path) -> object:
    """What a weight file holds, whichever of the allowed formats it has."""
    if not path.is_file():
        raise ArtifactError(f"There is no weight file {path}; fetch it or put it there manually.")
    if path.suffix == ".safetensors":
        return _safetensors(path)
    if path.suffix in PICKLED:
        return _weights_only(path)
    raise ArtifactError(f"{path.name} is not a format that is opened; supply .safetensors or one of {PICKLED}.")


def _safetensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path, device="cpu")
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise ArtifactError(
            f"{path.name} is truncated or was tampered with, its safetensors header does not fit its content; "
            "remove it and fetch it again."
        ) from error


def _weights_only(path: Path) -> object:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Detected pickle protocol")  # refused or read, never in between
            content: object = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        raise ArtifactError(
            f"{path.name} holds more than weights (code that would run, or damaged data) and was not opened; "
            "supply it as safetensors, from a source that you trust."
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise ArtifactError(f"{path.name} is truncated or damaged; remove it and fetch it again.") from error
    return content


def _is_tensor(value: object) -> TypeGuard[torch.Tensor]:
    import torch

    return isinstance(value, torch.Tensor)
