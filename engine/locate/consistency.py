"""Whether photos show one place: how far each of them leaves the places of the others standing.

L = p / p_before is how much likelier a map makes a place than it was, and G = exp(sum of p log L), its geometric mean
over the map itself, is how much likelier the map makes its own places. The fit is the share of one side's belief that
the other side supports as it supports its own,

    fit = max(sum over cells of p_photo min(1, L_others / G_others), the same with the sides exchanged).

It is 1 where one side says nothing (L = G = 1), whatever the other says; near 1 where they agree, and near 0 where each
holds the other's places for unlikely beside its own.
"""

from collections.abc import Mapping

import numpy as np

from engine.inference.pooling import information_nats
from engine.inference.search_map import SearchMap
from engine.typing import FloatArray


def photo_fits(before: SearchMap, alone: Mapping[str, SearchMap], share: float) -> dict[str, float | None]:
    """Per photo its fit to the others, 0 to 1; None for the only photo. All photos count alike, whoever spoke of them.

    Args:
        before: the map without any photo.
        alone: by the name of a photo its map by itself.
        share: what each of the other photos counts, as they depend on each other.
    """
    if len(alone) == 1:
        return dict.fromkeys(alone)
    evidence = {name: _evidence(search_map, before) for name, search_map in alone.items()}
    fits: dict[str, float | None] = {}
    for name, own in evidence.items():
        others = np.zeros_like(own)
        for other, one in evidence.items():
            if other != name:
                others += one
        fits[name] = _fit(before, own, share * others)
    return fits


def _evidence(search_map: SearchMap, before: SearchMap) -> FloatArray:
    """Log of how much likelier a photo makes each cell; ``-inf`` where it excludes it."""
    possible = np.isfinite(before.log_density)
    gain = np.subtract(search_map.log_density, before.log_density, out=np.zeros(possible.size), where=possible)
    return np.where(possible, gain, 0.0)


def _fit(before: SearchMap, own: FloatArray, others: FloatArray) -> float:
    """The fit of two likelihoods given as logs; see the head of this module."""
    mine, theirs = (SearchMap.from_log_weights(before.overlay, before.log_density + one) for one in (own, others))
    kept = _left_standing(mine, theirs, before), _left_standing(theirs, mine, before)
    return min(max(kept), 1.0)


def _left_standing(believed: SearchMap, other: SearchMap, before: SearchMap) -> float:
    """Share of a map's belief that another map supports as it supports its own places."""
    gain = _evidence(other, before)
    return float((believed.probability * np.exp(np.minimum(gain - information_nats(other, before), 0.0))).sum())
