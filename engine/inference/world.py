"""The world: the overlay of the partitions in use, and the photo prior on it.

Built once for a grid and a set of layers (some seconds on the default grid, some minutes on the one of 30 arc-seconds),
cached in the user's cache folder and then read in a moment. The user's layers replace built-in ones.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.inference import prior as photo_prior
from engine.layers.in_use import LayerInUse, layers_in_use, verify_layers
from engine.partitions import geocells
from engine.partitions.cell_rows import SharedLattice, cell_rows
from engine.partitions.overlay import Overlay, build_overlay
from engine.partitions.partition import RowSource
from engine.partitions.photo_locations import PhotoPlaces, default_geocells, default_photo_places
from engine.partitions.refine import ChildBlocks, Refined, refine
from engine.partitions.storage import overlay_store
from engine.paths import cache_folder
from engine.predictors.catalogue import PartitionSource
from engine.progress import Part, Report
from engine.typing import FloatArray, IntArray

BLOCK_LEVEL = 4
"""S2 level of the blocks that cut every overlay cell to at most 330,000 km2, so that a region can be cut finely."""

EVIDENCE_BLOCK_LEVEL = 6
"""S2 level of the blocks that cut the cells of an evidence world to at most 21,000 km2, so that a band of the sun's
height or a circle finds cells that are small beside it."""

EVIDENCE_FORMAT = 2
"""Raised whenever evidence worlds are computed in another way."""


class EvidencePartition(Protocol):
    """A partition that statements use, as in ``engine.layers.shipped``."""

    @property
    def name(self) -> str:
        """Name of the partition."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels."""
        ...

    @property
    def digest(self) -> str:
        """Digest of its content."""
        ...

    @property
    def edges(self) -> tuple[float, ...]:
        """Edges of its bands, one more than labels, empty where labels are not bands."""
        ...

    def on(self, grid: Grid) -> RowSource:
        """The partition on a grid, drawn by rows."""
        ...


@dataclass(frozen=True, eq=False)
class World:
    """The overlay and prior on which photos are located.

    Attributes:
        overlay: cells of the partitions ``s2_level_4``, ``geocells_fine``, ``population``, ``land_cover`` and of the
            user's further layers.
        prior: the photo prior on its cells.
        layers: its source layers; empty for a synthetic world.
        digest: of all its sources; empty for a synthetic world.
    """

    overlay: Overlay
    prior: photo_prior.Prior
    layers: tuple[LayerInUse, ...] = ()
    digest: str = ""

    @cached_property
    def layer_confusion(self) -> Mapping[str, FloatArray]:
        """Per layer that ships and is in use ``(labels, labels)`` what is true where it gives a label, as measured."""
        return _confusion(self.layers, ())

    @classmethod
    def load(
        cls,
        grid: Grid | None = None,
        cache: Path | None = None,
        report: Report | None = None,
        extra: Sequence[PartitionSource] = (),
    ) -> "World":
        """The world on a grid, read from the cache or built into it.

        Args:
            grid: 5400 x 10800 unless given.
            cache: cache folder; see ``cache_folder``.
            report: called with the step and the progress.
            extra: further partitions that predictors use.

        Raises:
            LayerError: a layer is missing or damaged.
            ArtifactError: the cache folder cannot be written, or the photo places are missing.
        """
        grid, places, layers = grid or Grid(), default_photo_places(), layers_in_use()
        digest = _recipe(places, layers, extra)
        folder = (cache or cache_folder()) / f"overlay-{grid.rows}x{grid.columns}-{digest}"

        def build(raster: overlay_store.Raster) -> tuple[Overlay, overlay_store.Extra]:
            overlay = _build_overlay(grid, layers, extra, raster, report)
            prior = photo_prior.build_prior(overlay, places.latitude, places.longitude, blocks=overlay.tables[0].name)
            return overlay, {"prior": prior.probability, "flat": prior.flat}

        stored = overlay_store.load_or_build(folder, build, grid)
        prior = photo_prior.PhotoPrior(stored.overlay, stored.extra["prior"], stored.extra["flat"])
        return World(stored.overlay, prior, layers, digest)


