"""The Locate page: photos go in, a search region on a globe comes out."""

import streamlit as st

from dashboard import services, state
from dashboard.components import (
    about,
    answer_map,
    catch_up,
    contradiction,
    map_view,
    model_offer,
    notes,
    photo_facts,
    photo_strip,
    predictors_panel,
    statement,
    welcome,
    why,
)
from engine.errors import HereaboutsError


def show() -> None:
    """Draw the page."""
    locator = services.locator()
    model_offer.show()
    catch_up.show()
    with st.sidebar:
        photo_strip.show()
    entry = state.chosen_photo()
    if entry is None:
        welcome.show(locator.world)
        return
    with st.sidebar:
        predictors_panel.show(entry)
        declared = statement.show(locator.world)
    names = [outcome.record.name for outcome in entry.outcomes]
    try:
        answer = services.answer(entry, state.settings([*names, "declared"], declared))
    except HereaboutsError as error:
        contradiction.show(error)
        return
    photo_facts.show(entry, answer)
    notes.show(answer)
    answer_map.show(answer, map_view.sources())
    why.show(answer)
    about.show(answer)
