"""The partitions that the predictor ``scene`` speaks of besides population and land cover.

Climate, elevation, relief and distance to the sea are those of ``engine.layers.shipped`` with labels merged, because a
photo does not tell 31 climates apart and every further label cuts every map into more cells. Regions of the world are
the cells nearest to centres that the fit has placed where people take photos.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.geometry.sphere import unit_vectors
from engine.layers.shipped import ShippedPartition, shipped_partition
from engine.partitions.partition import RowSource
from engine.predictors.catalogue import PartitionSource
from engine.typing import FloatArray, IntArray

SEA = "sea"
"""Label of everything that the shipped partition has no label for, and of what lies at sea."""

CLIMATES: Mapping[str, tuple[str, ...]] = {
    "tropical_rainforest": ("Af", "Am"),
    "savanna": ("As", "Aw"),
    "hot_steppe": ("BSh",),
    "cold_steppe": ("BSk",),
    "hot_desert": ("BWh",),
    "cold_desert": ("BWk",),
    "humid_subtropical": ("Cfa",),
    "oceanic": ("Cfb", "Cfc"),
    "hot_mediterranean": ("Csa",),
    "warm_mediterranean": ("Csb", "Csc"),
    "hot_monsoon": ("Cwa",),
    "highland_monsoon": ("Cwb", "Cwc"),
    "continental_hot_summer": ("Dfa", "Dwa", "Dsa"),
    "continental_warm_summer": ("Dfb", "Dwb", "Dsb"),
    "subarctic": ("Dfc", "Dwc", "Dsc", "Dfd", "Dwd", "Dsd"),
    "tundra": ("ET",),
    "ice_cap": ("EF",),
}
"""Koeppen-Geiger codes by merged label."""

ELEVATION_EDGES_M = (100.0, 250.0, 500.0, 1000.0, 2000.0, 3000.0)
"""Edges between merged elevation bands."""
COAST_EDGES_KM = (2.0, 10.0, 50.0, 250.0)
"""Edges between merged bands of the distance to the sea, on land."""

REGION_ROWS = 720
"""Rows of the lattice on which regions are drawn (a quarter of a degree), so that drawing takes a second."""

LabelRaster = npt.NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Merged:
    """A shipped partition with labels merged.

    Attributes:
        name: of the merged partition.
        source: the shipped partition.
        labels: merged labels; the last is ``SEA``.
        of_label: ``(labels of the source,)`` number of the merged label of each.
    """

    name: str
    source: ShippedPartition
    labels: tuple[str, ...]
    of_label: IntArray

    @property
    def digest(self) -> str:
        """Of the shipped content and of how it is merged."""
        return hashlib.sha256(f"{self.source.digest} {self.labels} {self.of_label.tolist()}".encode()).hexdigest()

    def on(self, grid: Grid) -> RowSource:
        """Drawn on a grid."""
        return MergedRows(self, self.source.on(grid))

    def labels_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> IntArray:
        """Number of the merged label at each point in degrees ``(n,)``."""
        return self.merged(self.source.labels_at(latitude, longitude))

    def merged(self, numbers: npt.NDArray[np.integer]) -> IntArray:
        """Numbers of the source's labels as numbers of merged ones; ``NOWHERE`` is at sea."""
        found: IntArray = np.append(self.of_label, len(self.labels) - 1)[numbers]  # NOWHERE is -1, the last
        return found


