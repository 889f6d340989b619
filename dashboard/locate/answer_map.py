"""The heart of the page: budget, globe, readout, places. One fragment, so that a slider tick reruns nothing else."""

import streamlit as st

from dashboard.cases import state as case_state
from dashboard.common import frame, services, state
from dashboard.common.guard import keep_case
from dashboard.locate import (
    camera,
    candidates_list,
    claim_check,
    job,
    map_view,
    one_place,
    region_controls,
    region_download,
    region_readout,
)
from dashboard.locate.calibrated_region import Calibrated
from engine.cases.parts import CaseRegion
from engine.locate.multi_photo import JointAnswer
from engine.locate.result import Answer
from engine.locate.stages import stages


@st.fragment
@keep_case
def show(answer: Answer, calibrated: Calibrated | None = None, joint: JointAnswer | None = None) -> None:
    """Draw the map behind the page, and what is asked of it and what it answers in the panel.

    Args:
        answer: what is asked and shown.
        calibrated: how often such a region held the true place, where that was measured.
        joint: how the answer was pooled from several photos, whose own maps are layers then.
    """
    own = one_place.own_maps(joint)
    claim_first = job.current() is job.Job.VERIFY
    claim_slot = st.container(gap="small") if claim_first else None
    headline = st.container(key="headline", gap="xsmall")
    places_slot = st.container(gap="small")
    with st.expander("Region size and calibration"):
        region = region_controls.show(answer, calibrated)
        st.session_state[state.ASKED] = CaseRegion(region.budget_km2, region.mass)
        case_state.follow()  # before it is shown: what is seen can be undone, however soon the next change comes
        region_readout.show_details(region, calibrated)
    with headline:
        region_readout.show(region, stages(services.stage_maps(answer), region))
    with places_slot:
        places = candidates_list.show(answer)
    with claim_slot or st.container(gap="small"):
        claim = claim_check.show(answer, region, calibrated.calibration if calibrated is not None else None)
        if claim is not None:
            claim_check.show_verdict(claim, answer, region)
    point = (claim.latitude, claim.longitude) if claim is not None else None
    with st.container(key="export"), st.popover("Export", icon=":material/download:"):
        region_download.show(answer, region, point, joint)
    with st.expander("Map layer"):
        _show_layer_choice(answer, own)
    camera.follow(answer, region, places)
    with frame.stage():
        map_view.show(answer, region, places, own, point)


def _show_layer_choice(answer: Answer, own: map_view.OwnMaps) -> None:
    """Which heat lies under the region; None is the region alone."""
    titles = _titles(answer, own)
    options = [*titles, None]
    st.selectbox(
        "Map layer", options, format_func=lambda name: titles[name] if name else "Search region only", key=state.LAYER
    )


def _titles(answer: Answer, own: map_view.OwnMaps) -> dict[str, str]:
    return map_view.ranked_titles(answer, own) | {each.name: f"{each.title} (layer)" for each in answer.world.layers}
