"""What a tile is good for: open its place on the Locate page; let the search count there as one more predictor."""

from dataclasses import replace

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.locate import claim_check
from dashboard.tile_search import reading
from dashboard.tile_search.tiles import width_text
from dashboard.tile_search.worker import Stage, Walk
from engine.errors import HereaboutsError
from engine.evidence.gazetteer import nearest
from engine.geometry.sphere import great_circle_km
from engine.geometry.web_mercator import Tile
from engine.inference.outcomes import Outcome
from engine.tile_search.evidence import RECORD

ARRIVE = "tile"
"""Name of the parameter of a link that leads to a tile's place."""
DEEPEST_FLIGHT = 9.0
"""Zoom of the flat map beyond which the base map has nothing more to show."""


def show(walk: Walk, entry: state.PhotoEntry, tile: Tile) -> None:
    """Draw the place and the two buttons."""
    latitude, longitude = tile.center
    where = f"**{latitude:.5f}, {longitude:.5f}** (latitude, longitude)"
    st.markdown(f"Centre of the chosen tile: {where}, {_near(latitude, longitude)}")
    with st.container(horizontal=True):
        st.page_link(
            st.session_state[state.LOCATE_PAGE], label="Open the location on the Locate page",
            icon=":material/travel_explore:", query_params={ARRIVE: tile.path},
        )  # fmt: skip
        if walk.stage is not Stage.RUNNING and reading.counts_as_evidence(walk):
            _evidence(walk, entry)
    if not reading.counts_as_evidence(walk) and walk.stage is Stage.DONE:
        st.caption(
            "Only a path-probability search that starts from the photo's map can serve as evidence on the Locate page."
        )


def _near(latitude: float, longitude: float) -> str:
    """The nearest place with a name, for people who do not read coordinates."""
    place = nearest(latitude, longitude)
    distance = float(great_circle_km(latitude, longitude, place.latitude, place.longitude))
    return f"{width_text(max(distance, 0.1))} from {plain(place.name)}, {plain(place.country_name)}"


def arrive() -> None:
    """Fly to the tile that a link names: the map over it, and its place in the box that checks one.

    A link and not ``st.switch_page``, which forgets the state of every widget, the uploaded photos among them.
    """
    path = st.query_params.pop(ARRIVE, None)
    if path is None:
        return
    try:
        tile = Tile(*(int(part) for part in path.split("/")))
    except (TypeError, ValueError):  # an address that somebody edited
        return
    entry = state.chosen_photo()
    if entry is not None:
        st.session_state[state.LOOKED_AT] = entry.photo.sha256  # or the page would fly to its own best place
    latitude, longitude = tile.center
    st.session_state[claim_check.KEY] = f"{latitude:.5f}, {longitude:.5f}"
    state.choose_place(None)
    state.fly_to(latitude, longitude, min(float(tile.z), DEEPEST_FLIGHT))


def _evidence(walk: Walk, entry: state.PhotoEntry) -> None:
    if any(outcome.record.name == RECORD.name for outcome in entry.outcomes):
        st.button(
            "Remove from the Locate page", key="tiles_out", icon=":material/remove:", on_click=_put, args=(entry, None)
        )
        return
    st.button(
        "Use as evidence on the Locate page", key="tiles_in", icon=":material/add:", on_click=_use_as_evidence,
        args=(walk, entry), help="Adds the search as one more predictor, with its own switch and weight.",
    )  # fmt: skip


def _use_as_evidence(walk: Walk, entry: state.PhotoEntry) -> None:
    try:
        said = reading.prediction(walk)
    except HereaboutsError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return
    _put(entry, Outcome(RECORD, (said,)))
    st.toast("The Locate page now uses the tile search as evidence.", icon=":material/check_circle:")


def _put(entry: state.PhotoEntry, outcome: Outcome | None) -> None:
    """The photo with or without the word of a tile search."""
    others = tuple(each for each in entry.outcomes if each.record.name != RECORD.name)
    for key, each in state.photos().items():
        if each is entry:
            state.photos()[key] = replace(entry, outcomes=(*others, *(() if outcome is None else (outcome,))))
    state.forget_results(entry.photo.sha256)
