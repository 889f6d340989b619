"""What a search plan says in files: names, descriptions and values, the same in every format.

The PODs go along as ``pod_1``, ``pod_2``, ..., so that the files can be read back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import shapely
from shapely.affinity import translate

from engine.errors import InputError
from engine.evidence.shapes.mending import circle_polygon
from engine.evidence.shapes.polygons import Point, Polygon, in_plane
from engine.search_planning.assign import Assignment
from engine.search_planning.distances import CAUTION
from engine.search_planning.evaluate import PlanTable, SegmentRow
from engine.search_planning.plan import RINGS_FOLDER, SearchPlan, Segment

USE = f"Planning aid of Hereabouts, not for sole use. {CAUTION}"
FOLDERS = MappingProxyType(
    {"point": "Last known point", "rings": RINGS_FOLDER, "segments": "Segments", "next": "Next assignments"}
)
RING_COLOR, SEGMENT_COLOR, NEXT_COLOR = "#2f80ed", "#f2994a", "#eb5757"
DECIMALS = 7
"""Decimals of a degree: a centimetre."""


@dataclass(frozen=True)
class PlanContents:
    """What is written.

    Attributes:
        plan: with its segments.
        table: of the plan.
        assignments: the next ones, best first.
        title: of the case, or empty.
    """

    plan: SearchPlan
    table: PlanTable
    assignments: tuple[Assignment, ...] = ()
    title: str = ""

    @property
    def heading(self) -> str:
        """Of a document."""
        return self.title or "Search plan"

    def rows(self) -> Iterator[tuple[Segment, SegmentRow, Assignment | None]]:
        """Each segment with its line of the table and its assignment."""
        given = {each.segment: each for each in self.assignments}
        for segment, row in zip(self.plan.segments, self.table.rows, strict=True):
            yield segment, row, given.get(segment.name)

    def rings(self) -> Iterator[tuple[str, float, str]]:
        """Name, radius in km and description of each range ring."""
        if self.plan.point is not None and self.plan.distances is not None:
            for share, km in self.plan.distances.quantiles:
                told = f"{share:.0%} of {self.plan.distances.title} were found within {km:.2f} km"
                yield f"{share:.0%} {km:.1f} km", km, f"{told}. {self.plan.distances.source}. {CAUTION}"


def segment_words(row: SegmentRow) -> str:
    """One line of the table as a description."""
    pods = ", ".join(f"OP{n} {pod:.0%}" for n, pod in enumerate(row.pods, start=1) if pod) or "not searched"
    return (
        f"{row.area_km2:.2f} km2, POA {row.poa:.1%} (initially {row.initial_poa:.1%}), POD {pods}"
        f"{f', cumulative {row.cumulative_pod:.0%}' if len(row.pods) > 1 else ''}, density rank {row.rank}"
    )


def assignment_words(each: Assignment) -> str:
    """An assignment as a description."""
    return f"{each.hours:.1f} team-hours: coverage {each.coverage:.2f}, expected POD {each.pod:.0%}, POS {each.pos:.1%}"


def row_values(row: SegmentRow) -> dict[str, Any]:
    """One line of the table as plain values by name; ``pod_1`` and so on in per cent."""
    found: dict[str, Any] = {
        "area_km2": round(row.area_km2, 4),
        "poa_percent": round(100 * row.poa, 4),
        "initial_poa_percent": round(100 * row.initial_poa, 4),
        "cumulative_pod_percent": round(100 * row.cumulative_pod, 4),
        "density_rank": row.rank,
    }
    return found | {f"pod_{n}": round(100 * pod, 6) for n, pod in enumerate(row.pods, start=1)}


def cut_polygon(polygon: Polygon) -> list[shapely.Polygon]:
    """The polygon within -180 to 180, cut at the date line as RFC 7946 asks."""
    shape = in_plane(polygon)
    west, _, east, _ = shape.bounds
    if west >= -180.0 and east <= 180.0:
        return [shape]
    found = []
    for turn in (-360.0, 0.0, 360.0):
        part = shapely.intersection(translate(shape, turn), shapely.box(-180, -90, 180, 90))
        found += [each for each in shapely.get_parts(part) if isinstance(each, shapely.Polygon) and each.area > 0]
    return found


def ring_points(contents: PlanContents, km: float) -> list[Point]:
    """A closed line; longitudes run on beyond 180, so that it is one line."""
    point = contents.plan.point
    if point is None:
        raise InputError("The plan has no last known point, so it has no range rings; give one.")
    polygon = circle_polygon(point.latitude, point.longitude, km)
    pole = 90.0 if point.latitude >= 0 else -90.0
    return [each for each in polygon[0] if each[0] != pole]


def inner_point(contents: PlanContents, given: Assignment) -> Point:
    """A point inside the segment of an assignment, latitude first."""
    inner = in_plane(contents.plan.named(given.segment).polygons[0]).representative_point()
    return inner.y, (inner.x + 180.0) % 360.0 - 180.0


def plan_facts(contents: PlanContents) -> dict[str, Any]:
    """What the plan rests on, as plain values."""
    distances, table = contents.plan.distances, contents.table
    return {
        "use": USE,
        "distances": None if distances is None else f"{distances.title}: {distances.words}. {distances.source}",
        "rest_of_world_poa": table.rest,
        "overall_pos": table.success,
    }


def point_words(contents: PlanContents) -> str:
    """The last known point as a description: how exact it is, whose distances are used, and what the file is for."""
    point, distances = contents.plan.point, contents.plan.distances
    unsure = f", known to {1000 * point.uncertainty_km:,.0f} m" if point is not None and point.uncertainty_km else ""
    about = f"Subject: {distances.title}. {distances.words}. {distances.source}. " if distances is not None else ""
    return f"Last known point{unsure}. {about}{USE}"
