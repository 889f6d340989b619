"""The effect of each statement: the area to search with it and without it.

A region of the densest cells needs a sort. Here two histograms find the density at which the region ends, and only the
cells around it are sorted. The last cell counts in proportion, where a region is cut to the pixel: areas differ from
those of regions by at most a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.typing import FloatArray

MASSES = (0.5, 0.9)
"""Probability masses whose areas are compared."""

MINUS = "\u2212"
"""The minus sign of readable texts, longer than a hyphen."""

_BINS, _DEEPEST = 4096, 40.0  # nats below the densest cell; cells below that hold less than 1e-9 of the Earth's mass


@dataclass(frozen=True)
class Effect:
    """The effect of one statement on the search area.

    Attributes:
        name: name of the statement's record, ``evidence_<id>``.
        masses: probability masses.
        area_km2: km2 of the smallest region that holds each mass, with the statement.
        area_without_km2: the same without it.
    """

    name: str
    masses: tuple[float, ...]
    area_km2: tuple[float, ...]
    area_without_km2: tuple[float, ...]

    @property
    def change(self) -> tuple[float, ...]:
        """Relative change of each area: -0.71 where the statement saves 71 % of the search."""
        return tuple(a / b - 1.0 for a, b in zip(self.area_km2, self.area_without_km2, strict=True))

    def change_text(self, mass: float = 0.9) -> str:
        """The change for one of the shares: ``"−71 %"``, ``"+12 %"``, ``"×12"`` or ``"no change"``."""
        percent = 100.0 * self.change[self.masses.index(mass)]
        if abs(percent) < 0.5:
            return "no change"
        if percent > 1000:
            return f"×{percent / 100 + 1:,.0f}"
        if percent < -99.5:
            return f"{MINUS}100 %" if percent <= -99.995 else f"{MINUS}{-percent:.2f} %"
        return f"{'+' if percent > 0 else MINUS}{abs(percent):.0f} %"


def effects(
    log_weights: FloatArray,
    area_km2: FloatArray,
    terms: Sequence[tuple[str, FloatArray]],
    masses: Sequence[float] = MASSES,
) -> tuple[Effect, ...]:
    """The effect of each term.

    Args:
        log_weights: ``(cells,)`` log-density of the map, normalised or not.
        area_km2: ``(cells,)``.
        terms: name and ``(cells,)`` log-likelihood that each statement added to the log-density.
        masses: probability masses in (0, 1].
    """
    levels = tuple(masses)
    whole = areas_for_mass(log_weights, area_km2, levels)
    return tuple(
        Effect(name, levels, whole, areas_for_mass(log_weights - term, area_km2, levels)) for name, term in terms
    )


def areas_for_mass(log_weights: FloatArray, area_km2: FloatArray, masses: Sequence[float]) -> tuple[float, ...]:
    """km2 of the densest cells that hold each probability mass, the last cell in proportion.

    Args:
        log_weights: ``(cells,)`` log-density, normalised or not.
        area_km2: ``(cells,)``.
        masses: probability masses in (0, 1].
    """
    below = float(log_weights.max()) - log_weights
    near = np.flatnonzero(below < _DEEPEST)
    if near.size < below.size // 2:
        below, area = below[near], area_km2[near]
    else:
        area = area_km2
    mass = np.exp(-below) * area
    bins = np.minimum(below * (_BINS / _DEEPEST), _BINS).astype(np.int32)
    mass_up_to: FloatArray = np.cumsum(np.bincount(bins, mass, _BINS + 1)).astype(np.float64)
    area_up_to: FloatArray = np.cumsum(np.bincount(bins, area, _BINS + 1)).astype(np.float64)
    return tuple(_area_at(share, below, area, mass, bins, mass_up_to, area_up_to) for share in masses)


def _area_at(
    share: float,
    below: FloatArray,
    area: FloatArray,
    mass: FloatArray,
    bins: npt.NDArray[np.int32],
    mass_up_to: FloatArray,
    area_up_to: FloatArray,
) -> float:
    """km2 at which one share of the mass is reached: whole bins, then the cells of the next bin in order of density."""
    target = share * float(mass_up_to[-1]) * (1 - 1e-12)
    last = int(np.searchsorted(mass_up_to, target))
    here = np.flatnonzero(bins == last)
    here = here[np.argsort(below[here], kind="stable")]
    missing = target - (float(mass_up_to[last - 1]) if last else 0.0)
    reached = np.cumsum(mass[here])
    last_cell = min(int(np.searchsorted(reached, missing)), here.size - 1)
    part = 1.0 - (reached[last_cell] - missing) / mass[here[last_cell]]
    whole = float(area_up_to[last - 1]) if last else 0.0
    return float(whole + area[here[:last_cell]].sum() + np.clip(part, 0.0, 1.0) * area[here[last_cell]])
