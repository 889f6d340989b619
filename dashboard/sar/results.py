"""The numbers of the plan: worked out once for what it depends on, remembered in the session alone."""

from dataclasses import replace

from dashboard.common import services
from engine.errors import InputError
from engine.evidence.shapes.polygons import Polygon
from engine.locate.result import Answer
from engine.search_planning.assign import Assignment, assign_effort
from engine.search_planning.evaluate import PlanTable, Weights, evaluate_plan, initial_poas, plan_grid
from engine.search_planning.local_grid import LocalGrid, Membership
from engine.search_planning.plan import Ground, SearchPlan
from engine.search_planning.weights import land_weights, map_weights


def table_of(plan: SearchPlan, answer: Answer | None) -> PlanTable | None:
    """The table; None while point, distances or segments are missing.

    Args:
        plan: as it is.
        answer: of a photo or of evidence, with a prior weight of 0; it is multiplied in.

    Raises:
        InputError: the answer and the distances have no place in common.
    """
    if plan.point is None or plan.distances is None or not plan.segments:
        return None
    asked = replace(plan, segments=(), effort=SearchPlan().effort)
    about = () if answer is None else services.answer_key(answer)
    grid = services.session_cached(("plan grid", asked, about), lambda: _grid(asked, answer))

    def find(polygons: tuple[Polygon, ...]) -> Membership:
        return services.session_cached(("plan segment", asked, about, polygons), lambda: grid.membership(polygons))

    shapes = tuple(segment.polygons for segment in plan.segments)
    poas, notes = services.session_cached(
        ("plan poas", asked, about, shapes, tuple(each.name for each in plan.segments)),
        lambda: initial_poas(plan, grid, find),
    )
    return evaluate_plan(plan, poas, notes)


def assignments_of(plan: SearchPlan, table: PlanTable) -> tuple[Assignment, ...]:
    """The next segments for the plan's team-hours."""
    try:
        return assign_effort(table, plan.effort)
    except InputError:
        return ()


def _grid(plan: SearchPlan, answer: Answer | None) -> LocalGrid:
    weights: list[Weights] = []
    if plan.ground is Ground.LAND:
        weights.append(land_weights(services.locator().world.overlay))
    if answer is not None:
        weights.append(map_weights(answer.search_map, answer.world.prior))
    return plan_grid(plan, *weights)
