"""Places as the sun's likelihood wants them: in single precision, those whose clocks run alike side by side.

Made once for a map; every observation then reads long slices of memory and gathers nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.evidence.sun.clock import NAUTICAL_HOURS, RULES_YEAR, nautical_zone, zone_offsets
from engine.geometry.sphere import unit_vectors
from engine.typing import IntArray

Array = npt.NDArray[np.float32]
AnyIntArray = npt.NDArray[np.integer]

LATTICE_DEGREES = 1.0
"""Between nodes of a lattice."""

_ROWS, _COLUMNS = 180, 360
_WIDE = 2 ** np.minimum(np.log2(1.0 / np.cos(np.radians(89.5 - np.arange(_ROWS)))).astype(np.int64), 3)  # steps by row
_WINTER_AND_SUMMER = (date(RULES_YEAR, 1, 15), date(RULES_YEAR, 7, 15))


@dataclass(frozen=True, eq=False)
class Points:
    """Points sorted by time zone.

    Attributes:
        unit: ``(n, 3)`` unit vectors.
        extent: ``(n,)`` radius of the cell around each in radians; it widens the errors.
        start: ``(zones + 1,)`` where the points of each zone begin.
    """

    unit: Array
    extent: Array
    start: IntArray

    def __len__(self) -> int:
        """Number of points."""
        return len(self.unit)

    def some(self, chosen: npt.NDArray[np.bool_]) -> "Points":
        """Some of them, in the same order."""
        before = np.concatenate([[0], np.cumsum(chosen)])
        return Points(self.unit[chosen], self.extent[chosen], before[self.start])

    def slices(self, zones: IntArray) -> Iterator[slice]:
        """The points of some zones, given ascending, as few slices."""
        for run in np.split(zones, np.flatnonzero(np.diff(zones) > 1) + 1):
            yield slice(int(self.start[run[0]]), int(self.start[run[-1] + 1]))


@dataclass(frozen=True, eq=False)
class Lattice:
    """Nodes of a lattice around places, each zone with its own, so that no clock reaches over a border.

    Towards the poles, where meridians draw together, every second, fourth or eighth node of a parallel is enough.

    Attributes:
        nodes: the nodes.
        corner: ``(4, places)`` the nodes to the north-west, north-east, south-west and south-east of each place.
        east: ``(places,)`` how far each lies to the east between its nodes, 0 to 1.
        down: ``(places,)`` how far to the south.
    """

    nodes: Points
    corner: IntArray
    east: Array
    down: Array

    @classmethod
    def around(cls, points: Points) -> "Lattice":
        """The nodes that points need."""
        x, y, z = points.unit.T
        down = (90.0 - np.degrees(np.arcsin(np.clip(z, -1.0, 1.0)))) / LATTICE_DEGREES
        row = np.minimum(down.astype(np.int64), _ROWS - 1)
        wide = _WIDE[row]
        east = (np.degrees(np.arctan2(y, x)) + 180.0) / LATTICE_DEGREES / wide
        column = np.minimum(east.astype(np.int64), _COLUMNS // wide - 1)
        zone, across = np.repeat(np.arange(points.start.size - 1), np.diff(points.start)), _COLUMNS + 1
        north = (zone * (_ROWS + 1) + row) * across + column * wide
        key = np.stack([north, north + wide, north + across, north + across + wide])
        node, corner = np.unique(key, return_inverse=True)
        start = np.searchsorted(node, np.arange(points.start.size) * across * (_ROWS + 1))
        nodes = Points(_node_unit(node, across), np.full(node.size, _mean_extent(points), np.float32), start)
        return cls(nodes, corner.reshape(4, -1), (east - column).astype(np.float32), (down - row).astype(np.float32))

    @cached_property
    def wide_nodes(self) -> Points:
        """The nodes as cells that reach to the next ones, so that what fits a place fits one of its corners too."""
        extent = np.hypot(self.nodes.extent, np.float32(np.radians(LATTICE_DEGREES)))
        return Points(self.nodes.unit, extent, self.nodes.start)

    def highest(self, value: Array) -> Array:
        """``(places,)`` the highest value of each place's corners."""
        return np.asarray(np.max([value.take(each) for each in self.corner], axis=0), np.float32)

    def between(self, value: Array) -> Array:
        """``(places,)`` values of the nodes looked up between them (bilinear)."""
        north_west, north_east, south_west, south_east = (value.take(each) for each in self.corner)
        above = north_west + (north_east - north_west) * self.east
        below = south_west + (south_east - south_west) * self.east
        return np.asarray(above + (below - above) * self.down, np.float32)


def _node_unit(node: IntArray, across: int) -> Array:
    row, column = np.divmod(node % (across * (_ROWS + 1)), across)
    return unit_vectors(90.0 - row * LATTICE_DEGREES, column * LATTICE_DEGREES - 180.0).astype(np.float32)


