"""Knowledge besides distance, as factors for points: a photo's or the evidence's map, and land."""

import numpy as np

from engine.inference.prior import Prior
from engine.inference.search_map import SearchMap
from engine.partitions.overlay import Overlay
from engine.partitions.partition import NOWHERE
from engine.search_planning.evaluate import Weights
from engine.typing import FloatArray

WATER = 1e-3
"""Factor of open water where only land counts: coasts of the map are some kilometres off."""


def map_weights(search_map: SearchMap, prior: Prior) -> Weights:
    """What photo and evidence say of a place, relative to the greatest: multiplied into the plan.

    Args:
        search_map: answered with a prior weight of 0, every km2 of land alike.
        prior: of that map; its ``flat`` part is divided out again, so that land and water are left to the plan.
    """
    overlay = search_map.overlay
    density = search_map.probability / prior.flat

    def weigh(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        found = density[overlay.cell_at(latitude, longitude)]
        greatest = float(found.max())
        return found / greatest if greatest > 0 else found

    return weigh


def land_weights(overlay: Overlay, population: str = "population") -> Weights:
    """1 on land and nearly 0 on open water, as coarse as the overlay's grid."""
    land = overlay.table(population).cell_label - NOWHERE > 0

    def weigh(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        return np.where(land[overlay.cell_at(latitude, longitude)], 1.0, WATER)

    return weigh
