"""The Evaluate page: how far to trust a region, measured on photos whose places are known."""

import streamlit as st

from dashboard import evaluate_results, state
from dashboard.components import (
    evaluate_breakdown,
    evaluate_compare,
    evaluate_coverage,
    evaluate_curves,
    evaluate_download,
    evaluate_notes,
    evaluate_source,
    evaluate_worst,
)
from engine.errors import HereaboutsError

SECTIONS = {
    "Recall vs area": evaluate_curves.show,
    "Coverage": evaluate_coverage.show,
    "Breakdown": evaluate_breakdown.show,
    "Worst photos": evaluate_worst.show,
    "Compare two": evaluate_compare.show,
}


def show() -> None:
    """Draw the page."""
    st.title("Evaluate", anchor=False)
    st.markdown("How often does a region hold the true place? Measured on photos whose places are known.")
    folder = evaluate_source.show()
    if not folder.strip():
        evaluate_source.empty()
        return
    try:
        found = evaluate_results.results(folder)
    except HereaboutsError as error:
        evaluate_source.refused(str(error))
        return
    evaluate_results.remember(found.folder)
    evaluate_notes.show(found)
    names = list(SECTIONS)
    key = state.start_with(state.EVALUATE_SECTION, names[0])
    section = st.segmented_control("Section", names, required=True, key=key, label_visibility="collapsed")
    SECTIONS[str(section)](found)
    st.header("Download", anchor=False)
    evaluate_download.show(found)