@dataclass(frozen=True, eq=False)
class MergedRows:
    """A merged partition on a grid; see ``engine.partitions.partition.RowSource``."""

    merged: Merged
    source: RowSource

    @property
    def name(self) -> str:
        """Of the partition."""
        return self.merged.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels."""
        return self.merged.labels

    @property
    def grid(self) -> Grid:
        """What it is drawn on."""
        return self.source.grid

    @cached_property
    def owner(self) -> IntArray:
        """Every label owns itself unless all its source's labels were lost on a coarse grid."""
        owner = np.arange(len(self.labels), dtype=np.int64)
        owns = np.asarray(self.source.owner) == np.arange(len(self.source.labels))
        for label in range(len(self.labels) - 1):
            members = np.flatnonzero(self.merged.of_label == label)
            if members.size and not owns[members].any():
                owner[label] = self.merged.of_label[self.source.owner[members[0]]]
        return owner

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Merged labels of some rows."""
        return self.merged.merged(self.source.rows(start, stop)).astype(np.int16)


def scene_climate() -> Merged:
    """Climate in 17 groups and the sea."""
    source = shipped_partition("climate")
    group = {code: number for number, codes in enumerate(CLIMATES.values()) for code in codes}
    labels = (*CLIMATES, SEA)
    return Merged("scene_climate", source, labels, np.array([group[code] for code in source.labels], np.int64))


def scene_elevation() -> Merged:
    """Elevation in 7 bands and the sea."""
    source = shipped_partition("elevation")
    edges = [f"{edge:g}" for edge in ELEVATION_EDGES_M]
    below, above = f"below_{edges[0]}_m", f"above_{edges[-1]}_m"
    between = (f"{low}_{high}_m" for low, high in pairwise(edges))
    band = np.searchsorted(ELEVATION_EDGES_M, np.asarray(source.edges[:-1]), side="right")
    return Merged("scene_elevation", source, (below, *between, above, SEA), band.astype(np.int64))


def scene_coast() -> Merged:
    """Distance to the sea in 5 bands on land, and the sea."""
    source = shipped_partition("coast_distance")
    edges = ["0", *(f"{edge:g}" for edge in COAST_EDGES_KM)]
    labels = (*(f"{low}_{high}_km" for low, high in pairwise(edges)), f"above_{edges[-1]}_km", SEA)
    lower = np.asarray(source.edges[:-1])
    band = np.where(lower < 0, len(labels) - 1, np.searchsorted(COAST_EDGES_KM, lower, side="right"))
    return Merged("scene_coast", source, labels, band.astype(np.int64))


def scene_relief() -> Merged:
    """Relief as it ships, and the sea."""
    source = shipped_partition("relief")
    return Merged("scene_relief", source, (*source.labels, SEA), np.arange(len(source.labels), dtype=np.int64))


def merged_partitions() -> tuple[Merged, ...]:
    """The merged partitions, in the order of the model's blocks."""
    return scene_climate(), scene_elevation(), scene_relief(), scene_coast()


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions of the world by nearest centre.

    Attributes:
        labels: one per centre.
        centres: ``(R, 3)`` unit vectors.
    """

    labels: tuple[str, ...]
    centres: FloatArray
    name: str = "scene_regions"

    @property
    def digest(self) -> str:
        """Of the centres, to a metre."""
        return hashlib.sha256(np.round(self.centres, 7).tobytes()).hexdigest()

    @cached_property
    def lattice(self) -> LabelRaster:
        """Region of the middle of each pixel of the lattice, ``(REGION_ROWS, 2 * REGION_ROWS)``."""
        step = 180.0 / REGION_ROWS
        latitude = 90.0 - step * (np.arange(REGION_ROWS) + 0.5)
        longitude = -180.0 + step * (np.arange(2 * REGION_ROWS) + 0.5)
        rows = [
            (unit_vectors(np.full(longitude.size, each), longitude) @ self.centres.T).argmax(1) for each in latitude
        ]
        return np.array(rows, np.int16)

    def labels_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> IntArray:
        """Number of the region at each point in degrees ``(n,)``."""
        rows = np.clip((90.0 - np.asarray(latitude, float)) / 180.0 * REGION_ROWS, 0, REGION_ROWS - 1).astype(np.int64)
        columns = ((np.asarray(longitude, float) + 180.0) / 180.0 * REGION_ROWS).astype(np.int64) % (2 * REGION_ROWS)
        return self.lattice[rows, columns].astype(np.int64)

    def on(self, grid: Grid) -> RowSource:
        """Drawn on a grid."""
        return RegionRows(self, grid)


@dataclass(frozen=True, eq=False)
class RegionRows:
    """Regions on a grid; see ``engine.partitions.partition.RowSource``."""

    regions: Regions
    grid: Grid

    @property
    def name(self) -> str:
        """Of the partition."""
        return self.regions.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels."""
        return self.regions.labels

    @cached_property
    def owner(self) -> IntArray:
        """Every region owns itself unless a coarse grid has no pixel in it."""
        drawn = np.unique(self.rows(0, self.grid.rows)) if self.grid.rows < REGION_ROWS else np.arange(len(self.labels))
        owner = np.arange(len(self.labels), dtype=np.int64)
        for lost in np.setdiff1d(owner, drawn):
            owner[lost] = drawn[(self.regions.centres[drawn] @ self.regions.centres[lost]).argmax()]
        return owner

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Regions of some rows."""
        rows = (2 * np.arange(start, stop) + 1) * REGION_ROWS // (2 * self.grid.rows)
        columns = (2 * np.arange(self.grid.columns) + 1) * 2 * REGION_ROWS // (2 * self.grid.columns)
        return self.regions.lattice[rows][:, columns]


def partition_sources(regions: Regions) -> tuple[PartitionSource, ...]:
    """What a world must have before the predictor can speak."""
    merged = (PartitionSource(each.name, each.digest, each.on) for each in merged_partitions())
    return (*merged, PartitionSource(regions.name, regions.digest, regions.on))
