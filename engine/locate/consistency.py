"""Consistency: whether photos show one place, by how far each of them supports the places of the others.

L = p / p_before is how much likelier a map makes a place than it was, and G = exp(sum of p log L), its geometric mean
over the map itself, is how much likelier the map makes its own places. The fit is the share of one side's probability
that the other side supports as much as its own,

    fit = max(sum over cells of p_photo min(1, L_others / G_others), the same with the sides exchanged).

It is 1 where one side is uninformative (L = G = 1); near 1 where they agree, and near 0 where each makes the other's
places unlikely.
"""

from collections.abc import Mapping

import numpy as np

from engine.inference.pooling import information_nats
from engine.inference.search_map import SearchMap
from engine.typing import FloatArray


def photo_fits(before: SearchMap, alone: Mapping[str, SearchMap], share: float) -> dict[str, float | None]:
    """Per photo its fit to the others, 0 to 1; None for the only photo. All photos have equal weight.

    Args:
        before: the map without any photo.
        alone: by the name of a photo its map by itself.
        share: what each of the other photos counts, as they depend on each other.
    """
    if len(alone) == 1:
        return dict.fromkeys(alone)
    evidence = {name: _log_gain(search_map, before) for name, search_map in alone.items()}
    fits: dict[str, float | None] = {}
    for name, own in evidence.items():
        others = np.zeros_like(own)
        for other, one in evidence.items():
            if other != name:
                others += one
        fits[name] = _fit(before, own, share * others)
    return fits


def _log_gain(search_map: SearchMap, before: SearchMap) -> FloatArray:
    """Log of how much likelier a photo makes each cell; ``-inf`` where it excludes it."""
    possible = np.isfinite(before.log_density)
    gain = np.subtract(search_map.log_density, before.log_density, out=np.zeros(possible.size), where=possible)
    return np.where(possible, gain, 0.0)


def _fit(before: SearchMap, own: FloatArray, others: FloatArray) -> float:
    """The fit of two likelihoods given as logs; see the module docstring."""
    mine, theirs = (SearchMap.from_log_weights(before.overlay, before.log_density + one) for one in (own, others))
    shares = _supported_share(mine, theirs, before), _supported_share(theirs, mine, before)
    return min(max(shares), 1.0)


def _supported_share(believed: SearchMap, other: SearchMap, before: SearchMap) -> float:
    """Share of a map's probability that another map supports as much as its own places."""
    gain = _log_gain(other, before)
    return float((believed.probability * np.exp(np.minimum(gain - information_nats(other, before), 0.0))).sum())
