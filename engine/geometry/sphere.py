"""The sphere: radius, distances, areas.

One radius is used everywhere, so that areas and distances of different modules are comparable.
"""

import math
from typing import cast

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.typing import FloatArray

EARTH_RADIUS_KM = 6371.0088
"""Mean Earth radius R1 of the IUGG, in km."""

EARTH_AREA_KM2 = 4.0 * math.pi * EARTH_RADIUS_KM**2
"""Area of the sphere, about 5.1e8 km2."""


def wrap_longitude(longitude: npt.ArrayLike) -> FloatArray:
    """Longitude(s) in degrees moved into ``[-180, 180)``; 180 becomes -180, the same meridian."""
    wrapped = (np.asarray(longitude, dtype=np.float64) + 180.0) % 360.0 - 180.0
    # The remainder of a tiny negative number rounds up to 360 itself.
    return np.where(wrapped >= 180.0, -180.0, wrapped)


def check_point(latitude: float, longitude: float) -> tuple[float, float]:
    """The point as floats, longitude wrapped into ``[-180, 180)``.

    Raises:
        InputError: a coordinate is not a number, latitude leaves [-90, 90] or longitude leaves [-180, 180].
    """
    if not (math.isfinite(latitude) and -90.0 <= latitude <= 90.0):
        raise InputError(
            f"Latitude {latitude!r} is outside -90 to 90 degrees; give latitude first, then longitude, in degrees."
        )
    if not (math.isfinite(longitude) and -180.0 <= longitude <= 180.0):
        raise InputError(f"Longitude {longitude!r} is outside -180 to 180 degrees; give it in degrees, west negative.")
    if longitude == 180.0:
        longitude = -180.0
    return float(latitude), float(longitude)  # unwrapped: the sum and its remainder would move it by a rounding error


def unit_vectors(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> FloatArray:
    """Points in degrees, broadcast together, as unit vectors; shape ``(..., 3)``, x towards (0, 0), z north."""
    phi, lam = np.radians(np.asarray(latitude, np.float64)), np.radians(np.asarray(longitude, np.float64))
    cos_phi = np.cos(phi)
    return np.stack(np.broadcast_arrays(cos_phi * np.cos(lam), cos_phi * np.sin(lam), np.sin(phi)), axis=-1)


def great_circle_km(
    latitude_a: npt.ArrayLike, longitude_a: npt.ArrayLike, latitude_b: npt.ArrayLike, longitude_b: npt.ArrayLike
) -> FloatArray:
    """Great-circle distance in km between points in degrees, broadcast (haversine, exact for small distances)."""
    phi_a, phi_b = np.radians(np.asarray(latitude_a, np.float64)), np.radians(np.asarray(latitude_b, np.float64))
    d_lam = np.radians(np.asarray(longitude_b, np.float64) - np.asarray(longitude_a, np.float64))
    h = np.sin((phi_b - phi_a) / 2.0) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(d_lam / 2.0) ** 2
    return cast(FloatArray, 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0))))


def cap_area_km2(radius_km: float) -> float:
    """Area of the spherical cap within ``radius_km`` (great circle) of a point, in km2.

    Bianco et al. 2024, section 5.3: the caps of 1, 25, 200, 750 and 2500 km are the areas at which recall is read off.
    """
    half_angle = min(radius_km / EARTH_RADIUS_KM, math.pi) / 2.0
    return EARTH_AREA_KM2 * math.sin(half_angle) ** 2
