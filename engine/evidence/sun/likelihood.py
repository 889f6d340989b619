"""Where on Earth an observation of the sun fits: a likelihood for each place.

``L = floor + (1 - floor) * fit / best``: the fit averaged over all moments that date and time leave open, relative to
the best fit that any place on Earth could have by that clock. The floor is the chance that the observation is simply
wrong (a slope, a leaning pole, a clock of another zone): no place is ever excluded. Where a clock is known to be local,
each place reads it in its own time zone. An observation that fits nowhere is flat: everywhere the floor.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine.evidence.sun.fit import Array, Measured, fit, measure
from engine.evidence.sun.moments import Moments, moments_of
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.places import LATTICE_DEGREES, Points, SunPlaces
from engine.evidence.sun.position import days_since_2000, sun_directions
from engine.geometry.sphere import unit_vectors
from engine.typing import FloatArray, IntArray

FLOOR = 0.02
"""Likelihood that every place keeps."""

LEAST_BEST = 0.005
"""A best fit below this is not raised to 1: the observation hardly fits anywhere."""

_NOTHING = 1e-4  # a mean fit below this, whatever the azimuth, is none: it is lost in the floor
_AT_ONCE = 1 << 15  # places times moments in one pass: 128 KB of single precision, which stays in a core's cache
_SOME_MOMENTS = 5  # from where on it pays to look where a direction may fit before looking closely
_MANY_MOMENTS, _BLURRED = 12, 2.5 * LATTICE_DEGREES  # from where on a lattice is read between its nodes
_LEVEL_RATIO = 1.15  # of errors, between levels of cell size where only latitude counts
_LATITUDES = np.linspace(-90.0, 90.0, 721)
_GLOBE, _GLOBE_BLURRED, _GLOBE_EXTENT = 20_000, 5_000, math.radians(1.0)  # a point every 1.4 and 2.8 degrees


def sun_likelihood(
    observation: SunObservation,
    unit: npt.NDArray[np.floating],
    extent_degrees: npt.NDArray[np.floating],
    zone: npt.NDArray[np.integer] | None = None,
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
    return likelihood_of_places(observation, SunPlaces.of(unit, extent_degrees, zone, zone_names))


def likelihood_of_places(observation: SunObservation, places: SunPlaces) -> FloatArray:
    """The same for places that were sorted before; returned in the order in which they were given."""
    if not len(places.points):
        return np.empty(0)
    what = measure(observation)
    moments = moments_of(observation, what.sharpness_degrees)
    timeless = observation.minute_of_day is None
    raw, best = _by_latitude(what, moments, places) if timeless else _by_clock(observation, what, moments, places)
    raw *= np.float32((1.0 - FLOOR) / max(best, LEAST_BEST))
    raw += np.float32(FLOOR)
    found = np.empty(len(places.points))
    found[places.order] = raw
    return np.clip(found, FLOOR, 1.0, out=found)


def _by_clock(observation: SunObservation, what: Measured, moments: Moments, places: SunPlaces) -> tuple[Array, float]:
    """Fit of each place at a known time of day, and the best fit on Earth."""
    offsets, clock_of_zone = _clocks(observation, moments, places)
    suns = _suns(moments, offsets)
    number = suns.shape[1]
    blurred = number >= _MANY_MOMENTS and math.hypot(what.sharpness_degrees, moments.pad_degrees) >= _BLURRED
    best = _best(what, moments, suns[0], _GLOBE_BLURRED if blurred and what.azimuth is None else _GLOBE)
    if blurred:
        return places.lattice.between(_fits(what, moments, places.lattice.nodes, suns, clock_of_zone)), best
    if number < _SOME_MOMENTS or what.azimuth is None:
        return _fits(what, moments, places.points, suns, clock_of_zone), best
    # Azimuths are dear: they are looked at where nodes that are as wide as their squares fit at all.
    around = places.lattice.highest(_fits(what, moments, places.lattice.wide_nodes, suns, clock_of_zone)) > _NOTHING
    raw = np.zeros(len(places.points), np.float32)
    raw[around] = _fits(what, moments, places.points.some(around), suns, clock_of_zone)
    return raw, best


def _fits(what: Measured, moments: Moments, points: Points, suns: Array, clock_of_zone: IntArray) -> Array:
    """``(n,)`` averaged fit of each point by the clock of its zone."""
    raw = np.empty(len(points), np.float32)
    for clock, directions in enumerate(suns):
        held = list(points.slices(np.flatnonzero(clock_of_zone == clock)))
        unit, extent = (_concatenate([values[some] for some in held]) for values in (points.unit, points.extent))
        found = _average_fit(what, moments, unit, extent, directions)
        for some, part in zip(held, _split(found, held), strict=True):
            raw[some] = part
    return raw


def _clocks(observation: SunObservation, moments: Moments, places: SunPlaces) -> tuple[IntArray, IntArray]:
    """Seconds by which each differing clock is ahead on each date, and the clock of each zone."""
    if observation.clock == "utc" or observation.minute_of_day is None:
        return np.zeros((1, len(moments.dates)), np.int64), np.zeros(places.points.start.size - 1, np.int64)
    offsets = places.offsets(moments.dates, observation.minute_of_day, observation.year is None)
    differing, clock = np.unique(offsets, axis=0, return_inverse=True)
    return differing, clock.reshape(-1)


def _concatenate(parts: Sequence[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _split(values: Array, slices: Sequence[slice]) -> list[Array]:
    """Values of joined slices, one array for each."""
    return np.split(values, np.cumsum([some.stop - some.start for some in slices])[:-1])


def _suns(moments: Moments, offsets_s: IntArray) -> Array:
    """``(clocks, moments, 3)`` directions of the sun by clocks that are ``(clocks, dates)`` seconds ahead."""
    starts = np.array([days_since_2000(day, 0.0) for day in moments.dates]) - offsets_s / 86400.0
    days = starts[:, :, None] + moments.minutes / 1440.0
    return sun_directions(days.ravel()).astype(np.float32).reshape(len(offsets_s), -1, 3)


def _average_fit(what: Measured, moments: Moments, unit: Array, extent: Array, suns: Array) -> Array:
    """Fit of each place, averaged over the moments; ``(n,)``. Azimuths are dear: only where all else fits."""
    if what.azimuth is None:
        return _mean_fit(what, moments, unit, extent, suns)
    found = _mean_fit(replace(what, azimuth=None), moments, unit, extent, suns)
    left = np.flatnonzero(found > _NOTHING)
    found[left] = _mean_fit(what, moments, unit[left], extent[left], suns)
    return found


def _mean_fit(what: Measured, moments: Moments, unit: Array, extent: Array, suns: Array) -> Array:
    """The same, a part of the places at a time."""
    weights = moments.weights.astype(np.float32)
    mean = np.empty(len(unit), np.float32)
    pads, step = _pads(moments), max(1, _AT_ONCE // len(suns))
    for start in range(0, len(unit), step):
        part = slice(start, start + step)
        mean[part] = fit(what, unit[part], extent[part, None], suns, pads) @ weights
    return mean


def _pads(moments: Moments) -> tuple[float, float]:
    """Radians that widen cells for elevation, and for azimuth, which may turn fast between two moments."""
    pad = math.radians(moments.pad_degrees)
    return pad, math.hypot(pad, math.radians(moments.step_degrees / 1.75))


def _best(what: Measured, moments: Moments, suns: Array, places: int) -> float:
    """The best averaged fit on Earth if all of it kept one clock, so that a place's value hangs on no other place.

    A single moment has its best at 1, so that a measurement which fits nowhere is not raised.
    """
    if len(suns) == 1:
        return 1.0
    extent = np.full(places, _GLOBE_EXTENT, np.float32)
    return float(_average_fit(what, moments, _globe(places), extent, suns).max())


@lru_cache(maxsize=2)
def _globe(places: int) -> Array:
    """Points spread evenly over the sphere (a golden spiral)."""
    number = np.arange(places) + 0.5
    up, turn = 1.0 - 2.0 * number / places, number * math.pi * (3.0 - math.sqrt(5.0))
    level = np.sqrt(1.0 - up**2)
    return np.stack([level * np.cos(turn), level * np.sin(turn), up], axis=1).astype(np.float32)


def _by_latitude(what: Measured, moments: Moments, places: SunPlaces) -> tuple[Array, float]:
    """Fit of each place where the time of day is unknown: the sun passes all longitudes alike."""
    sharpness = what.sharpness_degrees
    spread = places.points.extent / np.float32(math.radians(sharpness))
    level = np.log1p(spread * spread) * np.float32(0.5 / math.log(_LEVEL_RATIO))
    (suns,) = _suns(moments, np.zeros((1, len(moments.dates)), np.int64))
    row = unit_vectors(_LATITUDES, 0.0).astype(np.float32)
    levels = range(math.floor(level.max()) + 2)
    profiles = np.stack([_profile(what, moments, row, suns, sharpness, each) for each in levels])
    latitude = np.degrees(np.arcsin(np.clip(places.points.unit[:, 2], np.float32(-1.0), np.float32(1.0))))
    column = (latitude + np.float32(90.0)) * np.float32(1.0 / (_LATITUDES[1] - _LATITUDES[0]))
    return _between(profiles, level, column), float(profiles[0].max())


def _between(table: Array, row: Array, column: Array) -> Array:
    """A table looked up between its rows and columns (bilinear)."""
    top = np.minimum(row.astype(np.int32), table.shape[0] - 2)
    left = np.minimum(column.astype(np.int32), table.shape[1] - 2)
    down, right, start = row - top.astype(np.float32), column - left.astype(np.float32), top * table.shape[1] + left
    flat = table.ravel()
    steps = np.diff(flat, append=flat[-1:])
    above = flat.take(start) + steps.take(start) * right
    start += table.shape[1]
    return np.asarray(above + (flat.take(start) + steps.take(start) * right - above) * down)


def _profile(what: Measured, moments: Moments, row: Array, suns: Array, sharpness: float, level: int) -> Array:
    """Averaged fit by latitude for cells of one level of size."""
    extent = math.radians(sharpness * math.sqrt(_LEVEL_RATIO ** (2 * level) - 1.0))
    return _average_fit(what, moments, row, np.full(len(row), extent, np.float32), suns)
