"""Where on Earth an observation of the sun fits: a likelihood for each place.

``L = floor + (1 - floor) * fit / best``: the fit averaged over all moments that date and time leave open, relative to
the best fit that any place on Earth could have by that clock. The floor is the chance that the observation is simply
wrong (a slope, a leaning pole, a clock of another zone): no place is ever excluded. Where a clock is known to be local,
each place reads it in its own time zone. An observation that fits nowhere is flat: everywhere the floor.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from engine.earth.sphere import unit_vectors
from engine.errors import InputError
from engine.evidence.sun import SunObservation
from engine.evidence.sun_clock import NAUTICAL_HOURS, nautical_zone, zone_offsets
from engine.evidence.sun_fit import Array, Measured, fit, measured
from engine.evidence.sun_moments import Moments, moments_of
from engine.evidence.sun_position import FloatArray, days_since_2000, sun_directions

IntArray = npt.NDArray[np.integer]

FLOOR = 0.02
"""Likelihood that every place keeps."""

LEAST_BEST = 0.005
"""A best fit below this is not raised to 1: the observation hardly fits anywhere."""

_AT_ONCE = 1 << 15  # places times moments in one pass: 128 KB of single precision, which stays in a core's cache
_LEVEL_RATIO = 1.15  # of errors, between levels of cell size where only latitude counts
_LATITUDES = np.linspace(-90.0, 90.0, 721)
_GLOBE_PLACES, _GLOBE_EXTENT = 20_000, math.radians(1.0)  # a point every 1.4 degrees


def sun_likelihood(
    observation: SunObservation,
    unit: npt.NDArray[np.floating],
    extent_degrees: npt.NDArray[np.floating],
    zone: IntArray | None = None,
    zone_names: Sequence[str] = (),
) -> FloatArray:
    """Likelihood of each place, relative to the best place on Earth.

    Args:
        observation: what was seen of the sun, and when.
        unit: ``(n, 3)`` unit vectors of places, as ``sphere.unit_vectors``.
        extent_degrees: ``(n,)`` radius of each cell in degrees of arc; it widens the errors.
        zone: ``(n,)`` index into ``zone_names``, -1 where a place is in no zone and keeps nautical time. Needed only
            where the clock is local; without it all places keep nautical time.
        zone_names: IANA names such as ``"Europe/Berlin"``.

    Returns:
        ``(n,)`` float64 in ``[FLOOR, 1]``.

    Raises:
        InputError: arrays do not match, or an index has no name.
        LayerError: the database of time zones does not know a name.
    """
    _check(unit, extent_degrees, zone, zone_names)
    if not len(unit):
        return np.empty(0)
    what = measured(observation)
    moments = moments_of(observation, what.sharpness_degrees)
    if observation.minute_of_day is None:
        raw, best = _by_latitude(what, moments, unit, extent_degrees)
    else:
        raw, best = _by_clock(observation, what, moments, unit, extent_degrees, zone, zone_names)
    raw *= (1.0 - FLOOR) / max(best, LEAST_BEST)
    raw += FLOOR
    return np.clip(raw, FLOOR, 1.0, out=raw)


def sun_band(observation: SunObservation, grid_step_degrees: float = 1.0) -> FloatArray:
    """The likelihood on a plain grid for a quick picture, with nautical time where the clock is local.

    Returns:
        ``(rows, columns)``; row 0 is the northernmost, column 0 starts at longitude -180; values at the cells' middles.
    """
    rows, columns = round(180.0 / grid_step_degrees), round(360.0 / grid_step_degrees)
    latitude = 90.0 - (np.arange(rows) + 0.5) * 180.0 / rows
    longitude = (np.arange(columns) + 0.5) * 360.0 / columns - 180.0
    places = unit_vectors(latitude[:, None], longitude[None, :]).reshape(-1, 3)
    extents = np.full(rows * columns, 0.5 * grid_step_degrees)
    return sun_likelihood(observation, places, extents).reshape(rows, columns)


def _by_clock(
    observation: SunObservation,
    what: Measured,
    moments: Moments,
    unit: npt.NDArray[np.floating],
    extent_degrees: npt.NDArray[np.floating],
    zone: IntArray | None,
    zone_names: Sequence[str],
) -> tuple[FloatArray, float]:
    """Fit of each place at a known time of day, and the best fit on Earth."""
    clocks, offsets = _clocks(observation, moments, unit, zone, zone_names)
    suns = [_suns(moments, offsets_s) for offsets_s in offsets]
    places, extents = unit.astype(np.float32), np.radians(extent_degrees.astype(np.float32))
    raw = np.empty(len(unit))
    for clock, chosen in _members(clocks, len(offsets)):
        raw[chosen] = _averaged(what, moments, places[chosen], extents[chosen], suns[clock])
    return raw, _best(what, moments, suns[0])


def _clocks(
    observation: SunObservation,
    moments: Moments,
    unit: npt.NDArray[np.floating],
    zone: IntArray | None,
    zone_names: Sequence[str],
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64]]:
    """Which clock each place keeps, and how many seconds each differing clock is ahead on each date."""
    if observation.clock == "utc" or observation.minute_of_day is None:
        return np.zeros(len(unit), np.int16), np.zeros((1, len(moments.dates)), np.int64)
    row = _zone_row(unit, zone, len(zone_names))
    kept = np.flatnonzero(np.bincount(row))
    names = [zone_names[index] for index in kept[kept < len(zone_names)]]
    by_name = zone_offsets(names, moments.dates, observation.minute_of_day, observation.year is None)
    hours = kept[kept >= len(zone_names)] - len(zone_names) - NAUTICAL_HOURS
    by_hour = np.repeat(3600 * hours[:, None], len(moments.dates), axis=1)
    offsets, clock_of_row = np.unique(np.concatenate([by_name, by_hour]), axis=0, return_inverse=True)
    clock_of_zone = np.zeros(kept[-1] + 1, np.int16)  # few clocks: short numbers sort fastest
    clock_of_zone[kept] = clock_of_row.reshape(-1)
    return clock_of_zone[row], offsets


def _zone_row(unit: npt.NDArray[np.floating], zone: IntArray | None, zones: int) -> npt.NDArray[np.int64]:
    """Index of each place's zone; nautical zones follow after the named ones."""
    row = np.full(len(unit), -1, np.int64) if zone is None else zone.astype(np.int64)
    at_sea = np.flatnonzero(row < 0)
    x, y = unit[at_sea, :2].astype(np.float32).T
    longitude = np.degrees(np.arctan2(y, x))
    row[at_sea] = zones + NAUTICAL_HOURS + nautical_zone(longitude)
    return row


