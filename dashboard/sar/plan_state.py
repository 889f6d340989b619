"""The search plan of the session: one frozen value, changed in callbacks; and the camera that follows it.

Widgets are drawn from the plan and write to it in callbacks, before anything is drawn, so that undo, a case that is
opened, and what is on the page never disagree.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import streamlit as st

from dashboard.common import state
from dashboard.maps.views import View, view_of_box
from engine.errors import InputError
from engine.evidence.shapes.area_files import NamedArea, Offer
from engine.evidence.shapes.mending import circle_polygon
from engine.evidence.shapes.polygons import Polygon
from engine.search_planning.plan import LastKnownPoint, SearchPlan

POINT, UNCERTAINTY, CATEGORY, SETTING = "plan_point", "plan_uncertainty", "plan_category", "plan_setting"
HOURS, WIDTH, SPEED, SEARCHERS = "plan_hours", "plan_width", "plan_speed", "plan_searchers"
PERIOD, SPREAD, LAND = "plan_period", "plan_spread", "plan_land"
WIDGETS = (POINT, UNCERTAINTY, CATEGORY, SETTING, HOURS, WIDTH, SPEED, SEARCHERS, SPREAD, LAND)
"""Keys of widgets whose values are drawn from the plan."""

FIT_PIXELS = 560


def current() -> SearchPlan:
    """The plan; an empty one before anything was chosen."""
    return cast(SearchPlan, st.session_state.get(state.PLAN) or SearchPlan())


def for_case() -> SearchPlan | None:
    """The plan as a case has it: none where nothing was chosen."""
    found = current()
    return None if found == SearchPlan() else found


def put(plan: SearchPlan | None) -> None:
    """Take another plan; only in callbacks. Widgets are drawn from it again."""
    st.session_state[state.PLAN] = plan
    for key in WIDGETS:
        st.session_state.pop(key, None)
    st.session_state[state.PLAN_TURN] = turn() + 1


def turn() -> int:
    """Counts plans: part of keys of tables, whose edits are about one plan."""
    return int(st.session_state.get(state.PLAN_TURN, 0))


def change(make: Callable[[SearchPlan], SearchPlan]) -> bool:
    """Change the plan; what cannot be done is told in one sentence and changes nothing. Whether it was done."""
    try:
        put(make(current()))
    except InputError as error:
        tell(str(error))
        return False
    st.session_state.pop(state.PLAN_PROBLEM, None)
    return True


def tell(problem: str) -> None:
    """Say in the panel what cannot be done."""
    st.session_state[state.PLAN_PROBLEM] = problem


def problem() -> str:
    """What could not be done last; empty where it was done."""
    return str(st.session_state.get(state.PLAN_PROBLEM, ""))


def set_point(latitude: float, longitude: float) -> None:
    """Another last known point, known as well as the one before it; the map shows it with its rings."""
    before = current().point
    unsure = before.uncertainty_km if before is not None else 0.0
    if change(lambda plan: replace(plan, point=LastKnownPoint(latitude, longitude, unsure))):
        fit_rings()


def add_areas(areas: Sequence[NamedArea], *, fit: bool = True) -> None:
    """More segments; the map shows them with the last known point."""
    before = {segment.name for segment in current().segments}
    if change(lambda plan: plan.with_areas(areas)) and fit:
        fit_polygons([p for each in current().segments if each.name not in before for p in each.polygons])


def offers() -> tuple[Offer, ...]:
    """Markers and tracks of the last file, which are no segments yet."""
    return cast(tuple[Offer, ...], st.session_state.get(state.PLAN_OFFERS, ()))


def put_offers(left: Sequence[Offer]) -> None:
    """Offer other ones."""
    st.session_state[state.PLAN_OFFERS] = tuple(left)


def fit_rings() -> None:
    """Send the camera to the point, with the ring of three quarters in view."""
    plan = current()
    if plan.point is None:
        return
    shares = plan.distances.quantiles if plan.distances is not None else ((0.75, 5.0),)
    km = next((km for share, km in shares if share >= 0.75), shares[-1][1])
    if abs(plan.point.latitude) > 88.0:  # a box around a pole has no sides
        state.fly_to(plan.point.latitude, plan.point.longitude, 7.0)
        return
    fit_polygons([circle_polygon(plan.point.latitude, plan.point.longitude, km)])


def fit_polygons(polygons: Sequence[Polygon]) -> None:
    """Send the camera where polygons and the last known point lie."""
    points = [point for polygon in polygons for point in polygon[0]]
    if not points:
        return
    point = current().point
    if point is not None:
        turns = round((points[0][1] - point.longitude) / 360.0)
        points.append((point.latitude, point.longitude + 360.0 * turns))
    latitudes, longitudes = zip(*points, strict=True)
    seen = view_of_box(min(longitudes), min(latitudes), max(longitudes), max(latitudes), pixels=FIT_PIXELS)
    st.session_state[state.VIEW] = View(seen.latitude, seen.longitude, seen.zoom, state.view().turn + 1)
