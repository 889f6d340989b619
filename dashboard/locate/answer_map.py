"""The heart of the page: budget, globe, readout, places. One fragment, so that a slider tick reruns nothing else."""

import streamlit as st

from dashboard.cases import state as case_state
from dashboard.common import legend, state
from dashboard.locate import (
    candidates_list,
    claim_check,
    map_view,
    one_place,
    region_controls,
    region_download,
    region_readout,
)
from dashboard.locate.calibrated_region import Calibrated
from dashboard.maps.palettes import Legend, region_legend
from dashboard.maps.pictures import class_picture_legend, heat_picture_legend
from engine.cases.parts import CaseRegion
from engine.locate.multi_photo import JointAnswer
from engine.locate.result import Answer


@st.fragment
def show(answer: Answer, calibrated: Calibrated | None = None, joint: JointAnswer | None = None) -> None:
    """Draw the map on the left, what is asked of it and what it answers on the right.

    Args:
        answer: what is asked and shown.
        calibrated: how often such a region held the true place, where that was measured.
        joint: how the answer was pooled from several photos, whose own maps are layers then.
    """
    own = one_place.own_maps(joint)
    left, right = st.columns([9, 5], gap="medium")
    with right:
        region = region_controls.show(answer, calibrated)
        st.session_state[state.ASKED] = CaseRegion(region.budget_km2, region.mass)
        case_state.follow()  # before it is shown: what is seen can be undone, however soon the next change comes
        region_readout.show(region, calibrated)
        places = candidates_list.show(answer)
        claim = claim_check.show(answer, region, calibrated.calibration if calibrated is not None else None)
        point = (claim.latitude, claim.longitude) if claim is not None else None
        region_download.show(answer, region, point, joint)
    with left:
        layer = _layer_choice(answer, own)
        map_view.show(answer, region, places, own, point)
        if layer is not None:
            legend.show(_legend(answer, layer, own))
        legend.show(region_legend("highest-probability areas first; outlined so that small areas stay visible"))
        if claim is not None:
            claim_check.show_verdict(claim)


def _layer_choice(answer: Answer, own: map_view.OwnMaps) -> str | None:
    """Which heat lies under the region; None is the region alone."""
    titles = _titles(answer, own)
    options = [*titles, None]
    return st.selectbox(
        "Map layer", options, format_func=lambda name: titles[name] if name else "Search region only", key=state.LAYER
    )


def _titles(answer: Answer, own: map_view.OwnMaps) -> dict[str, str]:
    return map_view.ranked_titles(answer, own) | {each.name: f"{each.title} (layer)" for each in answer.world.layers}


def _legend(answer: Answer, layer: str, own: map_view.OwnMaps) -> Legend:
    seen = next((each for each in answer.world.layers if each.name == layer), None)
    return class_picture_legend(seen) if seen is not None else heat_picture_legend(_titles(answer, own)[layer])
