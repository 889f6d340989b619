"""A network's weights by key: what is expected, what was found, and random ones for tests and for measuring time.

Every network of this room is a function of such a table, so that the keys and shapes of a published file are the whole
contract. Imports torch only when called.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.artifacts.weights import Shape, first_difference
from engine.errors import ArtifactError

if TYPE_CHECKING:
    import torch

State = Mapping[str, "torch.Tensor"]
Shapes = Mapping[str, Shape]


def check_state(state: State, expected: Shapes, name: str) -> dict[str, torch.Tensor]:
    """The expected tensors as float32, once every key and shape is right.

    Raises:
        ArtifactError: a key is missing, unexpected or of another shape; the first one is named.
    """
    difference = first_difference(expected, {key: tuple(value.shape) for key, value in state.items()})
    if difference is not None:
        raise ArtifactError(
            f"{name} does not fit the architecture of its record: {difference}; "
            "remove the file and fetch it again, or supply weights of the right architecture."
        )
    return {key: state[key].detach().float() for key in expected}


def random_state(expected: Shapes, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights of an architecture: matrices of variance 1 / inputs, norms of 1, biases of 0."""
    import torch

    draw = torch.Generator().manual_seed(seed)

    def value(key: str, shape: Shape) -> torch.Tensor:
        if len(shape) > 1:
            return torch.randn(shape, generator=draw) / math.sqrt(math.prod(shape[1:]))
        return torch.zeros(shape) if key.endswith("bias") else torch.ones(shape)

    return {key: value(key, shape) for key, shape in expected.items()}


def linear(state: State, key: str, inputs: torch.Tensor) -> torch.Tensor:
    """``inputs @ weight.T + bias`` with the weights at ``key.weight`` and ``key.bias``."""
    from torch.nn import functional

    return functional.linear(inputs, state[f"{key}.weight"], state[f"{key}.bias"])


def linear_shapes(key: str, inputs: int, outputs: int) -> dict[str, Shape]:
    """Shapes of such a layer."""
    return {f"{key}.weight": (outputs, inputs), f"{key}.bias": (outputs,)}


def without_prefix(state: State, prefix: str) -> dict[str, torch.Tensor]:
    """The part of a state under a prefix, which is taken off."""
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
