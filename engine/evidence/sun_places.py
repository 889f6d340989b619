"""Places as the sun's likelihood wants them: in single precision, those whose clocks run alike side by side.

Made once for a map; every observation then reads long stretches of memory and gathers nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.evidence.sun_clock import NAUTICAL_HOURS, RULES_YEAR, nautical_zone, zone_offsets

Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.integer]
Indices = npt.NDArray[np.int64]

_WINTER_AND_SUMMER = (date(RULES_YEAR, 1, 15), date(RULES_YEAR, 7, 15))


@dataclass(frozen=True, eq=False)
class SunPlaces:
    """Places sorted by the clock that they keep.

    Attributes:
        unit: ``(n, 3)`` unit vectors.
        extent: ``(n,)`` radius of each cell in radians; it widens the errors.
        order: ``(n,)`` the number that each place was given under.
        zone_names: IANA names of the zones that hold places, those with the same clock side by side.
        nautical_hours: of the nautical zones that hold places; they come after the named ones.
        start: ``(zones + 1,)`` where the places of each zone begin.
    """

    unit: Array
    extent: Array
    order: Indices
    zone_names: tuple[str, ...]
    nautical_hours: tuple[int, ...]
    start: Indices

    @classmethod
    def of(
        cls,
        unit: npt.NDArray[np.floating],
        extent_degrees: npt.NDArray[np.floating],
        zone: IntArray | None = None,
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
        return cls(
            unit.astype(np.float32)[order],
            np.radians(extent_degrees.astype(np.float32))[order],
            order,
            tuple(zone_names[index] for index in kept[kept < len(zone_names)]),
            tuple(int(index) - len(zone_names) - NAUTICAL_HOURS for index in kept[kept >= len(zone_names)]),
            np.concatenate([[0], np.cumsum(held[kept])]),
        )

    def __len__(self) -> int:
        """Number of places."""
        return len(self.unit)

    def offsets(self, dates: Sequence[date], minute_of_day: float, any_year: bool) -> npt.NDArray[np.int64]:
        """``(zones, dates)`` seconds by which each zone's clock is ahead; see ``sun_clock.zone_offsets``."""
        named = zone_offsets(self.zone_names, dates, minute_of_day, any_year)
        hours = np.array(self.nautical_hours, np.int64)
        return np.concatenate([named, np.repeat(3600 * hours[:, None], len(dates), axis=1)])

    def stretches(self, zones: Indices) -> Iterator[slice]:
        """The places of some zones, given ascending, as few slices."""
        for run in np.split(zones, np.flatnonzero(np.diff(zones) > 1) + 1):
            yield slice(int(self.start[run[0]]), int(self.start[run[-1] + 1]))


def _by_clock(held: Indices, zone_names: Sequence[str]) -> Indices:
    """The named zones that hold places, in the order of what their clocks say in winter and in summer."""
    kept = np.flatnonzero(held[: len(zone_names)])
    ahead = zone_offsets([zone_names[index] for index in kept.tolist()], _WINTER_AND_SUMMER, 720.0, any_year=False)
    return np.asarray(kept[np.lexsort((ahead[:, 1], ahead[:, 0]))], np.int64)


def _zone_row(unit: npt.NDArray[np.floating], zone: IntArray | None, zones: int) -> Indices:
    """Index of each place's zone; nautical zones follow after the named ones."""
    row = np.full(len(unit), -1, np.int64) if zone is None else zone.astype(np.int64)
    at_sea = np.flatnonzero(row < 0)
    x, y = unit[at_sea, :2].astype(np.float32).T
    row[at_sea] = zones + NAUTICAL_HOURS + nautical_zone(np.degrees(np.arctan2(y, x)))
    return row


def _check(
    unit: npt.NDArray[np.floating],
    extent_degrees: npt.NDArray[np.floating],
    zone: IntArray | None,
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
