"""What to learn and how: a network with its photos and labels, and a plan. Does nothing by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.training.images import Key

if TYPE_CHECKING:
    import torch

    from engine.networks.preprocessing import Prepared

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes:
        epochs: at most this many (Bianco et al. 2024: 100).
        batch: photos per step, of all processes together.
        learning_rate: at its highest; rises over ``warmup`` of all steps, then falls as a cosine.
        weight_decay: of AdamW.
        patience: epochs without a better validation loss after which training stops.
        seed: of everything random.
        precision: ``float32``, ``bfloat16``, ``float16`` or ``auto``: the half format that a CUDA device has.
        workers: processes that prepare photos, besides this one.
        save_every: batches between two saves of the state, besides one after each epoch.
        warmup: share of all steps.
    """

    epochs: int = 100
    batch: int = 64
    learning_rate: float = 3e-4
    weight_decay: float = 0.01
    patience: int = 8
    seed: int = 0
    precision: str = "auto"
    workers: int = 0
    save_every: int = 1000
    warmup: float = 0.02

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch", 2), ("patience", 1), ("save_every", 1), ("workers", 0)):
            if getattr(self, name) < least:
                raise InputError(f"{name} of {getattr(self, name)} makes no sense; give at least {least}.")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise InputError(f"A learning rate of {self.learning_rate} makes no sense; give for instance 0.0003.")
        if self.precision not in PRECISIONS:
            raise InputError(f"There is no precision {self.precision!r}; choose one of: {', '.join(PRECISIONS)}.")


class Images(Protocol):
    """Prepared photos by epoch and position; see ``engine.training.images.ImageSource``."""

    def __getitem__(self, key: Key) -> Prepared:
        """One photo ``(3, S, S)`` float32."""
        ...


@dataclass(frozen=True, eq=False)
class Task:
    """What to learn.

    Attributes:
        network: to train, on the CPU.
        logits: the network and images ``(B, 3, S, S)`` to one ``(B, J)`` per head.
        heads: a name per head.
        images: the photos.
        labels: ``(photos, heads)``, ``NOWHERE`` where a head has nothing to learn.
        train, validation: positions of photos.
    """

    network: torch.nn.Module
    logits: Callable[[torch.nn.Module, torch.Tensor], Sequence[torch.Tensor]]
    heads: tuple[str, ...]
    images: Images
    labels: Positions
    train: Positions
    validation: Positions
