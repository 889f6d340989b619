"""The Earth as the engine sees it: the overlay of the partitions in use, and the photo prior on it.

Built once for a grid and a set of layers (some seconds on the default grid, some minutes on the one of 30 arc-seconds),
kept in the user's cache folder, then read in a moment. The layers are the user's where there are some.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.earth import geocells, overlay_store, s2
from engine.earth.cell_rows import SharedLattice, cell_rows
from engine.earth.grid import Grid
from engine.earth.overlay import Overlay, build_overlay
from engine.earth.partition import RowSource
from engine.earth.photo_places import PhotoPlaces, default_geocells, default_photo_places
from engine.folders import cache_folder
from engine.layers.in_use import LayerInUse, layers_in_use, verify_layers
from engine.predictors import prior as photo_prior
from engine.predictors.catalogue import PartitionSource
from engine.progress import Part, Report

BLOCK_LEVEL = 4
"""S2 level of the blocks that cut every overlay cell to at most 330,000 km2, so that a region can be cut finely."""


@dataclass(frozen=True, eq=False)
class World:
    """What every photo is measured on.

    Attributes:
        overlay: cells of the partitions ``s2_level_4``, ``geocells_fine``, ``population``, ``land_cover`` and of the
            user's further layers.
        prior: the photo prior on its cells.
        layers: the layers that it was made from; none for a world made up for a test.
    """

    overlay: Overlay
    prior: photo_prior.PhotoPrior
    layers: tuple[LayerInUse, ...] = ()

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
            cache: folder to keep it in; see ``cache_folder``.
            report: told what is being done and how far it is.
            extra: partitions besides the usual ones, that some predictor speaks of.

        Raises:
            LayerError: a layer is missing or damaged.
            ArtifactError: the cache folder cannot be written, or the photo places are missing.
        """
        grid, places, layers = grid or Grid(), default_photo_places(), layers_in_use()
        folder = (cache or cache_folder()) / f"overlay-{grid.rows}x{grid.columns}-{_recipe(places, layers, extra)}"

        def build(raster: overlay_store.Raster) -> tuple[Overlay, overlay_store.Extra]:
            overlay = _built_overlay(grid, layers, extra, raster, report)
            prior = photo_prior.build_prior(overlay, places.latitude, places.longitude, blocks=overlay.tables[0].name)
            return overlay, {"prior": prior.probability, "flat": prior.flat}

        stored = overlay_store.load_or_build(folder, build, grid)
        prior = photo_prior.PhotoPrior(stored.overlay, stored.extra["prior"], stored.extra["flat"])
        return cls(stored.overlay, prior, layers)


def _built_overlay(
    grid: Grid,
    layers: tuple[LayerInUse, ...],
    extra: Sequence[PartitionSource],
    raster: overlay_store.Raster,
    report: Report | None,
) -> Overlay:
    """All partitions laid over each other; each is drawn by rows, so that no grid is too large."""
    say = Part(report, "Reading the map layers", 0.0, 0.05)
    say(0.0)
    verify_layers()
    say(0.5)
    lattice, cells, blocks = SharedLattice.of(grid), default_geocells("fine"), s2.all_cells(BLOCK_LEVEL)
    sources: list[RowSource] = [
        cell_rows(f"s2_level_{BLOCK_LEVEL}", blocks, s2.tokens(blocks), lattice),
        cell_rows(cells.name, cells.ids, cells.tokens, lattice),
        *(layer.on(grid) for layer in layers),
        *(source.draw(grid) for source in extra),
    ]
    say(1.0)
    return build_overlay(sources, Part(report, "Laying the layers over each other", 0.05, 1.0), raster)


def _recipe(places: PhotoPlaces, layers: tuple[LayerInUse, ...], extra: Sequence[PartitionSource]) -> str:
    """Digest of everything that the stored world depends on besides the grid."""
    facts = {
        "format": overlay_store.FORMAT,
        "layers": [[layer.name, layer.sha256, layer.labels] for layer in layers],
        "extra": [[source.name, source.digest] for source in extra],
        "places": places.sha256,
        "geocells": [repr(geocells.THRESHOLDS["fine"]), BLOCK_LEVEL],
        "prior": [photo_prior.SPREAD_EXPONENT, photo_prior.PSEUDO_COUNT, photo_prior.EVERYWHERE, photo_prior.ON_LAND],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
