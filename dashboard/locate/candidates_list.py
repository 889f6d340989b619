"""The most probable places, ranked; choosing one flies there.

A list of radio buttons: read out and walked through with the keyboard, and a quarter of a table's cost a slider tick.
"""

import streamlit as st

from dashboard.common import services, state
from dashboard.common.text import plain
from dashboard.maps.map_values import MAX_PLACES
from engine.inference.candidates import Candidate
from engine.locate.result import Answer

SEPARATIONS_KM = (10, 25, 50, 100, 200, 500, 1000, 2500)


def show(answer: Answer) -> tuple[Candidate, ...]:
    """Draw top-k, separation and the ranked places; the places."""
    ranked = st.container()
    with st.expander("Candidates: how many, how far apart"):
        default = state.start_with(state.TOP_K, state.DEFAULT_TOP_K)
        k = st.slider("Candidates shown", 1, MAX_PLACES, key=default)
        chosen = st.session_state[state.start_with(state.SEPARATION, 100)]
        steps = sorted({*SEPARATIONS_KM, chosen})  # a case may have a distance of its own
        km = st.select_slider("Minimum spacing (km)", steps, key=state.SEPARATION)
    places = services.places(answer, k, float(km))
    st.session_state[state.SHOWN_PLACES] = places
    if st.session_state.get(state.LOOKED_AT) != answer.photo.sha256:
        state.choose_place(None)  # it was one of the photo before
    texts = {place.rank: _text(place) for place in places}
    if state.chosen_place() not in texts:
        state.choose_place(None)
    with ranked:
        st.radio(
            "Most probable locations", list(texts), index=None,
            format_func=texts.__getitem__, key=state.PLACE, on_change=_on_choice,
        )  # fmt: skip
    return places


def _text(place: Candidate) -> str:
    where = f"{place.latitude:.2f}, {place.longitude:.2f}"
    name = plain(services.name_of(place))
    told = f"{where} · {100 * place.probability:.2f} % · {place.area_km2:,.0f} km²"
    return f"**{place.rank}** · {name}  \n{told}" if name else f"**{place.rank}** · {told}"


def _on_choice() -> None:
    """The list may have changed since it was drawn: a rank that is gone chooses nothing."""
    shown: tuple[Candidate, ...] = st.session_state.get(state.SHOWN_PLACES, ())
    place = next((each for each in shown if each.rank == state.chosen_place()), None)
    if place is not None:
        choose(place)


def choose(place: Candidate) -> None:
    """Mark a place and fly there."""
    state.choose_place(place.rank)
    state.fly_to(place.latitude, place.longitude)
