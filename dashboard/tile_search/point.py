"""The location whose tile is kept besides the best (Kim, Jang and Kim, section 5.1): GeoCLIP's, the map's or typed."""

import streamlit as st

from dashboard.common import state
from dashboard.tile_search import prior as search_prior
from engine.errors import InputError
from engine.geometry.point_text import parse_point
from engine.partitions.photo_locations import default_geocells
from engine.predictors.base import Prediction

GEOCLIP = "geoclip"
ITS_CELL, DENSEST, TYPED = "its_cell", "densest", "typed"
TEXTS = {
    ITS_CELL: "GeoCLIP's top cell, as in Kim, Jang and Kim",
    DENSEST: "The densest location on the photo's map",
    TYPED: "Coordinates I enter",
}


def choose(entry: state.PhotoEntry | None) -> None:
    """Draw the choice."""
    options = list(TEXTS) if _geoclip_prediction(entry) is not None else [DENSEST, TYPED]
    if st.session_state.get(state.SEARCH_POINT) not in options:
        st.session_state[state.SEARCH_POINT] = options[0]
    chosen = st.selectbox("Location to keep", options, format_func=TEXTS.__getitem__, key=state.SEARCH_POINT)
    if chosen == TYPED:
        st.text_input("Latitude, longitude", key=state.SEARCH_TYPED, placeholder="22.21, -159.40")


def point(entry: state.PhotoEntry) -> tuple[float, float]:
    """The place, latitude and longitude in degrees.

    Raises:
        HereaboutsError: what was typed is no place, or there is no map.
    """
    chosen, said = st.session_state.get(state.SEARCH_POINT), _geoclip_prediction(entry)
    if chosen == TYPED:
        return parse_point(str(st.session_state.get(state.SEARCH_TYPED) or ""))
    if chosen == ITS_CELL and said is not None:
        cells, best = default_geocells("fine"), int(said.probability.argmax())
        if len(cells.mean_latitude) != len(said.probability):
            raise InputError("GeoCLIP's cells do not match this map's; choose another location to keep.")
        return float(cells.mean_latitude[best]), float(cells.mean_longitude[best])
    place = search_prior.answer_of(entry).search_map.candidates(1)[0]
    return place.latitude, place.longitude


def _geoclip_prediction(entry: state.PhotoEntry | None) -> Prediction | None:
    """What GeoCLIP said of the photo, where it is asked."""
    outcomes = () if entry is None else entry.outcomes
    return next((each.predictions[0] for each in outcomes if each.record.name == GEOCLIP and each.predictions), None)
