"""PLONK's velocity network and its sampler: noise on the sphere flows to places where the photo may have been taken.

Dufour, Kalogeiton, Picard and Landrieu, "Around the World in 80 Timesteps: A Generative Approach to Global Visual
Geolocation", CVPR 2025: Riemannian flow matching on S2 (section 3.2), an MLP with adaptive layer norms (figure 3).
Knows no photo: an embedding goes in, points come out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError
from engine.networks.state_dict import Shapes, State, check_state, linear, linear_shapes
from engine.typing import FloatArray

if TYPE_CHECKING:
    import torch

SCHEDULE = (-7.0, 3.0)
"""Start and end of the sigmoid of the time schedule (temperature 1)."""
TIME_SCALE, TIME_PERIOD = 1000.0, 10_000.0
FREQUENCIES = "time_embedder.encode_time.freqs"
"""A buffer that some releases store and others compute."""
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PlonkShape:
    """Sizes of the network; the defaults are those of the three published models.

    Attributes:
        condition: length of a photo's embedding.
        depth: blocks.
        width: width of the blocks.
        expansion: of the hidden layers.
    """

    condition: int = 1024
    depth: int = 12
    width: int = 512
    expansion: int = 4


def plonk_shapes(of: PlonkShape = PlonkShape()) -> Shapes:
    """Keys and shapes of the network."""
    time = of.width // 4
    shapes: dict[str, tuple[int, ...]] = {
        **linear_shapes("time_embedder.map_time.0", time, time * of.expansion),
        **linear_shapes("time_embedder.map_time.2", time * of.expansion, time * of.expansion),
        **linear_shapes("cond_mapper", of.condition, of.width),
        **linear_shapes("initial_mapper", 3, of.width),
        **linear_shapes("final_adaln.1", of.width, 2 * of.width),
        **linear_shapes("final_linear", of.width, 3),
    }
    for number in range(of.depth):
        block = f"blocks.{number}"
        shapes |= linear_shapes(f"{block}.mlp.0", of.width, of.width * of.expansion)
        shapes |= linear_shapes(f"{block}.mlp.3", of.width * of.expansion, of.width)
        shapes |= linear_shapes(f"{block}.ada_map.1", of.width, 3 * of.width)
    return shapes


def parse_checkpoint(tensors: State, name: str, of: PlonkShape = PlonkShape()) -> dict[str, torch.Tensor]:
    """The network of a published file.

    Raises:
        ArtifactError: it is of another architecture.
    """
    weights = {key: value for key, value in tensors.items() if key != FREQUENCIES}
    state = check_state(weights, plonk_shapes(of), name)
    stored, ours = tensors.get(FREQUENCIES), _frequencies(of.width // 4)
    if stored is not None and not (stored.numel() == ours.size and np.allclose(stored.float().numpy(), ours)):
        raise ArtifactError(f"{name} was trained with another embedding of time; fetch the published file again.")
    return state


def sample(
    state: State, condition: Float32, count: int, *, steps: int = 32, guidance: float = 0.0, seed: int = 0
) -> FloatArray:
    """Unit vectors drawn for one photo, ``(count, 3)`` float64, x towards (0, 0), z north.

    Euler steps on the schedule gamma(t) = (s(3) - s(10 t - 7)) / (s(3) - s(-7)), s the logistic function, each followed
    by a projection onto the sphere, from points drawn evenly on it.

    Args:
        state: of the network.
        condition: ``(D,)`` embedding of the photo.
        count: how many points.
        steps: how many steps; the authors' demonstration uses 32, their evaluation 250.
        guidance: 0 samples the density; 2 sharpens it for a single best guess.
        seed: of the noise, so that a photo gives the same points again.
    """
    import torch

    draw = torch.Generator().manual_seed(seed)
    points = _normalise(torch.randn((count, 3), generator=draw))
    given = torch.from_numpy(np.ascontiguousarray(condition))[None]
    gammas = schedule(np.linspace(1.0, 0.0, steps + 1)).tolist()
    with torch.inference_mode():
        for now, later in pairwise(gammas):
            flow = velocity(state, points, now, given)
            if guidance > 0:
                flow = (1 + guidance) * flow - guidance * velocity(state, points, now, torch.zeros_like(given))
            points = _normalise(points + (later - now) * flow)
    return np.asarray(points.double().numpy(), np.float64)


def schedule(time: FloatArray) -> FloatArray:
    """The gamma of a time in [0, 1]: 1 at time 0, where the data are, and about 0 at time 1, where the noise is."""
    start, end = SCHEDULE
    at_start, at_end, here = (1 / (1 + np.exp(-np.asarray(x))) for x in (start, end, time * (end - start) + start))
    return np.asarray(np.clip((at_end - here) / (at_end - at_start), 1e-9, 1.0), np.float64)


def velocity(state: State, points: torch.Tensor, gamma: float, condition: torch.Tensor) -> torch.Tensor:
    """Direction in which points ``(n, 3)`` move at a moment, given an embedding ``(1, D)``; ``(n, 3)``."""
    from torch.nn import functional

    width = state["cond_mapper.bias"].shape[0]
    given = linear(state, "cond_mapper", condition) + _time(state, gamma, width // 4)
    active, hidden = functional.silu(given), linear(state, "initial_mapper", points)
    for number in range(_depth(state)):
        gain, shift, gate = linear(state, f"blocks.{number}.ada_map.1", active).chunk(3, dim=-1)
        inner = (1 + gain) * functional.layer_norm(hidden, (width,)) + shift
        inner = functional.gelu(linear(state, f"blocks.{number}.mlp.0", inner))
        hidden = hidden + linear(state, f"blocks.{number}.mlp.3", inner) * gate
    gain, shift = linear(state, "final_adaln.1", active).chunk(2, dim=-1)
    return linear(state, "final_linear", (1 + gain) * functional.layer_norm(hidden, (width,)) + shift)


def _depth(state: State) -> int:
    return 1 + max(int(match[1]) for key in state if (match := re.match(r"blocks\.(\d+)\.", key)))


def _time(state: State, gamma: float, size: int) -> torch.Tensor:
    """Embedding of a moment ``(1, 4 size)``: cosines and sines, standardised, then two layers."""
    import torch
    from torch.nn import functional

    angle = torch.from_numpy(_frequencies(size)) * (gamma * TIME_SCALE)
    waves = torch.cat([angle.cos(), angle.sin()])
    waves = ((waves - waves.mean()) / waves.std())[None]
    return linear(state, "time_embedder.map_time.2", functional.silu(linear(state, "time_embedder.map_time.0", waves)))


def _frequencies(size: int) -> Float32:
    return np.asarray((1 / TIME_PERIOD) ** (2 * np.arange(size // 2, dtype=np.float32) / size), np.float32)


def _normalise(points: torch.Tensor) -> torch.Tensor:
    from torch.nn import functional

    return functional.normalize(points, dim=-1)
