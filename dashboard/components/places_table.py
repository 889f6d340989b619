"""The most probable places, ranked; choosing one flies there."""

import streamlit as st

from dashboard import services, state
from dashboard.maps.markers import MAX_PLACES
from engine.pipeline import Answer
from engine.places import Place

KEY = "places_table"
WIDTHS = {"#": 35, "lat": 60, "lon": 65, "share %": 65, "km²": 60}


def show(answer: Answer) -> tuple[Place, ...]:
    """Draw top-k, separation and the table; the places."""
    many, apart = st.columns(2)
    k = many.slider("Places (top-k)", 1, MAX_PLACES, state.DEFAULT_TOP_K, key=state.TOP_K)
    km = apart.select_slider("at least apart, km", (10, 25, 50, 100, 200, 500, 1000, 2500), 100, key=state.SEPARATION)
    places = services.places(answer, k, float(km))
    st.dataframe(
        _columns(places), key=KEY, height=215, hide_index=True, on_select=_selected, selection_mode="single-row",
        column_config={name: st.column_config.Column(width=width) for name, width in WIDTHS.items()},
    )  # fmt: skip
    st.session_state[state.SHOWN_PLACES] = places
    state.look_at_new_photo(answer.photo.sha256, places[0].latitude, places[0].longitude)
    return places


def _columns(places: tuple[Place, ...]) -> dict[str, list[object]]:
    return {
        "#": [place.rank for place in places],
        "lat": [round(place.latitude, 2) for place in places],
        "lon": [round(place.longitude, 2) for place in places],
        "share %": [round(100 * place.probability, 2) for place in places],
        "km²": [round(place.area_km2) for place in places],
    }


def _selected() -> None:
    rows = st.session_state[KEY]["selection"]["rows"]
    choose(st.session_state[state.SHOWN_PLACES][rows[0]] if rows else None)


def choose(place: Place | None) -> None:
    """Fly to a place, or forget the last one."""
    state.choose_place(place.rank if place else None)
    if place is not None:
        state.fly_to(place.latitude, place.longitude)
