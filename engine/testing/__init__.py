"""A synthetic world and predictors with fixed predictions, for tests, demonstrations and benchmarks.

Product code on purpose: tests replace the Earth and the models through the interfaces designed for it, instead of
patching. Does no I/O.
"""

from dataclasses import dataclass

import numpy as np

from engine.errors import PredictorError
from engine.geometry.grid import Grid
from engine.inference.prior import build_prior
from engine.inference.world import EvidenceWorld, World
from engine.locate.locator import Locator
from engine.partitions.overlay import Overlay, build_overlay
from engine.partitions.partition import NOWHERE, Partition
from engine.photos.exif import ExifFacts
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record

SMALL_GRID = Grid(180, 360)
"""One degree: pooling, splitting and drawing take milliseconds."""

POPULATION = ("lowest", "low", "medium", "high")
LAND_COVER = (
    "cropland",
    "broadleaf_forest",
    "other_forest",
    "short_vegetation",
    "flooded_vegetation",
    "urban",
    "bare_water_snow",
)


def box_partition(name: str, grid: Grid, height: int, width: int, hole: bool = False) -> Partition:
    """Boxes of ``height`` x ``width`` pixels, numbered row by row; with ``hole`` every seventh box has no label."""
    rows, columns = np.arange(grid.rows) // height, np.arange(grid.columns) // width
    label = rows[:, None] * (int(columns[-1]) + 1) + columns
    if hole:
        label = np.where(label % 7 == 3, NOWHERE, label)
    names = tuple(f"{name}-{number}" for number in range(int(rows[-1] + 1) * int(columns[-1] + 1)))
    owner = np.arange(len(names))
    if hole:
        owner[3::7] = 2
    return Partition(name, names, grid, label.astype(np.int32), owner)


