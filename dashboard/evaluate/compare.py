"""Two ensembles on the same photos: who is ahead at which area, by a paired bootstrap."""

import streamlit as st

from dashboard.common import state
from dashboard.evaluate import figure as evaluate_figure
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import Difference, Results
from dashboard.maps.charts import recall_picture
from engine.evaluation.recall_area import CAPS_KM


def show(found: Results) -> None:
    """Draw the choice, the verdicts and the curves."""
    if len(found.names) < 2:
        st.info("These results have a single ensemble; a comparison needs two.")
        return
    a, b = _choice(found)
    if a == b:
        st.info("Choose two different ensembles.")
        return
    ahead = evaluate_results.difference(found, a, b)
    evaluate_tables.show(compared(found, a, b, ahead), "evaluate_compare_table")
    st.caption(
        f"Lead of the first in percentage points on the same {len(found.shown(a).scores):,} photos, with the 95 % "
        "interval of a paired bootstrap (1,000 resamples). An interval that contains 0 shows no difference."
    )
    members = [found.named(b), found.named(a)]
    evaluate_figure.show(
        lambda theme, kind: recall_picture(members, found.balance, theme, kind),
        "comparison",
        f"Recall against searched area for {b} and {a}; the table above has the values.",
    )


def _choice(found: Results) -> tuple[str, str]:
    defaults = {state.EVALUATE_A: found.best, state.EVALUATE_B: found.names[0]}
    if found.best == found.names[0]:
        defaults[state.EVALUATE_B] = found.names[1]
    for key, name in defaults.items():
        if st.session_state.get(key) not in found.names:
            st.session_state[key] = name
    first, second = st.columns(2)
    return (
        first.selectbox("Ensemble", found.names, key=state.EVALUATE_A),
        second.selectbox("compared with", found.names, key=state.EVALUATE_B),
    )


def compared(found: Results, a: str, b: str, ahead: Difference) -> evaluate_tables.Table:
    """One row per measure: both values, the difference, its interval and what it shows."""
    means = [found.shown(name).columns.mean(axis=0) for name in (a, b)]
    labels = [
        *(f"RvA {cap} km, %" for cap in CAPS_KM),
        *(f"GCD {cap} km, %" for cap in CAPS_KM),
        "share of log area, %",
    ]
    return [
        {
            "measure": label,
            a: 100 * means[0][n],
            b: 100 * means[1][n],
            "difference": 100 * ahead.value[n],
            "95 % interval": f"{100 * ahead.low[n]:+.1f} to {100 * ahead.high[n]:+.1f}",
            "shows": verdict(float(ahead.low[n]), float(ahead.high[n])),
        }
        for n, label in enumerate(labels)
    ]


def verdict(low: float, high: float) -> str:
    """What an interval of a difference shows."""
    if low > 0:
        return "first ahead"
    return "first behind" if high < 0 else "no difference"
