"""How probability is spread over distance from the last known point: a monotone distribution that sums to 1.

Within a ring between two quantiles probability is spread evenly over the ring's area, as in the ring model that is
taught; nothing else follows from the quantiles alone. Beyond the last quantile the density goes on where the last ring
ends and falls off exponentially, so that it holds the rest. As an alternative a lognormal distribution is fitted.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from engine.errors import InputError
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.search_planning.distances import Quantile
from engine.typing import FloatArray


class Spread(StrEnum):
    """How probability is spread between and beyond the quantiles."""

    RINGS = "rings"
    LOGNORMAL = "lognormal"


TAIL_SCALES = 7.0
"""The tail ends after as many scales of its exponential; 0.1 % of the tail is beyond, and is counted inside."""

LOGNORMAL_NODES, LOGNORMAL_ENDS = 400, 3.5
LARGEST_UNCERTAINTY_KM = 200.0


@dataclass(frozen=True, eq=False)
class RadialDistribution:
    """Probability by great-circle distance, spread evenly over each annulus between two nodes.

    Attributes:
        radius_km: ``(n,)`` growing from 0.
        within: ``(n,)`` share within each radius, from 0 to 1, never falling.
    """

    radius_km: FloatArray
    within: FloatArray

    @cached_property
    def _cap(self) -> FloatArray:
        return _cap(self.radius_km)

    def share_within(self, radius_km: npt.ArrayLike) -> FloatArray:
        """The probability within each radius in km."""
        return np.asarray(np.interp(_cap(radius_km), self._cap, self.within), np.float64)

    def radius_of(self, share: float) -> float:
        """The radius in km that holds a share."""
        cap = float(np.interp(share, self.within, self._cap))
        return 2.0 * EARTH_RADIUS_KM * math.asin(min(math.sqrt(cap), 1.0))

    @property
    def reach_km(self) -> float:
        """The radius that holds all of it."""
        return float(self.radius_km[-1])


def spread_quantiles(quantiles: tuple[Quantile, ...], spread: Spread = Spread.RINGS) -> RadialDistribution:
    """The distribution that quantiles (see ``Distances``) stand for."""
    return _rings(quantiles) if spread is Spread.RINGS else _lognormal(quantiles)


def blur(distribution: RadialDistribution, uncertainty_km: float) -> RadialDistribution:
    """The distribution around a point that is itself only known to lie within a radius, evenly spread over that disc.

    Raises:
        InputError: the radius is below 0 or above 200 km.
    """
    if not 0.0 <= uncertainty_km <= LARGEST_UNCERTAINTY_KM:
        raise InputError(
            f"An uncertainty of {uncertainty_km:g} km cannot be used; give 0 to {LARGEST_UNCERTAINTY_KM:g} km."
        )
    if uncertainty_km == 0.0:
        return distribution
    shares = (np.arange(400) + 0.5) / 400
    travelled = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.interp(shares, distribution.within, distribution._cap)))
    offset = uncertainty_km * np.sqrt((np.arange(24) + 0.5) / 24)
    cosine = np.cos(2.0 * math.pi * (np.arange(36) + 0.5) / 36)
    square = travelled[:, None, None] ** 2 + offset[None, :, None] ** 2
    squared = square + 2.0 * travelled[:, None, None] * offset[None, :, None] * cosine[None, None, :]
    apart = np.sort(np.sqrt(np.maximum(squared, 0.0)), axis=None)
    within = np.linspace(0.0, 1.0, 801)
    radius = np.concatenate([[0.0], np.quantile(apart, within[1:])])
    return _made(radius, within)


def _rings(quantiles: tuple[Quantile, ...]) -> RadialDistribution:
    shares = np.array([0.0, *(share for share, _ in quantiles)])
    radii = np.array([0.0, *(km for _, km in quantiles)])
    rest, last = 1.0 - shares[-1], radii[-1]
    density = (shares[-1] - shares[-2]) / (math.pi * (radii[-1] ** 2 - radii[-2] ** 2))
    # Its integral over the plane beyond, 2 pi density (last s + s^2), is the rest.
    scale = (-last + math.sqrt(last**2 + 2.0 * rest / (math.pi * density))) / 2.0
    steps = scale * TAIL_SCALES * np.arange(1, 201) / 200
    tail = 1.0 - np.exp(-steps / scale) * (1.0 + steps / (last + scale))
    radius = np.concatenate([radii, last + steps])
    within = np.concatenate([shares, shares[-1] + rest * tail / tail[-1]])
    return _made(radius, within)


def _lognormal(quantiles: tuple[Quantile, ...]) -> RadialDistribution:
    """Least squares of the log-distances on the normal scores; one quantile takes the spread of hikers, sigma 1.2."""
    score, log_km = ndtri([share for share, _ in quantiles]), np.log([km for _, km in quantiles])
    if len(quantiles) == 1:
        sigma = 1.2
    else:
        centred = score - score.mean()
        sigma = max(float((centred @ log_km) / (centred @ centred)), 0.05)
    mu = float((log_km - sigma * score).mean())
    nodes = np.linspace(-LOGNORMAL_ENDS, LOGNORMAL_ENDS, LOGNORMAL_NODES)
    return _made(np.concatenate([[0.0], np.exp(mu + sigma * nodes)]), np.concatenate([[0.0], ndtr(nodes)]))


def _made(radius_km: FloatArray, within: FloatArray) -> RadialDistribution:
    """Radii beyond half way round count there; equal ones are merged."""
    radius = np.minimum(radius_km, math.pi * EARTH_RADIUS_KM)
    last = np.append(np.diff(radius) > 0, True)
    first = within[0] if not last[0] else 0.0
    radius, within = radius[last], within[last] / within[-1]
    if radius[0] > 0:
        radius, within = np.concatenate([[0.0], radius]), np.concatenate([[first], within])
    return RadialDistribution(radius, within)


def _cap(radius_km: npt.ArrayLike) -> FloatArray:
    """Share of the Earth's area within radii."""
    return np.sin(np.asarray(radius_km, np.float64) / (2.0 * EARTH_RADIUS_KM)) ** 2