def patchy_partition(name: str, labels: tuple[str, ...], grid: Grid, patch: int, seed: int, sea: float) -> Partition:
    """Random patches of ``patch`` pixels; a share ``sea`` of them has no label."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, len(labels), (grid.rows // patch, grid.columns // patch)).astype(np.int8)
    small[rng.random(small.shape) < sea] = NOWHERE
    return Partition(name, labels, grid, np.kron(small, np.ones((patch, patch), np.int8)))


def make_overlay(grid: Grid = SMALL_GRID, seed: int = 0) -> Overlay:
    """An overlay of the partitions that the product uses, with synthetic geography."""
    step = grid.rows // 36
    return build_overlay(
        [
            box_partition("blocks", grid, 3 * step, 3 * step),
            box_partition("geocells_fine", grid, step, step, hole=True),
            patchy_partition("population", POPULATION, grid, max(step // 2, 1), seed, sea=0.4),
            patchy_partition("land_cover", LAND_COVER, grid, max(step // 2, 1), seed + 1, sea=0.0),
        ]
    )


def make_world(grid: Grid = SMALL_GRID, seed: int = 0, photos: int = 2000) -> World:
    """A world with synthetic geography and photos in clusters."""
    overlay = make_overlay(grid, seed)
    rng = np.random.default_rng(seed + 2)
    towns = rng.uniform([-55, -180], [70, 180], (60, 2))[rng.integers(0, 60, photos)]
    latitude = np.clip(towns[:, 0] + rng.normal(0, 2, photos), -89, 89)
    return World(overlay, build_prior(overlay, latitude, towns[:, 1] + rng.normal(0, 2, photos)))


COUNTRIES = ("AR", "AU", "BO", "BR", "CA", "CL", "DE", "ES", "FR", "GB", "IN", "JP", "KE", "MX", "PE", "TH", "US", "ZA")
CLIMATES = ("Af", "Aw", "BWh", "BSk", "Csa", "Cfa", "Cfb", "Dfb", "Dfc", "ET", "EF")
RELIEF = ("flat", "hills", "mountains")
ZONES = ("Europe/Berlin", "America/Santiago", "Asia/Tokyo", "Etc/GMT+3")
ELEVATION_EDGES_M = (-500.0, 0.0, 250.0, 1000.0, 2000.0, 4000.0, 9000.0)
COAST_EDGES_KM = (-2800.0, -25.0, 0.0, 5.0, 25.0, 100.0, 2800.0)


@dataclass(frozen=True, eq=False)
class SyntheticPartition:
    """A partition of synthetic geography with the interface of ``engine.layers.shipped``."""

    name: str
    labels: tuple[str, ...]
    seed: int
    sea: float = 0.0
    edges: tuple[float, ...] = ()

    @property
    def digest(self) -> str:
        """Of its content."""
        return f"synthetic {self.name} {self.seed}"

    def on(self, grid: Grid) -> Partition:
        """Patches on a grid."""
        return patchy_partition(self.name, self.labels, grid, max(grid.rows // 18, 1), self.seed, self.sea)


def make_partitions(seed: int = 0) -> tuple[SyntheticPartition, ...]:
    """One partition of each kind that statements use, on independent patches."""
    bands = tuple(f"band {number}" for number in range(6))
    return (
        SyntheticPartition("countries", COUNTRIES, seed + 11, 0.3),
        SyntheticPartition("climate", CLIMATES, seed + 12, 0.2),
        SyntheticPartition("elevation", bands, seed + 13, 0.2, ELEVATION_EDGES_M),
        SyntheticPartition("relief", RELIEF, seed + 14, 0.2),
        SyntheticPartition("coast_distance", bands, seed + 15, 0.0, COAST_EDGES_KM),
        SyntheticPartition("time_zones", ZONES, seed + 16),
    )


def make_evidence_world(world: World | None = None, seed: int = 0) -> EvidenceWorld:
    """A synthetic world cut by synthetic partitions of every kind that statements use."""
    return EvidenceWorld.of(world or make_world(seed=seed), make_partitions(seed))


def grey_photo(name: str = "grey.png", value: int = 128) -> Photo:
    """A uniformly grey photo."""
    pixels = np.full((64, 96, 3), value, np.uint8)
    return Photo(name=name, sha256=f"{value:064x}", pixels=pixels, width=96, height=64, exif=ExifFacts(), notes=())


@dataclass(frozen=True, eq=False)
class FixedPredictor:
    """Returns the same predictions for every photo."""

    record: Record
    predictions: tuple[Prediction, ...]

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """The fixed predictions."""
        del photo
        return self.predictions


@dataclass(frozen=True)
class BrokenPredictor:
    """Fails on every photo, as a predictor whose weights are damaged does."""

    record: Record
    sentence: str = "The weights of this predictor are damaged; fetch them again."

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """Raise the error."""
        raise PredictorError(f"{photo.name}: {self.sentence}")


def make_record(name: str = "synthetic", floor: float = 0.02) -> Record:
    """A record for predictors of tests."""
    return Record(name, name.replace("_", " "), "Synthetic, for tests.", "Apache-2.0", "engine.testing", floor=floor)


def peaked(world: World, latitude: float, longitude: float, certainty: float = 0.9) -> FixedPredictor:
    """A geocell predictor that puts ``certainty`` on the geocell at a point and spreads the rest uniformly."""
    table = world.overlay.table("geocells_fine")
    label = int(table.cell_label[int(world.overlay.cell_at(latitude, longitude))])
    probability = np.full(len(table.labels), (1 - certainty) / len(table.labels))
    probability[label] += certainty
    record = make_record("peaked")
    return FixedPredictor(record, (Prediction(record, table.name, probability),))


def make_locator(seed: int = 0) -> Locator:
    """A locator on the synthetic world with one predictor that points at (10.5, 20.5)."""
    world = make_world(seed=seed)
    return Locator(world, [peaked(world, 10.5, 20.5)], make_evidence_world(world, seed))
