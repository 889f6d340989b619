"""The map of a plan: point, rings and segments as exact outlines, shaded by density; drawing happens right on it."""

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from dashboard.cases import state as case_state
from dashboard.common import map_component, services, state
from dashboard.evidence.outlines import outlines
from dashboard.locate import map_view
from dashboard.maps.map_values import Action, Drawing, Look, MapEvents, MapView, Marker
from dashboard.sar import plan_state, segments
from engine.evidence.shapes.polygons import in_plane
from engine.export.plan_contents import segment_words
from engine.geometry.local_plane import LocalPlane
from engine.locate.result import Answer
from engine.search_planning.assign import Assignment
from engine.search_planning.evaluate import PlanTable
from engine.search_planning.plan import SearchPlan, Segment

KEY = "plan_map"
SET_POINT = Action("lkp", "Set as last known point")
RING_COLOR, PLAIN_COLOR, NEXT_COLOR = "#56b4e9", "#d0d7de", "#d62828"
SHADES = ("#fff3b0", "#ffe08a", "#ffc15e", "#f9974b", "#f3722c")
"""Of segments, from the least dense to the densest."""

Feature = dict[str, Any]


def show(plan: SearchPlan, table: PlanTable | None, assignments: Sequence[Assignment], answer: Answer | None) -> None:
    """Draw the map behind the page."""
    shapes = (*_rings(plan), *_segments(plan, table, assignments))
    if answer is not None:
        services.prepare_cells(answer.world.overlay)
        shapes = (*outlines(each for each in answer.settings.evidence if each.on), *shapes)
    view = MapView(
        label=_label(plan),
        title="Search plan",
        layers=() if answer is None else map_view.layers(answer, {}),
        shapes=shapes,
        markers=tuple(_point(plan)),
        camera=state.view(),
        look=Look(under="" if answer is None else services.ENSEMBLE, opacity=0.55),
        actions=(SET_POINT,),
        drawing=Drawing(repeat=True) if segments.drawing() else None,
        budget=False,
        height="fill",
    )
    map_component.show(view, KEY, _changed)


def _label(plan: SearchPlan) -> str:
    return f"Map of the search plan: {len(plan.segments)} segments" + ("" if plan.point is None else " and range rings")


def _changed(events: MapEvents) -> None:
    """Take over what the user did on the map, before anything is drawn."""
    if events.camera is not None and events.camera.turn == state.view().turn:
        st.session_state[state.VIEW] = events.camera
        case_state.follow()
    if events.action is not None and events.action.name == SET_POINT.name:
        plan_state.set_point(events.action.latitude, events.action.longitude)
    if events.drawn is not None:
        segments.take_drawn(events.drawn)


def _point(plan: SearchPlan) -> Iterator[Marker]:
    if plan.point is not None:
        where = f"{plan.point.latitude:.5f}, {plan.point.longitude:.5f}"
        yield Marker(plan.point.latitude, plan.point.longitude, "LKP", f"Last known point: {where}", "lkp")


def _rings(plan: SearchPlan) -> Iterator[Feature]:
    """Circles by their radius, and their names north-east of the point."""
    point = plan.point
    if point is None:
        return
    at = [point.longitude, point.latitude]
    if point.uncertainty_km:
        yield _circle(at, point.uncertainty_km, {"opacity": 0.18, "width": 1, "text": "Where the point may be"})
    for share, km in plan.distances.quantiles if plan.distances is not None else ():
        yield _circle(at, km, {"opacity": 0.0, "width": 1.6})
        latitude, longitude = LocalPlane(point.latitude, point.longitude).at_bearing(km, 0.7)
        name = {"label": f"{share:.0%}", "size": 12}
        yield _feature("Point", [float(longitude), float(latitude)], name)


def _circle(at: list[float], km: float, properties: Feature) -> Feature:
    return _feature("Point", at, {"color": RING_COLOR, "radius_m": 1000.0 * km, **properties})


def _segments(plan: SearchPlan, table: PlanTable | None, assignments: Sequence[Assignment]) -> Iterator[Feature]:
    following = {each.segment for each in assignments}
    greatest = max((row.density for row in table.rows), default=0.0) if table is not None else 0.0
    for number, segment in enumerate(plan.segments):
        row = table.rows[number] if table is not None else None
        share = row.density / greatest if row is not None and greatest > 0 else 0.0
        fill = PLAIN_COLOR if row is None else SHADES[min(int(share * len(SHADES)), len(SHADES) - 1)]
        told = f"{segment.area_km2:.2f} km2" if row is None else segment_words(row)
        words = f"{segment.name}: {told}".replace("km2", "km²")
        rings = [[[lon, lat] for lat, lon in ring] for polygon in segment.polygons for ring in polygon]
        polygons = [[[[lon, lat] for lat, lon in ring] for ring in polygon] for polygon in segment.polygons]
        shade = {"color": fill, "opacity": 0.18 + 0.3 * share, "width": 1.5, "text": words}
        yield _feature("MultiPolygon", polygons, shade)
        if segment.name in following:
            yield _feature("MultiLineString", rings, {"color": NEXT_COLOR, "width": 3})
        yield _name(segment)


def _name(segment: Segment) -> Feature:
    inner = in_plane(max(segment.polygons, key=lambda polygon: in_plane(polygon).area)).representative_point()
    return _feature("Point", [inner.x, inner.y], {"label": segment.name, "size": 14})


def _feature(kind: str, coordinates: Any, properties: Feature) -> Feature:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}