@dataclass(frozen=True, eq=False, kw_only=True)
class EvidenceWorld(World):
    """A world refined by further partitions for evidence; its prior has the density of the base's prior.

    Attributes:
        base: the world before refinement.
        parent: ``(cells,)`` the base cell that each cell is part of.
        edges: per partition of bands the edges between them, one more than there are bands; see ``Bands``.
        confusion: per approximate partition ``(labels, labels)`` what is true where it gives a label, as measured; none
            for layers of the user's and in a synthetic world.
    """

    base: World
    parent: IntArray
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    confusion: Mapping[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        base: World,
        partitions: Sequence[EvidencePartition] | None = None,
        cache: Path | None = None,
        report: Report | None = None,
    ) -> "EvidenceWorld":
        """The base refined by the partitions that statements use, and by S2 blocks of some 150 km.

        Read from the cache or built into it (some tens of seconds on the default grid); a synthetic base
        is refined in memory.

        Args:
            base: the world without evidence.
            partitions: default those that ship.
            cache: cache folder; see ``cache_folder``.
            report: called with the step and the progress.

        Raises:
            LayerError: a partition is missing or damaged.
            ArtifactError: the cache folder cannot be written.
        """
        chosen = tuple(_shipped() if partitions is None else partitions)
        grid = base.overlay.grid

        def build(raster: overlay_store.Raster | None) -> tuple[Overlay, overlay_store.Extra]:
            progress = Part(report, "Laying the evidence layers over the map", 0.0, 1.0)
            refined = _refine(base.overlay, [each.on(grid) for each in chosen], progress, raster)
            return refined.overlay, {"parent": refined.parent.astype(np.float64)}

        if base.digest:
            stored = overlay_store.load_or_build(_evidence_folder(base, chosen, cache), build, grid)
            overlay, extra = stored.overlay, stored.extra
        else:
            overlay, extra = build(None)
        parent = extra["parent"].astype(np.int64)
        prior = photo_prior.RefinedPrior(base.prior, overlay, parent)
        edges = {each.name: each.edges for each in chosen if each.edges}
        confusion = _confusion(base.layers, chosen)
        return cls(overlay, prior, base.layers, base.digest, base=base, parent=parent, edges=edges, confusion=confusion)

    @classmethod
    def is_stored(cls, base: World, cache: Path | None = None) -> bool:
        """Whether `of` with the partitions that ship reads the cache, or needs none (a synthetic base)."""
        return not base.digest or overlay_store.is_stored(_evidence_folder(base, tuple(_shipped()), cache))


def _refine(
    base: Overlay, sources: Sequence[RowSource], progress: Part, raster: overlay_store.Raster | None
) -> Refined:
    """The base cut by partitions and, where it has S2 blocks, by finer blocks."""
    has_blocks = any(table.name == f"s2_level_{BLOCK_LEVEL}" for table in base.tables)
    helpers = [ChildBlocks.of(base.grid, EVIDENCE_BLOCK_LEVEL, BLOCK_LEVEL)] if has_blocks else []
    return refine(base, sources, progress, raster, helpers)


def _build_overlay(
    grid: Grid,
    layers: tuple[LayerInUse, ...],
    extra: Sequence[PartitionSource],
    raster: overlay_store.Raster,
    report: Report | None,
) -> Overlay:
    """All partitions laid over each other; each is drawn by rows, so that memory does not limit the grid."""
    progress = Part(report, "Reading the map layers", 0.0, 0.05)
    progress(0.0)
    verify_layers()
    progress(0.5)
    lattice, cells, blocks = SharedLattice.of(grid), default_geocells("fine"), s2.all_cells(BLOCK_LEVEL)
    sources: list[RowSource] = [
        cell_rows(f"s2_level_{BLOCK_LEVEL}", blocks, s2.tokens(blocks), lattice),
        cell_rows(cells.name, cells.ids, cells.tokens, lattice),
        *(layer.on(grid) for layer in layers),
        *(source.draw(grid) for source in extra),
    ]
    progress(1.0)
    return build_overlay(sources, Part(report, "Laying the layers over each other", 0.05, 1.0), raster)


def _confusion(layers: Sequence[LayerInUse], partitions: Sequence[EvidencePartition]) -> dict[str, FloatArray]:
    """The measured confusion of the layers that ship, by name, where the labels are those that it was measured for."""
    from engine.layers.confusion import confusions

    measured = confusions()
    shipped = [layer for layer in layers if layer.built_in] + [p for p in partitions if p in _shipped()]
    return {
        each.name: measured[each.name].true
        for each in shipped
        if each.name in measured and each.labels == measured[each.name].labels
    }


def _shipped() -> Sequence[EvidencePartition]:
    from engine.layers.shipped import shipped_partitions

    return shipped_partitions()


def _evidence_folder(base: World, partitions: Sequence[EvidencePartition], cache: Path | None) -> Path:
    grid = base.overlay.grid
    return (cache or cache_folder()) / f"evidence-{grid.rows}x{grid.columns}-{_evidence_recipe(base, partitions)}"


def _evidence_recipe(base: World, partitions: Sequence[EvidencePartition]) -> str:
    facts = {
        "format": [overlay_store.FORMAT, EVIDENCE_FORMAT, EVIDENCE_BLOCK_LEVEL],
        "base": base.digest,
        "partitions": [[each.name, each.digest, each.labels] for each in partitions],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _recipe(places: PhotoPlaces, layers: tuple[LayerInUse, ...], extra: Sequence[PartitionSource]) -> str:
    """Digest of everything that the stored world depends on besides the grid."""
    facts = {
        "format": overlay_store.FORMAT,
        "layers": [[layer.name, layer.sha256, layer.labels] for layer in layers],
        "extra": [[source.name, source.digest] for source in extra],
        "places": places.sha256,
        "geocells": [repr(geocells.THRESHOLDS["fine"]), BLOCK_LEVEL],
        "prior": [
            photo_prior.SPREAD_EXPONENT,
            photo_prior.PSEUDO_COUNT,
            photo_prior.EVERYWHERE,
            photo_prior.ON_LAND,
            photo_prior.OFF_TRACK,
            photo_prior.OFF_TRACK_EXPONENT,
        ],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
