"""Where a tile search looks: everywhere alike, from the photo's map, or inside the search region of the Locate page."""

from dataclasses import replace

import streamlit as st

from dashboard.common import services, state
from dashboard.locate import calibrated_region, region_controls
from engine.evaluation.stored_fits import find_fit, with_fit
from engine.inference.region import Region
from engine.locate.result import Answer
from engine.locate.settings import Settings
from engine.tile_search.beam import Method
from engine.tile_search.evidence import RECORD

MAP, REGION, EVERYWHERE = "map", "region", "everywhere"


def choose(method: Method) -> str:
    """Draw the choice; one of the three words."""
    options = [REGION, EVERYWHERE] if method is Method.PAPER else [MAP, REGION, EVERYWHERE]
    if st.session_state.get(state.SEARCH_WHERE) not in options:
        st.session_state[state.SEARCH_WHERE] = EVERYWHERE if method is Method.PAPER else MAP
    texts = {
        MAP: "Start from the photo's map",
        REGION: f"Inside the search region only ({_size_text()})",
        EVERYWHERE: "Everywhere, with a uniform prior",
    }
    return st.radio(
        "Search area", options, format_func=texts.__getitem__, key=state.SEARCH_WHERE,
        help="Uses the map and region size of the Locate page.",
    )  # fmt: skip


def answer_of(entry: state.PhotoEntry) -> Answer:
    """What the Locate page shows of a photo, without an earlier tile search: its word would count twice.

    Raises:
        HereaboutsError: the settings make no sense or the predictors contradict each other.
    """
    plain = replace(entry, outcomes=tuple(each for each in entry.outcomes if each.record.name != RECORD.name))
    return services.answer(plain, _settings(plain))


def region_of(answer: Answer) -> Region:
    """The search region of the Locate page.

    Raises:
        InputError: its budget makes no sense.
    """
    mode = st.session_state.get(state.MODE)
    if mode == region_controls.MASS:
        return answer.search_map.region(mass=_mass() / 100)
    found = calibrated_region.find(answer) if mode == region_controls.HIT_RATE else None
    if found is not None:
        return found.region(answer, _times())
    return answer.search_map.region(budget_km2=_budget())


def _settings(entry: state.PhotoEntry) -> Settings:
    """Those of the Locate page."""
    chosen = state.settings(state.usual_weights(outcome.record for outcome in entry.outcomes))
    if any(each.on for each in chosen.evidence):
        services.prepare_evidence()
    fit = find_fit(services.locator()) if st.session_state.get(state.USE_FITTED, True) else None
    return chosen if fit is None else with_fit(chosen, fit)


def _size_text() -> str:
    mode = st.session_state.get(state.MODE)
    if mode == region_controls.MASS:
        return f"{_mass():g} % of the probability"
    if mode == region_controls.HIT_RATE:
        return calibrated_region.times_text(_times())
    return f"{_budget():,.0f} km²"


def _budget() -> float:
    return float(st.session_state.get(state.BUDGET, region_controls.DEFAULT_BUDGET))


def _mass() -> float:
    return float(st.session_state.get(state.MASS, region_controls.DEFAULT_MASS))


def _times() -> float:
    return float(st.session_state.get(state.TIMES_IN_TEN, calibrated_region.USUAL))
