"""A plane around a point in which distances and bearings from that point are true (azimuthal equidistant projection).

On the engine's sphere. Good for buffers and circles of some hundred kilometres, at the poles and the date line too.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry.sphere import EARTH_RADIUS_KM, wrap_longitude
from engine.typing import FloatArray


@dataclass(frozen=True)
class LocalPlane:
    """The plane around a point.

    Attributes:
        latitude, longitude: of its origin, degrees. At a pole "north" is the meridian of ``longitude``.
    """

    latitude: float
    longitude: float

    def to_degrees(self, east_km: npt.ArrayLike, north_km: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes (in [-180, 180)) in degrees of points in km east and north of the origin."""
        east, north = np.asarray(east_km, np.float64), np.asarray(north_km, np.float64)
        return self.at_bearing(np.hypot(east, north), np.arctan2(east, north))

    def at_bearing(self, distance_km: npt.ArrayLike, bearing: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes in degrees at distances in km and bearings in radians, clockwise from north."""
        angle, turn = np.asarray(distance_km, np.float64) / EARTH_RADIUS_KM, np.asarray(bearing, np.float64)
        phi = math.radians(self.latitude)
        sine = math.sin(phi) * np.cos(angle) + math.cos(phi) * np.sin(angle) * np.cos(turn)
        # The haversine form keeps centimetres: the arc sine alone would lose them near a pole.
        east = np.sin(turn) * np.sin(angle)
        ahead = math.cos(phi) * np.cos(angle) - math.sin(phi) * np.sin(angle) * np.cos(turn)
        latitude = np.degrees(np.arctan2(sine, np.hypot(east, ahead)))
        longitude = wrap_longitude(self.longitude + np.degrees(np.arctan2(east, ahead)))
        return np.asarray(latitude, np.float64), longitude

    def from_degrees(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Kilometres east and north of the origin of points in degrees."""
        phi, lam = np.radians(np.asarray(latitude, np.float64)), np.radians(np.asarray(longitude, np.float64))
        phi0, turn = math.radians(self.latitude), lam - math.radians(self.longitude)
        east = np.cos(phi) * np.sin(turn)
        north = math.cos(phi0) * np.sin(phi) - math.sin(phi0) * np.cos(phi) * np.cos(turn)
        sine = np.hypot(east, north)
        angle = np.arctan2(sine, math.sin(phi0) * np.sin(phi) + math.cos(phi0) * np.cos(phi) * np.cos(turn))
        scale = EARTH_RADIUS_KM * np.where(sine > 0, angle / np.where(sine > 0, sine, 1.0), 1.0)
        return np.asarray(scale * east, np.float64), np.asarray(scale * north, np.float64)
