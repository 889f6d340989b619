"""A ResNet-50 with one linear head per partition, and the checkpoints that it comes in.

Mueller-Budack, Pustu-Iren and Ewerth, "Geolocation Estimation of Photos using a Hierarchical Model and Scene
Classification", ECCV 2018 (base network, sections 3.2 and 3.3). Two kinds of file are read:

* a Lightning checkpoint with the partition files of its authors, supplied by the user: keys ``model.*`` (torchvision's
  ResNet-50 as a plain sequence) and ``classifier.0..K-1.*``, opened with ``weights_only=True``;
* the project's own, one safetensors file that holds everything: the same keys, ``cells.<k>.ids`` (S2 ids as int64),
  ``cells.<k>.photo_count`` and ``cells.<k>.mean_point`` (degrees), and in the header under ``hereabouts`` a JSON record
  ``{"format": 1, "kind": "cell_classifier", "partitions": ["..coarse", .., "..fine"], "title", "licence", "source"}``.

Knows no photo: crops go in, one logit per cell of each partition comes out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.artifacts.weights import load_into, load_tensors
from engine.errors import ArtifactError, InputError
from engine.files import atomic_path
from engine.partitions.geocells import Geocells, read_geoestimation_csv

if TYPE_CHECKING:
    import torch

FEATURES = 2048
FORMAT = 1
HEADER = "hereabouts"
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class IsnCheckpoint:
    """A trained network with the cells that it classifies.

    Attributes:
        network: in evaluation mode, with children ``model`` and ``classifier``.
        partitions: coarse to fine; label k of a partition is output k of its head.
        facts: ``title``, ``licence`` and ``source`` of the checkpoint, as far as its file says.
    """

    network: torch.nn.Module
    partitions: tuple[Geocells, ...]
    facts: Mapping[str, str]


def build(classes: Sequence[int]) -> torch.nn.Module:
    """The bare network for partitions of so many cells each, under the keys of the authors' checkpoints."""
    import torch
    from torchvision.models import resnet50

    body = list(resnet50(weights=None).children())[:-2]
    model = torch.nn.Sequential(*body, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    heads = torch.nn.ModuleList([torch.nn.Linear(FEATURES, count) for count in classes])
    return torch.nn.ModuleDict({"model": model, "classifier": heads}).eval()


def crop_probabilities(network: torch.nn.Module, crops: Float32) -> list[Float32]:
    """Softmax per crop and partition.

    Args:
        network: of ``build``.
        crops: ``(C, 3, 224, 224)`` float32, ImageNet mean and standard deviation.

    Returns:
        One ``(C, J_k)`` per partition, float64 inside, float32 out.
    """
    import torch

    parts: Any = network
    with torch.inference_mode():
        features = parts["model"](torch.from_numpy(np.ascontiguousarray(crops)))
        return [np.asarray(head(features).double().softmax(1).numpy(), np.float32) for head in parts["classifier"]]


def load_lightning(checkpoint: Path, cells: Sequence[Path], names: Sequence[str] | None = None) -> IsnCheckpoint:
    """A checkpoint of the authors' training code with its partition files, coarse to fine.

    Raises:
        ArtifactError: the checkpoint or a partition file is missing, damaged, or they do not belong together.
    """
    try:
        partitions = tuple(
            read_geoestimation_csv(path, name) for path, name in zip(cells, names or _names(cells), strict=True)
        )
    except InputError as error:
        raise ArtifactError(str(error)) from error
    with _harmless_lightning():
        tensors = load_tensors(checkpoint)
    return IsnCheckpoint(_load_network(tensors, partitions, checkpoint.name), partitions, {})


def load_checkpoint(path: Path) -> IsnCheckpoint:
    """One of the project's own checkpoints.

    Raises:
        ArtifactError: the file is damaged, of another kind or of another architecture.
    """
    facts, tensors = _header(path), load_tensors(path)
    partitions = _stored_cells(tensors, facts["partitions"], path.name)
    weights = {key: value for key, value in tensors.items() if not key.startswith("cells.")}
    described: dict[str, str] = {key: str(facts[key]) for key in ("title", "licence", "source") if key in facts}
    return IsnCheckpoint(_load_network(weights, partitions, path.name), partitions, described)


def checkpoint_cells(path: Path) -> tuple[Geocells, ...]:
    """The partitions of one of the project's own checkpoints, coarse to fine, without building its network.

    Raises:
        ArtifactError: the file is damaged or of another kind.
    """
    return _stored_cells(load_tensors(path), _header(path)["partitions"], path.name)


def _stored_cells(tensors: Mapping[str, torch.Tensor], names: Sequence[str], file: str) -> tuple[Geocells, ...]:
    try:
        return tuple(_cells(tensors, number, name) for number, name in enumerate(names))
    except (KeyError, InputError, ValueError, RuntimeError) as error:
        raise ArtifactError(f"{file} does not hold the cells that its record names; train or copy it again.") from error


def save_checkpoint(
    path: Path, network: torch.nn.Module, partitions: Sequence[Geocells], facts: Mapping[str, str]
) -> None:
    """Write a checkpoint of the project's own format, whole or not at all.

    Args:
        path: a ``.safetensors`` file.
        network: of ``build``, trained.
        partitions: coarse to fine.
        facts: ``title``, ``licence`` and ``source``.
    """
    import torch
    from safetensors.torch import save_file

    tensors = {key: value.detach().contiguous() for key, value in network.state_dict().items()}
    for number, cells in enumerate(partitions):
        tensors[f"cells.{number}.ids"] = torch.from_numpy(cells.ids.view(np.int64).copy())
        tensors[f"cells.{number}.photo_count"] = torch.from_numpy(cells.photo_count.copy())
        points = np.stack([cells.mean_latitude, cells.mean_longitude], axis=1)
        tensors[f"cells.{number}.mean_point"] = torch.from_numpy(points)
    record = {"format": FORMAT, "kind": "cell_classifier", "partitions": [cells.name for cells in partitions], **facts}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, {HEADER: json.dumps(record)})


