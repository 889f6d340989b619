"""The table of a plan: area, POA, POD, POS and density of each segment, and of the rest of the world.

A search of a segment that finds nothing multiplies its probability by 1 - POD; segments and the rest of the world then
share what is left, POA' = (1 - POD) POA / (1 - POD POA). The rest of the world is everything outside all segments.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.evidence.shapes.polygons import Polygon
from engine.search_planning.local_grid import LocalGrid, Membership, build_grid
from engine.search_planning.plan import SearchPlan
from engine.search_planning.radial import blur, spread_quantiles
from engine.typing import FloatArray

NOTHING_LEFT = 1e-12
"""Probability below which nothing counts as left."""

OVERLAP_SHOWN = 0.01
"""Share of a segment that overlaps before it is reported."""

Weights = Callable[[FloatArray, FloatArray], FloatArray]
"""Factors of 0 or more for points, by their latitudes and longitudes in degrees."""


@dataclass(frozen=True)
class SegmentRow:
    """One line of the table.

    Attributes:
        name: of the segment.
        area_km2: on the sphere.
        initial_poa: before any search.
        poa: now, after all searches without a find.
        pods: per operational period.
        cumulative_pod: of all periods.
        pos: cumulative probability of success, of ``initial_poa``.
        density: POA now per km2.
        rank: by density, 1 is the densest.
    """

    name: str
    area_km2: float
    initial_poa: float
    poa: float
    pods: tuple[float, ...]
    cumulative_pod: float
    pos: float
    density: float
    rank: int


@dataclass(frozen=True)
class PlanTable:
    """The table of a plan.

    Attributes:
        rows: in the order of the segments.
        initial_rest: POA of the rest of the world before any search.
        rest: now.
        success: overall probability of success so far: that the searches would have found the person.
        notes: sentences that a planner has to read.
    """

    rows: tuple[SegmentRow, ...]
    initial_rest: float
    rest: float
    success: float
    notes: tuple[str, ...] = ()

    @property
    def by_rank(self) -> tuple[SegmentRow, ...]:
        """The rows, densest first."""
        return tuple(sorted(self.rows, key=lambda row: row.rank))


def plan_grid(plan: SearchPlan, *weights: Weights) -> LocalGrid:
    """The fine grid of a plan: distances around the point, its uncertainty, and other knowledge multiplied in.

    Args:
        plan: with a point and distances.
        weights: of a photo's map, or of land.

    Raises:
        InputError: point or distances are missing, or nothing is left.
    """
    if plan.point is None:
        raise InputError("The plan has no last known point; type its coordinates or choose it on the map.")
    if plan.distances is None:
        raise InputError("The plan has no distances; choose a subject category or give your own.")
    spread = blur(spread_quantiles(plan.distances.quantiles, plan.spread), plan.point.uncertainty_km)
    grid = build_grid(plan.point.latitude, plan.point.longitude, spread)
    for weigh in weights:
        grid = grid.weighed(weigh(*grid.centres))
    return grid


Find = Callable[[tuple[Polygon, ...]], Membership]
"""Which cells polygons hold."""


def initial_poas(plan: SearchPlan, grid: LocalGrid, find: Find | None = None) -> tuple[FloatArray, tuple[str, ...]]:
    """``(segments,)`` probability of each segment before any search, and sentences on overlaps.

    Ground that several segments hold counts in the first of them alone, so that nothing is counted twice.

    Args:
        plan: whose segments are asked for.
        grid: from ``plan_grid``.
        find: in place of ``grid.membership``, for callers that remember what it found.
    """
    taken = np.zeros(grid.cells)
    poas, notes = np.zeros(len(plan.segments)), []
    for number, segment in enumerate(plan.segments):
        found = (find or grid.membership)(segment.polygons)
        share = np.minimum(found.share, 1.0 - taken[found.cell])
        taken[found.cell] += share
        poas[number] = float(share @ grid.probability[found.cell])
        whole = float(found.share @ grid.probability[found.cell])
        if whole - poas[number] > OVERLAP_SHOWN * whole:
            notes.append(
                f"{segment.name} overlaps segments before it: {1 - poas[number] / whole:.0%} of its probability counts "
                "there."
            )
    return poas, tuple(notes)


def evaluate_plan(plan: SearchPlan, poas: FloatArray, notes: tuple[str, ...] = ()) -> PlanTable:
    """The table after all searches.

    Args:
        plan: whose segments carry the PODs.
        poas: ``(segments,)`` from ``initial_poas``.
        notes: to go along.
    """
    pods = np.array([segment.cumulative_pod for segment in plan.segments])
    found = poas * pods
    rest = max(1.0 - float(poas.sum()), 0.0)
    remaining = poas - found
    left = float(remaining.sum()) + rest
    if left <= NOTHING_LEFT:
        told = "PODs of 100 % on everything leave no place where the person can be; lower a POD, or widen the plan."
        notes, left = (*notes, told), 1.0
    elif len(plan.segments) and bool((pods >= 1.0).all()):
        notes = (*notes, "Every segment has a POD of 100 %: the rest of the world is what is left.")
    now = remaining / left
    areas = np.array([segment.area_km2 for segment in plan.segments])
    density = now / np.maximum(areas, 1e-9)
    rank = np.empty(len(now), np.int64)
    rank[np.argsort(-density, kind="stable")] = np.arange(1, len(now) + 1)
    rows = tuple(
        SegmentRow(
            segment.name, float(areas[n]), float(poas[n]), float(now[n]), segment.pods, float(pods[n]),
            float(found[n]), float(density[n]), int(rank[n]),
        )
        for n, segment in enumerate(plan.segments)
    )  # fmt: skip
    return PlanTable(rows, rest, rest / left, float(found.sum()), notes)
