"""The Evaluate page: how far to trust a region, measured on photos whose places are known."""

import streamlit as st

from dashboard.common import state
from dashboard.evaluate import (
    breakdown,
)
from dashboard.evaluate import (
    compare as evaluate_compare,
)
from dashboard.evaluate import (
    coverage as evaluate_coverage,
)
from dashboard.evaluate import (
    curves as evaluate_curves,
)
from dashboard.evaluate import (
    download as evaluate_download,
)
from dashboard.evaluate import (
    notes as evaluate_notes,
)
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import (
    source as evaluate_source,
)
from dashboard.evaluate import (
    worst as evaluate_worst,
)
from engine.errors import HereaboutsError

SECTIONS = {
    "Recall vs area": evaluate_curves.show,
    "Coverage": evaluate_coverage.show,
    "Breakdown": breakdown.show,
    "Worst photos": evaluate_worst.show,
    "Compare two": evaluate_compare.show,
}


def show() -> None:
    """Draw the page."""
    st.title("Evaluate", anchor=False)
    st.markdown("How often does a region contain the true location? Measured on photos with known locations.")
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
