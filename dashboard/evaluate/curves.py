"""Recall against area: the table of all ensembles, curves of some of them, and how ties were counted."""

import streamlit as st

from dashboard.common import state
from dashboard.evaluate import figure as evaluate_figure
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import Results
from dashboard.maps.charts import MOST_CURVES, recall_picture
from engine.evaluation.run import DEFAULT, FITTED

POLICY = (
    "**Ties count against the map** (Algorithm 3): every cell as dense as the true location's counts as searched. "
    "RvA: photos, %, whose true location is inside the highest-density area as large as a circle of that radius. "
    "GCD: photos, %, whose top candidate is within that great-circle distance."
)


def show(found: Results) -> None:
    """Draw the table, the curves and the small print."""
    evaluate_tables.show(evaluate_tables.ensembles(found.summary["ensembles"]), "evaluate_table")
    st.caption(POLICY)
    chosen = _choice(found)
    if chosen:
        members = [found.named(name) for name in chosen]
        evaluate_figure.show(
            lambda theme, kind: recall_picture(members, found.balance, theme, kind),
            "recall-vs-area",
            f"Recall against searched area for {', '.join(chosen)}; the table above has the values.",
        )
    with st.expander("95 % intervals and tie policies"):
        st.caption("Bootstrap over photos, 1,000 resamples.")
        evaluate_tables.show(evaluate_tables.intervals(found.summary["ensembles"]), "evaluate_intervals")
        st.caption("Recall with tied cells searched last (Algorithm 3) / in random order / first.")
        evaluate_tables.show(evaluate_tables.ties(found.summary["ensembles"]), "evaluate_ties")


def _choice(found: Results) -> list[str]:
    """Which curves are drawn; the first one is what the others are compared with."""
    kept = [name for name in st.session_state.get(state.EVALUATE_CURVES, ()) if name in found.names]
    st.session_state[state.EVALUATE_CURVES] = kept or default_curves(found)
    return st.multiselect(
        "Curves (gains are relative to the first)", found.names, key=state.EVALUATE_CURVES, max_selections=MOST_CURVES
    )


def default_curves(found: Results) -> list[str]:
    """The prior, every base alone, everything together, the fit, and the best of all."""
    bases = [one.ensemble.name for one in found.measured if _is_base(one.ensemble.name)]
    wanted = [found.names[0], *bases[:4], DEFAULT, FITTED, found.best]
    return [name for name in dict.fromkeys(wanted) if name in found.names][:MOST_CURVES]


def _is_base(name: str) -> bool:
    return name not in (DEFAULT, FITTED) and "+" not in name and not name.endswith(", product")
