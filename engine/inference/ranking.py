"""A probability density over the whole Earth, ranked once, so that every area budget is a look-up.

Regions and candidate locations are derived from it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from engine.errors import ContradictionError
from engine.geometry.sphere import check_point
from engine.inference.components import lowest_in_blocks
from engine.partitions.overlay import Overlay
from engine.typing import FloatArray, IntArray

STEP_NATS = 2.0**-24
"""Densities are ranked in relative steps of 6e-8; smaller differences are rounding noise. Equal cells are then ties on
every machine, and whole numbers sort in half the time."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Log-density per overlay cell, and the order of the cells by it.

    Attributes:
        overlay: the cells.
        log_density: ``(cells,)`` float64, natural log of probability per km2, normalised so that mass sums to 1;
            ``-inf`` where the map excludes a cell.
    """

    overlay: Overlay
    log_density: FloatArray

    @classmethod
    def from_log_weights(cls, overlay: Overlay, log_weights: FloatArray) -> Self:
        """Normalise unnormalised log-densities (log-sum-exp, so that nothing underflows).

        Raises:
            ContradictionError: no cell has a finite weight.
        """
        highest = float(log_weights.max(initial=-np.inf))
        if not np.isfinite(highest):
            raise ContradictionError(
                "The predictors contradict each other: no location on Earth is possible under all of them; "
                "switch one off, lower its weight or use the default pooling, which has a floor."
            )
        # A sum, not a dot product: starting BLAS threads for 40,000 numbers costs more than it saves.
        mass = float((np.exp(log_weights - highest) * overlay.area_km2).sum())
        normalised = log_weights - (highest + np.log(mass))
        normalised.setflags(write=False)
        return cls(overlay, normalised)

    @cached_property
    def density(self) -> FloatArray:
        """``(cells,)`` probability per km2."""
        return np.exp(self.log_density)

    @cached_property
    def probability(self) -> FloatArray:
        """``(cells,)`` probability mass; sums to 1."""
        mass = self.density * self.overlay.area_km2
        return np.asarray(mass / mass.sum(), np.float64)

    @cached_property
    def steps(self) -> FloatArray:
        """``(cells,)`` whole steps of ``STEP_NATS`` below the densest cell; ``inf`` where excluded."""
        return self._steps_below(self.log_density)

    @cached_property
    def order(self) -> IntArray:
        """Cells from the densest to the least dense; equal densities in the order of the overlay."""
        return ascending_order(self.steps)

    @cached_property
    def sorted_steps(self) -> FloatArray:
        """``(cells,)`` the steps in ascending order."""
        return self.steps.take(self.order, mode="clip")

    def count_denser(self, log_density: FloatArray | float) -> IntArray:
        """Number of cells denser than each density."""
        return np.searchsorted(self.sorted_steps, self._steps_below(log_density), side="left")

    def count_at_least(self, log_density: FloatArray | float) -> IntArray:
        """Number of cells at least as dense as each density, ties included."""
        return np.searchsorted(self.sorted_steps, self._steps_below(log_density), side="right")

    def _steps_below(self, log_density: FloatArray | float) -> FloatArray:
        return steps_below(log_density, float(self.log_density.max()))

    @cached_property
    def rank(self) -> npt.NDArray[np.int32]:
        """``(cells,)`` position of each cell in ``order``."""
        rank = np.empty(self.overlay.cells, np.int32)
        rank[self.order] = np.arange(self.overlay.cells, dtype=np.int32)
        return rank

    @cached_property
    def area_up_to(self) -> FloatArray:
        """``(cells + 1,)`` km2 of the n densest cells, for every n: all area budgets at once."""
        return self._cumulate(self.overlay.area_km2)

    @cached_property
    def probability_up_to(self) -> FloatArray:
        """``(cells + 1,)`` mass of the n densest cells, for every n: the whole recall-area curve."""
        total = self._cumulate(self.probability)
        total /= total[-1]
        return total

    def count_in_support(self, tail: float) -> int:
        """Number of densest cells after which at most ``tail`` of the mass is left, ``tail`` in [0, 1)."""
        if tail == 0:
            return self.overlay.cells
        held = (1.0 - tail) * (1 - 1e-12)
        return min(int(np.searchsorted(self.probability_up_to, held, side="left")), self.overlay.cells)

    def _cumulate(self, amount: FloatArray) -> FloatArray:
        """``(cells + 1,)`` cumulative sums of a per-cell amount over the n densest cells."""
        total = np.zeros(self.overlay.cells + 1)
        np.cumsum(amount.take(self.order, mode="clip"), out=total[1:])
        return total

    @cached_property
    def tile_rank(self) -> npt.NDArray[np.int32]:
        """Best rank in each tile of the display lattice; the image of any budget is then one comparison."""
        return self.overlay.tiles.lowest(self.rank)

    @cached_property
    def component_rank(self) -> npt.NDArray[np.int32]:
        """Best rank in each block of the component lattice; see ``engine.inference.components``."""
        return lowest_in_blocks(self.tile_rank)

    def area_to_reach(self, latitude: float, longitude: float) -> float:
        """km2 searched until the point is inside (Bianco et al. 2024, Algorithm 3; ties count as searched).

        Raises:
            InputError: the coordinates are out of range.
        """
        point = check_point(latitude, longitude)
        value = float(self.log_density[int(self.overlay.cell_at(*point))])
        return float(self.area_up_to[self.count_at_least(value)])


def ascending_order(values: FloatArray) -> IntArray:
    """Indices that sort values in ascending order, equal values by index.

    Often half the cells are ``inf`` (excluded); those are not sorted at all. The others are sorted as integers, 16 bits
    at a time from the lowest (LSD radix sort): NumPy sorts 16-bit integers by counting, so that the two stable passes
    that the steps of a map need cost a third of one comparison sort.
    """
    finite = np.flatnonzero(values < np.inf)
    keys = _order_preserving_keys(values if finite.size == values.size else values[finite])
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    for shift in range(16, int(keys.max(initial=0)).bit_length(), 16):
        digit = (keys >> np.uint64(shift)).astype(np.uint16)
        order = order.take(np.argsort(digit.take(order, mode="clip"), kind="stable"), mode="clip")
    return order if finite.size == values.size else np.append(finite[order], np.flatnonzero(~(values < np.inf)))


def steps_below(log_density: FloatArray | float, highest: float) -> FloatArray:
    """Whole steps of ``STEP_NATS`` that log-densities lie below the highest; ``inf`` for ``-inf``."""
    return np.rint((highest - np.asarray(log_density, np.float64)) * (1.0 / STEP_NATS))


def _order_preserving_keys(values: FloatArray) -> npt.NDArray[np.uint64]:
    """Integers from 0 in the order of the values: offsets from the lowest for whole numbers, else their bits."""
    above = values - values.min(initial=np.inf)
    if above.max(initial=0.0) < 2.0**52 and bool((np.rint(values) == values).all()):
        return np.asarray(above, np.uint64)
    whole = (values + 0.0).view(np.uint64)  # -0.0 becomes 0.0, which it equals
    negative = (whole >> np.uint64(63)).astype(np.bool_)
    keys = np.where(negative, ~whole, whole | np.uint64(1 << 63))
    return np.asarray(keys - keys.min(), np.uint64)
