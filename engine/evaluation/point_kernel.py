"""Point predictions as evidence: a density ratio to the prior, fitted on photos with known locations.

The ratio is how much more likely the truth is at distance d from the point than under the prior. It is fitted per bin
of log distance and per confidence band and added to the map as a log-ratio (ARCHITECTURE.md, "a point from another
model is a density ratio"); cells that are large against their distance from the point take the mean of the ratio over
samples.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.evaluation.cell_samples import CellSamples
from engine.evaluation.distance import Points, match_ids
from engine.evaluation.evidence import Positions
from engine.evaluation.folds import Folds, fit_folds
from engine.evaluation.manifest import Manifest
from engine.geometry.sphere import EARTH_RADIUS_KM, great_circle_km, unit_vectors
from engine.inference.pooling import Pooling
from engine.inference.world import World
from engine.typing import FloatArray

BINS_PER_DECADE = 5
FARTHEST_KM = float(np.pi * EARTH_RADIUS_KM)
PSEUDO_PHOTOS = 5.0
"""Photos' worth of belief in ratio 1 (or, in a band, in the ratio of all bands)."""
BAND_PSEUDO_PHOTOS = 40.0
BANDS = 3
PHOTOS_PER_BAND = 100
ITERATIONS = 200
LARGE = 4.0
"""A cell nearer than so many of its radii is represented by its samples, a farther one by its centre."""
TABLE = 4096
LOWEST_LOG, HIGHEST_LOG = float(np.log(1e-10)), float(np.log(4.0))
"""Range of log squared chord on the unit sphere: 60 m to the antipode."""


@dataclass(frozen=True, eq=False)
class RatioKernel:
    """Ratio of the probability of the truth at each distance to the prior's.

    Attributes:
        edges_km: ``(bins + 1,)`` ascending; the first is 0, the last half the Earth's circumference.
        log_ratio: ``(bins,)``.
    """

    edges_km: FloatArray
    log_ratio: FloatArray

    @cached_property
    def table(self) -> FloatArray:
        """``(TABLE,)`` log-ratio by log squared chord, linear in log distance between the bin centres."""
        centers = np.sqrt(np.maximum(self.edges_km[:-1], self.edges_km[1] / 4) * self.edges_km[1:])
        log_chord2 = LOWEST_LOG + (np.arange(TABLE) + 0.5) / TABLE * (HIGHEST_LOG - LOWEST_LOG)
        chord = np.minimum(np.exp(log_chord2 / 2), 2.0)
        distance = 2 * EARTH_RADIUS_KM * np.arcsin(chord / 2)
        return np.interp(np.log(distance), np.log(centers), self.log_ratio)


def bin_edges(pixel_km: float) -> FloatArray:
    """Bins of log distance: nothing finer than a pixel, five per decade beyond."""
    first = max(pixel_km, 1.0)
    bins = int(np.ceil(np.log10(FARTHEST_KM / first) * BINS_PER_DECADE))
    return np.concatenate([[0.0], np.geomspace(first, FARTHEST_KM, bins + 1)])


class Nearness:
    """Squared chords from a point to every cell: its centre, or its samples where it is large and near."""

    def __init__(self, samples: CellSamples) -> None:
        """Precompute everything that does not depend on the point."""
        self.samples = samples
        self.center = samples.center.astype(np.float32)
        self.count = np.diff(samples.start)
        angle = np.minimum(LARGE * samples.radius_km / EARTH_RADIUS_KM, np.pi)
        self.reach2 = np.where(self.count > 1, (2 * np.sin(angle / 2)) ** 2, 0.0).astype(np.float32)

    def chords(
        self, vector: FloatArray
    ) -> tuple[npt.NDArray[np.float32], Positions, Positions, npt.NDArray[np.float32]]:
        """``(cells,)`` chords to centres; the large near cells; row of ``near`` and chord of each of their samples."""
        point = vector.astype(np.float32)
        central = _chord2(self.center, point)
        near = np.flatnonzero(central < self.reach2)
        lengths = self.count[near]
        of = np.repeat(np.arange(near.size), lengths)
        first = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        index = np.arange(of.size) - first[of] + self.samples.start[near][of]
        return central, near, of, _chord2(self.samples.vector[index], point)


