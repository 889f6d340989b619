"""A synthetic planet with tens of thousands of photos, and predictors of a given strength, bias and overconfidence.

True locations are sampled from the photo prior, and predictors apply Bayes' rule to a noisy observation of the true
label, so that with ``confidence`` 1 and ``bias`` 0 every pooled probability is calibrated. Calibration and fitted
pooling are tested against this known truth. Does no I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from engine.evaluation.evidence import LabelEvidence, Positions
from engine.evaluation.manifest import Manifest
from engine.evaluation.recall_area import Bench
from engine.geometry.grid import Grid
from engine.geometry.grids import parse_grid
from engine.geometry.sphere import wrap_longitude
from engine.inference.prior import build_prior
from engine.inference.world import World
from engine.locate.locator import Locator
from engine.partitions.overlay import Overlay, PartitionTable, build_overlay
from engine.partitions.partition import NOWHERE
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.testing import LAND_COVER, POPULATION, SMALL_GRID, box_partition, make_record, patchy_partition
from engine.typing import FloatArray, IntArray

PATCH = 36
"""Population and land-cover patches per 180 degrees."""


@dataclass(frozen=True)
class Skill:
    """Skill of a synthetic predictor.

    Attributes:
        name: of the predictor.
        partition: name of the partition of its predictions.
        strength: distance between the observations of two labels in standard deviations; 0 is uninformative.
        confidence: 1 is calibrated, above 1 overconfident, below 1 underconfident.
        bias: standard deviation of a fixed error per label, in nats.
        seed: of its noise.
    """

    name: str
    partition: str
    strength: float
    confidence: float = 1.0
    bias: float = 0.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class SyntheticPlanet:
    """A world and photos with known locations.

    Attributes:
        world: overlay and prior.
        manifest: the photos, those of the fit split first.
    """

    world: World
    manifest: Manifest

    def bench(self, skills: Sequence[Skill]) -> Bench:
        """The photos as seen by predictors of these skills."""
        manifest = self.manifest
        truth = self.world.overlay.cell_at(manifest.latitude, manifest.longitude)
        pieces = [evidence(self.world, truth, skill) for skill in skills]
        return Bench(self.world, truth, {piece.name: piece for piece in pieces})


class SyntheticProbabilities:
    """Posteriors of a synthetic predictor, in memory as float32."""

    bases: tuple[FloatArray | None, ...] = (None,)

    def __init__(self, table: PartitionTable, label_prior: FloatArray, truth_cell: Positions, skill: Skill) -> None:
        """Observe every photo once: ``strength`` on the true label plus noise, then Bayes' rule."""
        rng = np.random.default_rng(skill.seed)
        label, labels = table.cell_label[truth_cell], len(table.labels)
        offset = skill.bias * rng.standard_normal(labels)
        self.probability = np.empty((truth_cell.size, labels), np.float32)
        log_prior = np.log(np.maximum(label_prior, 1e-12))
        for start in range(0, truth_cell.size, 1000):
            here = label[start : start + 1000]
            observed = rng.standard_normal((here.size, labels))
            known = np.flatnonzero(here != NOWHERE)
            observed[known, here[known]] += skill.strength
            scores = log_prior + skill.confidence * (skill.strength * observed + offset)
            self.probability[start : start + 1000] = softmax(scores, axis=1)

    def read(self, positions: Positions) -> tuple[np.ndarray, Positions]:
        """See ``engine.evaluation.evidence.Probabilities``."""
        return self.probability[positions], np.zeros(len(positions), np.int64)

    def absent(self) -> int:
        """No photo lacks a prediction."""
        return 0


def evidence(world: World, truth_cell: Positions, skill: Skill, floor: float = 0.02) -> LabelEvidence:
    """A synthetic predictor as evidence about photos with known cells."""
    table = world.overlay.table(skill.partition)
    source = SyntheticProbabilities(table, world.prior.on(table), truth_cell, skill)
    return LabelEvidence(skill.name, table, world.prior, source, floor)


def planet_overlay(grid: Grid = SMALL_GRID, seed: int = 0) -> Overlay:
    """Some 2,500 cells: 648 geocells that cover the Earth, patches of population and land cover."""
    patch = grid.rows // PATCH
    return build_overlay(
        [
            box_partition("blocks", grid, 3 * patch, 3 * patch),
            box_partition("geocells_fine", grid, 2 * patch, 2 * patch),
            patchy_partition("population", POPULATION, grid, patch, seed, sea=0.0),
            patchy_partition("land_cover", LAND_COVER, grid, patch, seed + 1, sea=0.0),
        ]
    )


def make_planet(photos: int = 50_000, fit: int = 0, seed: int = 0, grid: Grid = SMALL_GRID) -> SyntheticPlanet:
    """A planet with ``fit`` photos of the fit split and ``photos`` test photos, all sampled from its own prior."""
    overlay = planet_overlay(grid, seed)
    rng = np.random.default_rng(seed + 2)
    towns = rng.uniform([-60, -180], [70, 180], (60, 2))[rng.integers(0, 60, 5000)]
    latitude, longitude = np.clip(towns[:, 0] + rng.normal(0, 3, 5000), -89, 89), towns[:, 1] + rng.normal(0, 3, 5000)
    prior = build_prior(overlay, latitude, longitude, off_track=0.0)  # all photos are taken around towns
    cells = rng.choice(overlay.cells, fit + photos, p=prior.probability)
    latitude, longitude = points_in_cells(overlay, cells, rng)
    ids = tuple(f"photo-{number}" for number in range(fit + photos))
    split = ("fit",) * fit + ("test",) * photos
    return SyntheticPlanet(World(overlay, prior), Manifest(ids, latitude, longitude, split=split))


def points_in_cells(overlay: Overlay, cells: IntArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """A random point in each of some cells, uniform by area (to within a pixel); degrees."""
    grid = overlay.grid
    raster = np.asarray(overlay.pixel_cell).reshape(-1)
    order = np.argsort(raster, kind="stable")
    reached = np.cumsum(grid.area_of(order))
    ends = reached[np.searchsorted(raster[order], np.arange(overlay.cells), side="right") - 1]
    starts = np.concatenate([[0.0], ends[:-1]])
    position = starts[cells] + rng.random(cells.size) * (ends - starts)[cells] * (1 - 1e-9)
    latitude, longitude = grid.point_of(order[np.searchsorted(reached, position, side="right")])
    latitude = latitude + (rng.random(cells.size) - 0.5) * 0.98 * grid.latitude_step
    return latitude, wrap_longitude(longitude + (rng.random(cells.size) - 0.5) * 0.98 * grid.longitude_step)


@dataclass(frozen=True)
class HashPredictor:
    """Points at a geocell chosen by the photo's hash: different for every photo, and deterministic."""

    world: World
    certainty: float = 0.6

    @property
    def record(self) -> Record:
        """Record of the predictor."""
        return make_record("hash")

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One geocell gets ``certainty``, the rest follows the prior."""
        table = self.world.overlay.table("geocells_fine")
        probability = (1 - self.certainty) * self.world.prior.on(table)
        probability[int(photo.sha256[:8], 16) % len(table.labels)] += self.certainty
        return (Prediction(self.record, table.name, probability),)


def batch_locator(grid: str) -> Locator:
    """A locator on the synthetic planet, for batch workers that build their own."""
    planet = make_planet(photos=1, grid=parse_grid(grid))
    return Locator(planet.world, [HashPredictor(planet.world)])
