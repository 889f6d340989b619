"""The moments at which an observation of the sun is looked at: a quadrature over its dates and its time of day.

Moments lie so close that bands of neighbouring ones melt into one. Where that would be too many, they are spread out
and every place is widened by ``pad_degrees`` of arc, so that the band stays smooth and no place is lost; a band that is
tens of degrees wide because the date is unknown is then blurred by a degree or two.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.evidence.sun.clock import possible_dates
from engine.evidence.sun.observation import SunObservation
from engine.typing import FloatArray

MOST_MOMENTS = 72
"""Moments per clock where the time of day is known; each costs a pass over all places."""

MOST_MOMENTS_OF_DAYS = 6000
"""Moments where it is unknown; places then differ by latitude only."""

_CLOSE = 1.75  # errors between neighbours: their sum then ripples by 1 in 300
_DEGREES_PER_DAY = 0.4  # the sun's declination, at its fastest
_TAIL = 3.0  # errors of time that are looked at to each side


@dataclass(frozen=True)
class Moments:
    """Dates and, around the time of day, offsets in minutes; every pair is a moment.

    Attributes:
        dates: by the observation's own clock.
        date_weights: ``(dates,)``, sum 1.
        minutes: ``(times,)`` minutes after midnight of that date; may leave the day.
        minute_weights: ``(times,)``, sum 1.
        pad_degrees: arc by which every place is widened because moments are far apart.
        step_degrees: arc that the sun moves from one moment to the next.
    """

    dates: tuple[date, ...]
    date_weights: FloatArray
    minutes: FloatArray
    minute_weights: FloatArray
    pad_degrees: float
    step_degrees: float

    @property
    def weights(self) -> FloatArray:
        """``(dates * times,)``, times running fastest; sum 1."""
        return np.outer(self.date_weights, self.minute_weights).ravel()


def moments_of(observation: SunObservation, sharpness_degrees: float) -> Moments:
    """The quadrature for an observation whose sharpest measurement has this error in degrees of arc."""
    dates = possible_dates(observation)
    most = MOST_MOMENTS if observation.minute_of_day is not None else MOST_MOMENTS_OF_DAYS
    width = sharpness_degrees
    while True:
        stride = max(1, int(_CLOSE * width / _DEGREES_PER_DAY))
        kept, date_weights = _thin(dates, stride)
        minutes, minute_weights = _times(observation, _CLOSE * width)
        if len(kept) * len(minutes) <= most:
            break
        width *= 1.1
    pad = math.sqrt(max(width**2 - sharpness_degrees**2, 0.0))
    between_dates = _DEGREES_PER_DAY * stride if len(kept) > len(_years(kept)) else 0.0
    between_times = float(np.diff(minutes).max(initial=0.0)) / 4.0
    return Moments(kept, date_weights, minutes, minute_weights, pad, max(between_dates, between_times))


def _thin(dates: Sequence[date], stride: int) -> tuple[tuple[date, ...], FloatArray]:
    """The middle of each run of ``stride`` dates, weighted with the length of the run."""
    if len(dates) <= 4:  # one day of several years: neighbours in the list are no neighbours in time
        return tuple(dates), np.full(len(dates), 1.0 / len(dates))
    runs = [dates[start : start + stride] for start in range(0, len(dates), stride)]
    return tuple(run[len(run) // 2] for run in runs), np.array([len(run) for run in runs]) / len(dates)


def _years(dates: Sequence[date]) -> set[int]:
    return {day.year for day in dates}


def _times(observation: SunObservation, step_degrees: float) -> tuple[FloatArray, FloatArray]:
    """Minutes of the day and weights: a Gaussian around the known time, or all the day alike."""
    middle, error = observation.minute_of_day, observation.time_error_minutes
    if middle is None:
        count = math.ceil(360.0 / step_degrees)
        return np.arange(0.5, count) * (1440.0 / count), np.full(count, 1.0 / count)
    if error == 0.0:
        return np.array([middle]), np.ones(1)
    if error / 4.0 <= 0.57 * step_degrees:  # three points of Gauss and Hermite are then close enough to each other
        return middle + error * math.sqrt(3.0) * np.array([-1.0, 0.0, 1.0]), np.array([1.0, 4.0, 1.0]) / 6.0
    count = math.ceil(2.0 * _TAIL / min(1.0, 4.0 * step_degrees / error)) + 1
    offsets = np.linspace(-_TAIL, _TAIL, count)
    weights = np.exp(-0.5 * offsets**2)
    return middle + error * offsets, weights / weights.sum()
