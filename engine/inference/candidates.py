"""Candidate locations: the most probable locations of a search map, at least a given distance apart.

A candidate gathers the overlay cells whose centres lie within half the separation of its seed cell. Its probability is
their mass, its area that of the densest cells that hold 90 % of that mass, its coordinates the centre of the densest.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from engine.errors import InputError
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.inference.ranking import Ranking
from engine.inference.region import pixels_from_center
from engine.typing import FloatArray, IntArray

MAX_CANDIDATES = 100
MAX_SEEDS = 4000
"""Cells of the largest mass that may seed a candidate; all other cells only add to the mass around a seed."""
MIN_PROBABILITY = 0.001
"""A location with less of the mass is no candidate: it would send people to places that the map excludes."""
CORE = 0.9
"""Share of a candidate's mass that its area holds."""


@dataclass(frozen=True)
class Candidate:
    """One candidate location: rank 1 is the most probable; latitude and longitude in degrees."""

    rank: int
    latitude: float
    longitude: float
    probability: float
    area_km2: float


def find_candidates(
    search_map: Ranking, k: int, separation_km: float, min_probability: float = MIN_PROBABILITY
) -> tuple[Candidate, ...]:
    """Up to ``k`` candidates at least ``separation_km`` apart (between their seeds), most probable first.

    Locations that hold less than ``min_probability`` are left out, except the first.

    Raises:
        InputError: ``k`` is not in 1..100 or the separation not in (0, 10000] km.
    """
    if not 1 <= k <= MAX_CANDIDATES:
        raise InputError(f"The number of candidates is {k}; give a number from 1 to {MAX_CANDIDATES}.")
    if not 0 < separation_km <= 10_000:
        raise InputError(
            f"The separation {separation_km:g} km is out of range; give a number above 0 and at most 10000 km."
        )
    cells = np.flatnonzero(search_map.probability > 0)
    centers = search_map.overlay.unit_center[cells]
    seeds = np.argsort(-search_map.probability[cells], kind="stable")[:MAX_SEEDS]
    members = cKDTree(centers).query_ball_point(centers[seeds], _chord(separation_km / 2), return_sorted=True)
    mass = np.array([search_map.probability[cells[m]].sum() for m in members])
    chosen = _select_apart(centers[seeds], mass, k, _chord(separation_km))
    chosen = chosen[:1] + [index for index in chosen[1:] if mass[index] >= min_probability]
    return tuple(
        _candidate(search_map, rank, cells[np.asarray(members[index], np.int64)], float(mass[index]))
        for rank, index in enumerate(chosen, start=1)
    )


def _chord(distance_km: float) -> float:
    """Straight-line distance on the unit sphere of a great-circle distance."""
    return float(2.0 * np.sin(min(distance_km / EARTH_RADIUS_KM, np.pi) / 2.0))


def _select_apart(centers: FloatArray, mass: FloatArray, k: int, chord: float) -> list[int]:
    """Up to ``k`` indices by falling mass, each at least ``chord`` from those before it."""
    free = np.ones(mass.size, bool)
    chosen: list[int] = []
    for index in np.argsort(-mass, kind="stable"):
        if free[index]:
            chosen.append(int(index))
            if len(chosen) == k:
                break
            free &= np.linalg.norm(centers - centers[index], axis=1) >= chord
    return chosen


def _candidate(search_map: Ranking, rank: int, cells: IntArray, mass: float) -> Candidate:
    by_density = cells[np.argsort(search_map.rank[cells])]
    mass_up_to = np.cumsum(search_map.probability[by_density])
    core = by_density[: int(np.searchsorted(mass_up_to, CORE * mass)) + 1]
    pixel = pixels_from_center(search_map.overlay, int(by_density[0]))[0]
    latitude, longitude = search_map.overlay.grid.point_of(pixel)
    area = float(search_map.overlay.area_km2[core].sum())
    return Candidate(rank, float(latitude), float(longitude), min(mass, 1.0), area)
