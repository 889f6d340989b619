"""The S2 cell classifier of GeoEstimation: three softmax layers over cells of three sizes, multiplied.

For each partition the probabilities of five crops are combined by their maximum; then, with M the cell around a fine
cell in a coarser partition,

    f*[c] = p_fine[c] * p_middle[M_middle(c)] * p_coarse[M_coarse(c)]        (ECCV 2018, section 3.3),

renormalised, because the published f* is only ever compared with itself. Each factor holds the photo prior of the
training set once, so f* holds it three times: ``label_prior`` is the same product of the shares of training photos. A
network that knows nothing then changes nothing, however many partitions it has. The authors withdrew their weights in
2026; this file opens a checkpoint that the user already has, or one trained by this project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.artifacts.bundles import missing, require
from engine.artifacts.catalog import Preprocessing
from engine.artifacts.store import Store
from engine.errors import ArtifactError, PredictorError
from engine.networks.isn import IsnCheckpoint, checkpoint_cells, crop_probabilities, load_checkpoint, load_lightning
from engine.networks.preprocessing import prepare
from engine.partitions.geocells import Geocells, ancestors, read_geoestimation_csv
from engine.partitions.partition import NOWHERE
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

ARTIFACT = "geoestimation"
CELL_FILES = ("cells_50_5000.csv", "cells_50_2000.csv", "cells_50_1000.csv")
"""Partition files, coarse to fine."""
PARTITIONS = ("geoestimation_coarse", "geoestimation_middle", "geoestimation_fine")
FIVE_CROPS = Preprocessing(224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "bilinear", "five", 256)

RECORD = Record(
    name="cell_classifier",
    title="Cell classifier",
    summary="A network that sorts photos into cells of the Earth at three sizes, five crops of each photo. Its three "
    "sizes repeat each other, so it sounds surer than it is.",
    licence="GPL-3.0 (GeoEstimation) or that of your own checkpoint",
    source="Mueller-Budack, Pustu-Iren and Ewerth, ECCV 2018; a checkpoint that you supply",
)


@dataclass(frozen=True, eq=False)
class CellClassifier:
    """The predictor ``cell_classifier``; loads nothing until a photo comes.

    Attributes:
        checkpoint: gives the network and its cells.
        preprocessing: how crops are made.
        record: what it says of itself.
    """

    checkpoint: Callable[[], IsnCheckpoint]
    preprocessing: Preprocessing = FIVE_CROPS
    record: Record = RECORD

    @classmethod
    def from_store(cls, store: Store) -> CellClassifier:
        """With the checkpoint that the user put into the store's folder."""
        return cls(lambda: supplied_checkpoint(store))

    @cached_property
    def _checkpoint(self) -> IsnCheckpoint:
        try:
            return self.checkpoint()
        except ArtifactError as error:
            raise PredictorError(str(error)) from error

    @cached_property
    def label_prior(self) -> FloatArray:
        """``(J_fine,)`` f* of a network that gives every cell its share of the training photos."""
        shares = [cells.photo_count / cells.photo_count.sum() for cells in self._checkpoint.partitions]
        return f_star(shares, self.enclosing)

    @cached_property
    def enclosing(self) -> list[np.ndarray]:
        """For each partition, coarse to fine, its cell around each fine cell ``(J_fine,)``."""
        *coarser, fine = self._checkpoint.partitions
        return [*(_enclosing_cell(fine, cells) for cells in coarser), np.arange(len(fine))]

    def probabilities(self, photo: Photo) -> FloatArray:
        """f* of a photo over the fine cells, ``(J_fine,)``, sums to 1."""
        crops = crop_probabilities(self._checkpoint.network, prepare(photo.pixels, self.preprocessing))
        return f_star([by_crop.max(axis=0).astype(np.float64) for by_crop in crops], self.enclosing)

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction, on the fine cells of the checkpoint.

        Raises:
            PredictorError: there is no checkpoint, or it is damaged.
        """
        fine = self._checkpoint.partitions[-1]
        return (Prediction(self.record, fine.name, self.probabilities(photo), self.label_prior),)


def f_star(by_partition: Sequence[FloatArray], enclosing: Sequence[np.ndarray]) -> FloatArray:
    """The product over partitions of each fine cell's probabilities, renormalised; computed in logs."""
    with np.errstate(divide="ignore"):
        logs = np.sum([np.log(p)[cell] for p, cell in zip(by_partition, enclosing, strict=True)], axis=0)
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum(), np.float64)


def supplied_checkpoint(store: Store) -> IsnCheckpoint:
    """The checkpoint in the store's folder: the project's own format, or a Lightning one with partition files.

    Raises:
        ArtifactError: there is none, or it is damaged.
    """
    if (own := _own_checkpoint(store)) is not None:
        return load_checkpoint(own)
    require(store, ARTIFACT)
    first = store.catalog.record(ARTIFACT).files[0].path
    checkpoint, *cells = [store.path(ARTIFACT, path) for path in (first, *CELL_FILES)]
    return load_lightning(checkpoint, cells, PARTITIONS)


def supplied_cells(store: Store) -> Geocells:
    """The fine cells of the checkpoint in the store's folder, without building its network.

    Raises:
        PredictorError, ArtifactError, InputError: there is none, or it is damaged.
    """
    if (own := _own_checkpoint(store)) is not None:
        return checkpoint_cells(own)[-1]
    require(store, ARTIFACT)
    return read_geoestimation_csv(store.path(ARTIFACT, CELL_FILES[-1]), PARTITIONS[-1])


def is_supplied(store: Store) -> bool:
    """Whether there is a checkpoint: the project's own is one file, a Lightning one needs its partition files."""
    return _own_checkpoint(store) is not None or not missing(store, ARTIFACT)


def _own_checkpoint(store: Store) -> Path | None:
    """A checkpoint of the project's own format in the store's folder."""
    found = store.status(ARTIFACT).files[0].path
    return found if found is not None and found.suffix == ".safetensors" else None


def _enclosing_cell(fine: Geocells, coarse: Geocells) -> np.ndarray:
    """The coarse cell around each fine one; every fine cell has one in partitions grown from the same photos."""
    label = ancestors(fine, coarse)
    if (label == NOWHERE).any():
        raise PredictorError(
            f"{fine.name} has cells outside every cell of {coarse.name}; give partition files that belong together."
        )
    return label
