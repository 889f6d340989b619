"""What the layers say about the place of each photo: the label of the nearest pixel at a layer's own resolution.

Bianco et al. 2024, section 5.1: labels "by indexing the nearest pixel value in the attribute maps at the native TIFF
resolution"; images of the land cover "urban" limited to 12.5 % of the set. Knows no network. Any layer in use is an
attribute, and so is any ``Partition``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.layers.in_use import LayerInUse, layers_in_use
from engine.partitions.partition import NOWHERE, Partition
from engine.typing import FloatArray

LabelArray = npt.NDArray[np.int64]
PAPER_ATTRIBUTES = ("population", "land_cover")
URBAN_SHARE = 0.125
"""Largest share of the land cover "urban" among the photos of a training (Bianco et al. 2024, section 5.1)."""
AT_SEA = "lies in no class of any layer (at sea, or without data)"
OVER_URBAN = "urban land cover beyond its share"
FEWEST_PER_LABEL = 2


class AttributeLayer(Protocol):
    """A layer that can say the label of a place."""

    @property
    def name(self) -> str:
        """Name of the attribute and of the partition that a predictor of it speaks of."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels in order."""
        ...

    def label_at(self, latitude: FloatArray, longitude: FloatArray) -> LabelArray:
        """Label index at each point in degrees, ``NOWHERE`` where the layer says nothing."""
        ...


@dataclass(frozen=True, eq=False)
class UsedLayer:
    """A layer in use, the user's own or a built-in one, read where photos are and at its own resolution."""

    layer: LayerInUse

    @property
    def name(self) -> str:
        """Name of the layer."""
        return self.layer.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the layer."""
        return self.layer.labels

    def label_at(self, latitude: FloatArray, longitude: FloatArray) -> LabelArray:
        """Label of the pixel that holds each point.

        Raises:
            LayerError: the raster is missing or damaged.
        """
        return self.layer.labels_at(latitude, longitude).astype(np.int64)


@dataclass(frozen=True, eq=False)
class PartitionLayer:
    """Any partition as an attribute; its resolution is its grid's."""

    partition: Partition

    @property
    def name(self) -> str:
        """Name of the partition."""
        return self.partition.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the partition."""
        return self.partition.labels

    def label_at(self, latitude: FloatArray, longitude: FloatArray) -> LabelArray:
        """Label of the pixel that holds each point."""
        return self.partition.label_at(latitude, longitude)


def chosen_layers(names: Sequence[str] = PAPER_ATTRIBUTES, folder: Path | None = None) -> tuple[UsedLayer, ...]:
    """Layers in use by name.

    Args:
        names: of layers; the two of Bianco et al. 2024 unless given.
        folder: of the user's layers; the usual one unless given.

    Raises:
        InputError: there is no layer of a name.
        LayerError: a record cannot be read.
    """
    known = {layer.name: layer for layer in layers_in_use(folder)}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise InputError(f"There is no layer {unknown!r} to label by; there are {', '.join(known)}.")
    return tuple(UsedLayer(known[name]) for name in names)


def label_table(layers: Sequence[AttributeLayer], latitude: FloatArray, longitude: FloatArray) -> LabelArray:
    """Labels ``(photos, layers)``, ``NOWHERE`` where a layer says nothing."""
    return np.stack([layer.label_at(latitude, longitude) for layer in layers], axis=1)


def swapped_note(layers: Sequence[AttributeLayer], latitude: FloatArray, longitude: FloatArray) -> str:
    """A warning when far more photos would lie on labelled ground if latitude and longitude changed places."""
    possible = np.abs(longitude) <= 90.0
    if not possible.all() or not layers:
        return ""
    as_given = (label_table(layers, latitude, longitude) == NOWHERE).any(axis=1).mean()
    turned = (label_table(layers, longitude, latitude) == NOWHERE).any(axis=1).mean()
    if as_given < 0.5 or turned > as_given / 3:
        return ""
    return (
        f"{as_given:.0%} of the photos lie at sea, only {turned:.0%} would if latitude and longitude changed places; "
        "check the two columns."
    )


def excess_urban(labels: LabelArray, urban: int, share: float = URBAN_SHARE, seed: int = 0) -> LabelArray:
    """Positions to leave out so that one label is at most ``share`` of those that are left; drawn at random.

    Args:
        labels: ``(photos,)``.
        urban: the label to hold down.
        share: above 0; from 1 on nothing is left out.
        seed: of the draw.

    Raises:
        InputError: the share is not above 0, or is below 1 and every photo has that label.
    """
    if not share > 0.0:
        raise InputError(f"An urban share of {share:g} makes no sense; give one above 0, 0.125 as in the paper, or 1.")
    here = np.flatnonzero(labels == urban)
    others = labels.size - here.size
    if share >= 1.0 or here.size == 0:
        return np.empty(0, np.int64)
    if others == 0:
        raise InputError("Every photo lies in urban land cover; add photos of other places or set --urban-share 1.")
    allowed = int(others * share / (1.0 - share))
    drawn = np.random.default_rng(seed).permutation(here)
    return np.sort(drawn[allowed:])


def usable_attributes(layers: Sequence[AttributeLayer], labels: LabelArray) -> tuple[list[int], list[str]]:
    """Which columns of a label table can be learned, and sentences on those that cannot.

    Raises:
        InputError: none can.
    """
    columns, notes = [], []
    for column, layer in enumerate(layers):
        present, counts = np.unique(labels[labels[:, column] != NOWHERE, column], return_counts=True)
        if (counts >= FEWEST_PER_LABEL).sum() >= 2:
            columns.append(column)
        else:
            seen = ", ".join(layer.labels[int(label)] for label in present) or "no label at all"
            notes.append(
                f"The photos show one class of {layer.name} only ({seen}): it cannot be learned; add photos of others."
            )
    if not columns:
        raise InputError(" ".join(notes))
    return columns, notes


def label_shares(labels: LabelArray, count: int) -> FloatArray:
    """Share of each label among photos that have one, with half a photo added to each so that none is 0."""
    counts = np.bincount(labels[labels != NOWHERE], minlength=count) + 0.5
    return np.asarray(counts / counts.sum(), np.float64)
