"""Air lifts the sun: between where it is and where it is seen.

Sæmundsson's formula (Sky and Telescope 72, 1986; Meeus, Astronomical Algorithms, 16.4) in the standard atmosphere:
1013.25 hPa and 15 °C. Below -1 degree, where it was not meant to be used, it fades with the tangent as NOAA's solar
calculator has it, so that the seen elevation still grows with the true one and can be turned back.
"""

import numpy as np
import numpy.typing as npt

from engine.typing import FloatArray

PRESSURE_HPA, TEMPERATURE_CELSIUS = 1013.25, 15.0
"""The air at sea level in the standard atmosphere (ISO 2533)."""

_SCALE = (PRESSURE_HPA / 1010.0) * (283.0 / (273.0 + TEMPERATURE_CELSIUS)) * 1.02 / 60.0
_LOWEST = -1.0
_STEPS = 30  # each step shrinks the error at least threefold


def refraction_degrees(true_elevation: npt.ArrayLike) -> FloatArray:
    """By how many degrees the sun is seen higher than it is; the true elevation in degrees, -90 to 90."""
    elevation = np.asarray(true_elevation, np.float64)
    above = np.maximum(elevation, _LOWEST)
    lifted = _SCALE / np.tan(np.radians(above + 10.3 / (above + 5.11)))
    fading = np.tan(np.radians(_LOWEST)) / np.tan(np.radians(np.clip(elevation, -89.999, _LOWEST)))
    return np.asarray(np.maximum(lifted * fading, 0.0))


def apparent_elevation(true_elevation: npt.ArrayLike) -> FloatArray:
    """Elevation in degrees at which a sun of this geometric elevation is seen."""
    return np.asarray(true_elevation, np.float64) + refraction_degrees(true_elevation)


def true_elevation(apparent: npt.ArrayLike) -> FloatArray:
    """Geometric elevation in degrees of a sun that is seen at this one; inverse of ``apparent_elevation`` to 1e-6."""
    seen = np.asarray(apparent, np.float64)
    elevation = seen.copy()
    for _ in range(_STEPS):
        elevation = seen - refraction_degrees(elevation)
    return elevation
