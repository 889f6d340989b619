"""A region as S2 cell tokens: a covering of whole cells of one level, for databases and tools indexed by S2.

``RegionCoverer`` of s2sphere covers the outlines of the region. The covering contains the region, and is larger by at
most the cells along its border.
"""

import csv
from pathlib import Path

import numpy as np
import s2sphere
import shapely
from shapely.geometry import box

from engine.errors import InputError
from engine.export.contents import Contents
from engine.export.shapes import region_parts
from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.region import Region

FINEST_LEVEL = 14
"""Cells of 0.3 km2, finer than a pixel of the finest grid."""
USUAL_CELLS, MOST_CELLS = 200, 20_000
"""About as many cells as an unset level gives, and as many as are written at most."""
COLUMNS = ("token", "level", "area_km2")
_EDGE_POINTS = 8
_STEEP_DEGREES = 80.0  # beyond this latitude the outline of a cell is replaced by its latitude-longitude box


def write_s2_tokens(contents: Contents, path: Path) -> None:
    """Write the covering as CSV with the columns ``token, level, area_km2``, ordered along the S2 curve."""
    ids = s2_covering(contents.region, contents.s2_level)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        levels, areas = s2.level_of(ids), s2.cell_area_km2(ids)
        rows.writerows(zip(s2.tokens(ids), levels.tolist(), (f"{area:.6g}" for area in areas), strict=True))


def s2_covering(region: Region, level: int | None = None) -> s2.IdArray:
    """Ids of the cells of one level that cover a region.

    Args:
        region: the search region.
        level: 0 (a sixth of the Earth) to ``FINEST_LEVEL``; None takes the level of about ``USUAL_CELLS`` cells.

    Returns:
        ``(cells,)`` uint64, ascending.

    Raises:
        InputError: the level is out of range, or the covering has more than ``MOST_CELLS`` cells.
    """
    chosen = usual_level(region.area_km2) if level is None else level
    _check_level(region, chosen)
    coverer = s2sphere.RegionCoverer()
    coverer.min_level = coverer.max_level = chosen
    coverer.max_cells = MOST_CELLS
    found = coverer.get_covering(_Outlines(region, chosen))
    return np.sort(np.array([cell.id() for cell in found], np.uint64))


def usual_level(area_km2: float) -> int:
    """The coarsest level at which a region of an area takes about ``USUAL_CELLS`` cells or more."""
    cells_of_level_0 = max(6.0 * area_km2 / EARTH_AREA_KM2, 1e-12)
    return int(np.clip(np.ceil(np.log2(USUAL_CELLS / cells_of_level_0) / 2.0), 0, FINEST_LEVEL))


def _check_level(region: Region, level: int) -> None:
    if not 0 <= level <= FINEST_LEVEL:
        raise InputError(f"The S2 level is {level}; give a level from 0 to {FINEST_LEVEL}.")
    if region.area_km2 / (EARTH_AREA_KM2 / (6 * 4**level)) > MOST_CELLS:
        raise _too_many(region, level)


def _too_many(region: Region, level: int) -> InputError:
    usual = min(usual_level(region.area_km2), level - 1)
    return InputError(
        f"At S2 level {level} the region takes more than {MOST_CELLS:,} cells; give a level up to {usual}."
    )


class _Outlines:
    """The outlines of a region as what ``RegionCoverer`` asks of a region.

    Both answers err on the safe side: cells that only touch the region may be taken for intersecting it.
    """

    def __init__(self, region: Region, level: int) -> None:
        self._region, self._level = region, level
        polygons = [polygon for part in region_parts(region) for polygon in part.shape.geoms]
        self._tree = shapely.STRtree(polygons)
        self._cells = 0

    def get_cap_bound(self) -> s2sphere.Cap:
        """The whole sphere: the search begins with the six faces."""
        return s2sphere.Cap.full()

    def contains(self, _: s2sphere.Cell) -> bool:
        """False: every cell is divided down to the level of the covering anyway."""
        return False

    def may_intersect(self, cell: s2sphere.Cell) -> bool:
        """Whether the region reaches into a cell."""
        found = any(self._tree.query(piece, "intersects").size for piece in _cell_shapes(cell))
        if found and cell.level() == self._level:
            self._cells += 1
            if self._cells > MOST_CELLS:
                raise _too_many(self._region, self._level)
        return found


def _cell_shapes(cell: s2sphere.Cell) -> list[shapely.Geometry]:
    """Polygons in longitude and latitude that contain a cell."""
    bound = cell.get_rect_bound()
    south, north = bound.lat_lo().degrees, bound.lat_hi().degrees
    west, east = bound.lng_lo().degrees, bound.lng_hi().degrees
    if west > east:
        return [box(west, south, 180.0, north), box(-180.0, south, east, north)]
    if cell.level() < 2 or max(-south, north) > _STEEP_DEGREES or west <= -180.0 or east >= 180.0:
        return [box(west, south, east, north)]
    return [_outline(cell)]


def _outline(cell: s2sphere.Cell) -> shapely.Geometry:
    """The outline of a cell with points along its edges, widened by what lies between an edge and its chords."""
    corners = np.array([[*_vector(cell.get_vertex(number))] for number in range(4)])
    steps = np.linspace(0.0, 1.0, _EDGE_POINTS, endpoint=False)[:, None]
    edges = [start + steps * (end - start) for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    x, y, z = np.concatenate(edges).T
    longitude, latitude = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    step = np.pi / 2 ** cell.level() / _EDGE_POINTS  # twice the mean, as faces stretch their cells
    sagitta = np.degrees(step**2 / 8.0) / np.cos(np.radians(_STEEP_DEGREES)) ** 2
    return shapely.Polygon(np.stack([longitude, latitude], axis=1)).buffer(sagitta, join_style="mitre")


def _vector(point: s2sphere.Point) -> tuple[float, float, float]:
    return point[0], point[1], point[2]
