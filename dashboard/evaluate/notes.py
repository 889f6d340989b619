"""What the reader of an evaluation should know: exclusions, what was fitted on what, leakage."""

import streamlit as st

from dashboard.common.text import plain
from dashboard.evaluate.results import Results


def show(found: Results) -> None:
    """Draw what was measured, and the notes in a closed expander."""
    summary = found.summary
    photos = f"{summary['ensembles'][0]['photos']:,} photos"
    balance = "" if summary["balance"] == "none" else f", balanced over population from {len(found.ids):,}"
    st.markdown(f"**{photos}**{balance} · {len(found.names)} ensembles · grid {plain(str(summary['grid']))}")
    if summary["balance"] != "none" and found.balance is None:
        st.caption("Curves and comparisons use all photos: these results do not record which photos were balanced.")
    notes = [*summary.get("notes", ()), *summary.get("leakage", {}).get("sentences", ())]
    if notes:
        with st.expander(f"Notes ({len(notes)})"):
            st.markdown("\n".join(f"- {plain(str(note))}" for note in notes))
