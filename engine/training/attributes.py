"""`hereabouts train attributes`: classifiers that read satellite layers off photos (Bianco et al. 2024, section 5.1).

One network per attribute, as in the paper, or one backbone with a head each. Above loop and preparation; what comes out
is what ``engine.predictors.attribute_head`` reads.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.artifacts.catalog import Preprocessing
from engine.errors import InputError
from engine.partitions.partition import NOWHERE
from engine.predictors.attribute_head import Attribute, HeadCheckpoint, HeadSpec, logits, save_checkpoint
from engine.progress import Part, Report
from engine.training.backbone import DEFAULT, build_network, preprocessing_of
from engine.training.distributed import Group, join_group
from engine.training.figures import HeadFigures, fit_temperature, head_figures
from engine.training.images import Augmentation, ImageSource
from engine.training.labels import AttributeLayer, LabelArray, chosen_layers, label_shares
from engine.training.loop import train
from engine.training.measuring import predict_batches
from engine.training.model_card import attribute_card, summary_sentence
from engine.training.preparation import SplitOptions, TrainingSet, label_photos, open_manifest, write_report
from engine.training.splits import TEST, TRAIN, VALIDATION
from engine.training.task import Plan, Task
from engine.typing import FloatArray

if TYPE_CHECKING:
    import torch

HEADS = ("separate", "shared")
CHECKPOINT, CARD, REPORT = "attribute_head.safetensors", "MODEL_CARD.md", "report.json"
SCAN, ROOM = "photos", 1.25
"""Folder of the scan; how much larger than the network's resize the kept pixels are, so that crops stay sharp."""
LICENCE = "that of the photos and weights that it was trained on"


@dataclass(frozen=True, eq=False)
class AttributeOptions:
    """What to train and how.

    Attributes:
        manifest: CSV file or folder of photos.
        out: folder of everything that comes out.
        layers: attributes to learn; population and land cover as in use unless given.
        backbone: timm's name.
        weights: file with the backbone's weights, or None for timm's own.
        random_weights: start the backbone from nothing.
        heads: ``separate`` networks, as in the paper, or heads on one ``shared`` backbone.
        size: side of the network's input in pixels, or None for the backbone's own.
        plan: how to train.
        sharing: balance and split.
        augmentation: how much training photos change.
        device: torch's name, or None for the best here.
        restart: forget a training that the folder holds.
        kept_bytes: how many bytes of shrunk photos to keep on disk, or None for the default.
    """

    manifest: Path
    out: Path
    layers: tuple[AttributeLayer, ...] = ()
    backbone: str = DEFAULT
    weights: Path | None = None
    random_weights: bool = False
    heads: str = "separate"
    size: int | None = None
    plan: Plan = field(default_factory=Plan)
    sharing: SplitOptions = field(default_factory=SplitOptions)
    augmentation: Augmentation = field(default_factory=Augmentation)
    device: str | None = None
    restart: bool = False
    kept_bytes: int | None = None


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """One trained network: its specification, weights and figures on held-out photos."""

    spec: HeadSpec
    state: dict[str, torch.Tensor]
    figures: tuple[HeadFigures, ...]
    epochs: int


def train_attributes(options: AttributeOptions, report: Report | None = None) -> dict[str, Any]:
    """Train attribute heads and write checkpoint, model card, log and report into ``options.out``.

    Returns:
        The report, as written to ``report.json``.

    Raises:
        InputError, LayerError, ArtifactError, ExportError: a sentence each; see the parts.
    """
    if options.heads not in HEADS:
        raise InputError(f"There are no {options.heads!r} heads; choose separate or shared.")
    wanted = preprocessing_of(options.backbone, options.size)
    side = round((wanted.resize or wanted.size) * ROOM)
    with join_group(options.device) as group:
        _discard_previous(options, group)
        reading = Part(report, "Opening the photos", 0.0, 0.1)
        photos = open_manifest(
            options.manifest, options.out / SCAN, side, group, lambda _, share: reading(share), options.kept_bytes
        )
        ready = label_photos(photos, options.layers or chosen_layers(), options.sharing)
        trained = _train_all(options, ready, wanted, side, group, report)
        told = _report_facts(options, ready, trained)
        if group.is_first:
            _write(options, ready, trained, told)
        group.wait()
    return told


def _discard_previous(options: AttributeOptions, group: Group) -> None:
    if options.restart and group.is_first:
        for folder in options.out.glob("train-*"):
            shutil.rmtree(folder)
    group.wait()


def _train_all(
    options: AttributeOptions, ready: TrainingSet, wanted: Preprocessing, side: int, group: Group, report: Report | None
) -> list[TrainedNetwork]:
    images = ImageSource(
        options.out / SCAN, ready.photos.scanned, tuple(path for path in ready.photos.rows.paths if path is not None),
        side, wanted, options.plan.seed, options.augmentation,
    )  # fmt: skip
    columns = list(range(len(ready.layers)))
    parts = [columns] if options.heads == "shared" else [[column] for column in columns]
    return [
        _train_one(options, ready, images, part, group, _stage(report, number, len(parts)))
        for number, part in enumerate(parts)
    ]