def _mean_extent(points: Points) -> float:
    """One extent for all nodes: where a lattice is used, cells are small beside what blurs the band."""
    return float(np.sqrt(np.mean(points.extent**2)))


@dataclass(frozen=True, eq=False)
class SunPlaces:
    """Places sorted by the clock that they keep.

    Attributes:
        points: the places.
        order: ``(n,)`` the number that each was given under.
        zone_names: IANA names of the zones that hold places, those with the same clock side by side.
        nautical_hours: of the nautical zones that hold places; they come after the named ones.
    """

    points: Points
    order: IntArray
    zone_names: tuple[str, ...]
    nautical_hours: tuple[int, ...]

    @classmethod
    def of(
        cls,
        unit: npt.NDArray[np.floating],
        extent_degrees: npt.NDArray[np.floating],
        zone: AnyIntArray | None = None,
        zone_names: Sequence[str] = (),
    ) -> "SunPlaces":
        """Sort places.

        Args:
            unit: ``(n, 3)`` unit vectors, as ``sphere.unit_vectors``.
            extent_degrees: ``(n,)`` radius of each cell in degrees of arc.
            zone: ``(n,)`` index into ``zone_names``, -1 where a place is in no zone and keeps nautical time; without it
                all places do.
            zone_names: IANA names such as ``"Europe/Berlin"``.

        Raises:
            InputError: arrays do not match, or an index has no name.
            LayerError: the database of time zones does not know a name.
        """
        _check(unit, extent_degrees, zone, zone_names)
        row = _zone_row(unit, zone, len(zone_names))
        held = np.bincount(row, minlength=len(zone_names) + 2 * NAUTICAL_HOURS + 1)
        kept = np.concatenate([_by_clock(held, zone_names), np.flatnonzero(held[len(zone_names) :]) + len(zone_names)])
        place = np.zeros(held.size, np.int16)  # few zones: short numbers sort fastest
        place[kept] = np.arange(kept.size, dtype=np.int16)
        order = np.argsort(place[row], kind="stable")
        points = Points(
            unit.astype(np.float32)[order],
            np.radians(extent_degrees.astype(np.float32))[order],
            np.concatenate([[0], np.cumsum(held[kept])]),
        )
        named, nautical = kept[kept < len(zone_names)].tolist(), kept[kept >= len(zone_names)] - len(zone_names)
        hours = tuple((nautical - NAUTICAL_HOURS).tolist())
        return cls(points, order, tuple(zone_names[index] for index in named), hours)

    @cached_property
    def lattice(self) -> Lattice:
        """Nodes around the places, far fewer than they, for what changes slowly from place to place."""
        return Lattice.around(self.points)

    def offsets(self, dates: Sequence[date], minute_of_day: float, any_year: bool) -> npt.NDArray[np.int64]:
        """``(zones, dates)`` seconds by which each zone's clock is ahead; see ``sun_clock.zone_offsets``."""
        named = zone_offsets(self.zone_names, dates, minute_of_day, any_year)
        hours = np.array(self.nautical_hours, np.int64)
        return np.concatenate([named, np.repeat(3600 * hours[:, None], len(dates), axis=1)])


def _by_clock(held: IntArray, zone_names: Sequence[str]) -> IntArray:
    """The named zones that hold places, in the order of what their clocks say in winter and in summer."""
    kept = np.flatnonzero(held[: len(zone_names)])
    ahead = zone_offsets([zone_names[index] for index in kept.tolist()], _WINTER_AND_SUMMER, 720.0, any_year=False)
    return np.asarray(kept[np.lexsort((ahead[:, 1], ahead[:, 0]))], np.int64)


def _zone_row(unit: npt.NDArray[np.floating], zone: AnyIntArray | None, zones: int) -> IntArray:
    """Index of each place's zone; nautical zones follow after the named ones."""
    row = np.full(len(unit), -1, np.int64) if zone is None else zone.astype(np.int64)
    at_sea = np.flatnonzero(row < 0)
    x, y = unit[at_sea, :2].astype(np.float32).T
    row[at_sea] = zones + NAUTICAL_HOURS + nautical_zone(np.degrees(np.arctan2(y, x)))
    return row


def _check(
    unit: npt.NDArray[np.floating],
    extent_degrees: npt.NDArray[np.floating],
    zone: AnyIntArray | None,
    zone_names: Sequence[str],
) -> None:
    if unit.ndim != 2 or unit.shape[1] != 3 or extent_degrees.shape != unit.shape[:1]:
        raise InputError(
            f"Places of shape {unit.shape} and extents of shape {extent_degrees.shape} do not match; "
            "give (n, 3) and (n,)."
        )
    if zone is None:
        return
    if zone.shape != unit.shape[:1] or (zone.size and not -1 <= zone.min() <= zone.max() < len(zone_names)):
        raise InputError(
            f"Time zones of {len(zone)} places do not match {len(unit)} places and {len(zone_names)} names; "
            "give an index or -1 for each place."
        )
