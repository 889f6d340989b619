"""`hereabouts train cells`: the S2 cell classifier, three heads over cells grown from the photos themselves.

Mueller-Budack, Pustu-Iren and Ewerth, ECCV 2018: ResNet-50, partitions coarse, middle and fine. What comes out is what
``engine.predictors.cell_classifier`` reads. Cells are grown from training photos only, so that no held-out photo has
shaped them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from engine.artifacts.catalog import Preprocessing
from engine.artifacts.weights import load_into, load_tensors
from engine.errors import InputError
from engine.geometry.sphere import great_circle_km
from engine.networks.isn import build, save_checkpoint
from engine.partitions.geocells import Geocells, ancestors, grow
from engine.partitions.partition import NOWHERE
from engine.progress import Part, Report
from engine.training.attributes import (
    CARD,
    LICENCE,
    REPORT,
    ROOM,
    SCAN,
    evaluation_set_text,
    single_process,
    write_card,
)
from engine.training.distributed import Group, join_group
from engine.training.images import Augmentation, ImageSource
from engine.training.loop import train
from engine.training.measuring import predict_batches
from engine.training.model_card import cells_card
from engine.training.preparation import (
    OpenedPhotos,
    SplitOptions,
    TrainingSet,
    assign_sides,
    open_manifest,
    write_report,
)
from engine.training.splits import TRAIN, VALIDATION, Split
from engine.training.task import Plan, Task
from engine.typing import FloatArray

if TYPE_CHECKING:
    import torch

CHECKPOINT = "cell_classifier.safetensors"
SIZES = ("coarse", "middle", "fine")
PUBLISHED_PHOTOS, PUBLISHED_MAXIMA, PUBLISHED_MINIMUM = 4_723_695, (5000, 2000, 1000), 50
"""GeoEstimation's photos and thresholds, which are scaled to the number of photos at hand."""
LEAST_MAXIMA = (40, 20, 10)
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
WITHIN_KM = (1.0, 25.0, 200.0, 750.0, 2500.0)
SIZE = 224


@dataclass(frozen=True, eq=False)
class CellOptions:
    """What to train and how, as ``AttributeOptions`` where the names are the same.

    Attributes:
        minimum: cells with this many photos or fewer are dropped; None scales GeoEstimation's 50.
        maxima: cells with more photos are split, coarse to fine; None scales GeoEstimation's.
        name: of the checkpoint and, with a size, of its partitions.
    """

    manifest: Path
    out: Path
    weights: Path | None = None
    random_weights: bool = False
    size: int = SIZE
    minimum: int | None = None
    maxima: tuple[int, int, int] | None = None
    name: str = "cells"
    plan: Plan = field(default_factory=Plan)
    sharing: SplitOptions = field(default_factory=SplitOptions)
    augmentation: Augmentation = field(default_factory=Augmentation)
    device: str | None = None
    restart: bool = False
    kept_bytes: int | None = None


def train_cells(options: CellOptions, report: Report | None = None) -> dict[str, Any]:
    """Train a cell classifier and write checkpoint, model card, log and report into ``options.out``.

    Returns:
        The report, as written to ``report.json``.

    Raises:
        InputError, ArtifactError, ExportError: a sentence each; see the parts.
    """
    if not re.fullmatch(r"[a-z0-9_]{1,40}", options.name):
        raise InputError(f"{options.name!r} is no name for cells; take lower case letters, digits and underscores.")
    wanted = Preprocessing(options.size, *IMAGENET, "bilinear", "centre", round(options.size * 256 / 224))
    side = round((wanted.resize or wanted.size) * ROOM)
    with join_group(options.device) as group:
        folder = options.out / "train-cells"
        if options.restart and group.is_first:
            shutil.rmtree(folder, ignore_errors=True)
        group.wait()
        reading = Part(report, "Opening the photos", 0.0, 0.1)
        photos = open_manifest(
            options.manifest, options.out / SCAN, side, group, lambda _, share: reading(share), options.kept_bytes
        )
        split = assign_sides(photos, options.sharing)
        partitions = grow_partitions(photos, split, options)
        ready = _label_cells(photos, split, partitions)
        task = _task(options, ready, partitions, wanted, side)
        training = Part(report, "Training", 0.1, 1.0)
        progress = train(task, options.plan, folder, group, lambda _, share: training(share))
        told = _report_facts(options, ready, partitions, task, group) | {"epochs": len(progress.history)}
        if group.is_first:
            _write(options, ready, partitions, task, told)
        group.wait()
    return told