def _members(clocks: npt.NDArray[np.int16], count: int) -> Iterator[tuple[int, slice | npt.NDArray[np.int64]]]:
    """Each clock with the places that keep it."""
    if count == 1:
        yield 0, slice(None)
        return
    order = np.argsort(clocks, kind="stable")
    ends = np.cumsum(np.bincount(clocks, minlength=count))
    for clock, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        if end > start:
            yield clock, order[start:end]


def _suns(moments: Moments, offsets_s: npt.NDArray[np.int64]) -> Array:
    """Directions of the sun at all moments of a clock that is so many seconds ahead on each date."""
    starts = np.array([days_since_2000(day, 0.0) for day in moments.dates]) - offsets_s / 86400.0
    days = starts[:, None] + moments.minutes[None, :] / 1440.0
    return sun_directions(days.ravel()).astype(np.float32)


def _averaged(what: Measured, moments: Moments, places: Array, extents: Array, suns: Array) -> Array:
    """Fit of each place, averaged over the moments; ``(n,)``."""
    weights = moments.weights.astype(np.float32)
    averaged = np.empty(len(places), np.float32)
    pads, step = _pads(moments), max(1, _AT_ONCE // len(suns))
    for start in range(0, len(places), step):
        part = slice(start, start + step)
        averaged[part] = fit(what, places[part], extents[part, None], suns, pads) @ weights
    return averaged


def _pads(moments: Moments) -> tuple[float, float]:
    """Radians that widen cells for elevation, and for azimuth, which may turn fast between two moments."""
    pad = math.radians(moments.pad_degrees)
    return pad, math.hypot(pad, math.radians(moments.step_degrees / 1.75))


def _best(what: Measured, moments: Moments, suns: Array) -> float:
    """The best averaged fit on Earth if all of it kept one clock, so that a place's value hangs on no other place.

    A single moment has its best at 1, so that a measurement which fits nowhere is not raised.
    """
    if len(suns) == 1:
        return 1.0
    extents = np.full(_GLOBE_PLACES, _GLOBE_EXTENT, np.float32)
    return float(_averaged(what, moments, _globe(), extents, suns).max())


def _globe() -> Array:
    """Points spread evenly over the sphere (a golden spiral)."""
    number = np.arange(_GLOBE_PLACES) + 0.5
    up, turn = 1.0 - 2.0 * number / _GLOBE_PLACES, number * math.pi * (3.0 - math.sqrt(5.0))
    level = np.sqrt(1.0 - up**2)
    return np.stack([level * np.cos(turn), level * np.sin(turn), up], axis=1).astype(np.float32)


def _by_latitude(
    what: Measured, moments: Moments, unit: npt.NDArray[np.floating], extent_degrees: npt.NDArray[np.floating]
) -> tuple[FloatArray, float]:
    """Fit of each place where the time of day is unknown: the sun passes all longitudes alike."""
    sharpness = what.sharpness_degrees
    level = 0.5 * np.log1p((extent_degrees / sharpness) ** 2) / math.log(_LEVEL_RATIO)
    suns = _suns(moments, np.zeros(len(moments.dates), np.int64))
    row = unit_vectors(_LATITUDES, 0.0).astype(np.float32)
    levels = range(math.floor(level.max()) + 2)
    profiles = np.stack([_profile(what, moments, row, suns, sharpness, each) for each in levels])
    latitude = np.degrees(np.arcsin(np.clip(unit[:, 2], -1.0, 1.0)))
    return _between(profiles, level, (latitude + 90.0) / (_LATITUDES[1] - _LATITUDES[0])), float(profiles[0].max())


def _between(table: Array, row: FloatArray, column: FloatArray) -> FloatArray:
    """A table looked up between its rows and columns (bilinear)."""
    top = np.minimum(row.astype(np.int64), table.shape[0] - 2)
    left = np.minimum(column.astype(np.int64), table.shape[1] - 2)
    down, right, start = row - top, column - left, top * table.shape[1] + left
    flat = table.ravel()
    above = flat[start] * (1.0 - right) + flat[start + 1] * right
    start += table.shape[1]
    return np.asarray(above * (1.0 - down) + (flat[start] * (1.0 - right) + flat[start + 1] * right) * down)


def _profile(what: Measured, moments: Moments, row: Array, suns: Array, sharpness: float, level: int) -> Array:
    """Averaged fit by latitude for cells of one level of size."""
    extent = math.radians(sharpness * math.sqrt(_LEVEL_RATIO ** (2 * level) - 1.0))
    return _averaged(what, moments, row, np.full(len(row), extent, np.float32), suns)


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
