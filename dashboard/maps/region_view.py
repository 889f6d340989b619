"""The camera that shows a region, or the part of it that matters."""

import math

import numpy as np

from dashboard.maps.views import HOME_ZOOM, View
from engine.inference.candidates import Candidate
from engine.inference.region import Region
from engine.typing import FloatArray

SHOWN_MASS = 0.9
"""Share of the region's mass that the camera shows where it lies on one side of the Earth."""
WIDEST_DEGREES = 55.0
"""Angular radius beyond which no camera shows it all; the best candidate's side is shown instead."""
CLOSEST_ZOOM = 8.0
PIXELS = 480
"""Width that the shown part may fill: what the panels leave of a small window."""


def view_of_region(region: Region, places: tuple[Candidate, ...], turn: int) -> View:
    """Return the camera on most of a region's mass; where that lies all over the Earth, on its best candidate.

    Args:
        region: of the answer.
        places: its candidates, best first; may be empty.
        turn: as in ``View``.
    """
    cells = region.search_map.order[: max(region.whole_cells, 1)]
    mass, centers = region.search_map.probability[cells], region.overlay.unit_center[cells]
    middle = mass @ centers
    length = float(np.linalg.norm(middle))
    if length > 0:
        radius = _radius_degrees(centers, mass, middle / length)
        if radius <= WIDEST_DEGREES:
            latitude, longitude = _degrees(middle / length)
            return View(latitude, longitude, _zoom(radius), turn)
    if places:
        return View(places[0].latitude, places[0].longitude, HOME_ZOOM, turn)
    return View(*_degrees(centers[0]), HOME_ZOOM, turn)


def is_near(first: View, second: View) -> bool:
    """Whether two cameras show much the same, so that a flight between them would only disturb."""
    half_window = 180.0 * PIXELS / 512 / 2 ** min(first.zoom, second.zoom)
    return separation_degrees(first, second) < 0.5 * half_window and abs(first.zoom - second.zoom) < 1.0


def separation_degrees(first: View, second: View) -> float:
    """Return the great-circle distance between the points that two cameras look at, in degrees."""
    phi_1, phi_2 = math.radians(first.latitude), math.radians(second.latitude)
    step = math.radians(second.longitude - first.longitude)
    cosine = math.sin(phi_1) * math.sin(phi_2) + math.cos(phi_1) * math.cos(phi_2) * math.cos(step)
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def _radius_degrees(centers: FloatArray, mass: FloatArray, middle: FloatArray) -> float:
    """The angle around a direction that holds most of the mass."""
    angle = np.arccos(np.clip(centers @ middle, -1.0, 1.0))
    order = np.argsort(angle)
    held = np.cumsum(mass[order])
    return float(np.degrees(angle[order[np.searchsorted(held, SHOWN_MASS * held[-1])]]))


def _zoom(radius_degrees: float) -> float:
    """The zoom at which a circle of that radius fills the pixels, between the whole globe and a county."""
    return min(max(math.log2(180.0 / max(radius_degrees, 1e-3) * PIXELS / 512), HOME_ZOOM), CLOSEST_ZOOM)


def _degrees(unit: FloatArray) -> tuple[float, float]:
    x, y, z = (float(each) for each in unit)
    return math.degrees(math.asin(max(-1.0, min(1.0, z)))), math.degrees(math.atan2(y, x))