def grow_partitions(photos: OpenedPhotos, split: Split, options: CellOptions) -> tuple[Geocells, ...]:
    """Partitions coarse, middle and fine of the training photos.

    Raises:
        InputError: the thresholds make no sense, or all photos lie in one cell.
    """
    here = split.positions(TRAIN)
    share = here.size / PUBLISHED_PHOTOS
    scaled = tuple(max(least, round(most * share)) for most, least in zip(PUBLISHED_MAXIMA, LEAST_MAXIMA, strict=True))
    maxima = options.maxima or scaled
    minimum = int(PUBLISHED_MINIMUM * share) if options.minimum is None else options.minimum
    if list(maxima) != sorted(maxima, reverse=True):
        raise InputError(f"Maxima of {maxima} photos do not fall from coarse to fine; give for instance 500,200,100.")
    rows = photos.rows
    cells = tuple(
        grow(rows.latitude[here], rows.longitude[here], minimum, most, name=f"{options.name}_{size}")
        for size, most in zip(SIZES, maxima, strict=True)
    )
    if len(cells[-1]) < 2:
        raise InputError("All photos lie in one geocell: there is nothing to tell apart; give photos of more places.")
    return cells


def _label_cells(photos: OpenedPhotos, split: Split, partitions: Sequence[Geocells]) -> TrainingSet:
    rows = photos.rows
    labels = np.stack([cells.label_at(rows.latitude, rows.longitude) for cells in partitions], axis=1)
    outside = int((labels[:, -1] == NOWHERE).sum())
    notes = (f"{outside} photos lie in no cell of the fine partition.",) if outside else ()
    return TrainingSet(photos, (), labels, split, notes)


def _task(
    options: CellOptions, ready: TrainingSet, partitions: Sequence[Geocells], wanted: Preprocessing, side: int
) -> Task:
    images = ImageSource(
        options.out / SCAN, ready.photos.scanned, tuple(path for path in ready.photos.rows.paths if path is not None),
        side, wanted, options.plan.seed, options.augmentation,
    )  # fmt: skip
    network = _network([len(cells) for cells in partitions], options)
    train_on, validate_on = ready.positions(TRAIN), ready.positions(VALIDATION)
    if validate_on.size == 0:
        raise InputError("No validation photo lies in a cell of the training photos; give more photos.")
    return Task(network, _logits, SIZES, images, ready.labels, train_on, validate_on)


def _network(classes: Sequence[int], options: CellOptions) -> torch.nn.Module:
    """The network at the weights that the options name; its ResNet-50 may come from torchvision's or timm's keys."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.plan.seed)
        network = build(classes)
    if options.weights is not None:
        parts: Any = network
        load_into(parts["model"], rename_resnet_keys(load_tensors(options.weights)), options.weights.name)
    elif not options.random_weights:
        raise InputError(
            "The cell classifier starts from a ResNet-50: give its weights with --weights FILE (safetensors of timm or "
            "torchvision), or start from nothing with --random-weights."
        )
    return network


def rename_resnet_keys(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A ResNet-50 under the keys of torchvision or timm, under those of the checkpoint; the classifier is left away."""
    children = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}
    found = {}
    for key, value in tensors.items():
        child, _, rest = key.partition(".")
        if child != "fc":
            found[f"{children.get(child, child)}.{rest}"] = value
    return found


