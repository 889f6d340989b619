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
            "This evaluation has no calibration. Mark 200 or more photos with split = fit in the manifest, or evaluate "
            "with Fit and calibrate; coverage is then measured on the remaining photos.",
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
            "Empirical against nominal coverage; the table has the values.",
        )
    with table:
        evaluate_tables.show(evaluate_tables.coverage(calibrated[name]), "evaluate_coverage_table")
        st.caption(
            "**Calibrated** regions are sized on the calibration photos (split conformal; 95 % Clopper-Pearson "
            "intervals); **as pooled** uses the map's own probabilities. Photos are grouped by the population bucket "
            "that the map considers most likely."
        )
