"""The sun's elevation and azimuth from an upright object and its shadow, pointed at in the photo.

A pinhole camera above level ground: the rays through the foot of the object, its top and the tip of its shadow meet the
ground and the vertical through the foot in points that are known up to one scale, and angles need no scale. Which way
is up follows from vertical edges in the photo (their vanishing point; Hartley and Zisserman, Multiple View Geometry,
2nd edition, section 8.6) and from how level people hold cameras. Errors come from drawing the points, the focal length
and the tilt again and again at random.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.proposal import ProposedTime

Point = tuple[float, float]
"""Shares of the photo's width and height, from the upper left corner."""

Vector = npt.NDArray[np.float64]

USUAL_FOCAL_MM = 28.0
"""Focal length of most telephones, in millimetres of 35 mm film; used where the file gives none."""

FOCAL_ERROR, USUAL_FOCAL_ERROR = 0.04, 0.2
"""Relative errors of a focal length that the file gives, and of the usual one."""

FILM_DIAGONAL_MM = math.hypot(36.0, 24.0)

CLICK_ERROR = 0.003
"""Of the photo's diagonal: how well a point is hit."""

LEVEL_ERROR_DEGREES = 8.0
"""How far cameras are tilted where no second vertical edge says it."""

SLOPE_ERROR_DEGREES = 1.5
"""How far ground that looks level is not."""

HEADING_ERROR_DEGREES = 10.0
"""Of the direction that an analyst gives a camera."""

DRAWS = 400
LEAST_VALID = 0.6
"""Share of the draws in which the points are possible; with fewer the photo does not allow an answer."""

SHORTEST = 0.01
"""Of the photo's diagonal: shorter lines say nothing."""

MOST_VERTICALS = 8


@dataclass(frozen=True)
class PointedShadow:
    """What was pointed at; every point in shares of the photo.

    Attributes:
        foot: where the object stands; its shadow begins there.
        top: the highest point of the object, straight above its foot.
        tip: the end of its shadow: the shadow of the top.
        verticals: other edges that are vertical in the world, each with two points.
        width, height: of the photo, in pixels of any size.
        focal_mm: focal length in millimetres of 35 mm film, or None where it is unknown.

    Raises:
        InputError: a point is outside the photo, a line too short, or a number is out of range.
    """

    foot: Point
    top: Point
    tip: Point
    width: int
    height: int
    verticals: tuple[tuple[Point, Point], ...] = ()
    focal_mm: float | None = None

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise InputError(f"A photo of {self.width} x {self.height} pixels has no angles; give its size.")
        if self.focal_mm is not None and not 5.0 <= self.focal_mm <= 2000.0:
            raise InputError(f"A focal length of {self.focal_mm:g} mm cannot be used; give 5 to 2000 mm of 35 mm film.")
        if len(self.verticals) > MOST_VERTICALS:
            raise InputError(f"{len(self.verticals)} vertical edges were drawn; {MOST_VERTICALS} are enough.")
        for point in (self.foot, self.top, self.tip, *(point for edge in self.verticals for point in edge)):
            if not all(0.0 <= share <= 1.0 for share in point):
                raise InputError("A point lies outside the photo; draw it again inside.")
        edges = [("vertical edge", edge) for edge in self.verticals]
        for name, (start, end) in [("object", (self.foot, self.top)), ("shadow", (self.foot, self.tip)), *edges]:
            if self._length(start, end) < SHORTEST:
                raise InputError(f"The {name} is too short to measure; zoom in and draw it from end to end.")

    def _length(self, start: Point, end: Point) -> float:
        across, down = (end[0] - start[0]) * self.width, (end[1] - start[1]) * self.height
        return math.hypot(across, down) / math.hypot(self.width, self.height)


@dataclass(frozen=True)
class SunAngles:
    """What follows from a pointed shadow; errors are one standard deviation.

    Attributes:
        elevation_degrees: of the sun above a level horizon.
        elevation_error_degrees: of that.
        bearing_degrees: in which direction the shadow falls, clockwise from where the camera looks, -180 to 180.
        bearing_error_degrees: of that.
    """

    elevation_degrees: float
    elevation_error_degrees: float
    bearing_degrees: float
    bearing_error_degrees: float

    def observation(
        self,
        heading_degrees: float | None = None,
        heading_error_degrees: float = HEADING_ERROR_DEGREES,
        time: ProposedTime | None = None,
    ) -> SunObservation:
        """The observation for a statement.

        Args:
            heading_degrees: where the camera looks, clockwise from true north, or None: then there is no azimuth.
            heading_error_degrees: one standard deviation of it.
            time: when the photo was taken, or None.

        Raises:
            InputError: a number is out of range.
        """
        found = SunObservation(
            elevation_degrees=round(self.elevation_degrees, 2),
            elevation_error_degrees=round(self.elevation_error_degrees, 2),
        )
        if heading_degrees is not None:
            error = math.hypot(self.bearing_error_degrees, heading_error_degrees)
            found = replace(
                found,
                azimuth_degrees=round((heading_degrees + self.bearing_degrees) % 360.0, 2) % 360.0,
                azimuth_error_degrees=round(min(error, 180.0), 2),
                azimuth_of="shadow",
            )
        return found if time is None else replace(found, **asdict(time))