def _logits(network: torch.nn.Module, images: torch.Tensor) -> list[torch.Tensor]:
    parts: Any = network
    features = parts["model"](images)
    return [head(features) for head in parts["classifier"]]


def _report_facts(
    options: CellOptions, ready: TrainingSet, partitions: Sequence[Geocells], task: Task, group: Group
) -> dict[str, Any]:
    """The report; figures are of one crop of each held-out photo (the predictor takes five)."""
    scores, positions = _held_out_scores(task, ready, options.plan, group)
    rows = [_row(cells, scores[head], ready.labels[positions, head]) for head, cells in enumerate(partitions)]
    started_from = options.weights.name if options.weights else "random"
    return {
        "manifest": options.manifest.name,
        "backbone": "resnet50",
        "started_from": started_from,
        "size": options.size,
        **ready.told(),
        "measured_on": evaluation_set_text(ready) + ", one crop each",
        "partitions": rows,
        "within_km": {f"{km:g}": share for km, share in _share_within(scores, positions, ready, partitions).items()},
    }


def _held_out_scores(task: Task, ready: TrainingSet, plan: Plan, group: Group) -> tuple[list[FloatArray], np.ndarray]:
    positions = ready.held_out
    parts = [rows for _, rows in predict_batches(task, positions, plan, single_process(group))]
    return [np.concatenate([rows[head] for rows in parts]) for head in range(len(SIZES))], positions


def _row(cells: Geocells, scores: FloatArray, label: np.ndarray) -> dict[str, Any]:
    known = label != NOWHERE
    scores, label = scores[known], label[known]
    best = np.argsort(-scores, axis=1)[:, :5] == label[:, None]
    probability = softmax(scores, axis=-1)[np.arange(label.size), label] if label.size else np.ones(1)
    return {
        "name": cells.name,
        "cells": len(cells),
        "photos": int(label.size),
        "accuracy": float(best[:, 0].mean()) if label.size else 0.0,
        "top5": float(best.any(axis=1).mean()) if label.size else 0.0,
        "log_loss": float(-np.log(np.maximum(probability, 1e-12)).mean()),
    }


def _share_within(
    scores: Sequence[FloatArray], positions: np.ndarray, ready: TrainingSet, partitions: Sequence[Geocells]
) -> dict[float, float]:
    """Share of photos whose likeliest fine cell under f* has its mean point within each distance of the truth."""
    fine = partitions[-1]
    logs = np.zeros((positions.size, len(fine)))
    for cells, rows in zip(partitions, scores, strict=True):
        enclosing = ancestors(fine, cells)
        logs += np.log(np.maximum(softmax(rows, axis=-1), 1e-30))[:, np.where(enclosing == NOWHERE, 0, enclosing)]
    best, photos = logs.argmax(axis=1), ready.photos.rows
    km = great_circle_km(
        photos.latitude[positions], photos.longitude[positions], fine.mean_latitude[best], fine.mean_longitude[best]
    )
    return {limit: float((km <= limit).mean()) for limit in WITHIN_KM}


def _write(
    options: CellOptions, ready: TrainingSet, partitions: Sequence[Geocells], task: Task, told: dict[str, Any]
) -> None:
    facts = {"title": "Trained cell classifier", "licence": LICENCE,
             "source": f"hereabouts train cells {told['manifest']}"}  # fmt: skip
    save_checkpoint(options.out / CHECKPOINT, task.network.to("cpu"), partitions, facts)
    write_report(options.out / REPORT, told)
    shown = {name: told[name] for name in ("manifest", "backbone", "started_from", "size", "epochs")}
    within = {float(km): share for km, share in told["within_km"].items()}
    card = cells_card("Trained cell classifier", shown, told["partitions"], within, ready.told(), told["measured_on"])
    write_card(options.out / CARD, card)
