"""The OSV-5M baseline: a street-view model with one probability for each of 11,399 latitude-longitude boxes.

The full softmax is used, where the published code returns the single best point. The training photos were drawn evenly
over the Earth and the quadtree splits a box with more than 1,000 of them, so that a network that knows nothing gives
every box about the same: ``label_prior`` is uniform.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.artifacts.bundles import require
from engine.artifacts.catalog import Preprocessing
from engine.artifacts.store import Store
from engine.artifacts.weights import load_tensors
from engine.errors import ArtifactError, InputError, PredictorError
from engine.geometry.grid import Grid
from engine.networks.osv5m import Osv5mWeights, boxes_of, cell_probabilities, parse_checkpoint
from engine.networks.preprocessing import prepare
from engine.partitions.partition import NOWHERE, Partition
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

ARTIFACT = "osv5m_baseline"
PARTITION = "osv5m_cells"
BATCH = 16

RECORD = Record(
    name="osv5m",
    title="OpenStreetView-5M baseline",
    summary="Sorts street views into 11,399 boxes of the Earth, learnt from 4.9 million dash-cam photos spread evenly "
    "over it. Good along roads, weak on anything else.",
    licence="MIT",
    source="osv5m/baseline (Astruc et al., CVPR 2024)",
)


@dataclass(frozen=True, eq=False)
class BoxCells:
    """Disjoint boxes of latitude and longitude; label k is box k.

    Attributes:
        boxes: ``(J, 6)`` degrees: south, west, north, east, mean latitude, mean longitude of its photos.

    Raises:
        InputError: a box is empty or leaves the globe.
    """

    boxes: FloatArray

    def __post_init__(self) -> None:
        south, west, north, east = self.boxes[:, :4].T
        if not ((south < north).all() and (west < east).all() and np.abs(self.boxes).max(initial=0.0) <= 180.0 + 1e-6):
            raise InputError("A box of the quadtree is empty or leaves the globe; give the file as it was published.")
        self.boxes.setflags(write=False)

    def __len__(self) -> int:
        """Number of boxes."""
        return len(self.boxes)

    @cached_property
    def digest(self) -> str:
        """Digest of the boxes to a millionth of a degree, for the name of a stored world."""
        return hashlib.sha256(np.round(self.boxes, 6).astype("<f8").tobytes()).hexdigest()[:16]


def boxes_partition(cells: BoxCells, grid: Grid, name: str = PARTITION) -> Partition:
    """The boxes drawn on a grid by pixel centre; labels ``box_0``, ``box_1``, ...

    A box that holds no pixel centre gives its probability to the box that owns the pixel at its mean point.
    """
    raster = np.full(grid.shape, NOWHERE, np.int32)
    for label, (south, west, north, east) in enumerate(cells.boxes[:, :4].tolist()):
        rows = slice(*np.searchsorted(-grid.latitudes, [-north, -south]))
        columns = slice(*np.searchsorted(grid.longitudes, [west, east]))
        raster[rows, columns] = label
    owner = _give_small_boxes(cells, grid, raster)
    return Partition(name, tuple(f"box_{number}" for number in range(len(cells))), grid, raster, owner)


def _give_small_boxes(cells: BoxCells, grid: Grid, raster: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The owner of each box; one without a pixel takes a free pixel at its mean point, or gives itself to its owner."""
    owner = np.arange(len(cells))
    for label in np.setdiff1d(owner, np.unique(raster)).tolist():
        row, column = int(grid.row_of(cells.boxes[label, 4])), int(grid.column_of(cells.boxes[label, 5]))
        if raster[row, column] == NOWHERE:
            raster[row, column] = label
        owner[label] = raster[row, column]
    return owner


@dataclass(frozen=True, eq=False)
class Osv5m:
    """The predictor ``osv5m``; loads nothing until a photo comes.

    Attributes:
        weights: gives the network.
        preprocessing: how it wants pixels.
        partition: name of its boxes in the overlay.
    """

    weights: Callable[[], Osv5mWeights]
    preprocessing: Preprocessing
    partition: str = PARTITION

    @classmethod
    def from_store(cls, store: Store) -> Osv5m:
        """With the published checkpoint; a photo asks the store for it, not this call."""
        preprocessing = store.catalog.record(ARTIFACT).preprocessing
        if preprocessing is None:
            raise ArtifactError(f"Catalogue record {ARTIFACT!r} says nothing on preprocessing; restore catalog.toml.")
        return cls(lambda: published_weights(store), preprocessing)

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    @cached_property
    def _network(self) -> Osv5mWeights:
        try:
            return self.weights()
        except ArtifactError as error:
            raise PredictorError(str(error)) from error

    def predict_many(self, photos: Sequence[Photo]) -> tuple[tuple[Prediction, ...], ...]:
        """One prediction per photo, in batches."""
        cells = self._network.cells
        uniform = np.full(cells, 1.0 / cells)
        found: list[tuple[Prediction, ...]] = []
        for at in range(0, len(photos), BATCH):
            crops = np.concatenate([prepare(photo.pixels, self.preprocessing) for photo in photos[at : at + BATCH]])
            rows = cell_probabilities(self._network, crops)
            found += [(Prediction(RECORD, self.partition, row, uniform),) for row in rows]
        return tuple(found)

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction, on the boxes.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        return self.predict_many([photo])[0]


def published_weights(store: Store) -> Osv5mWeights:
    """The checkpoint of the store, parsed."""
    path = _checkpoint(store)
    return parse_checkpoint(load_tensors(path), path.name)


def published_cells(store: Store) -> BoxCells:
    """The boxes that the checkpoint carries.

    Raises:
        PredictorError: the checkpoint is not on this machine.
        ArtifactError: it is damaged, or carries no boxes.
    """
    boxes = boxes_of(load_tensors(_checkpoint(store)))
    if boxes is None:
        raise ArtifactError("This OSV-5M checkpoint carries no boxes of its cells; fetch the published one again.")
    return BoxCells(boxes)


def _checkpoint(store: Store) -> Path:
    require(store, ARTIFACT)
    return store.path(ARTIFACT, store.catalog.record(ARTIFACT).files[0].path)