def measure_sun(pointed: PointedShadow) -> SunAngles:
    """The sun's elevation and the direction of the shadow, with their errors.

    Raises:
        InputError: the points cannot be those of an upright object and its shadow on level ground.
    """
    generator = np.random.default_rng(0)  # the same points always give the same answer
    drawn = [_angles(*_drawn(pointed, generator)) for _ in range(DRAWS)]
    valid = np.array([each for each in drawn if each is not None])
    if len(valid) < LEAST_VALID * DRAWS:
        raise InputError(
            "These points cannot be an object and its shadow on level ground; draw the object from foot to top, the "
            "shadow from the foot to its tip, both below the horizon, and a vertical edge such as a corner of a house."
        )
    elevation, bearing = valid[:, 0], np.unwrap(valid[:, 1])
    middle = float(np.median(bearing))
    return SunAngles(
        float(np.degrees(np.median(elevation))),
        math.hypot(float(np.degrees(_spread(elevation))), SLOPE_ERROR_DEGREES),
        (math.degrees(middle) + 180.0) % 360.0 - 180.0,
        math.hypot(min(float(np.degrees(_spread(bearing))), 120.0), SLOPE_ERROR_DEGREES),
    )


def _spread(values: Vector) -> float:
    """Half of what the middle 68 of 100 values span: a standard deviation that a few odd values do not move."""
    low, high = np.quantile(values, (0.16, 0.84))
    return float(high - low) / 2.0


def _drawn(pointed: PointedShadow, generator: np.random.Generator) -> tuple[Vector, Vector]:
    """Rays ``(3, 3)`` of foot, top and tip, and the direction up, with one draw of all errors."""
    diagonal = math.hypot(pointed.width, pointed.height)
    usual = pointed.focal_mm is None
    focal = (USUAL_FOCAL_MM if pointed.focal_mm is None else pointed.focal_mm) / FILM_DIAGONAL_MM
    focal *= math.exp(generator.normal(0.0, USUAL_FOCAL_ERROR if usual else FOCAL_ERROR))
    edges = ((pointed.foot, pointed.top), *pointed.verticals)
    points = np.array([*(point for edge in edges for point in edge), pointed.tip], np.float64) - 0.5
    points *= np.array([pointed.width, pointed.height]) / diagonal
    points += generator.normal(0.0, CLICK_ERROR, points.shape)
    rays = np.column_stack([points, np.full(len(points), focal)])
    lengths = np.linalg.norm(points[0:-1:2] - points[1:-1:2], axis=1)
    level = np.array([*generator.normal(0.0, math.radians(LEVEL_ERROR_DEGREES), 2), 0.0])
    up = _up(rays[:-1].reshape(-1, 2, 3), lengths, np.array([level[0] / 4.0, -1.0, level[1]]))
    return rays[[0, 1, -1]], up


def _up(edges: Vector, lengths: Vector, level: Vector) -> Vector:
    """The direction up in the camera's axes (right, down, ahead).

    Args:
        edges: ``(edges, 2, 3)`` rays of the ends of vertical edges.
        lengths: ``(edges,)`` in shares of the diagonal; longer ones count more.
        level: where up would be by the way in which the camera is held; its second axis is not used up by an edge.
    """
    normals = np.cross(edges[:, 0], edges[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    weights = (lengths / CLICK_ERROR) ** 2
    believed = 1.0 / math.radians(LEVEL_ERROR_DEGREES) ** 2
    matrix = (normals * weights[:, None]).T @ normals + believed * np.eye(3)
    up = np.linalg.solve(matrix, believed * level)
    return np.asarray(up / np.linalg.norm(up), np.float64)


def _angles(rays: Vector, up: Vector) -> tuple[float, float] | None:
    """Elevation and bearing in radians, or None where foot or tip do not lie on the ground before the camera."""
    foot, top, tip = rays
    if foot @ up >= -1e-6 or tip @ up >= -1e-6:
        return None
    on_ground, end = (-ray / (ray @ up) for ray in (foot, tip))
    start, along = np.cross(on_ground, top), np.cross(up, top)
    height = -float(start @ along) / max(float(along @ along), 1e-12)
    shadow = end - on_ground
    length = float(np.linalg.norm(shadow))
    if height <= 0.0 or length == 0.0:
        return None
    ahead = np.array([0.0, 0.0, 1.0]) - up[2] * up
    ahead /= np.linalg.norm(ahead)
    return math.atan2(height, length), math.atan2(float(shadow @ np.cross(ahead, up)), float(shadow @ ahead))


def edges_of(lines: Sequence[Sequence[Sequence[float]]]) -> tuple[tuple[Point, Point], ...]:
    """Vertical edges from plain lists of two points each."""
    return tuple(((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))) for a, b in lines)
