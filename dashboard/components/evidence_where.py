"""Fields of the statements about areas: drawn, from a file, around a place. Each may be inside, outside or searched."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components import draw_map, place_search
from dashboard.components.draw_map import DrawnCircle, DrawnPolygon
from dashboard.components.text import plain
from engine.earth.point_text import parse_point
from engine.evidence.shapes import Circle, DrawnArea, polygon_from_points
from engine.evidence.shapes_geojson import drawn_area_from_geojson
from engine.evidence.statements import Searched, Statement

INSIDE, OUTSIDE, SEARCHED = "It is inside", "It is outside", "Searched, not found"
DRAWN, PLACE = "evidence_drawn", "evidence_place"
DETECTION_HELP = (
    "Probability of detection: how likely the search would have found it, had it been there. 100 % rules the area out."
)

Shape = DrawnArea | Circle
Made = Callable[[bool, str], Shape]


def drawn() -> Statement | None:
    """A polygon, a box or a circle drawn on the map."""
    made = draw_map.show(_features(), None, state.view(), key="evidence_map")
    if made is not None:
        st.session_state[DRAWN] = made
        st.rerun(scope="fragment")
    shape = st.session_state.get(DRAWN)
    if shape is None:
        st.caption("Choose a box, a polygon or a circle at the left edge of the map, then draw it.")
        return None
    name = st.text_input("Name, if you like", key="evidence_name", max_chars=80)
    return _with_role(lambda include, called: _drawn_shape(shape, include, called), name)


def from_file() -> Statement | None:
    """Polygons of a GeoJSON file."""
    types = ["geojson", "json"]
    file = st.file_uploader("GeoJSON file with polygons", type=types, max_upload_size=5, key="evidence_file")
    if file is None:
        return None
    data = file.getvalue()
    return _with_role(lambda include, called: drawn_area_from_geojson(data, include, called), "")


def around_place() -> Statement | None:
    """A circle around a place found by name."""
    picked = place_search.show("Place, in any country", key="evidence_place_search")
    if picked is not None:
        st.session_state[PLACE] = picked
    place = st.session_state.get(PLACE)
    if place is None:
        return None
    st.markdown(f"Around **{plain(place.name)}, {plain(place.country_name)}**")
    radius = _radius()
    return _with_role(
        lambda include, called: Circle(place.latitude, place.longitude, radius, include, called), place.name
    )


def around_point() -> Statement | None:
    """A circle around coordinates."""
    text = st.text_input("Latitude, longitude", placeholder="43.70, 7.27", key="evidence_point")
    radius = _radius()
    if not text:
        return None
    latitude, longitude = parse_point(text)
    return _with_role(lambda include, called: Circle(latitude, longitude, radius, include, called), "")


def forget() -> None:
    """Forget what was drawn or found for the statement before."""
    for key in (DRAWN, PLACE):
        st.session_state.pop(key, None)


def _radius() -> float:
    return float(st.number_input("Radius, km", 0.1, 20000.0, 50.0, step=10.0, key="evidence_radius"))


def _with_role(made: Made, name: str) -> Statement:
    role = st.radio("The place", [INSIDE, OUTSIDE, SEARCHED], horizontal=True, key="evidence_role")
    if role != SEARCHED:
        return made(role == INSIDE, name)
    percent = st.slider("Probability of detection, %", 1, 100, 70, key="evidence_detection", help=DETECTION_HELP)
    return Searched(made(True, name), percent / 100)


def _drawn_shape(shape: DrawnPolygon | DrawnCircle, include: bool, name: str) -> Shape:
    if isinstance(shape, DrawnCircle):
        return Circle(shape.latitude, shape.longitude, shape.radius_km, include, name)
    return DrawnArea((polygon_from_points(shape.ring),), include, name)


def _features() -> list[dict[str, Any]]:
    """What the map shows: the shape just drawn, and the areas that are already stated."""
    stated = [each.statement for each in state.evidence()]
    areas = [each.area if isinstance(each, Searched) else each for each in stated]
    shapes = [_feature(each) for each in areas if isinstance(each, DrawnArea | Circle)]
    new = st.session_state.get(DRAWN)
    return shapes + ([_new_feature(new)] if new is not None else [])


def _feature(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Circle):
        return _point(shape.latitude, shape.longitude, shape.radius_km)
    rings = [[[list(reversed(point)) for point in ring] for ring in polygon] for polygon in shape.polygons]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "MultiPolygon", "coordinates": rings}}


def _new_feature(shape: DrawnPolygon | DrawnCircle) -> dict[str, Any]:
    if isinstance(shape, DrawnCircle):
        return _point(shape.latitude, shape.longitude, shape.radius_km)
    ring = [[longitude, latitude] for latitude, longitude in (*shape.ring, shape.ring[0])]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _point(latitude: float, longitude: float, radius_km: float) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "properties": {"radius_m": radius_km * 1000}, "geometry": geometry}
