"""How large may the region be: an area budget in km2, the probability that it must hold, or a measured hit rate."""

from bisect import bisect_right

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.locate import calibrated_region
from dashboard.locate.calibrated_region import Calibrated
from dashboard.maps.map_values import RegionRequest
from engine.cases.parts import CaseRegion
from engine.errors import InputError
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.region import Region
from engine.locate.result import Answer

AREA, MASS, HIT_RATE = "Area budget", "Probability mass", "Calibrated coverage"
STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)
WHOLE_EARTH = float(int(EARTH_AREA_KM2))
BUDGETS = (*(step * 10.0**power for power in range(1, 9) for step in STEPS if step * 10.0**power < 5e8), WHOLE_EARTH)
DEFAULT_BUDGET, DEFAULT_MASS = 100_000.0, 50.0


def show(answer: Answer, calibrated: Calibrated | None = None) -> Region:
    """Draw the controls; the region. A number that makes no sense gets its sentence and the last region stays.

    Args:
        answer: whose map is cut.
        calibrated: how often regions of such maps held the true place, where that was measured.
    """
    mode = _mode([AREA, MASS] if calibrated is None else [AREA, MASS, HIT_RATE])
    try:
        if mode == HIT_RATE and calibrated is not None:
            return calibrated_region.show(answer, calibrated)
        if mode == AREA:
            return answer.search_map.region(budget_km2=_budget())
        return answer.search_map.region(mass=_mass())
    except InputError as error:
        st.error(plain(str(error)))
        return answer.search_map.region(budget_km2=DEFAULT_BUDGET)


def _mode(modes: list[str]) -> str:
    """By what the size is chosen; a way that is gone gives way to the budget."""
    if st.session_state.get(state.MODE) not in modes:
        st.session_state[state.MODE] = AREA
    return str(st.segmented_control("Region size from", modes, required=True, key=state.MODE))


def _budget() -> float:
    """A logarithmic slider and a box for the exact number; each follows the other."""
    st.session_state.setdefault(state.BUDGET, DEFAULT_BUDGET)
    st.session_state.setdefault(state.BUDGET_SLIDER, DEFAULT_BUDGET)
    st.select_slider(
        "Area budget (km²)", BUDGETS, format_func=_area_text, key=state.BUDGET_SLIDER, on_change=_slider_moved
    )
    return float(st.number_input("Area (km²)", key=state.BUDGET, format="%.10g", on_change=follow))


def _slider_moved() -> None:
    st.session_state[state.BUDGET] = st.session_state[state.BUDGET_SLIDER]


def follow() -> None:
    """Put the slider where the number is; for callbacks, before either is drawn."""
    typed = st.session_state[state.BUDGET]
    st.session_state[state.BUDGET_SLIDER] = BUDGETS[max(bisect_right(BUDGETS, typed) - 1, 0)]


def put(request: RegionRequest) -> None:
    """Ask for what the map's own control was left at; for callbacks, before anything is drawn."""
    if request.probability is not None:
        st.session_state[state.MODE], st.session_state[state.MASS] = MASS, 100 * request.probability
        st.session_state[state.ASKED] = CaseRegion(mass=request.probability)
    elif request.area_km2 is not None:
        st.session_state[state.MODE], st.session_state[state.BUDGET] = AREA, request.area_km2
        follow()


def _mass() -> float:
    st.session_state.setdefault(state.MASS, DEFAULT_MASS)
    chosen = float(st.session_state[state.MASS])  # that of a case may lie beyond what the hand needs
    lowest, highest = min(1.0, chosen), max(99.9, chosen)
    percent = float(st.slider("Probability inside the region (%)", lowest, highest, step=0.1, key=state.MASS))
    return exactly(percent, st.session_state.get(state.ASKED))


def exactly(percent: float, asked: CaseRegion | None) -> float:
    """The share that a per cent stands for: to the last bit what was asked for, where that is what is shown."""
    mass = None if asked is None else asked.mass
    return mass if mass is not None and abs(100 * mass - percent) < 1e-9 else percent / 100


def _area_text(area_km2: float) -> str:
    return "whole Earth" if area_km2 == WHOLE_EARTH else f"{area_km2:,.0f} km²"
