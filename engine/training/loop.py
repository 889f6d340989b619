"""The training loop: any network with softmax heads, on one process or several, resumable at any batch.

The loss curve depends on photos, labels, settings and seed alone: the order of photos, their augmentation and every
random number of the network follow from (seed, epoch, batch), so that a run that was killed goes on as if it had not
been, and several processes that share each batch give the curve of one (to rounding). Knows no layer and no geocell.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import ArtifactError, InputError
from engine.evaluation.records import write_text
from engine.partitions.partition import NOWHERE
from engine.progress import Report
from engine.training.checkpoints import Progress, load_state, read_header, save_state, write_tensors
from engine.training.distributed import Group
from engine.training.images import batches, order_of_epoch
from engine.training.measuring import Measured, autocast, half_precision, loader, measure
from engine.training.task import Plan, Positions, Task

if TYPE_CHECKING:
    import torch

    from engine.networks.preprocessing import Prepared

STATE, BEST, LOG = "state.safetensors", "best.safetensors", "log.csv"


@dataclass(eq=False)
class _Run:
    """What one call of ``train`` carries along."""

    task: Task
    plan: Plan
    folder: Path
    group: Group
    report: Report | None
    model: Any = None
    optimizer: Any = None
    scaler: Any = None
    progress: Progress = field(default_factory=Progress)
    started: float = field(default_factory=time.monotonic)


def train(task: Task, plan: Plan, folder: Path, group: Group, report: Report | None = None) -> Progress:
    """Train until the validation loss no longer falls; the network then has the weights of its best epoch.

    A folder with the state of the same training is gone on with. ``log.csv`` there has a row per epoch.

    Args:
        task: what to learn.
        plan: how.
        folder: where to keep the state.
        group: the processes that train together.
        report: told how far it is; raising from it stops the training, which can be resumed.

    Raises:
        InputError: the folder holds another training, or there are too few photos.
        ExportError: the folder cannot be written.
    """
    if min(len(task.train), plan.batch) < 2 * group.size:
        raise InputError(
            f"{len(task.train)} photos in batches of {plan.batch} are too few for {group.size} process(es); "
            "give at least two photos for each process."
        )
    run = _start_run(task, plan, folder, group, report)
    while not run.progress.finished:
        _one_epoch(run)
    group.wait()
    _restore_best(task.network, folder / BEST, run.progress.fingerprint)
    return run.progress


def learning_rate(plan: Plan, step: int, steps: int) -> float:
    """The rate of one step out of all ``steps`` of a training that runs to its last epoch."""
    warm = max(1.0, plan.warmup * steps)
    rising = min(1.0, (step + 1) / warm)
    return plan.learning_rate * rising * 0.5 * (1.0 + math.cos(math.pi * min(1.0, step / max(steps, 1))))


def _start_run(task: Task, plan: Plan, folder: Path, group: Group, report: Report | None) -> _Run:
    import torch

    task.network.to(group.device)
    model: Any = _Forward(task)
    if group.size > 1:
        if group.on_cuda:
            model = torch.nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        model = torch.nn.parallel.DistributedDataParallel(model, device_ids=[group.device] if group.on_cuda else None)
    optimizer = torch.optim.AdamW(task.network.parameters(), plan.learning_rate, weight_decay=plan.weight_decay)
    run = _Run(task, plan, folder, group, report, model, optimizer)
    if half_precision(plan, group) == "float16":
        run.scaler = torch.amp.GradScaler(group.device.split(":")[0])
    fingerprint = _fingerprint(task, plan)
    if (folder / STATE).is_file():
        run.progress = load_state(folder / STATE, task.network, optimizer, fingerprint)
        if run.scaler is not None and run.progress.scale:
            run.scaler.load_state_dict({**run.scaler.state_dict(), "scale": run.progress.scale})
    else:
        run.progress = Progress(fingerprint=fingerprint)
    return run


def _Forward(task: Task) -> torch.nn.Module:  # noqa: N802 - makes an object of a class that needs torch to be written
    """The network as a module whose ``forward`` gives all logits, as DistributedDataParallel wants it."""
    import torch

    class Forward(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = task.network

        def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
            return list(task.logits(self.network, images))

    return Forward()


def _one_epoch(run: _Run) -> None:
    """The rest of the running epoch, its validation, and what follows from it."""
    task, plan, group = run.task, run.plan, run.group
    epoch, done = run.progress.epoch, run.progress.step
    parts = batches(order_of_epoch(task.train, plan.seed, epoch), plan.batch, group.size)
    steps = plan.epochs * len(parts)
    mine = [part[group.rank :: group.size] for part in parts[done:]]
    task.network.train()
    for step, images in enumerate(loader(task.images, mine, epoch, plan.workers), start=done):
        rate = learning_rate(plan, epoch * len(parts) + step, steps)
        loss = _one_step(run, images, parts[step], rate, (epoch, step))
        sums = run.progress.sums
        run.progress = replace(
            run.progress, step=step + 1, sums=(sums[0] + loss * len(parts[step]), sums[1] + len(parts[step]))
        )
        if (step + 1) % plan.save_every == 0 and step + 1 < len(parts):
            _save(run)
        if run.report is not None:
            run.report(f"Epoch {epoch + 1} of at most {plan.epochs}", (epoch * len(parts) + step + 1) / steps)
    _close_epoch(run, measure(task, task.validation, plan, group), rate)


def _one_step(run: _Run, images: Prepared, whole: Positions, rate: float, moment: tuple[int, int]) -> float:
    """One step on this process's share of a batch; the loss of the whole batch."""
    import torch

    task, group = run.task, run.group
    torch.manual_seed(int(np.random.SeedSequence((run.plan.seed, *moment)).generate_state(1)[0]))
    for settings in run.optimizer.param_groups:
        settings["lr"] = rate
    run.optimizer.zero_grad(set_to_none=True)
    with autocast(run.plan, group):
        rows = run.model(torch.from_numpy(images).to(group.device))
    loss = _loss(rows, task.labels[whole], group)
    if run.scaler is None:
        loss.backward()  # type: ignore[no-untyped-call]
        run.optimizer.step()
    else:
        run.scaler.scale(loss).backward()
        run.scaler.step(run.optimizer)
        run.scaler.update()
    value = float(group.all_sum(np.array([float(loss.detach())]))[0]) / group.size
    if not math.isfinite(value):
        raise InputError(
            f"The training loss became {value} in epoch {moment[0] + 1}; lower --learning-rate and use --restart."
        )
    return value