def _stage(report: Report | None, number: int, of: int) -> Report | None:
    if report is None:
        return None
    return lambda what, share: report(what, 0.1 + 0.9 * (number + share) / of)


def _train_one(
    options: AttributeOptions, ready: TrainingSet, images: ImageSource, columns: list[int], group: Group,
    report: Report | None,
) -> TrainedNetwork:  # fmt: skip
    """Train one network on some of the attributes, and measure it."""
    layers = [ready.layers[column] for column in columns]
    one = columns[0] if len(columns) == 1 else None
    network = build_network(
        options.backbone, {layer.name: len(layer.labels) for layer in layers}, options.weights,
        random_weights=options.random_weights, seed=options.plan.seed,
    )  # fmt: skip
    task = Task(
        network, logits, tuple(layer.name for layer in layers), images, ready.labels[:, columns],
        ready.positions(TRAIN, one), ready.positions(VALIDATION, one),
    )  # fmt: skip
    folder = options.out / ("train-" + "-".join(task.heads))
    progress = train(task, options.plan, folder, group, report)
    attributes, figures = measure_figures(task, layers, ready, options.plan, group)
    state = {key: value.detach().cpu() for key, value in network.state_dict().items()}
    spec = HeadSpec(attributes, options.backbone, images.preprocessing)
    return TrainedNetwork(spec, state, figures, len(progress.history))


def measure_figures(
    task: Task, layers: Sequence[AttributeLayer], ready: TrainingSet, plan: Plan, group: Group
) -> tuple[tuple[Attribute, ...], tuple[HeadFigures, ...]]:
    """Temperatures fitted on validation and figures on held-out photos; every process does the same."""
    alone = single_process(group)
    validation = _scores(task, ready.positions(VALIDATION), plan, alone)
    held_out = _scores(task, ready.held_out, plan, alone) if ready.positions(TEST).size else validation
    attributes, figures = [], []
    for head, layer in enumerate(layers):
        on_train = task.labels[ready.positions(TRAIN), head]
        prior = label_shares(on_train, len(layer.labels))
        temperature = fit_temperature(*_labelled_only(validation[head], task.labels[ready.positions(VALIDATION), head]))
        attributes.append(Attribute(layer.name, layer.labels, prior, temperature))
        scores, label = _labelled_only(held_out[head], task.labels[ready.held_out, head])
        figures.append(head_figures(layer.name, layer.labels, scores, label, temperature, prior))
    return tuple(attributes), tuple(figures)


def single_process(group: Group) -> Group:
    """This process by itself, on its own device."""
    return replace(group, rank=0, size=1)


def _scores(task: Task, positions: LabelArray, plan: Plan, group: Group) -> list[FloatArray]:
    """Logits ``(photos, J)`` per head."""
    parts = [rows for _, rows in predict_batches(task, positions, plan, group)]
    return [np.concatenate([rows[head] for rows in parts]) for head in range(len(task.heads))]


def _labelled_only(scores: FloatArray, label: LabelArray) -> tuple[FloatArray, LabelArray]:
    known = label != NOWHERE
    return scores[known], label[known]


def evaluation_set_text(ready: TrainingSet) -> str:
    """Which photos the figures are of, in words."""
    if ready.positions(TEST).size:
        return f"{ready.held_out.size} test photos that share no place, author or picture with those learned from"
    return (
        f"{ready.held_out.size} validation photos, which also decided when to stop and the temperature: "
        "the figures flatter a little"
    )


def _report_facts(options: AttributeOptions, ready: TrainingSet, trained: Sequence[TrainedNetwork]) -> dict[str, Any]:
    start = options.weights.name if options.weights else "random" if options.random_weights else "timm's own"
    return {
        "manifest": options.manifest.name,
        "backbone": options.backbone,
        "started_from": start,
        "heads": options.heads,
        "size": trained[0].spec.preprocessing.size if trained[0].spec.preprocessing else 0,
        "epochs": [each.epochs for each in trained],
        "layers": [layer.name for layer in ready.layers],
        **ready.told(),
        "measured_on": evaluation_set_text(ready),
        "figures": [figures.told() for each in trained for figures in each.figures],
    }


def _write(
    options: AttributeOptions, ready: TrainingSet, trained: Sequence[TrainedNetwork], told: dict[str, Any]
) -> None:
    figures = [each for one in trained for each in one.figures]
    summary = "A network trained to read satellite layers off photos; " + summary_sentence(figures, told["measured_on"])
    facts = {"title": "Trained attributes", "licence": LICENCE, "summary": summary,
             "source": f"hereabouts train attributes {told['manifest']}"}  # fmt: skip
    checkpoint = HeadCheckpoint(tuple(one.spec for one in trained), tuple(one.state for one in trained), facts)
    save_checkpoint(options.out / CHECKPOINT, checkpoint)
    write_report(options.out / REPORT, told)
    shown = {name: told[name] for name in ("manifest", "backbone", "started_from", "heads", "size", "epochs")}
    card = attribute_card("Trained attributes", shown, figures, ready.told(), told["measured_on"])
    write_card(options.out / CARD, card)


def write_card(path: Path, text: str) -> None:
    """A model card. Raises ExportError when it cannot be written."""
    from engine.evaluation.records import write_text

    write_text(path, text)
