"""The sun at a claimed place at the time of an observation, and how many standard errors the observation is from it."""

import math
from dataclasses import dataclass

import numpy as np

from engine.evidence.sun.clock import possible_dates, zone_offsets
from engine.evidence.sun.fit import SHINING_ERROR_DEGREES
from engine.evidence.sun.observation import LIGHT_ERROR_DEGREES, LIGHT_RANGES, SunObservation
from engine.evidence.sun.position import days_since_2000, elevation_and_azimuth, sun_directions
from engine.evidence.sun.refraction import apparent_elevation
from engine.geometry.sphere import unit_vectors
from engine.typing import FloatArray

MOST_DATES = 60
"""Dates that are looked at where the day is open."""
_MINUTES_APART = 10.0
_TIME_ERRORS = 3.0


@dataclass(frozen=True)
class SunThere:
    """What the sun does at a place.

    Attributes:
        elevation: lowest and highest apparent elevation in degrees at the stated time, over all dates left open.
        azimuth: of the sun in degrees at the stated time, or None where date or time leave it open.
        misfit: standard errors between the observation and its best fit, errors of the clock included.
    """

    elevation: tuple[float, float]
    azimuth: float | None
    misfit: float


def sun_at(observation: SunObservation, latitude: float, longitude: float, zone: str | None) -> SunThere:
    """The sun at a place in degrees.

    Args:
        observation: what was seen, and when.
        latitude: degrees.
        longitude: degrees.
        zone: IANA name of the place's time zone; None keeps nautical time.
    """
    dates = possible_dates(observation)
    dates = dates[:: max(1, len(dates) // MOST_DATES)]
    minutes, late = _minutes(observation)
    offsets = np.zeros(len(dates))
    if observation.clock == "local" and observation.minute_of_day is not None:
        nautical = round(longitude / 15.0) * 3600.0
        offsets = (
            np.full(len(dates), nautical)
            if zone is None
            else zone_offsets([zone], dates, observation.minute_of_day, observation.year is None)[0].astype(float)
        )
    starts = np.array([days_since_2000(day, 0.0) for day in dates]) - offsets / 86400.0
    days = (starts[:, None] + minutes / 1440.0).ravel()
    place = unit_vectors(np.asarray(latitude), np.asarray(longitude))
    true, azimuth = elevation_and_azimuth(place, sun_directions(days))
    elevation = apparent_elevation(true)
    penalty = np.tile(late**2, len(dates))
    best = math.sqrt(float((_misfit2(observation, elevation, true, azimuth) + penalty).min()))
    nominal = np.tile(late == 0.0, len(dates))
    known = observation.minute_of_day is not None and observation.day is not None
    middle = float(azimuth[nominal][0]) if known else None
    return SunThere((float(elevation[nominal].min()), float(elevation[nominal].max())), middle, best)


def _minutes(observation: SunObservation) -> tuple[FloatArray, FloatArray]:
    """Minutes of the day to look at, and how many errors of the clock each is from the stated time."""
    stated, error = observation.minute_of_day, observation.time_error_minutes
    if stated is None:
        minutes = np.arange(0.0, 1440.0, _MINUTES_APART)
        return minutes, np.zeros(minutes.size)
    if error == 0.0:
        return np.array([stated]), np.zeros(1)
    late = np.linspace(-_TIME_ERRORS, _TIME_ERRORS, 61)
    return stated + error * late, np.where(np.abs(late) < 1e-9, 0.0, late)


def _misfit2(observation: SunObservation, elevation: FloatArray, true: FloatArray, azimuth: FloatArray) -> FloatArray:
    """Squared standard errors of all that was observed, at each moment."""
    found = np.zeros(elevation.size)
    if observation.sun_elevation is not None:
        height, error = observation.sun_elevation
        found += ((elevation - height) / error) ** 2
    if observation.sun_azimuth is not None:
        bearing, error = observation.sun_azimuth
        turn = (azimuth - bearing + 180.0) % 360.0 - 180.0
        found += (turn / error) ** 2
    if observation.light is not None:
        lowest, highest = LIGHT_RANGES[observation.light]
        beyond = np.maximum(0.0, np.maximum(lowest - true, true - highest))
        found += (beyond / LIGHT_ERROR_DEGREES) ** 2
    if observation.sun_shines:
        found += (np.maximum(0.0, LIGHT_RANGES["day"][0] - true) / SHINING_ERROR_DEGREES) ** 2
    return found


def expected_words(there: SunThere, observation: SunObservation) -> str:
    """``"sun 3.3° high, bearing 211°"``, ``"sun between 12 and 54° high"``, ``"sun 20° below the horizon"``."""
    low, high = there.elevation
    if high < 0.0:
        words = f"sun {-high:.2g}° below the horizon" if high - low < 1 else "sun below the horizon"
    elif high - low < 1.0:
        words = f"sun {(low + high) / 2:.2g}° high"
    else:
        words = f"sun between {low:.0f} and {high:.0f}° high"
    if there.azimuth is not None and observation.sun_azimuth is not None:
        words += f", bearing {there.azimuth:.0f}°"
    return words


def observed_words(observation: SunObservation) -> str:
    """``"30 ± 2° measured"``; from a shadow ``"30 ± 2° from a shadow"``."""
    parts = []
    if observation.sun_elevation is not None:
        height, error = observation.sun_elevation
        how = "measured" if observation.elevation_degrees is not None else "from a shadow"
        parts.append(f"{height:.3g} ± {error:.2g}° {how}")
    if observation.sun_azimuth is not None:
        bearing, error = observation.sun_azimuth
        parts.append(f"bearing {bearing:.0f} ± {error:.2g}°")
    if observation.light is not None:
        parts.append({"day": "daylight", "dusk": "dusk or dawn", "night": "night"}[observation.light])
    return ", ".join(parts)
