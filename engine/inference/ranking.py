"""A probability density over the whole Earth, ranked once, so that every budget is a look-up.

Knows no predictor, no photo and no region: regions and places are read from it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from engine.errors import ContradictionError
from engine.geometry.grid import IntArray
from engine.geometry.sphere import FloatArray, check_point
from engine.inference.components import lowest_in_blocks
from engine.partitions.overlay import Overlay

STEP_NATS = 2.0**-24
"""Densities are told apart by steps of 6e-8 of themselves: what lies below is the noise of arithmetic. Places that are
alike are then ties, whatever the machine; and whole numbers are ranked in half the time."""


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
                "The predictors contradict each other: no place on Earth is possible for all of them; "
                "switch one off, lower its weight or use the default pooling, which keeps a floor."
            )
        # A sum and not a dot product: BLAS would wake its threads for 40,000 numbers, which costs more than it saves.
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
        """``(cells,)`` whole steps below the densest cell, which is what is ranked; ``inf`` where excluded."""
        return self._below(self.log_density)

    @cached_property
    def order(self) -> IntArray:
        """Cells from the densest to the least dense; equal densities in the order of the overlay."""
        return rising_order(self.steps)

    @cached_property
    def rising(self) -> FloatArray:
        """``(cells,)`` the steps in the order of the ranking, rising."""
        return self.steps.take(self.order, mode="clip")

    def denser(self, log_density: FloatArray | float) -> IntArray:
        """How many cells are denser than each density."""
        return np.searchsorted(self.rising, self._below(log_density), side="left")

    def as_dense(self, log_density: FloatArray | float) -> IntArray:
        """How many cells are at least as dense as each density, ties included."""
        return np.searchsorted(self.rising, self._below(log_density), side="right")

    def _below(self, log_density: FloatArray | float) -> FloatArray:
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
        return self._running(self.overlay.area_km2)

    @cached_property
    def probability_up_to(self) -> FloatArray:
        """``(cells + 1,)`` mass of the n densest cells, for every n: the whole recall-area curve."""
        total = self._running(self.probability)
        total /= total[-1]
        return total

    def _running(self, amount: FloatArray) -> FloatArray:
        """``(cells + 1,)`` sums of an amount per cell over the n densest cells."""
        total = np.zeros(self.overlay.cells + 1)
        np.cumsum(amount.take(self.order, mode="clip"), out=total[1:])
        return total

    @cached_property
    def tile_rank(self) -> npt.NDArray[np.int32]:
        """Best rank in each tile of the display lattice, so that a budget's picture is one comparison."""
        return self.overlay.tiles.lowest(self.rank)

    @cached_property
    def part_rank(self) -> npt.NDArray[np.int32]:
        """Best rank in each block of the lattice on which parts are told apart; see ``engine.inference.components``."""
        return lowest_in_blocks(self.tile_rank)

    def area_to_reach(self, latitude: float, longitude: float) -> float:
        """km2 that must be searched before the point is inside (Algorithm 3 of paper A; ties count as searched).

        Raises:
            InputError: the point is not on the globe.
        """
        point = check_point(latitude, longitude)
        value = float(self.log_density[int(self.overlay.cell_at(*point))])
        return float(self.area_up_to[self.as_dense(value)])


def rising_order(values: FloatArray) -> IntArray:
    """Indices that sort values upwards, equal values by index.

    ``inf`` (what a map excludes) is often the value of half the cells; those are not sorted at all. The others are
    sorted as whole numbers, 16 bits at a time from the lowest: NumPy sorts 16-bit integers by counting, so that the two
    stable passes that the steps of a map take cost a third of one sort by comparison.
    """
    finite = np.flatnonzero(values < np.inf)
    keys = _rising_integers(values if finite.size == values.size else values[finite])
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    for shift in range(16, int(keys.max(initial=0)).bit_length(), 16):
        digit = (keys >> np.uint64(shift)).astype(np.uint16)
        order = order.take(np.argsort(digit.take(order, mode="clip"), kind="stable"), mode="clip")
    return order if finite.size == values.size else np.append(finite[order], np.flatnonzero(~(values < np.inf)))


def steps_below(log_density: FloatArray | float, highest: float) -> FloatArray:
    """How many whole steps of ``STEP_NATS`` log-densities lie below the highest; ``inf`` for ``-inf``."""
    return np.rint((highest - np.asarray(log_density, np.float64)) * (1.0 / STEP_NATS))


def _rising_integers(values: FloatArray) -> npt.NDArray[np.uint64]:
    """Integers from 0 in the order of the values: how far whole numbers lie above the lowest, or else their bits."""
    above = values - values.min(initial=np.inf)
    if above.max(initial=0.0) < 2.0**52 and bool((np.rint(values) == values).all()):
        return np.asarray(above, np.uint64)
    whole = (values + 0.0).view(np.uint64)  # -0.0 becomes 0.0, which it equals
    negative = (whole >> np.uint64(63)).astype(np.bool_)
    keys = np.where(negative, ~whole, whole | np.uint64(1 << 63))
    return np.asarray(keys - keys.min(), np.uint64)
