"""Search regions: the densest part of a search map that fits an area budget or holds a given probability mass.

A region is a number of whole cells in rank order and, so that it fits the budget closely, part of the next cell:
the pixels nearest its centre. Only a budget smaller than one pixel takes a fraction of a pixel. A budget larger than
the support of the map is not used up: ground that holds next to nothing would only send people astray.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.sphere import EARTH_AREA_KM2, unit_vectors
from engine.inference.components import ComponentMap, find_components
from engine.inference.ranking import Ranking
from engine.partitions.overlay import Overlay
from engine.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Region:
    """Where to search.

    Attributes:
        search_map: the map that the region was cut from.
        whole_cells: number of cells of ``search_map.order`` that lie entirely inside.
        cut_pixels: flat pixels of the next cell that lie inside as well, ascending.
        fraction: share in (0, 1] of its only pixel; below 1 only where the budget is smaller than one pixel.
        area_km2: area of the region.
        probability: probability mass inside, 0 to 1.
        budget_km2: the requested area budget, if any.
        mass: the requested probability mass, if any.
        ends_at_support: whether the region stopped before the budget was used up, because less than the tail of the
            mass is left outside.
    """

    search_map: Ranking = field(repr=False)  # its repr would be a hundred thousand lines
    whole_cells: int
    cut_pixels: IntArray = field(repr=False)
    fraction: float
    area_km2: float
    probability: float
    budget_km2: float | None = None
    mass: float | None = None
    ends_at_support: bool = False

    @property
    def overlay(self) -> Overlay:
        """The overlay that the region's cells belong to."""
        return self.search_map.overlay

    def contains(self, latitude: float, longitude: float) -> bool:
        """Whether a point in degrees lies in the region; a fractional pixel counts as a whole one."""
        if int(self.search_map.rank[int(self.overlay.cell_at(latitude, longitude))]) < self.whole_cells:
            return True
        return bool(np.isin(self.overlay.grid.pixel_of(latitude, longitude), self.cut_pixels).item())

    def mask(self, rows: slice, columns: slice) -> npt.NDArray[np.bool_]:
        """The region on a window of the grid, true inside."""
        window = np.asarray(self.overlay.pixel_cell[rows, columns])
        inside: npt.NDArray[np.bool_] = (self.search_map.rank < self.whole_cells)[window]
        row, column = np.divmod(self.cut_pixels, self.overlay.grid.columns)
        here = (row >= rows.start) & (row < rows.stop) & (column >= columns.start) & (column < columns.stop)
        inside[row[here] - rows.start, column[here] - columns.start] = True
        return inside

    @cached_property
    def tile_mask(self) -> npt.NDArray[np.bool_]:
        """The region on the display lattice, true where a tile intersects it."""
        mask = self.search_map.tile_rank < self.whole_cells
        tiles = self.overlay.tiles.tile_of_pixels(self.cut_pixels, self.overlay.grid)
        mask.reshape(-1)[tiles] = True
        return mask

    @cached_property
    def component_map(self) -> ComponentMap:
        """The connected components of the region."""
        blocks = self.search_map.component_rank < self.whole_cells
        rows, columns = np.divmod(self.cut_pixels, self.overlay.grid.columns)
        height, width = (size // n for size, n in zip(self.overlay.grid.shape, blocks.shape, strict=True))
        blocks[rows // height, columns // width] = True
        return find_components(blocks)

    @property
    def components(self) -> int:
        """Number of separate areas; areas within about half a degree of each other count as one."""
        return self.component_map.count

    @cached_property
    def sha256(self) -> str:
        """Digest of the set of pixels; regions that cover the same pixels have the same digest."""
        digest = hashlib.sha256(f"{self.overlay.grid.shape} {self.fraction:.9f}".encode())
        digest.update(np.sort(self.search_map.order[: self.whole_cells]).astype("<i8").tobytes())
        digest.update(self.cut_pixels.astype("<i8").tobytes())
        return digest.hexdigest()


SUPPORT_TAIL = 0.001
"""Probability mass that a region may leave outside when it stops before its budget is used up."""


def region_for_area(search_map: Ranking, budget_km2: float, tail: float = SUPPORT_TAIL) -> Region:
    """The region that fits a budget in km2 (Bianco et al. 2024, Eq. 1, with the last cell cut to the budget).

    Args:
        search_map: the ranked map.
        budget_km2: area budget, above 0 and at most the area of the Earth.
        tail: the region ends with the cell that leaves at most this mass outside, in [0, 1); 0 fills the budget as far
            as any mass is left.

    Raises:
        InputError: the budget or the tail is out of range.
    """
    if not 0.0 < budget_km2 <= EARTH_AREA_KM2 * (1 + 1e-9):
        raise InputError(
            f"The area budget {budget_km2:g} km2 is out of range; "
            f"give a number above 0 and at most {EARTH_AREA_KM2:.0f} km2, the area of the Earth."
        )
    if not 0.0 <= tail < 1.0:
        raise InputError(f"The tail {tail:g} is out of range; give a number from 0 to below 1, such as 0.001.")
    whole = int(np.searchsorted(search_map.area_up_to, budget_km2 * (1 + 1e-12), side="right")) - 1
    support = search_map.count_in_support(tail)
    if whole >= support:
        ended = whole > support or budget_km2 > float(search_map.area_up_to[support]) * (1 + 1e-9)
        return _build_region(search_map, support, np.empty(0, np.int64), budget_km2, ends_at_support=ended)
    cut = _cut_cell(search_map, whole, budget_km2 - float(search_map.area_up_to[whole]), at_least=False)
    return _build_region(search_map, whole, cut, budget_km2=budget_km2)


def region_for_mass(search_map: Ranking, mass: float) -> Region:
    """The smallest region, to within a pixel, that holds at least the given probability mass."""
    if not 0.0 < mass <= 1.0:
        raise InputError(
            f"The probability mass {mass:g} is out of range; give a number above 0 and at most 1, such as 0.9."
        )
    target = mass * (1 - 1e-12)
    whole = int(np.searchsorted(search_map.probability_up_to, target, side="left"))
    if search_map.probability_up_to[min(whole, search_map.overlay.cells)] > target:
        whole -= 1
    missing = target - float(search_map.probability_up_to[whole])
    density = float(search_map.density[search_map.order[min(whole, search_map.overlay.cells - 1)]])
    cut = _cut_cell(search_map, whole, missing / density if density > 0 else 0.0, at_least=True)
    return _build_region(search_map, whole, cut, mass=mass)


def _cut_cell(search_map: Ranking, whole: int, area_km2: float, *, at_least: bool) -> IntArray:
    """Pixels of the next cell, nearest its centre first, that fit into an area or just reach it."""
    if whole >= search_map.overlay.cells or area_km2 <= 0:
        return np.empty(0, np.int64)
    pixels = pixels_from_center(search_map.overlay, int(search_map.order[whole]))
    reached = np.cumsum(search_map.overlay.grid.area_of(pixels))
    count = int(np.searchsorted(reached, area_km2, side="left" if at_least else "right")) + int(at_least)
    if whole == 0:
        count = max(count, 1)
    return pixels[:count]


def pixels_from_center(overlay: Overlay, cell: int) -> IntArray:
    """All pixels of a cell by distance from its mean direction, nearest first; ties by index."""
    pixels = overlay.pixels_of(cell)
    towards = unit_vectors(*overlay.grid.point_of(pixels)) @ overlay.center_of(cell)
    return pixels[np.argsort(-towards, kind="stable")]


def _build_region(
    search_map: Ranking,
    whole: int,
    cut: IntArray,
    budget_km2: float | None = None,
    mass: float | None = None,
    *,
    ends_at_support: bool = False,
) -> Region:
    """The region with its area and probability."""
    whole_km2 = float(search_map.area_up_to[whole])
    cut_areas: FloatArray = search_map.overlay.grid.area_of(cut)
    cut_km2 = float(cut_areas.sum())
    fraction = 1.0
    if whole == 0 and cut.size == 1 and budget_km2 is not None and cut_km2 > budget_km2:
        fraction, cut_km2 = budget_km2 / cut_km2, budget_km2
    density = float(search_map.density[search_map.order[whole]]) if cut.size else 0.0
    probability = float(search_map.probability_up_to[whole]) + density * cut_km2
    probability = min(probability, 1.0)
    area_km2 = whole_km2 + cut_km2
    return Region(search_map, whole, np.sort(cut), fraction, area_km2, probability, budget_km2, mass, ends_at_support)
