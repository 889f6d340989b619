"""Statements about the height of the ground above the sea."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr

from engine.errors import InputError
from engine.evidence.statements.likelihood import ELEVATION, RELIEF, CellShares, EvidenceMap, band_shares
from engine.evidence.statements.sentences import Titles, format_number
from engine.layers.confusion import HeightSpread, height_spreads
from engine.typing import BoolArray, FloatArray


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
        spreads = height_spreads()
        by_relief = [height_shares(edges, low, high, spreads.get(name)) for name in relief.labels]
        bands = np.stack([*by_relief, band_shares(edges, low, high)])  # the last: relief is unknown
        at_sea = np.full((bands.shape[0], 1), float(low <= 0.0 < high))
        shares = np.hstack([bands, at_sea])
        return CellShares(np.asarray(shares[relief.cell_label, elevation.cell_label], np.float64))


def height_shares(edges: Sequence[float], low: float, high: float, spread: HeightSpread | None) -> FloatArray:
    """Share of the ground of each band between ``edges`` that lies from ``low`` to ``high``, in a land of valleys.

    The layer has the mean height of some 9 km; ground in one of its pixels lies around that by ``spread``, as measured,
    so that a town in a deep valley is not ruled out by the summits above it. Beside the sea no valley is deeper than
    the sea: only bands below 0 have ground below 0.
    """
    if spread is None:
        return band_shares(edges, low, high)
    lower, upper = np.asarray(edges[:-1], np.float64)[:, None], np.asarray(edges[1:], np.float64)[:, None]
    heights = lower + (upper - lower) * (np.arange(8) + 0.5) / 8.0
    below_low, below_high = (_share_below(bound, heights, spread, lower < 0.0) for bound in (low, high))
    return np.asarray((below_high - below_low).mean(axis=1), np.float64)


def _share_below(bound: float, heights: FloatArray, spread: HeightSpread, dry_depths: BoolArray) -> FloatArray:
    """Share of the ground around each mean height that lies below a bound: two halves of normal distributions."""
    if not np.isfinite(bound):
        return np.full(heights.shape, float(bound > 0))
    away = bound - heights
    below = 2.0 * spread.share_below * ndtr(away / spread.below_m)
    above = spread.share_below + (1.0 - spread.share_below) * (2.0 * ndtr(away / spread.above_m) - 1.0)
    share = np.where(away > 0.0, above, below)
    return np.asarray(np.where((bound > 0.0) | dry_depths, share, 0.0), np.float64)