def _load_network(tensors: Mapping[str, torch.Tensor], partitions: Sequence[Geocells], name: str) -> torch.nn.Module:
    import torch

    with torch.device("meta"):
        network = build([len(cells) for cells in partitions])
    load_into(network, tensors, name, assign=True)
    return network.requires_grad_(requires_grad=False).eval()


def _names(cells: Sequence[Path]) -> list[str]:
    return [f"geoestimation_{path.stem}" for path in cells]


def _header(path: Path) -> dict[str, Any]:
    """The JSON record in the header of a safetensors file, once it is one of ours."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ArtifactError(f"There is no checkpoint {path}; train one, or put your own copy there.")
    try:
        with safe_open(path, "numpy") as file:
            facts = json.loads((file.metadata() or {})[HEADER])
        known = facts["kind"] == "cell_classifier" and facts["format"] == FORMAT and bool(facts["partitions"])
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path.name} is not a checkpoint of this project or is damaged; copy it again.") from error
    if not known:
        raise ArtifactError(f"{path.name} is a checkpoint of another kind or version; give a cell_classifier.")
    return dict(facts)


def _cells(tensors: Mapping[str, torch.Tensor], number: int, name: str) -> Geocells:
    points = tensors[f"cells.{number}.mean_point"].double().numpy()
    return Geocells(
        str(name),
        tensors[f"cells.{number}.ids"].numpy().view(np.uint64).copy(),
        tensors[f"cells.{number}.photo_count"].numpy().astype(np.int64),
        points[:, 0].copy(),
        points[:, 1].copy(),
    )


class _Inert(dict[str, Any]):
    """Stands for the classes of the training framework that such a checkpoint mentions; holds values, does nothing."""


def _harmless_lightning() -> AbstractContextManager[None]:
    """Lets ``weights_only`` meet the names that Lightning writes into every checkpoint, as containers without code."""
    import torch

    names = (
        "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
        "pytorch_lightning.callbacks.early_stopping.EarlyStopping",
        "pytorch_lightning.utilities.parsing.AttributeDict",
    )
    allowed: list[Any] = [argparse.Namespace, *((_Inert, name) for name in names)]
    context: AbstractContextManager[None] = torch.serialization.safe_globals(allowed)
    return context
