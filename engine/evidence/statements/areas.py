"""Statements about areas: drawn polygons and circles around a point. The place is inside one, or outside."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from engine.errors import InputError
from engine.evidence.shapes.polygons import (
    LARGEST_RADIUS_KM,
    MOST_POINTS,
    Polygon,
    check_name,
    check_polygon,
    limit_to_floats,
)
from engine.evidence.statements.likelihood import log_of_share
from engine.evidence.statements.sentences import Titles, format_number
from engine.geometry.sphere import check_point


@dataclass(frozen=True)
class DrawnArea:
    """Polygons that the place lies in, or does not lie in.

    Attributes:
        polygons: one or more; see ``Polygon``. ``polygon_from_points`` makes one of clicks on a map.
        include: whether the place is inside; False says that it is outside.
        name: what the analyst calls it, or empty.

    Raises:
        InputError: a ring is not closed, crosses itself, leaves the globe or has too many points.
    """

    kind: ClassVar[str] = "drawn_area"
    gradual: ClassVar[bool] = False

    polygons: tuple[Polygon, ...]
    include: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "a drawn area")
        if not self.polygons:
            raise InputError("A drawn area needs at least one polygon; draw one with three corners or more.")
        count = sum(len(ring) for polygon in self.polygons for ring in polygon)
        if count > MOST_POINTS:
            raise InputError(f"A drawn area has {count} points; simplify it to at most {MOST_POINTS}.")
        for polygon in self.polygons:
            check_polygon(polygon)

    @property
    def words(self) -> str:
        """``"the drawn area 'valley'"``; without whether the place is inside."""
        return f"the drawn area '{self.name}'" if self.name else "the drawn area"

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Inside the drawn area 'valley'"``."""
        del titles
        return f"{'Inside' if self.include else 'Outside'} {self.words}"

    @property
    def outline(self) -> "DrawnArea":
        """See ``OutlineStatement``: this area without its name, and from the inside."""
        return replace(self, include=True, name="")

    def log_outside_inside(self, probability: float, mass: float) -> tuple[float, float]:
        """See ``OutlineStatement``."""
        return _log_outside_inside(self.include, probability, mass)


@dataclass(frozen=True)
class Circle:
    """All places within a great-circle distance of a point, or all others.

    Attributes:
        latitude, longitude: the centre, degrees.
        radius_km: above 0, at most half the way around the Earth.
        include: whether the place is inside; False says that it is outside.
        name: of the centre, for instance ``"Nice"``, or empty.

    Raises:
        InputError: the centre is not on the globe or the radius makes no circle.
    """

    kind: ClassVar[str] = "circle"
    gradual: ClassVar[bool] = False

    latitude: float
    longitude: float
    radius_km: float
    include: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "a circle")
        check_point(limit_to_floats(self.latitude), limit_to_floats(self.longitude))
        if not 0.0 < self.radius_km <= LARGEST_RADIUS_KM:
            raise InputError(
                f"A radius of {limit_to_floats(self.radius_km):g} km makes no circle; "
                f"give a number above 0 and at most {LARGEST_RADIUS_KM:.0f} km."
            )

    @property
    def words(self) -> str:
        """``"50 km around Nice"``; without whether the place is inside."""
        return f"{format_number(self.radius_km)} km around {self._centre}"

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Within 50 km of Nice"``, ``"More than 50 km from Nice"``."""
        del titles
        return f"{'Within' if self.include else 'More than'} {format_number(self.radius_km)} km " + (
            f"of {self._centre}" if self.include else f"from {self._centre}"
        )

    @property
    def outline(self) -> "Circle":
        """See ``OutlineStatement``: this area without its name, and from the inside."""
        return replace(self, include=True, name="")

    def log_outside_inside(self, probability: float, mass: float) -> tuple[float, float]:
        """See ``OutlineStatement``."""
        return _log_outside_inside(self.include, probability, mass)

    @property
    def _centre(self) -> str:
        return self.name or f"{self.latitude:.4f}, {self.longitude:.4f}"


Shape = DrawnArea | Circle


def _log_outside_inside(include: bool, probability: float, mass: float) -> tuple[float, float]:
    holds = np.array([0.0, 1.0]) if include else np.array([1.0, 0.0])
    outside, inside = log_of_share(holds, probability, mass if include else 1.0 - mass)
    return float(outside), float(inside)
