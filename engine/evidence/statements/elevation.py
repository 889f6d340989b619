"""Statements about the height of the ground above the sea."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr

from engine.errors import InputError
from engine.evidence.statements.likelihood import ELEVATION, RELIEF, CellShares, EvidenceMap, band_shares
from engine.evidence.statements.sentences import Titles, format_number
from engine.typing import BoolArray, FloatArray

VALLEYS_M = {"flat": 20.0, "hills": 150.0, "mountains": 600.0}
"""By relief, how far ground lies from the mean of its pixel: a third of the range that separates the classes, and in
mountains about that between Chamonix (1,035 m) and its pixel (over 2,000 m)."""

UPWARD = 0.6
"""Spread above the mean over the spread below it, where people are: valleys are wide and summits are not."""


@dataclass(frozen=True)
class Elevation:
    """The height of the ground above the sea lies in a range.

    Attributes:
        lowest_m: metres, or None where there is no lower bound.
        highest_m: metres, or None where there is no upper bound; one of the two is given.
    """

    kind: ClassVar[str] = "elevation"
    gradual: ClassVar[bool] = False

    lowest_m: float | None = None
    highest_m: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.lowest_m, self.highest_m) if value is not None]
        if not given:
            raise InputError("A statement about the height names no height; give the lowest, the highest or both.")
        for value in given:
            if not -500.0 <= value <= 9000.0:
                raise InputError(f"A height of {value:g} m is not on land; give -500 to 9000 m above the sea.")
        if len(given) == 2 and given[0] >= given[1]:
            raise InputError(f"Heights from {given[0]:g} to {given[1]:g} m hold nothing; give the lower one first.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Above 2,000 m"``, ``"Between 500 and 1,000 m"``."""
        del titles
        if self.lowest_m is None:
            return f"Below {format_number(self.highest_m or 0.0)} m"
        if self.highest_m is None:
            return f"Above {format_number(self.lowest_m)} m"
        return f"Between {format_number(self.lowest_m)} and {format_number(self.highest_m)} m"

    def likelihood(self, world: EvidenceMap) -> CellShares:
        """How much of the ground of each cell lies in the range, given its band of elevation and its relief."""
        low = -np.inf if self.lowest_m is None else self.lowest_m
        high = np.inf if self.highest_m is None else self.highest_m
        elevation, relief = world.overlay.table(ELEVATION), world.overlay.table(RELIEF)
        edges = world.edges[ELEVATION]
        by_relief = [height_shares(edges, low, high, VALLEYS_M.get(name, 0.0)) for name in relief.labels]
        bands = np.stack([*by_relief, band_shares(edges, low, high)])  # the last: relief is unknown
        at_sea = np.full((bands.shape[0], 1), float(low <= 0.0 < high))
        shares = np.hstack([bands, at_sea])
        return CellShares(np.asarray(shares[relief.cell_label, elevation.cell_label], np.float64))


def height_shares(edges: Sequence[float], low: float, high: float, spread_m: float) -> FloatArray:
    """Share of the ground of each band between ``edges`` that lies from ``low`` to ``high``, in a land of valleys.

    The layer has the mean height of some 9 km; ground in one of its pixels lies around that by ``spread_m`` (one
    standard deviation; less upwards), so that a town in a deep valley is not ruled out by the summits above it. Beside
    the sea no valley is deeper than the sea: only bands below 0 have ground below 0.
    """
    if spread_m <= 0.0:
        return band_shares(edges, low, high)
    lower, upper = np.asarray(edges[:-1], np.float64)[:, None], np.asarray(edges[1:], np.float64)[:, None]
    heights = lower + (upper - lower) * (np.arange(8) + 0.5) / 8.0
    below_low, below_high = (_share_below(bound, heights, spread_m, lower < 0.0) for bound in (low, high))
    return np.asarray((below_high - below_low).mean(axis=1), np.float64)


def _share_below(bound: float, heights: FloatArray, spread_m: float, dry_depths: BoolArray) -> FloatArray:
    """Share of the ground around each mean height that lies below a bound."""
    if not np.isfinite(bound):
        return np.full(heights.shape, float(bound > 0))
    away = (bound - heights) / spread_m
    share = ndtr(np.where(away > 0.0, away / UPWARD, away))
    return np.asarray(np.where((bound > 0.0) | dry_depths, share, 0.0), np.float64)
