"""The baseline of OpenStreetView-5M: a fine-tuned CLIP tower and a head with one logit per quadtree cell.

Astruc, Dufour, Siglidis et al., "OpenStreetView-5M: The Many Roads to Global Visual Geolocation", CVPR 2024. The head
also predicts an offset inside each cell, which a map of cells has no use for. The boxes of the cells are buffers of the
published checkpoint, so that no second file is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError
from engine.networks.clip import VisionShape, tower_from_transformers, vision_shapes
from engine.networks.state_dict import State, check_state, linear, without_prefix
from engine.typing import FloatArray

if TYPE_CHECKING:
    import torch

GROUPS = 4
"""Groups of the group norms in the head."""
TOWER = VisionShape()
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Osv5mWeights:
    """What the checkpoint holds.

    Attributes:
        tower: the vision tower, see ``engine.networks.clip``.
        head: keys ``mlp.*`` and, in the later of the two published layouts, ``classif.*``.
        cells: number of quadtree cells.
        boxes: ``(cells, 6)`` degrees: south, west, north, east, mean latitude, mean longitude; None if not stored.
    """

    tower: torch.nn.Module
    head: State
    cells: int
    boxes: FloatArray | None


def parse_checkpoint(tensors: State, name: str, shape: VisionShape = TOWER) -> Osv5mWeights:
    """The parts of a checkpoint, whose keys may carry ``model.`` in front.

    Raises:
        ArtifactError: it is of another architecture.
    """
    plain = {key.removeprefix("model."): value for key, value in tensors.items()}
    tower = without_prefix(plain, "backbone.clip.vision_model.")
    unused = ("post_layernorm.", "embeddings.position_ids")
    tower = {key: value for key, value in tower.items() if not key.startswith(unused)}
    head, cells = _head(without_prefix(plain, "mid."), shape.width, name)
    boxes = boxes_of(plain)
    if boxes is not None and len(boxes) != cells:
        raise ArtifactError(f"{name} has {cells} logits for {len(boxes)} boxes; fetch it again.")
    network = tower_from_transformers(check_state(tower, vision_shapes(shape), name), shape)
    return Osv5mWeights(network, head, cells, boxes)


def cell_probabilities(weights: Osv5mWeights, images: Float32) -> FloatArray:
    """Softmax over all cells ``(B, cells)`` of prepared images ``(B, 3, 224, 224)``."""
    import torch

    with torch.inference_mode():
        tower: Any = weights.tower
        token = tower.class_token(torch.from_numpy(np.ascontiguousarray(images)))
        logits = _logits(weights.head, token)[:, : weights.cells]
        return np.asarray(logits.double().softmax(1).numpy(), np.float64)


def _head(found: State, width: int, name: str) -> tuple[dict[str, torch.Tensor], int]:
    """The head's tensors and its number of cells, in the layout that the file has.

    The published repository has three: ``mlp`` alone ends in 3 n outputs (n logits, then n offsets); ``mlp`` then
    ``classif``; or ``classif`` alone.
    """
    wanted = {key: value.detach().float() for key, value in found.items() if key.startswith(("mlp.", "classif."))}
    last = _last_linear(wanted)
    if last is None or _first_width(wanted) != width:
        raise ArtifactError(f"{name} holds no head of the OSV-5M baseline; fetch it again.")
    outputs = int(wanted[f"{last}.weight"].shape[0])
    if not last.startswith("classif") and outputs % 3:
        raise ArtifactError(f"{name} has a head with {outputs} outputs, not three per cell; fetch it again.")
    return wanted, outputs if last.startswith("classif") else outputs // 3


def _first_width(state: State) -> int | None:
    first = state.get("mlp.0.weight", state.get("classif.0.weight"))
    return None if first is None else int(first.shape[0])


def _last_linear(state: State) -> str | None:
    """Key of the layer that gives the logits."""
    if "classif.weight" in state:
        return "classif"
    numbered = [match for key in state if (match := re.fullmatch(r"(mlp|classif)\.(\d+)\.weight", key))]
    layers = [match for match in numbered if state[match[0]].ndim == 2]
    if not layers:
        return None
    return max(layers, key=lambda match: (match[1] == "classif", int(match[2])))[0].removesuffix(".weight")


def _logits(state: State, token: torch.Tensor) -> torch.Tensor:
    """The head: layer norm, then linear layers with group norm and GELU between them."""
    values = token
    for part in ("mlp", "classif"):
        values = _sequence(state, part, values)
    return linear(state, "classif", values) if "classif.weight" in state else values


def _sequence(state: State, part: str, values: torch.Tensor) -> torch.Tensor:
    """Layers ``part.0``, ``part.1``, ...; what has no weight is an activation, applied after its norm."""
    from torch.nn import functional

    numbers = sorted(int(key.split(".")[1]) for key in state if re.fullmatch(rf"{part}\.\d+\.weight", key))
    for number in numbers:
        weight, bias = state[f"{part}.{number}.weight"], state[f"{part}.{number}.bias"]
        if weight.ndim == 2:
            values = functional.linear(values, weight, bias)
        elif number == 0:
            values = functional.layer_norm(values, (values.shape[-1],), weight, bias)
        else:
            values = functional.gelu(functional.group_norm(values, GROUPS, weight, bias))
    return values


def boxes_of(tensors: State) -> FloatArray | None:
    """The boxes in the buffers of a checkpoint: means and distances to the edges, as shares of 90 and 180 degrees.

    Returns:
        ``(cells, 6)`` degrees: south, west, north, east, mean latitude, mean longitude; None if they are not stored.
    """
    plain = {key.removeprefix("model."): value for key, value in tensors.items()}
    keys = ("head.cell_center", "head.cell_size_down", "head.cell_size_up")
    if any(key not in plain or plain[key].shape != plain[keys[0]].shape or plain[key].ndim != 2 for key in keys):
        return None
    mean, down, up = (plain[key].double().numpy() * [90.0, 180.0] for key in keys)
    return np.concatenate([mean - down, mean + up, mean], axis=1)
