"""Coverage against what was promised: whether regions that should hold 90 % of the true places do."""

import streamlit as st

from dashboard.common import state
from dashboard.evaluate import figure as evaluate_figure
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import Results
from dashboard.evaluate.worker import plain_stem
from dashboard.maps.charts import coverage_picture
from engine.evaluation.run import FITTED


def show(found: Results) -> None:
    """Draw figure and table of one calibration."""
    calibrated = found.summary.get("coverage", {})
    if not calibrated:
        st.info(
            "Nothing was calibrated in this evaluation. Mark 200 photos or more with split = fit in the manifest, or "
            "evaluate with Fit and calibrate, and coverage is measured on the others.",
            icon=":material/target:",
        )
        return
    names = list(calibrated)
    if st.session_state.get(state.EVALUATE_COVERED) not in names:
        st.session_state[state.EVALUATE_COVERED] = FITTED if FITTED in names else names[0]
    name = st.selectbox("Ensemble", names, key=state.EVALUATE_COVERED)
    figure, table = st.columns([4, 5], gap="medium")
    with figure:
        evaluate_figure.show(
            lambda theme, kind: coverage_picture(calibrated[name], name, theme, kind),
            f"coverage-{plain_stem(name)}",
            "True places held against coverage asked for; the table has the figures.",
        )
    with table:
        evaluate_tables.show(evaluate_tables.coverage(calibrated[name]), "evaluate_coverage_table")
        st.caption(
            "**Calibrated** regions are as large as the calibration photos say (split conformal, 95 % intervals after "
            "Clopper and Pearson); **as pooled** takes the map at its word. Groups are the population bucket that "
            "the map itself holds most likely."
        )
