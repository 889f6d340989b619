"""Fields of the statements about areas: drawn, from a file, around a place. Each may be inside, outside or searched."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.evidence import draw_map, place_search
from dashboard.evidence.draw_map import Drawn, DrawnCircle
from dashboard.evidence.form import DIGITS, Form
from dashboard.evidence.outlines import outlines
from engine.errors import InputError
from engine.evidence.shapes.area_files import read_area_file
from engine.evidence.shapes.geojson import drawn_area_from_geojson
from engine.evidence.shapes.polygons import MOST_NAME
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.base import Statement
from engine.evidence.statements.searches import Searched
from engine.geometry.point_text import parse_point

INSIDE, OUTSIDE, SEARCHED = "Target inside this area", "Target outside this area", "Searched, nil find"
DRAW = (
    "Choose Polygon, Rectangle or Circle on the map, then click its points; "
    "a click on the first point closes a polygon."
)
RESIZE = "Drag the circle's centre to move it or the point on its edge to resize it. Drawing another shape replaces it."
REDRAW = (
    "Drag a vertex to move it, drag the midpoint of a side to add one, right-click a vertex to delete it. "
    "Drawing another shape replaces this one."
)
TOO_FINE = (
    f"Outlines of more than {draw_map.MOST_POINTS:,} points cannot be edited here; draw another shape to replace it."
)
DETECTION_HELP = (
    "Probability of detection: how likely the search was to find the target, had it been there. "
    "100 % rules the area out."
)

FILE_HELP = (
    "GeoJSON, KML, KMZ, GPX with closed tracks, GeoPackage, or a Shapefile as ZIP. Links in a file are not followed."
)

Shape = DrawnArea | Circle
MakeShape = Callable[[bool, str], Shape]
Point = tuple[float, float, str]
"""Latitude, longitude and what the place is called."""


def drawn(form: Form) -> Statement | None:
    """A polygon, a box or a circle drawn on the map; that of the edited statement lies there to be changed."""
    shape = cast(Drawn | None, form.get("shape")) or (draw_map.as_drawn(form.area) if form.area is not None else None)
    made = draw_map.show(_other_areas(form), shape, state.view(), key=form.part("map"))
    if made is not None:
        form.put("shape", made)
        st.rerun(scope="fragment")
    if shape is None:
        st.caption(DRAW)
        return None
    st.caption(_what_to_do(shape))
    return _statement(form, lambda include, called: _drawn_shape(form, shape, include, called))


def _what_to_do(shape: Drawn) -> str:
    if isinstance(shape, DrawnCircle):
        return RESIZE
    return REDRAW if draw_map.can_be_edited(shape) else TOO_FINE


def from_file(form: Form) -> Statement | None:
    """Polygons of a file, all together one area."""
    file = st.file_uploader("File with areas", max_upload_size=5, key=form.part("file"), help=FILE_HELP)
    if file is None:
        return None
    data = file.getvalue()
    return _statement(form, lambda include, called: _area_of_file(data, include, called))


def _area_of_file(data: bytes, include: bool, called: str) -> DrawnArea:
    """GeoJSON is taken strictly as it is; of other formats what encloses something, with the notes of its reading."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"PK", b"SQLite format")):
        return drawn_area_from_geojson(data, include, called)
    found = read_area_file(data)
    for note in found.notes:
        st.caption(plain(note))
    if found.offers:
        st.caption("Markers and tracks enclose nothing and were left out; draw a circle or an area for them.")
    polygons = tuple(polygon for area in found.areas for polygon in area.polygons)
    return DrawnArea(polygons, include, called or (found.areas[0].name if len(found.areas) == 1 else ""))


def around_place(form: Form) -> Statement | None:
    """A circle around a place found by name."""
    picked = place_search.show("Place name, any country", key=form.part("place_search"))
    if picked is not None:
        form.put("place", (picked.latitude, picked.longitude, f"{picked.name}, {picked.country_name}"))
        form.put("name", picked.name)
    place = cast(Point | None, form.get("place")) or _named_centre(form)
    if place is None:
        return None
    latitude, longitude, called = place
    st.markdown(f"Centre: **{plain(called)}**, {plain(_point_text(latitude, longitude))}")
    radius = _radius(form)
    return _statement(form, lambda include, name: Circle(latitude, longitude, radius, include, name))


def around_point(form: Form) -> Statement | None:
    """A circle around coordinates."""
    area = form.area
    first = _point_text(area.latitude, area.longitude) if isinstance(area, Circle) else ""
    text = st.text_input("Latitude, longitude", placeholder="43.70, 7.27", key=form.start("point", first))
    radius = _radius(form)
    if not text:
        return None

    def made(include: bool, name: str) -> Shape:
        if isinstance(area, Circle) and text == first:  # the box shows fewer digits
            return replace(area, radius_km=radius, include=include, name=name)
        return Circle(*parse_point(text), radius, include, name)

    return _statement(form, made)


def _named_centre(form: Form) -> Point | None:
    """The place around which the edited statement has its circle."""
    area = form.area
    return (area.latitude, area.longitude, area.name) if isinstance(area, Circle) and area.name else None


def _point_text(latitude: float, longitude: float) -> str:
    return f"{round(latitude, 6)}, {round(longitude, 6)}"


def _radius(form: Form) -> float:
    first = float(form.area.radius_km) if isinstance(form.area, Circle) else 50.0
    return float(st.number_input("Radius (km)", step=10.0, format=DIGITS, key=form.start("radius", first)))


def _statement(form: Form, made: MakeShape) -> Statement:
    """The name, and which way the area counts. All fields are drawn before the area is made: that may fail."""
    was, area = form.was(Searched), form.area
    name = st.text_input(
        "Name (optional)", key=form.start("name", area.name if area is not None else ""), max_chars=MOST_NAME
    )
    first = SEARCHED if was is not None else INSIDE if area is None or area.include else OUTSIDE
    roles = [INSIDE, OUTSIDE, SEARCHED]
    role = st.radio("What it means", roles, horizontal=True, key=form.start("role", first))
    if role != SEARCHED:
        return made(role == INSIDE, name)
    percent = 70.0 if was is None else round(100 * was.detection, 9)
    typed = st.number_input(
        "Probability of detection, POD (%)",
        step=5.0,
        format=DIGITS,
        key=form.start("detection", percent),
        help=DETECTION_HELP,
    )
    if not 0.0 < typed <= 100.0:
        raise InputError(f"The probability of detection is {typed:g} %; give a value above 0 and at most 100 %.")
    detection = was.detection if was is not None and typed == percent else typed / 100
    return Searched(made(was is None or was.area.include, name), detection)


def _drawn_shape(form: Form, shape: Drawn, include: bool, name: str) -> Shape:
    """As it was drawn; an outline that nobody touched stays what it was, to the last digit."""
    if form.get("shape") is None and form.area is not None:
        return replace(form.area, include=include, name=name)
    return draw_map.as_area(shape, include, name)


def _other_areas(form: Form) -> list[dict[str, Any]]:
    """The areas that other statements are about, for the map to show."""
    return list(outlines(state.evidence(), without=form.changing.id if form.changing is not None else ""))
