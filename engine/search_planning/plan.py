"""A search plan as a frozen value: last known point, distances, segments with their searches, and the effort to place.

Terms are those of land search: the initial or last known point (IPP, LKP), probability of area (POA), of detection
(POD) and of success (POS = POA x POD), operational periods, and the rest of the world (ROW).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from engine.errors import InputError
from engine.evidence.shapes.area_files import NamedArea
from engine.evidence.shapes.mending import SMALLEST_KM2
from engine.evidence.shapes.polygons import Polygon, area_km2, check_name
from engine.evidence.statements.areas import DrawnArea
from engine.geometry.sphere import check_point
from engine.search_planning.distances import Distances
from engine.search_planning.names import distinct_names
from engine.search_planning.radial import LARGEST_UNCERTAINTY_KM, Spread

RINGS_FOLDER = "Range rings"
"""What the folder of the distance rings is called in exports."""

MOST_SEGMENTS = 200
MOST_PERIODS = 30
LARGEST_EFFORT = MappingProxyType({"hours": 100_000.0, "sweep_width_m": 10_000.0, "speed_km_h": 1_000.0})
MOST_SEARCHERS = 100
MOST_PLAN_POINTS = 60_000
"""Points of all segments together; more make the case file too large."""


class Ground(StrEnum):
    """Where the person may be at all."""

    ANY = "any"
    LAND = "land"


@dataclass(frozen=True)
class LastKnownPoint:
    """Where the person was last known to be (or the initial planning point).

    Attributes:
        latitude, longitude: degrees.
        uncertainty_km: the person was within this distance of it, every place of that disc alike; 0 where it is exact.

    Raises:
        InputError: it is not on the globe, or the uncertainty is out of range.
    """

    latitude: float
    longitude: float
    uncertainty_km: float = 0.0

    def __post_init__(self) -> None:
        check_point(self.latitude, self.longitude)
        if not 0.0 <= self.uncertainty_km <= LARGEST_UNCERTAINTY_KM:
            raise InputError(
                f"An uncertainty of {self.uncertainty_km:g} km cannot be used; give 0 to {LARGEST_UNCERTAINTY_KM:g} km."
            )


@dataclass(frozen=True)
class Segment:
    """An area that one team can search, and how well it was searched.

    Attributes:
        name: of one line, not empty: AA, AB, ...
        polygons: its boundary.
        pods: per operational period, first to last, the probability of detection of the search in it; 0 for none.

    Raises:
        InputError: it encloses nothing, or a POD is not a probability.
    """

    name: str
    polygons: tuple[Polygon, ...]
    pods: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name, "a segment")
        if not self.name.strip():
            raise InputError("A segment has no name; give one such as AA.")
        self._check_rings()
        if len(self.pods) > MOST_PERIODS:
            raise InputError(f"Segment {self.name} has {len(self.pods)} operational periods; give at most 30.")
        for period, pod in enumerate(self.pods, start=1):
            if not (math.isfinite(pod) and 0.0 <= pod <= 1.0):
                raise InputError(
                    f"The POD of segment {self.name} in period {period} is {100 * pod:g} %; give 0 to 100 %."
                )

    def _check_rings(self) -> None:
        try:
            DrawnArea(self.polygons)
        except InputError as error:
            numbers = [abs(value) for polygon in self.polygons for ring in polygon for each in ring for value in each]
            if numbers and max(numbers) <= 540.0 and all(self.polygons) and self.area_km2 < SMALLEST_KM2:
                told = f"Segment {self.name} has no area, its corners lie on one line or in one place; draw it again."
                raise InputError(told) from error
            raise

    @property
    def area_km2(self) -> float:
        """On the sphere."""
        return area_km2(self.polygons)

    @property
    def cumulative_pod(self) -> float:
        """Of all periods together, each search independent of the others: 1 - product of (1 - POD)."""
        missed = math.prod(1.0 - pod for pod in self.pods)
        return 1.0 - missed

    def searched(self, period: int, pod: float) -> "Segment":
        """The segment with another POD in a period, counted from 1; trailing periods without a search are dropped."""
        pods = [*self.pods, *[0.0] * (period - len(self.pods))]
        pods[period - 1] = pod
        while pods and pods[-1] == 0.0:
            pods.pop()
        return replace(self, pods=tuple(pods))


@dataclass(frozen=True)
class Effort:
    """What can be searched with in the next operational period.

    The defaults are assumptions for a team on foot in mixed ground, to be replaced: sweep widths are measured on site.

    Attributes:
        hours: team-hours in all.
        sweep_width_m: effective sweep width of one searcher.
        speed_km_h: of a searcher along the track.
        searchers: in one team, side by side.

    Raises:
        InputError: one of them is out of range.
    """

    hours: float = 12.0
    sweep_width_m: float = 30.0
    speed_km_h: float = 1.5
    searchers: int = 4

    def __post_init__(self) -> None:
        units = {"hours": "team-hours", "sweep_width_m": "m of sweep width", "speed_km_h": "km/h"}
        checks = [(getattr(self, name), units[name], most) for name, most in LARGEST_EFFORT.items()]
        for value, what, most in (*checks, (self.searchers, "searchers in a team", MOST_SEARCHERS)):
            if not (math.isfinite(value) and 0.0 < value <= most):
                raise InputError(f"{value:g} {what} cannot be planned with; give a number above 0, at most {most:,g}.")

    @property
    def km2_per_hour(self) -> float:
        """Area that a team sweeps effectively in an hour."""
        return self.sweep_width_m / 1000.0 * self.speed_km_h * self.searchers


@dataclass(frozen=True)
class SearchPlan:
    """Everything that the table and the assignments depend on.

    Attributes:
        point: None until somebody gave one.
        distances: statistics of the subject's category; None until chosen.
        spread: between and beyond their quantiles.
        ground: whether water counts.
        segments: with names that differ.
        effort: for the next assignments.

    Raises:
        InputError: two segments share a name, or there is more than can be drawn.
    """

    point: LastKnownPoint | None = None
    distances: Distances | None = None
    spread: Spread = Spread.RINGS
    ground: Ground = Ground.ANY
    segments: tuple[Segment, ...] = ()
    effort: Effort = field(default_factory=Effort)

    def __post_init__(self) -> None:
        if len(self.segments) > MOST_SEGMENTS:
            raise InputError(f"The plan has {len(self.segments)} segments; plan with at most {MOST_SEGMENTS}.")
        names = [segment.name for segment in self.segments]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"Two segments are called {twice}; give each a name of its own.")
        points = sum(len(ring) for segment in self.segments for polygon in segment.polygons for ring in polygon)
        if points > MOST_PLAN_POINTS:
            raise InputError(
                f"The segments have {points:,} points together; simplify them to at most {MOST_PLAN_POINTS:,}."
            )

    @property
    def periods(self) -> int:
        """Operational periods with a search so far."""
        return max((len(segment.pods) for segment in self.segments), default=0)

    def named(self, name: str) -> Segment:
        """The segment of that name.

        Raises:
            InputError: there is none.
        """
        for segment in self.segments:
            if segment.name == name:
                return segment
        known = ", ".join(segment.name for segment in self.segments[:12]) or "none yet"
        raise InputError(f"There is no segment {name[:40]!r}; the plan has {known}.")

    def with_areas(self, areas: Sequence[NamedArea]) -> "SearchPlan":
        """The plan with more segments; PODs that a file of ours carries come with them.

        Raises:
            InputError: there would be too many.
        """
        names = distinct_names([area.name for area in areas], [segment.name for segment in self.segments])
        new = (Segment(name, area.polygons, pods_of(area.values)) for name, area in zip(names, areas, strict=True))
        return replace(self, segments=(*self.segments, *new))

    def with_segment(self, name: str, new: Segment | None) -> "SearchPlan":
        """The plan with one segment replaced, or taken out where ``new`` is None.

        Raises:
            InputError: there is no such segment, or the new name is taken.
        """
        self.named(name)
        changed = (new if segment.name == name else segment for segment in self.segments)
        return replace(self, segments=tuple(segment for segment in changed if segment is not None))


def segments_of(areas: Sequence[NamedArea]) -> tuple[NamedArea, ...]:
    """The areas of a file that are segments: of our own exports not the range rings."""
    return tuple(area for area in areas if area.folder != RINGS_FOLDER)


def pods_of(values: Mapping[str, str]) -> tuple[float, ...]:
    """PODs in the texts of a feature, in per cent: fields ``pod_1``, ``pod_2``, ..., in GPX as its comment."""
    values = {**values, **dict(re.findall(r"(pod_\d{1,2})=(\d[\d.]*)", values.get("cmt", "")))}
    found: list[float] = []
    for period in range(1, MOST_PERIODS + 1):
        try:
            pod = float((values.get(f"pod_{period}") or "0").replace(",", ".").rstrip("% ")) / 100.0
        except ValueError:
            pod = 0.0
        found.append(pod if 0.0 <= pod <= 1.0 else 0.0)
    while found and found[-1] == 0.0:
        found.pop()
    return tuple(found)
