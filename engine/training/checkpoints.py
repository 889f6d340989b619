"""Where a training is: network, optimizer and history in one safetensors file, written whole or not at all.

No pickle: tensors are tensors, numbers are JSON in the header. Whatever a killed run left behind is either the state
before a save or after it. Knows no photo and no task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.artifacts.weights import load_into, load_tensors
from engine.errors import ArtifactError, ExportError, InputError
from engine.files import atomic_path

if TYPE_CHECKING:
    import torch

KIND, FORMAT, HEADER = "training_state", 1, "hereabouts"
_NETWORK, _OPTIMIZER = "network.", "optimizer."


@dataclass(frozen=True)
class Progress:
    """How far a training is; JSON through and through.

    Attributes:
        epoch: the epoch that is running.
        step: batches of it that are done.
        sums: running sums of this epoch: loss times photos, and photos.
        history: one row per finished epoch.
        best_epoch: the epoch with the least validation loss, -1 before the first.
        best_loss: that loss.
        fingerprint: of photos, labels and settings; a run is only resumed with the same.
        scale: of the gradient scaler, 0 when there is none.
        finished: whether nothing is left to do.
    """

    epoch: int = 0
    step: int = 0
    sums: tuple[float, float] = (0.0, 0.0)
    history: tuple[Mapping[str, float], ...] = ()
    best_epoch: int = -1
    best_loss: float = float("inf")
    fingerprint: str = ""
    scale: float = 0.0
    finished: bool = False


def save_state(path: Path, network: torch.nn.Module, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    """Write the state of a training.

    Raises:
        ExportError: it cannot be written.
    """
    tensors = {_NETWORK + key: value.detach() for key, value in network.state_dict().items()}
    plain: dict[str, Any] = {}
    for number, state in optimizer.state_dict()["state"].items():
        for key, value in state.items():
            if hasattr(value, "detach"):
                tensors[f"{_OPTIMIZER}{number}.{key}"] = value.detach()
            else:
                plain[f"{number}.{key}"] = value
    told = {**progress.__dict__, "best_loss": _finite(progress.best_loss)}
    record = {"format": FORMAT, "kind": KIND, "progress": told, "optimizer": plain}
    write_tensors(path, tensors, record)


def load_state(path: Path, network: torch.nn.Module, optimizer: torch.optim.Optimizer, fingerprint: str) -> Progress:
    """Put a saved state into a network and its optimizer.

    Raises:
        ArtifactError: the file is damaged or of another network.
        InputError: it belongs to other photos or settings.
    """
    record = read_header(path)
    try:
        told = record["progress"]
        best = float("inf") if told["best_loss"] is None else told["best_loss"]
        whole = {"best_loss": best, "sums": tuple(told["sums"]), "history": tuple(told["history"])}
        progress = Progress(**{**told, **whole})
    except (KeyError, TypeError, ValueError) as error:
        message = f"{path.name} is not the state of a training; remove it or start with --restart."
        raise ArtifactError(message) from error
    if progress.fingerprint != fingerprint:
        raise InputError(
            f"{path.parent} holds a training of other photos, labels or settings; choose another folder with --out, or "
            "start again with --restart."
        )
    tensors = load_tensors(path)
    weights = {key.removeprefix(_NETWORK): value for key, value in tensors.items() if key.startswith(_NETWORK)}
    load_into(network, weights, path.name)
    _restore(optimizer, tensors, record["optimizer"])
    return progress


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor], record: Mapping[str, Any]) -> None:
    """A safetensors file with a JSON record in its header, whole or not at all, on the disk before it has its name.

    Raises:
        ExportError: it cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    copies = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    try:
        with atomic_path(path) as temporary:
            save_file(copies, temporary, {HEADER: json.dumps(record, allow_nan=False)})
    except (OSError, SafetensorError) as error:
        raise ExportError(f"{path} could not be written ({error}); free some room or choose another folder.") from error


def read_header(path: Path) -> dict[str, Any]:
    """The JSON record in the header of a safetensors file.

    Raises:
        ArtifactError: the file is missing, damaged or not one of this project.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            found = json.loads((file.metadata() or {})[HEADER])
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ArtifactError(f"{path.name} is missing, damaged or not of this project; start with --restart.") from error
    if not isinstance(found, dict):
        raise ArtifactError(f"{path.name} has a header that is no record; start with --restart.")
    return found


def _restore(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    """Give an optimizer its moments back; learning rates are set by the loop before each step."""
    state: dict[int, dict[str, Any]] = {}
    named = {key.removeprefix(_OPTIMIZER): value for key, value in tensors.items() if key.startswith(_OPTIMIZER)}
    for key, value in {**named, **plain}.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _finite(value: float) -> float | None:
    return value if value < float("inf") else None
