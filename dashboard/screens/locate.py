"""The Locate page: photos go in, a search region on a globe comes out."""

import streamlit as st

from dashboard import services, state
from dashboard.components import (
    about,
    answer_map,
    calibrated_region,
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
from engine.evaluation.kept import with_fit


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
        fit = predictors_panel.show(entry, locator)
        declared = statement.show(locator.world)
    names = [outcome.record.name for outcome in entry.outcomes]
    try:
        chosen = state.settings([*names, "declared"], declared)
        answer = services.answer(entry, chosen if fit is None else with_fit(chosen, fit))
    except HereaboutsError as error:
        contradiction.show(error)
        return
    photo_facts.show(entry, answer)
    notes.show(answer)
    answer_map.show(answer, map_view.sources(), calibrated_region.find(answer))
    why.show(answer)
    about.show(answer)