def _chord2(vectors: npt.NDArray[np.float32], point: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # |a - b|^2 and not 2 - 2 a.b, which loses everything under 2 km in float32.
    total = np.zeros(len(vectors), np.float32)
    for axis in range(3):
        difference = vectors[:, axis] - point[axis]
        total += difference * difference
    return total


def prior_in_bins(world: World, nearness: Nearness, vectors: FloatArray, edges_km: FloatArray) -> FloatArray:
    """``(points, bins)`` mass of the prior at each distance from each point."""
    edges2 = (2 * np.sin(np.minimum(edges_km[1:-1] / EARTH_RADIUS_KM, np.pi) / 2)) ** 2
    bins = edges_km.size - 1
    prior = world.prior.probability

    def one(vector: FloatArray) -> FloatArray:
        central, near, of, chord2 = nearness.chords(vector)
        far = prior.copy()
        far[near] = 0.0
        mass = np.bincount(np.searchsorted(edges2, central), far, minlength=bins)
        share = (prior[near] / nearness.count[near])[of]
        return np.asarray(mass + np.bincount(np.searchsorted(edges2, chord2), share, minlength=bins), np.float64)

    with ThreadPoolExecutor(2) as workers:
        return np.array(list(workers.map(one, vectors))).reshape(len(vectors), bins)


def fit_kernel(
    errors_km: FloatArray, prior_mass: FloatArray, edges_km: FloatArray, start: RatioKernel | None = None
) -> RatioKernel:
    """The ratio per bin that makes the true distances most likely, by iterative scaling.

    The chance of bin b for photo i is r_b m_ib / sum_b' r_b' m_ib'; pseudo-photos keep r near 1, or near ``start``.

    Args:
        errors_km: ``(photos,)`` distance of the point from the truth.
        prior_mass: ``(photos, bins)`` of the same photos.
        edges_km: of the bins.
        start: kernel of all confidence bands, for the fit of one band.
    """
    bins = prior_mass.shape[1]
    counts = np.bincount(np.searchsorted(edges_km[1:-1], errors_km), minlength=bins).astype(np.float64)
    ratio = np.ones(bins) if start is None else np.exp(start.log_ratio)
    pseudo = PSEUDO_PHOTOS if start is None else BAND_PSEUDO_PHOTOS
    believed = pseudo * _expected(ratio, prior_mass) / max(len(errors_km), 1)
    for _ in range(ITERATIONS):
        ratio *= (counts + believed + 1e-9) / (_expected(ratio, prior_mass) + believed + 1e-9)
    return RatioKernel(edges_km, np.log(np.maximum(ratio, 1e-12)))


def _expected(ratio: FloatArray, prior_mass: FloatArray) -> FloatArray:
    weighted = prior_mass * ratio
    return np.asarray((weighted / weighted.sum(axis=1, keepdims=True)).sum(axis=0), np.float64)


@dataclass(frozen=True, eq=False)
class PointEvidence:
    """Points as evidence.

    Attributes:
        name: of the model.
        world: overlay and prior.
        nearness: samples of the cells.
        vector: ``(photos, 3)`` unit vector of each point; NaN where there is none.
        kernels: fitted.
        kernel_of: ``(photos,)`` which of them is used.
        notes: how it was fitted.
    """

    name: str
    world: World
    nearness: Nearness
    vector: FloatArray
    kernels: tuple[RatioKernel, ...]
    kernel_of: Positions
    notes: tuple[str, ...] = ()
    role: str = "base"

    @property
    def missing(self) -> int:
        """Photos without a point."""
        return int(np.isnan(self.vector[:, 0]).sum())

    def rows(self, positions: Positions, pooling: Pooling, floor: float | None = None) -> Sequence[tuple[int, Pooling]]:
        """Photo and rule; the work is in ``spread``. A kernel never excludes a cell, so ``floor`` is not needed."""
        del floor
        return [(int(position), pooling) for position in positions]

    def spread(self, row: tuple[int, Pooling], out: FloatArray) -> None:
        """Log-ratio per cell; under the product of experts the point's own map: the prior times the ratio."""
        photo, pooling = row
        if np.isnan(self.vector[photo, 0]):
            out[:] = 0.0
            return
        cell_log_ratios(self.nearness, self.vector[photo], self.kernels[int(self.kernel_of[photo])], out)
        if pooling is Pooling.PRODUCT:
            out += self.world.prior.log_density(1.0)


def cell_log_ratios(nearness: Nearness, vector: FloatArray, kernel: RatioKernel, out: FloatArray) -> None:
    """Log of the mean ratio over each cell, written to ``out`` ``(cells,)``."""
    central, near, of, chord2 = nearness.chords(vector)
    np.take(kernel.table, _bin(central), out=out)
    ratio = np.exp(kernel.table[_bin(chord2)])
    out[near] = np.log(np.bincount(of, ratio, minlength=near.size) / nearness.count[near])


def _bin(chord2: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    scaled = np.log(np.maximum(chord2, np.float32(1.01e-10)))
    scaled -= np.float32(LOWEST_LOG)
    scaled *= np.float32(TABLE / (HIGHEST_LOG - LOWEST_LOG))
    return np.minimum(scaled.astype(np.intp), TABLE - 1)


def point_evidence(
    name: str, world: World, samples: CellSamples, manifest: Manifest, points: Points, seed: int = 0
) -> PointEvidence:
    """Fit the kernel of a model's points on the fit split (or by cross-fitting) and make evidence of them.

    Raises:
        InputError: too few points match photos with known places.
    """
    rows, strangers = match_ids(manifest.ids, points.ids)
    known = np.array(sorted(n for n, photo in enumerate(manifest.ids) if photo in rows), np.int64)
    pick = np.array([rows[manifest.ids[n]] for n in known], np.int64)
    vector, confidence = np.full((len(manifest), 3), np.nan), np.full(len(manifest), np.nan)
    vector[known] = unit_vectors(points.latitude[pick], points.longitude[pick])
    confidence[known] = points.confidence[pick]
    errors = np.full(len(manifest), np.nan)
    errors[known] = great_circle_km(
        points.latitude[pick], points.longitude[pick], manifest.latitude[known], manifest.longitude[known]
    )
    folds = fit_folds(manifest, known, f"Points of {name}", seed)
    nearness = Nearness(samples)
    kernels, kernel_of = _kernels(world, nearness, folds, vector, errors, confidence)
    notes = [folds.note, *([f"{strangers} points of {name} match no photo."] if strangers else [])]
    notes += [f"{count} points of {name} were left out: {reason}." for reason, count in points.excluded.items()]
    return PointEvidence(name, world, nearness, vector, kernels, kernel_of, tuple(notes))


def _kernels(
    world: World, nearness: Nearness, folds: Folds, vector: FloatArray, errors: FloatArray, confidence: FloatArray
) -> tuple[tuple[RatioKernel, ...], Positions]:
    """Kernels of every fold and confidence band, and which of them each photo uses."""
    edges = bin_edges(float(EARTH_RADIUS_KM * np.radians(world.overlay.grid.latitude_step)))
    needed = np.unique(np.concatenate(folds.fit))
    mass = np.zeros((len(errors), edges.size - 1))
    mass[needed] = prior_in_bins(world, nearness, vector[needed], edges)
    kernels: list[RatioKernel] = []
    kernel_of = np.zeros(len(errors), np.int64)
    for number, fit in enumerate(folds.fit):
        everyone = fit_kernel(errors[fit], mass[fit], edges)
        limits = band_limits(confidence[fit])
        band, in_fold = np.searchsorted(limits, confidence), folds.fold_of == number
        kernel_of[in_fold] = len(kernels) + np.where(np.isnan(confidence), 0, band + 1)[in_fold]
        kernels.append(everyone)
        for one in range(limits.size + 1):
            members = fit[band[fit] == one]
            kernels.append(fit_kernel(errors[members], mass[members], edges, everyone) if limits.size else everyone)
    return tuple(kernels), kernel_of


def band_limits(confidence: FloatArray) -> FloatArray:
    """Limits between confidence bands of equally many photos; none where there are too few or all are alike."""
    given = confidence[~np.isnan(confidence)]
    bands = min(BANDS, given.size // PHOTOS_PER_BAND)
    if bands < 2:
        return np.empty(0)
    return np.unique(np.quantile(given, np.arange(1, bands) / bands))
