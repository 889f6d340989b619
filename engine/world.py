"""The Earth as the engine sees it: the overlay of the partitions in use, and the photo prior on it.

Built once for a grid and a set of layers (some seconds), kept in the user's cache folder, then read in a moment.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import platformdirs

from engine.earth import geocells, overlay_store
from engine.earth.grid import Grid
from engine.earth.overlay import Overlay, build_overlay
from engine.earth.photo_places import PhotoPlaces, default_geocells, default_photo_places
from engine.layers import builtin
from engine.predictors import prior as photo_prior
from engine.progress import Part, Report

BLOCK_LEVEL = 4
"""S2 level of the blocks that cut every overlay cell to at most 330,000 km2, so that a region can be cut finely."""


@dataclass(frozen=True, eq=False)
class World:
    """What every photo is measured on.

    Attributes:
        overlay: cells of the partitions ``blocks``, ``geocells_fine``, ``population`` and ``land_cover``.
        prior: the photo prior on its cells.
    """

    overlay: Overlay
    prior: photo_prior.PhotoPrior

    @classmethod
    def load(cls, grid: Grid | None = None, cache: Path | None = None, report: Report | None = None) -> "World":
        """The world on a grid, read from the cache or built into it.

        Args:
            grid: 5400 x 10800 unless given.
            cache: folder to keep it in; see ``cache_folder``.
            report: told what is being done and how far it is.

        Raises:
            LayerError: a built-in layer is missing or damaged.
            ArtifactError: the cache folder cannot be written, or the photo places are missing.
        """
        grid, places = grid or Grid(), default_photo_places()
        folder = (cache or cache_folder()) / f"overlay-{grid.rows}x{grid.columns}-{_recipe(places)}"

        def build(raster: npt.NDArray[np.int32]) -> tuple[Overlay, overlay_store.Extra]:
            overlay = _built_overlay(grid, raster, report)
            prior = photo_prior.build_prior(
                overlay, places.latitude, places.longitude, blocks=overlay.tables[0].name
            )
            return overlay, {"prior": prior.probability, "flat": prior.flat}

        stored = overlay_store.load_or_build(folder, build, grid)
        return cls(
            stored.overlay, photo_prior.PhotoPrior(stored.overlay, stored.extra["prior"], stored.extra["flat"])
        )


def cache_folder() -> Path:
    """Where computed map data is kept: ``HEREABOUTS_CACHE`` or the operating system's cache folder."""
    chosen = os.environ.get("HEREABOUTS_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("hereabouts", appauthor=False))


def _built_overlay(grid: Grid, raster: npt.NDArray[np.int32], report: Report | None) -> Overlay:
    say = Part(report, "Reading the map layers", 0.0, 0.1)
    say(0.0)
    layers = [builtin.population(grid), builtin.land_cover(grid)]
    blocks = geocells.blocks_partition(grid, BLOCK_LEVEL)
    say(1.0)
    drawn = geocells.geocells_partition(
        default_geocells("fine"), grid, progress=Part(report, "Drawing the geocells", 0.1, 0.55)
    )
    return build_overlay([blocks, drawn, *layers], Part(report, "Laying the layers over each other", 0.55, 1.0), raster)


def _recipe(places: PhotoPlaces) -> str:
    """Digest of everything that the stored world depends on besides the grid."""
    facts = {
        "format": overlay_store.FORMAT,
        "layers": [builtin.record(name).sha256 for name in ("population", "land_cover")],
        "places": places.sha256,
        "geocells": [repr(geocells.THRESHOLDS["fine"]), BLOCK_LEVEL],
        "prior": [photo_prior.SPREAD_EXPONENT, photo_prior.PSEUDO_COUNT, photo_prior.EVERYWHERE, photo_prior.ON_LAND],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