def _loss(rows: Sequence[torch.Tensor], labels: Positions, group: Group) -> torch.Tensor:
    """Cross-entropy summed over heads, of this process's share of a batch whose labels are ``(B, heads)``.

    Each head's sum is divided by the labels of the whole batch and multiplied by the number of processes, because
    gradients are averaged over processes: together they have the gradient of the mean over the batch.
    """
    import torch
    from torch.nn import functional

    total = torch.zeros((), device=group.device)
    for head, scores in enumerate(rows):
        count = max(int((labels[:, head] != NOWHERE).sum()), 1)
        mine = torch.from_numpy(labels[group.rank :: group.size, head].copy()).to(group.device)
        all_sum = functional.cross_entropy(scores.float(), mine, ignore_index=NOWHERE, reduction="sum")
        total = total + all_sum * (group.size / count)
    return total


def _close_epoch(run: _Run, found: Measured, rate: float) -> None:
    """The row of an epoch, its weights if they are the best so far, and whether training goes on."""
    progress, plan = run.progress, run.plan
    loss = float(found.loss.sum())
    row: dict[str, float] = {
        "epoch": progress.epoch + 1,
        "learning_rate": rate,
        "train_loss": progress.sums[0] / max(progress.sums[1], 1.0),
        "validation_loss": loss,
    }
    for number, head in enumerate(run.task.heads):
        row[f"validation_loss_{head}"] = float(found.loss[number])
        row[f"validation_accuracy_{head}"] = float(found.accuracy[number])
    row["seconds"] = round(time.monotonic() - run.started, 1)
    better = loss < progress.best_loss
    best_epoch = progress.epoch if better else progress.best_epoch
    stop = progress.epoch + 1 >= plan.epochs or progress.epoch - best_epoch >= plan.patience
    run.progress = replace(
        progress, epoch=progress.epoch + 1, step=0, sums=(0.0, 0.0), history=(*progress.history, row),
        best_epoch=best_epoch, best_loss=min(loss, progress.best_loss), finished=stop,
    )  # fmt: skip
    if better and run.group.is_first:
        weights = {key: value.detach() for key, value in run.task.network.state_dict().items()}
        write_tensors(run.folder / BEST, weights, {"fingerprint": progress.fingerprint, "epoch": best_epoch})
    _save(run)


def _save(run: _Run) -> None:
    """The state and the log, by the first process; a scaler's only number goes with the progress."""
    if not run.group.is_first:
        return
    scale = float(run.scaler.get_scale()) if run.scaler is not None else 0.0
    save_state(run.folder / STATE, run.task.network, run.optimizer, replace(run.progress, scale=scale))
    if run.progress.history:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(run.progress.history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(run.progress.history)
        write_text(run.folder / LOG, text.getvalue())


def _restore_best(network: torch.nn.Module, path: Path, fingerprint: str) -> None:
    from engine.artifacts.weights import load_into, load_tensors

    if read_header(path).get("fingerprint") != fingerprint:
        raise ArtifactError(f"{path} is of another training; start again with --restart.")
    load_into(network, load_tensors(path), path.name)
    network.eval()


def _fingerprint(task: Task, plan: Plan) -> str:
    """Digest of everything that the loss curve depends on."""
    told = asdict(replace(plan, workers=0, save_every=1))
    shapes = {key: list(value.shape) for key, value in task.network.state_dict().items()}
    digest = hashlib.sha256(json.dumps([told, task.heads, shapes], sort_keys=True).encode())
    for array in (task.labels, task.train, task.validation):
        digest.update(np.ascontiguousarray(array, np.int64).tobytes())
    return digest.hexdigest()[:32]
