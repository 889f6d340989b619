"""A network on photos as inference sees them: logits, loss and accuracy; how batches reach it. Trains nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.partitions.partition import NOWHERE
from engine.training.distributed import Group
from engine.training.images import MEASURING, Key, collate
from engine.training.task import Images, Plan, Positions, Task
from engine.typing import FloatArray

if TYPE_CHECKING:
    from engine.networks.preprocessing import Prepared


@dataclass(frozen=True, eq=False)
class Measured:
    """How a network does on some photos.

    Attributes:
        loss: mean log-loss per head, nats; 0 where no photo has a label.
        accuracy: share of photos whose likeliest label is right, per head.
        counts: photos with a label, per head.
    """

    loss: FloatArray
    accuracy: FloatArray
    counts: FloatArray


def measure(task: Task, positions: Positions, plan: Plan, group: Group) -> Measured:
    """Loss and accuracy of a network on some photos; every process does its share and knows the answer."""
    sums = np.zeros((3, len(task.heads)))
    mine = positions[group.rank :: group.size]
    for part, rows in predict_batches(task, mine, plan, group):
        for head, scores in enumerate(rows):
            label = task.labels[part, head]
            known = label != NOWHERE
            right = scores[known].argmax(axis=1) == label[known]
            sums[:, head] += (_log_loss(scores[known], label[known]), right.sum(), known.sum())
    loss, right, counts = group.all_sum(sums)
    return Measured(loss / np.maximum(counts, 1), right / np.maximum(counts, 1), counts)


def predict_batches(
    task: Task, positions: Positions, plan: Plan, group: Group
) -> Iterator[tuple[Positions, list[FloatArray]]]:
    """Logits ``(B, J)`` per head of photos as inference sees them, batch by batch, with their positions."""
    import torch

    task.network.eval()
    parts = [positions[at : at + plan.batch] for at in range(0, len(positions), plan.batch)]
    batches = loader(task.images, parts, MEASURING, plan.workers)
    for part, images in zip(parts, batches, strict=True):
        with torch.inference_mode(), autocast(plan, group):
            rows = task.logits(task.network, torch.from_numpy(images).to(group.device))
        yield part, [np.asarray(row.double().cpu().numpy(), np.float64) for row in rows]


def half_precision(plan: Plan, group: Group) -> str:
    """The number format of the forward pass: ``float32``, ``bfloat16`` or ``float16``."""
    import torch

    if plan.precision != "auto":
        return plan.precision
    if not group.on_cuda:
        return "float32"
    return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"


def autocast(plan: Plan, group: Group) -> AbstractContextManager[Any]:
    """The number format of the forward pass as a context."""
    import torch

    dtype = half_precision(plan, group)
    if dtype == "float32":
        return nullcontext()
    context: AbstractContextManager[Any] = torch.autocast(group.device.split(":")[0], getattr(torch, dtype))
    return context


class _PhotoDataset:
    """Photos of one epoch as torch's DataLoader asks for them; a class of the module so that workers can be sent it."""

    def __init__(self, images: Images) -> None:
        self.images = images

    def __getitem__(self, key: Key) -> Prepared:
        return self.images[key]


def loader(images: Images, parts: Sequence[Positions], epoch: int, workers: int) -> Iterable[Prepared]:
    """The batches of some positions, ``(B, 3, S, S)`` float32 each, prepared by worker processes where asked for."""
    keys = [[(epoch, int(position)) for position in part] for part in parts]
    if workers == 0:
        return (collate([images[key] for key in part]) for part in keys)
    from torch.utils.data import DataLoader

    wrapped: Any = _PhotoDataset(images)
    return DataLoader(wrapped, batch_sampler=keys, num_workers=workers, collate_fn=collate)


def _log_loss(scores: FloatArray, label: Positions) -> float:
    top = scores.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
    return float((log_total - scores[np.arange(label.size), label]).sum())
