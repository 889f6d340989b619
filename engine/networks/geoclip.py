"""GeoCLIP's two heads: a photo's CLIP embedding and a place on Earth, in one space of 512 dimensions.

Vivanco Cepeda, Nayak and Shah, "GeoCLIP: Clip-Inspired Alignment between Locations and Images for Effective Worldwide
Geo-localization", NeurIPS 2023, section 3; constants and order of operations as in the ``geoclip`` package 1.3.0, whose
weight files are opened by path, without importing it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.artifacts.digest import digest_of
from engine.artifacts.weights import load_tensor, load_tensors
from engine.errors import ArtifactError
from engine.networks.state_dict import Shapes, State, check_state, linear, linear_shapes

if TYPE_CHECKING:
    import torch

EQUAL_EARTH = (1.340264, -0.081106, 0.000893, 0.003796)
"""A1..A4 of the projection (Savric, Patterson and Jenny 2018)."""
EQUAL_EARTH_SCALE = 66.50336
"""The projected coordinates are multiplied by this and divided by 180."""
CAPSULES = 3
"""Location encoders of sigma 2^0, 2^4 and 2^8; their outputs are summed. The random frequencies are in the weights."""
FREQUENCIES, WIDTH, DIMENSION = 256, 1024, 512
LOCATIONS_AT_ONCE = 2048
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class GeoClipWeights:
    """The published parameters besides the CLIP backbone.

    Attributes:
        image: keys ``0.*`` and ``2.*`` of the two layers on a CLIP embedding.
        location: keys ``LocEnc0..2.*``.
        logit_scale: factor on cosines, exp of the stored number: 39.687 as published.
        location_digest: sha256 of the file of the location encoder.
    """

    image: State
    location: State
    logit_scale: float
    location_digest: str


def image_shapes(clip_dimension: int = 768) -> Shapes:
    """Keys and shapes of the image head."""
    return {**linear_shapes("0", clip_dimension, clip_dimension), **linear_shapes("2", clip_dimension, DIMENSION)}


def location_shapes() -> Shapes:
    """Keys and shapes of the location encoder."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number in range(CAPSULES):
        name = f"LocEnc{number}"
        shapes[f"{name}.capsule.0.b"] = (FREQUENCIES, 2)
        for layer, inputs in ((1, 2 * FREQUENCIES), (3, WIDTH), (5, WIDTH)):
            shapes |= linear_shapes(f"{name}.capsule.{layer}", inputs, WIDTH)
        shapes |= linear_shapes(f"{name}.head.0", WIDTH, DIMENSION)
    return shapes


def load_weights(image: Path, location: Path, logit_scale: Path) -> GeoClipWeights:
    """The weights from the three ``.pth`` files of the package, opened with ``weights_only=True``.

    Raises:
        ArtifactError: a file is missing, damaged or of another architecture.
    """
    scale = load_tensor(logit_scale)
    if scale.numel() != 1 or not 0.0 <= float(scale) <= 7.0:
        raise ArtifactError(f"{logit_scale.name} holds no logit scale; install the package geoclip again.")
    return GeoClipWeights(
        check_state(load_tensors(image), image_shapes(), image.name),
        check_state(load_tensors(location), location_shapes(), location.name),
        math.exp(float(scale)),
        digest_of(location),
    )


def equal_earth(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> torch.Tensor:
    """Points in degrees on GeoCLIP's plane, ``(n, 2)`` float32; the package's order of float32 operations is kept."""
    import torch

    a1, a2, a3, a4 = EQUAL_EARTH
    phi = torch.deg2rad(torch.as_tensor(np.asarray(latitude, np.float32)))
    lam = torch.deg2rad(torch.as_tensor(np.asarray(longitude, np.float32)))
    theta = torch.asin((torch.sqrt(torch.tensor(3.0)) / 2) * torch.sin(phi))
    under = 3 * (9 * a4 * theta**8 + 7 * a3 * theta**6 + 3 * a2 * theta**2 + a1)
    x = (2 * torch.sqrt(torch.tensor(3.0)) * lam * torch.cos(theta)) / under
    y = a4 * theta**9 + a3 * theta**7 + a2 * theta**3 + a1 * theta
    return (torch.stack((x, y), dim=1) * EQUAL_EARTH_SCALE) / 180


def location_embeddings(state: State, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Float32:
    """Unit vectors of places.

    Args:
        state: of the location encoder.
        latitude: ``(n,)`` degrees.
        longitude: ``(n,)`` degrees.

    Returns:
        ``(n, 512)`` float32, each row of length 1.
    """
    import torch

    with torch.inference_mode():
        points = equal_earth(latitude, longitude)
        parts = [points[at : at + LOCATIONS_AT_ONCE] for at in range(0, len(points), LOCATIONS_AT_ONCE)]
        found = [_unit(sum((_capsule(state, n, part) for n in range(CAPSULES)), torch.zeros(()))) for part in parts]
        return np.asarray(torch.cat(found).numpy(), np.float32)


def image_embeddings(state: State, clip: Float32) -> Float32:
    """Unit vectors of photos ``(B, 512)`` float32, from their projected CLIP embeddings ``(B, 768)``."""
    import torch

    with torch.inference_mode():
        hidden = linear(state, "0", torch.from_numpy(np.ascontiguousarray(clip))).relu()
        return np.asarray(_unit(linear(state, "2", hidden)).numpy(), np.float32)


def _capsule(state: State, number: int, points: torch.Tensor) -> torch.Tensor:
    """One scale: random Fourier features, three layers with ReLU, one without."""
    import torch

    name = f"LocEnc{number}"
    turned = 2 * np.pi * points @ state[f"{name}.capsule.0.b"].T
    hidden = torch.cat((torch.cos(turned), torch.sin(turned)), dim=-1)
    for layer in (1, 3, 5):
        hidden = linear(state, f"{name}.capsule.{layer}", hidden).relu()
    return linear(state, f"{name}.head.0", hidden)


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    from torch.nn import functional

    return functional.normalize(vectors, dim=1)
