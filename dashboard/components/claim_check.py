"""A place that somebody claims: how much must be searched before it is reached, and a flight there."""

import streamlit as st

from dashboard import state
from dashboard.components.text import plain
from engine.earth.sphere import parse_point
from engine.errors import InputError
from engine.pipeline import Answer
from engine.region import Region

KEY = "claim"


def show(answer: Answer, region: Region) -> None:
    """Draw the box and, for a place that is on the globe, the verdict."""
    text = st.text_input("Check a place: latitude, longitude", key=KEY, placeholder="22.21, -159.40", on_change=_fly)
    if not text:
        return
    try:
        point = parse_point(text)
    except InputError as error:
        st.error(plain(str(error)))
        return
    reach = answer.search_map.area_to_reach(*point)
    inside = "inside" if region.contains(*point) else "outside"
    st.markdown(f"**{reach:,.0f} km²** are searched before it is reached; it is **{inside}** this region.")


def _fly() -> None:
    try:
        latitude, longitude = parse_point(st.session_state[KEY])
    except InputError:
        return
    state.fly_to(latitude, longitude, state.view().zoom)
