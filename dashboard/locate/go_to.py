"""Go to a place: coordinates or a name from GeoNames; the map flies there."""

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from engine.errors import InputError
from engine.evidence.gazetteer import search
from engine.geometry.point_text import read_point

KEY = "go_to"
COORDINATES_ZOOM, TOWN_ZOOM = 9.0, 8.0
WIDTH_PX = 240


def show() -> None:
    """Draw the box."""
    with st.container(key="goto", width=WIDTH_PX):
        st.text_input(
            "Go to a place or coordinates", key=KEY, placeholder="Go to: Nairobi, or 48.85, 2.35",
            label_visibility="collapsed", on_change=_go, icon=":material/search:",
        )  # fmt: skip


def _go() -> None:
    """Fly to what was typed; coordinates first, since no place is called like them."""
    text = str(st.session_state.get(KEY, "")).strip()
    if not text:
        return
    try:
        point = read_point(text)
        state.fly_to(point.latitude, point.longitude, COORDINATES_ZOOM)
        if point.reading:
            st.toast(plain(point.reading), icon=":material/near_me:")
    except InputError as error:
        found = search(text, 1)
        if not found:
            no_place = f"No place called {text[:60]} among the towns of GeoNames; try coordinates."
            st.toast(plain(str(error) if any(letter.isdigit() for letter in text) else no_place))
            return
        place = found[0]
        state.fly_to(place.latitude, place.longitude, TOWN_ZOOM)
        st.toast(plain(f"{place.name}, {place.country_name}"), icon=":material/near_me:")
