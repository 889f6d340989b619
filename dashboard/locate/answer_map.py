"""The heart of the page: budget, globe, readout, places. One fragment, so that a slider tick reruns nothing else."""

from collections.abc import Mapping

import streamlit as st

from dashboard.cases import state as case_state
from dashboard.common import legend, services, state
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
from engine.locate.locator import Answer, prior_record
from engine.locate.multi_photo import JointAnswer

OwnMaps = Mapping[str, tuple[str, Answer]]
"""Titles and answers by the name of a map layer: the maps of single photos."""


@st.fragment
def show(
    answer: Answer, fixed: map_view.Sources, calibrated: Calibrated | None = None, joint: JointAnswer | None = None
) -> None:
    """Draw the map on the left, what is asked of it and what it answers on the right.

    Args:
        answer: what is asked and shown.
        fixed: pictures that never change.
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
        which, kind = st.columns([5, 3], vertical_alignment="bottom")
        with which:
            layer = _layer_choice(answer, own)
        with kind:
            flat = map_view.choose_kind()
        heat = _heat(answer, layer, own) if layer is not None else None
        map_view.show(region, places, heat, fixed, flat=flat, claim=point)
        if layer is not None:
            legend.show(_legend(answer, layer, own))
        legend.show(region_legend("the densest places that fit; outlined so that small parts can be seen"))
        if claim is not None:
            claim_check.show_verdict(claim)


def _layer_choice(answer: Answer, own: OwnMaps) -> str | None:
    """Which heat lies under the region; None is the region alone."""
    titles = _titles(answer, own)
    options = [*titles, None]
    return st.selectbox(
        "Map layer", options, format_func=lambda name: titles[name] if name else "Search region alone", key=state.LAYER
    )


def _heat(answer: Answer, layer: str, own: OwnMaps) -> bytes:
    """The picture of a layer; a photo's own map is the ensemble of its own answer."""
    return services.picture(own[layer][1], services.ENSEMBLE) if layer in own else services.picture(answer, layer)


def _titles(answer: Answer, own: OwnMaps) -> dict[str, str]:
    titles = {services.ENSEMBLE: "Ensemble of all photos" if own else "Ensemble"}
    titles |= {name: title for name, (title, _) in own.items()} | {services.PRIOR: prior_record().title}
    titles |= {o.record.name: f"{o.record.title} alone" for o in answer.outcomes if o.speaks}
    return titles | {layer.name: f"{layer.title} (layer)" for layer in answer.world.layers}


def _legend(answer: Answer, layer: str, own: OwnMaps) -> Legend:
    seen = next((each for each in answer.world.layers if each.name == layer), None)
    return class_picture_legend(seen) if seen is not None else heat_picture_legend(_titles(answer, own)[layer])
