"""Where the next team-hours find the person most probably: the optimal placement of search effort.

Koopman's exponential detection: effort of t team-hours in a segment of area A has coverage C = W v n t / A and
POD = 1 - exp(-C) for random tracks. Among all ways to split the hours, the sum of POA x POD is greatest where every
segment that gets any has the same gain of its last hour (Charnes and Cooper 1958; Stone 1975): hours go to the segment
of the highest gain per hour, POA / A x W v n, until its gain has fallen to that of the next.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.search_planning.evaluate import PlanTable
from engine.search_planning.plan import Effort
from engine.typing import FloatArray

LEAST_HOURS = 0.5
"""Assignments below half a team-hour are not given out; their hours go to the others."""


@dataclass(frozen=True)
class Assignment:
    """Effort for one segment.

    Attributes:
        segment: its name.
        hours: team-hours.
        coverage: effectively swept area over the segment's area.
        pod: expected from the effort.
        pos: expected gain of overall success, POA x POD.
        pos_per_hour: of the first hour, what the ranking goes by.
    """

    segment: str
    hours: float
    coverage: float
    pod: float
    pos: float
    pos_per_hour: float


def assign_effort(table: PlanTable, effort: Effort) -> tuple[Assignment, ...]:
    """The optimal split of the effort's hours over the segments, most hours' gain first.

    Args:
        table: of the plan now; what was searched counts with what is left of it.
        effort: hours and how fast a team sweeps.
    """
    rows = [row for row in table.rows if row.poa > 0.0 and row.area_km2 > 0.0]
    swept = effort.km2_per_hour
    while rows:
        poa, area = (np.array([getattr(row, name) for row in rows]) for name in ("poa", "area_km2"))
        hours = _optimal_hours(poa, area / swept, effort.hours)
        short = (hours < min(LEAST_HOURS, effort.hours)) & (hours < hours.max())
        if not (short & (hours > 0)).any():
            break
        worst = int(np.argmin(np.where(hours > 0, hours, math.inf)))
        rows = [row for n, row in enumerate(rows) if n != worst]
    made = []
    for row, given in zip(rows, hours if rows else (), strict=True):
        if given > 0:
            coverage = float(given) * swept / row.area_km2
            pod = -math.expm1(-coverage)
            gain = row.density * swept
            made.append(Assignment(row.name, float(given), coverage, pod, row.poa * pod, gain))
    return tuple(sorted(made, key=lambda each: (-each.pos_per_hour, each.segment)))


def _optimal_hours(poa: FloatArray, hours_of_coverage: FloatArray, budget: float) -> FloatArray:
    """Hours per segment: T log(gain / level) where that is above 0, with the level at which they add up to the budget.

    Args:
        poa: ``(n,)`` probabilities.
        hours_of_coverage: ``(n,)`` hours T for a coverage of 1.
        budget: hours in all.
    """
    log_gain = np.log(poa / hours_of_coverage)
    order = np.argsort(-log_gain, kind="stable")
    time, gain = hours_of_coverage[order], log_gain[order]
    # With the k best segments served, sum T_i (gain_i - level) = budget gives the level; k is the last one that is met.
    level = (np.cumsum(time * gain) - budget) / np.cumsum(time)
    served = int(np.flatnonzero(level < gain)[-1]) + 1 if (level < gain).any() else 1
    hours = np.zeros(poa.size)
    hours[order[:served]] = time[:served] * (gain[:served] - level[served - 1])
    return np.maximum(hours, 0.0)
