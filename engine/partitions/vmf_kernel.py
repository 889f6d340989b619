"""Kernel density of points on the sphere as masses of cells: a von Mises-Fisher kernel around each point.

The kernel of bandwidth b km has concentration kappa = (R / b)^2, so that b is its standard deviation in each direction.
Fisher, "Dispersion on a sphere", Proceedings of the Royal Society A 217, 1953.
"""

from __future__ import annotations

import numpy as np

from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import EARTH_RADIUS_KM, unit_vectors
from engine.partitions.geocells import Geocells
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

BANDWIDTHS_KM = (12.5, 25.0, 50.0, 100.0, 200.0, 400.0, 800.0)
"""Candidates; the one with the highest leave-one-out likelihood of the points is chosen."""
POINTS_IN_KERNEL = 64
"""Points drawn from each kernel to find its mass in cells that are larger than the kernel."""
AT_ONCE = 4_000_000
"""Pairs of a cell and a point that are evaluated at once."""


def bandwidth_km(points: FloatArray) -> float:
    """The bandwidth of the highest leave-one-out likelihood of points ``(n, 3)``."""
    cosine = points @ points.T
    np.fill_diagonal(cosine, -np.inf)
    likelihoods = [float(_log_density(cosine, bandwidth).mean()) for bandwidth in BANDWIDTHS_KM]
    return BANDWIDTHS_KM[int(np.argmax(likelihoods))]


def cell_masses(points: FloatArray, cells: Geocells, bandwidth: float | None = None, seed: int = 0) -> FloatArray:
    """Mass of the density of points ``(n, 3)`` in each cell, ``(J,)``; mass outside all cells is rescaled.

    A cell smaller than the kernel gets the density at its centre times its area; a larger one the share of points
    sampled from the kernels that fall into it.

    Args:
        points: unit vectors.
        cells: disjoint cells.
        bandwidth: km; chosen from the points unless given.
        seed: of the points sampled from the kernels.

    Returns:
        Sums to 1; uniform over the cells where no cell is near.
    """
    chosen = bandwidth if bandwidth is not None else bandwidth_km(points)
    area_km2 = s2.cell_area_km2(cells.ids)
    small = np.flatnonzero(area_km2 < chosen**2)
    masses = _sample_masses(points, cells, chosen, seed)
    centers = unit_vectors(*(values[small] for values in s2.cell_centers(cells.ids)))
    masses[small] = np.exp(log_density(points, centers, chosen)) * area_km2[small]
    total = float(masses.sum())
    return masses / total if total > 0 else np.full(len(cells), 1.0 / len(cells))


def log_density(points: FloatArray, places: FloatArray, bandwidth: float) -> FloatArray:
    """Log of the density per km2 at places ``(m, 3)`` of kernels around points ``(n, 3)``; ``(m,)``."""
    step = max(1, AT_ONCE // len(points))
    parts = [_log_density(places[at : at + step] @ points.T, bandwidth) for at in range(0, len(places), step)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _log_density(cosine: FloatArray, bandwidth: float) -> FloatArray:
    """Log of the mean kernel along the last axis; a cosine of -inf counts as no point."""
    kappa = (EARTH_RADIUS_KM / bandwidth) ** 2
    log_peak = np.log(kappa / (2 * np.pi * -np.expm1(-2 * kappa))) - 2 * np.log(EARTH_RADIUS_KM)
    exponent = kappa * (np.clip(cosine, None, 1.0) - 1.0)
    highest = np.maximum(exponent.max(axis=-1), -700.0)
    count = np.isfinite(cosine).sum(axis=-1)
    summed = np.exp(exponent - highest[..., None]).sum(axis=-1)
    return np.asarray(log_peak + highest + np.log(np.maximum(summed, 1e-300) / count), np.float64)


def _sample_masses(points: FloatArray, cells: Geocells, bandwidth: float, seed: int) -> FloatArray:
    """Share of points sampled from all kernels that falls into each cell."""
    rng = np.random.default_rng(seed)
    kappa = (EARTH_RADIUS_KM / bandwidth) ** 2
    uniform = rng.random((len(points), POINTS_IN_KERNEL))
    cosine = 1.0 + np.log(uniform + (1.0 - uniform) * np.exp(-2.0 * kappa)) / kappa
    around = rng.random(cosine.shape) * 2.0 * np.pi
    east, north = _tangents(points)
    sine = np.sqrt(np.clip(1.0 - cosine**2, 0.0, None))
    turned = np.cos(around)[..., None] * east[:, None] + np.sin(around)[..., None] * north[:, None]
    drawn = cosine[..., None] * points[:, None] + sine[..., None] * turned
    latitude, longitude = places_of(drawn.reshape(-1, 3))
    label = cells.label_at(latitude, longitude)
    return np.bincount(label[label != NOWHERE], minlength=len(cells)) / label.size


def places_of(vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes in degrees of unit vectors ``(n, 3)``."""
    x, y, z = vectors.T
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def _tangents(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two unit vectors at right angles to each point and to each other."""
    axis = np.where(np.abs(points[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(axis, points)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, np.cross(points, first)
