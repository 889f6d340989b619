"""Where the sun stood over the Earth, as a direction in the frame that turns with it.

At a place with unit vector ``u`` the sine of the sun's elevation is ``u . s``: one direction serves all places at once.
Within 0.01 degrees of the Solar Position Algorithm from 1950 to 2050. What is left out on purpose: the parallax of the
sun (0.0024 degrees), its ecliptic latitude (0.0003) and the difference of UTC and UT1 (below 0.9 s, 0.004).

Sources: P. Bretagnon, G. Francou, VSOP87 (1988), series D, its larger terms; J. Meeus, Astronomical Algorithms (2nd
edition), chapters 12 (sidereal time), 22 (nutation) and 25 (the sun).
"""

from datetime import date

import numpy as np
import numpy.typing as npt

from engine.typing import FloatArray

# Amplitude (1e-8 rad), phase (rad) and rate (rad per 1000 years) of the Earth's heliocentric longitude, from 1" on.
_LONGITUDE_0 = np.array([
    (175347046.0, 0.0, 0.0), (3341656.0, 4.6692568, 6283.07585), (34894.0, 4.6261, 12566.1517),
    (3497.0, 2.7441, 5753.3849), (3418.0, 2.8289, 3.5231), (3136.0, 3.6277, 77713.7715),
    (2676.0, 4.4181, 7860.4194), (2343.0, 6.1352, 3930.2097), (1324.0, 0.7425, 11506.7698),
    (1273.0, 2.0371, 529.691), (1199.0, 1.1096, 1577.3435), (990.0, 5.233, 5884.927),
    (902.0, 2.045, 26.298), (857.0, 3.508, 398.149), (780.0, 1.179, 5223.694),
    (753.0, 2.533, 5507.553), (505.0, 4.583, 18849.228), (492.0, 4.205, 775.523),
])  # fmt: skip
_LONGITUDE_1 = np.array([
    (628331966747.0, 0.0, 0.0), (206059.0, 2.678235, 6283.07585), (4303.0, 2.6351, 12566.1517), (425.0, 1.59, 3.523),
])  # fmt: skip
_LONGITUDE_2 = np.array([(52919.0, 0.0, 0.0), (8720.0, 1.0721, 6283.0758), (309.0, 0.867, 12566.152)])

# Terrestrial minus universal time in seconds. To 2020 as observed (Stephenson, Morrison and Hohenkerk, 2016), then as
# Espenak and Meeus expect it; ten seconds more or less move the sun by 0.0001 degrees.
_DELTA_T = np.array([
    (1820, 15.7), (1830, 10.8), (1840, 7.6), (1850, 9.3), (1860, 9.0), (1870, 2.4), (1880, -3.2), (1890, -3.9),
    (1900, -2.0), (1910, 11.1), (1920, 21.6), (1930, 24.0), (1940, 24.4), (1950, 29.1), (1960, 33.1), (1970, 40.2),
    (1980, 50.5), (1990, 56.9), (2000, 63.8), (2010, 66.1), (2020, 69.4), (2050, 93.0), (2100, 203.0),
])  # fmt: skip

_ARCSECOND = np.pi / 648000.0
_NOON_OF_2000 = date(2000, 1, 1).toordinal() + 0.5


def days_since_2000(day: date, minute_of_day: float) -> float:
    """Days of UTC since 2000-01-01 12:00 (J2000), leap seconds left out as every clock does."""
    return day.toordinal() - _NOON_OF_2000 + minute_of_day / 1440.0


def sun_directions(days: npt.ArrayLike) -> FloatArray:
    """Unit vectors from the Earth's centre to the sun, seen from the turning Earth.

    Args:
        days: ``(t,)`` days of UTC since 2000-01-01 12:00, see ``days_since_2000``.

    Returns:
        ``(t, 3)`` float64; x towards latitude 0, longitude 0, z towards the north pole, as ``sphere.unit_vectors``.
    """
    utc = np.atleast_1d(np.asarray(days, np.float64))
    centuries = (utc + _delta_t_seconds(utc) / 86400.0) / 36525.0
    nutation, obliquity = _nutation(centuries)
    longitude = _apparent_longitude(centuries, nutation)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    east = ascension - _sidereal_angle(utc, nutation * np.cos(obliquity))
    level = np.cos(declination)
    return np.stack([level * np.cos(east), level * np.sin(east), np.sin(declination)], axis=-1)


def elevation_and_azimuth(places: npt.ArrayLike, suns: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Geometric elevation (without refraction) and azimuth of the sun in degrees.

    Args:
        places: ``(..., 3)`` unit vectors of places (from geodetic latitude, so that "up" is the plumb line).
        suns: ``(..., 3)`` directions of the sun, broadcast against the places.

    Returns:
        Elevation in [-90, 90] and azimuth in [0, 360) from north over east; the latter means nothing at a pole or with
        the sun in the zenith.
    """
    place, sun = np.broadcast_arrays(np.asarray(places, np.float64), np.asarray(suns, np.float64))
    sine = np.clip(np.sum(place * sun, axis=-1), -1.0, 1.0)
    east = place[..., 0] * sun[..., 1] - place[..., 1] * sun[..., 0]
    north = sun[..., 2] - place[..., 2] * sine
    return np.degrees(np.arcsin(sine)), np.degrees(np.arctan2(east, north)) % 360.0


def _delta_t_seconds(days: FloatArray) -> FloatArray:
    return np.asarray(np.interp(2000.0 + days / 365.25, _DELTA_T[:, 0], _DELTA_T[:, 1]))


def _apparent_longitude(centuries: FloatArray, nutation: FloatArray) -> FloatArray:
    """Ecliptic longitude of the sun in radians, as light shows it: with nutation and aberration."""
    millennia = centuries / 10.0
    earth = (
        _series(_LONGITUDE_0, millennia)
        + _series(_LONGITUDE_1, millennia) * millennia
        + _series(_LONGITUDE_2, millennia) * millennia**2
    )
    distance = 1.00014 + 0.016707 * np.cos(3.09846 + 6283.07585 * millennia)
    return earth + np.pi + nutation - (20.4898 / distance + 0.0903) * _ARCSECOND  # 0.0903": to the FK5 frame


def _series(terms: FloatArray, millennia: FloatArray) -> FloatArray:
    amplitude, phase, rate = terms.T
    return np.asarray(np.cos(phase + rate * millennia[:, None]) @ amplitude * 1e-8)


def _nutation(centuries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Nutation in longitude and the true obliquity of the ecliptic, both in radians."""
    node = np.radians(125.04452 - 1934.136261 * centuries)
    sun = np.radians(280.4665 + 36000.7698 * centuries)
    moon = np.radians(218.3165 + 481267.8813 * centuries)
    longitude = -17.20 * np.sin(node) - 1.32 * np.sin(2 * sun) - 0.23 * np.sin(2 * moon) + 0.21 * np.sin(2 * node)
    tilt = 9.20 * np.cos(node) + 0.57 * np.cos(2 * sun) + 0.10 * np.cos(2 * moon) - 0.09 * np.cos(2 * node)
    mean = 84381.448 - 46.8150 * centuries
    return longitude * _ARCSECOND, (mean + tilt) * _ARCSECOND


def _sidereal_angle(utc_days: FloatArray, nutation_in_ascension: FloatArray) -> FloatArray:
    """How far Greenwich has turned against the stars, in radians."""
    centuries = utc_days / 36525.0
    mean = 280.46061837 + 360.98564736629 * utc_days + 0.000387933 * centuries**2
    return np.radians(mean % 360.0) + nutation_in_ascension
