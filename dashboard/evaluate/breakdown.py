"""The same recall by population bucket, land cover or continent of the true place."""

import streamlit as st

from dashboard.common import state
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import GROUPINGS, Results

COARSE = "Continents come from a coarse table of boxes, not borders; about 99 photos in 100 are assigned correctly."


def show(found: Results) -> None:
    """Draw one breakdown for some ensembles."""
    groupings = [name for name in GROUPINGS if name in found.summary["breakdown"]]
    left, right = st.columns([2, 3])
    with left:
        grouping = st.segmented_control(
            "By", groupings, required=True, format_func=evaluate_tables.words,
            key=state.start_with(state.EVALUATE_GROUPING, groupings[0]),
        )  # fmt: skip
    kept = [name for name in st.session_state.get(state.EVALUATE_GROUPED, ()) if name in found.names]
    st.session_state[state.EVALUATE_GROUPED] = kept or list(dict.fromkeys([found.names[0], found.best]))
    names = right.multiselect("Ensembles", found.names, key=state.EVALUATE_GROUPED)
    evaluate_tables.show(
        evaluate_tables.breakdown(found.summary["breakdown"][grouping], names), f"evaluate_breakdown_{grouping}"
    )
    st.caption(
        "Recall at the area of a circle of each radius, over all photos whether balanced or not."
        + (f" {COARSE}" if grouping == "continent" else "")
    )
