"""A search region: the densest part of the Earth that fits an area budget or holds a share of the probability.

A region is a number of whole cells in rank order and, so that it fits the budget closely, a part of the next cell:
its pixels nearest to its middle. Only a budget smaller than one pixel takes a part of a pixel.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.grid import IntArray
from engine.geometry.sphere import EARTH_AREA_KM2, FloatArray, unit_vectors
from engine.inference.components import PartMap, connected_parts
from engine.inference.ranking import Ranking
from engine.partitions.overlay import Overlay


@dataclass(frozen=True, eq=False)
class Region:
    """Where to search.

    Attributes:
        search_map: the map that the region was cut from.
        whole_cells: how many cells of ``search_map.order`` it holds entirely.
        cut_pixels: ascending flat pixels of the next cell that it holds as well.
        fraction: share in (0, 1] of its only pixel; below 1 only where the budget is smaller than one pixel.
        area_km2: its area.
        probability: the mass that it holds, 0 to 1.
        budget_km2: the area budget that was asked for, if any.
        mass: the share of the probability that was asked for, if any.
    """

    search_map: Ranking = field(repr=False)  # a map printed is a hundred thousand lines
    whole_cells: int
    cut_pixels: IntArray = field(repr=False)
    fraction: float
    area_km2: float
    probability: float
    budget_km2: float | None = None
    mass: float | None = None

    @property
    def overlay(self) -> Overlay:
        """The cells that the region is made of."""
        return self.search_map.overlay

    def contains(self, latitude: float, longitude: float) -> bool:
        """Whether a point in degrees lies in the region; a pixel taken in part counts as a whole."""
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
        """The region on the display lattice, true where a tile meets it."""
        mask = self.search_map.tile_rank < self.whole_cells
        tiles = self.overlay.tiles.tile_of_pixels(self.cut_pixels, self.overlay.grid)
        mask.reshape(-1)[tiles] = True
        return mask

    @cached_property
    def part_map(self) -> PartMap:
        """The separate areas that the region falls into."""
        blocks = self.search_map.part_rank < self.whole_cells
        rows, columns = np.divmod(self.cut_pixels, self.overlay.grid.columns)
        height, width = (size // n for size, n in zip(self.overlay.grid.shape, blocks.shape, strict=True))
        blocks[rows // height, columns // width] = True
        return connected_parts(blocks)

    @property
    def parts(self) -> int:
        """Number of separate areas; pieces within about half a degree of each other count as one."""
        return self.part_map.count

    @cached_property
    def sha256(self) -> str:
        """Digest of the set of pixels; equal for equal regions whoever asked for them."""
        digest = hashlib.sha256(f"{self.overlay.grid.shape} {self.fraction:.9f}".encode())
        digest.update(np.sort(self.search_map.order[: self.whole_cells]).astype("<i8").tobytes())
        digest.update(self.cut_pixels.astype("<i8").tobytes())
        return digest.hexdigest()


def region_for_area(search_map: Ranking, budget_km2: float) -> Region:
    """The region that fits a budget in km2 (Eq. 1 of paper A with the last cell cut to the budget)."""
    if not 0.0 < budget_km2 <= EARTH_AREA_KM2 * (1 + 1e-9):
        raise InputError(
            f"An area budget of {budget_km2:g} km2 makes no region; "
            f"give a number above 0 and at most {EARTH_AREA_KM2:.0f} km2, the whole Earth."
        )
    whole = int(np.searchsorted(search_map.area_up_to, budget_km2 * (1 + 1e-12), side="right")) - 1
    cut = _cut(search_map, whole, budget_km2 - float(search_map.area_up_to[whole]), at_least=False)
    return _made(search_map, whole, cut, budget_km2=budget_km2)


def region_of_mass(search_map: Ranking, mass: float) -> Region:
    """The smallest region, to within a pixel, that holds at least a share of the probability."""
    if not 0.0 < mass <= 1.0:
        raise InputError(
            f"The probability mass of a region is {mass:g}; give a share above 0 and at most 1, such as 0.9."
        )
    target = mass * (1 - 1e-12)
    whole = int(np.searchsorted(search_map.probability_up_to, target, side="left"))
    if search_map.probability_up_to[min(whole, search_map.overlay.cells)] > target:
        whole -= 1
    missing = target - float(search_map.probability_up_to[whole])
    density = float(search_map.density[search_map.order[min(whole, search_map.overlay.cells - 1)]])
    cut = _cut(search_map, whole, missing / density if density > 0 else 0.0, at_least=True)
    return _made(search_map, whole, cut, mass=mass)


def _cut(search_map: Ranking, whole: int, area_km2: float, *, at_least: bool) -> IntArray:
    """Pixels of the next cell, nearest to its middle first, that fit an area or reach it."""
    if whole >= search_map.overlay.cells or area_km2 <= 0:
        return np.empty(0, np.int64)
    pixels = pixels_from_the_middle(search_map.overlay, int(search_map.order[whole]))
    reached = np.cumsum(search_map.overlay.grid.area_of(pixels))
    count = int(np.searchsorted(reached, area_km2, side="left" if at_least else "right")) + int(at_least)
    if whole == 0:
        count = max(count, 1)
    return pixels[:count]


def pixels_from_the_middle(overlay: Overlay, cell: int) -> IntArray:
    """All pixels of a cell, those nearest to its mean direction first; ties by index."""
    pixels = overlay.pixels_of(cell)
    towards = unit_vectors(*overlay.grid.point_of(pixels)) @ overlay.middle_of(cell)
    return pixels[np.argsort(-towards, kind="stable")]


def _made(
    search_map: Ranking,
    whole: int,
    cut: IntArray,
    budget_km2: float | None = None,
    mass: float | None = None,
) -> Region:
    """Measure the region and put the value together."""
    whole_km2 = float(search_map.area_up_to[whole])
    cut_areas: FloatArray = search_map.overlay.grid.area_of(cut)
    cut_km2 = float(cut_areas.sum())
    fraction = 1.0
    if whole == 0 and cut.size == 1 and budget_km2 is not None and cut_km2 > budget_km2:
        fraction, cut_km2 = budget_km2 / cut_km2, budget_km2
    density = float(search_map.density[search_map.order[whole]]) if cut.size else 0.0
    probability = float(search_map.probability_up_to[whole]) + density * cut_km2
    return Region(
        search_map, whole, np.sort(cut), fraction, whole_km2 + cut_km2, min(probability, 1.0), budget_km2, mass
    )
