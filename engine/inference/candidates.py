"""The most probable places of a search map, far enough from each other to be different answers.

A place gathers the overlay cells whose middles lie within half the separation of a centre. Its share is their mass;
its area is that of the densest of them that hold 90 % of that mass; its coordinates are the middle of the densest.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from engine.errors import InputError
from engine.geometry.grid import IntArray
from engine.geometry.sphere import EARTH_RADIUS_KM, FloatArray
from engine.inference.ranking import Ranking
from engine.inference.region import pixels_from_the_middle

MOST_PLACES = 100
CANDIDATES = 4000
"""Cells of the largest mass that may become the centre of a place; the other cells only add to shares."""
CORE = 0.9
"""Share of a place's mass that its area holds."""


@dataclass(frozen=True)
class Place:
    """One candidate answer: rank 1 is the most probable; latitude and longitude in degrees."""

    rank: int
    latitude: float
    longitude: float
    probability: float
    area_km2: float


def find_places(search_map: Ranking, k: int, separation_km: float) -> tuple[Place, ...]:
    """Up to ``k`` places at least ``separation_km`` apart (between their centres), by falling share.

    Raises:
        InputError: ``k`` is not in 1..100 or the separation not in (0, 10000] km.
    """
    if not 1 <= k <= MOST_PLACES:
        raise InputError(f"{k} places were asked for; give a number from 1 to {MOST_PLACES}.")
    if not 0 < separation_km <= 10_000:
        raise InputError(f"A separation of {separation_km:g} km makes no sense; give 1 to 10000 km.")
    cells = np.flatnonzero(search_map.probability > 0)
    centers = search_map.overlay.unit_center[cells]
    heavy = np.argsort(-search_map.probability[cells], kind="stable")[:CANDIDATES]
    members = cKDTree(centers).query_ball_point(centers[heavy], _chord(separation_km / 2), return_sorted=True)
    shares = np.array([search_map.probability[cells[m]].sum() for m in members])
    chosen = _far_apart(centers[heavy], shares, k, _chord(separation_km))
    return tuple(
        _place(search_map, rank, cells[np.asarray(members[index], np.int64)], float(shares[index]))
        for rank, index in enumerate(chosen, start=1)
    )


def _chord(distance_km: float) -> float:
    """Straight-line distance on the unit sphere of a great-circle distance."""
    return float(2.0 * np.sin(min(distance_km / EARTH_RADIUS_KM, np.pi) / 2.0))


def _far_apart(centers: FloatArray, shares: FloatArray, k: int, chord: float) -> list[int]:
    """Indices by falling share, each at least ``chord`` from those before it."""
    free = np.ones(shares.size, bool)
    chosen: list[int] = []
    for index in np.argsort(-shares, kind="stable"):
        if free[index]:
            chosen.append(int(index))
            if len(chosen) == k:
                break
            free &= np.linalg.norm(centers - centers[index], axis=1) >= chord
    return chosen


def _place(search_map: Ranking, rank: int, cells: IntArray, share: float) -> Place:
    by_density = cells[np.argsort(search_map.rank[cells])]
    held = np.cumsum(search_map.probability[by_density])
    core = by_density[: int(np.searchsorted(held, CORE * share)) + 1]
    pixel = pixels_from_the_middle(search_map.overlay, int(by_density[0]))[0]
    latitude, longitude = search_map.overlay.grid.point_of(pixel)
    area = float(search_map.overlay.area_km2[core].sum())
    return Place(rank, float(latitude), float(longitude), min(share, 1.0), area)
