"""How well a place and a position of the sun fit what was measured: the inner loop of ``sun_likelihood``.

Gaussian in elevation, von Mises in azimuth, soft limits for day, dusk and night. Every error is widened by how much the
quantity changes across a cell, so that a large cell loses nothing to its centre: elevation changes by one degree per
degree of arc, azimuth by the length of its gradient, ``|grad A|^2 = tan^2 h + tan^2 phi - 2 tan h tan phi cos A``.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.evidence.sun.observation import LIGHT_ERROR_DEGREES, LIGHT_RANGES, SunObservation
from engine.evidence.sun.refraction import true_elevation

Array = npt.NDArray[np.float32]

LEAN_DEGREES = 1.0
"""An upright that leans so far turns its shadow by ``tan h`` times as much: azimuths grow vague near the zenith."""

SHINING_ERROR_DEGREES = 0.3
"""How sharp the limit of a sun that casts shadows is: haze on the horizon, and refraction that varies."""

_LIGHT_SHARPNESS = 2.0 * LIGHT_ERROR_DEGREES  # a soft limit asks for less than a band of the same error
_AZIMUTH_SHARPNESS = 0.25  # azimuth may change by several degrees per degree of arc
_SMALLEST = np.float32(1e-6)


@dataclass(frozen=True)
class Measured:
    """An observation as the inner loop wants it: radians, elevations without refraction.

    Attributes:
        elevation: geometric elevation and its error, or None.
        azimuth: azimuth of the sun and its error, or None.
        limits: soft limits of the elevation: lowest, highest (or None), how soft.
    """

    elevation: tuple[float, float] | None
    azimuth: tuple[float, float] | None
    limits: tuple[tuple[float, float | None, float], ...]

    @property
    def sharpness_degrees(self) -> float:
        """The smallest arc over which the fit changes much."""
        sharp = [math.degrees(self.elevation[1])] if self.elevation else []
        sharp += [max(0.5, _AZIMUTH_SHARPNESS * math.degrees(self.azimuth[1]))] if self.azimuth else []
        return min([*sharp, _LIGHT_SHARPNESS])


def measure(observation: SunObservation) -> Measured:
    """An observation in radians, with refraction taken out."""
    azimuth = observation.sun_azimuth
    return Measured(
        elevation=_without_refraction(observation.sun_elevation),
        azimuth=(math.radians(azimuth[0]), math.radians(azimuth[1])) if azimuth else None,
        limits=tuple(_limits(observation)),
    )


def fit(what: Measured, places: Array, extent: Array, suns: Array, pads: tuple[float, float]) -> Array:
    """Likelihood of each place at each position of the sun, at most 1.

    Args:
        what: the measurement.
        places: ``(n, 3)`` unit vectors.
        extent: ``(n, 1)`` radius of each cell in radians.
        suns: ``(k, 3)`` directions of the sun.
        pads: radians that widen every cell, for elevation and for azimuth.

    Returns:
        ``(n, k)`` float32.
    """
    # Moments by rows: along a row all places have their own width, and NumPy is fast along long rows.
    width2, sine = extent.T**2, suns @ places.T
    np.clip(sine, _f(-1.0), _f(1.0), out=sine)
    elevation = np.arcsin(sine) if what.elevation or what.limits else sine
    value = np.zeros_like(sine)
    if what.elevation:
        np.subtract(elevation, _f(what.elevation[0]), out=value)
        value *= value
        value *= _f(-0.5) / (width2 + _f(what.elevation[1] ** 2 + pads[0] ** 2))
    np.exp(value, out=value)
    for lowest, highest, softness in what.limits:
        per_radian = _f(1.702) / np.sqrt(width2 + _f(softness**2 + pads[0] ** 2))
        value *= _above(elevation - _f(lowest), per_radian)
        if highest is not None:
            value *= _above(_f(highest) - elevation, per_radian)
    if what.azimuth:
        misfit = _azimuth_misfit(what.azimuth, places.T, width2 + _f(pads[1] ** 2), suns, sine)
        value *= np.exp(np.negative(misfit, out=misfit), out=misfit)
    return np.asarray(value.T, np.float32)


def _azimuth_misfit(azimuth: tuple[float, float], places: Array, width2: Array, suns: Array, sine: Array) -> Array:
    """The negative logarithm of the von Mises density over its peak; flat at the poles and in the zenith.

    ``(1 - cos(A - seen)) / variance``, both multiplied with ``cos^2 phi cos^2 h``, of which the gradient of the azimuth
    leaves ``(sin h - sin phi s_z)^2 + sin^2 phi (1 - s_z^2)``, ``s_z`` being the sine of the sun's declination.
    """
    turned, seen = (_f(turn(azimuth[0])) for turn in (math.sin, math.cos))
    up, declination = np.ascontiguousarray(places[2]), suns[:, 2:]
    up2, sine2 = up * up, sine * sine
    length2 = (_f(1.0) - sine2) * (_f(1.0) - up2)
    np.maximum(length2, _SMALLEST, out=length2)
    towards = (np.stack([suns[:, 1], -suns[:, 0]], axis=1) * turned) @ places[:2]
    towards += seen * (declination - sine * up)
    misfit = length2 - towards * np.sqrt(length2)
    np.maximum(misfit, _f(0.0), out=misfit)
    length2 *= _f(azimuth[1] ** 2)
    length2 += ((sine - declination * up) ** 2 + (_f(1.0) - declination**2) * up2) * width2
    sine2 *= _f(math.radians(LEAN_DEGREES) ** 2) * (_f(1.0) - up2)
    length2 += sine2
    misfit /= length2
    return np.asarray(misfit, np.float32)


def _above(angle: Array, per_radian: Array) -> Array:
    """A soft step: the logistic curve, which with the factor 1.702 is a Gaussian's integral to within 0.01."""
    angle *= _f(0.5) * per_radian
    np.tanh(angle, out=angle)
    angle += _f(1.0)
    angle *= _f(0.5)
    return angle


def _without_refraction(elevation: tuple[float, float] | None) -> tuple[float, float] | None:
    if elevation is None:
        return None
    return math.radians(float(true_elevation(elevation[0]))), math.radians(elevation[1])


def _limits(observation: SunObservation) -> list[tuple[float, float | None, float]]:
    limits: list[tuple[float, float | None, float]] = []
    if observation.light is not None:
        lowest, highest = LIGHT_RANGES[observation.light]
        top = None if highest >= 90.0 else math.radians(highest)
        limits.append((math.radians(lowest), top, math.radians(LIGHT_ERROR_DEGREES)))
    if observation.sun_shines:
        limits.append((math.radians(LIGHT_RANGES["day"][0]), None, math.radians(SHINING_ERROR_DEGREES)))
    return limits


def _f(value: Any) -> np.float32:
    """A constant in single precision, so that arrays stay in it."""
    return np.float32(value)
