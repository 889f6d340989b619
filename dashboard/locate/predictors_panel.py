"""Which predictors count, and how much; the photo prior among them."""

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.evaluate import fitted as evaluate_fitted
from engine.evaluation.fitted_pooling import FittedPooling
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.locate.locator import Locator
from engine.predictors.base import Record

POOLING_NAMES = {
    Pooling.CORRECTED: "Log-linear pool (recommended)",
    Pooling.PRODUCT: "Product of experts (Bianco et al.)",
}


def show(entry: state.PhotoEntry, locator: Locator) -> FittedPooling | None:
    """Draw a switch and a weight a predictor, or the fitted weights in their place; the fit while it is on."""
    for outcome in entry.outcomes:
        if outcome.reason:
            st.warning(plain(outcome.reason), icon=":material/error:")
    with st.expander("Predictors and weights"):
        fit = evaluate_fitted.show(locator)
        if fit is not None:
            evaluate_fitted.weights(entry, fit)
            return fit
        _prior()
        for outcome in entry.outcomes:
            _predictor(outcome)
        _pooling()
    return None


def show_prior() -> None:
    """Draw what counts where evidence alone is asked: the photo prior, and how it is combined."""
    with st.expander("Baseline and pooling"):
        _prior()
        _pooling()


def _pooling() -> None:
    st.selectbox("Pooling rule", list(Pooling), format_func=POOLING_NAMES.__getitem__, key=state.POOLING)


def _prior() -> None:
    product = st.session_state.get(state.POOLING) == Pooling.PRODUCT
    key = state.start_with(state.PRIOR_WEIGHT, 1.0)
    st.slider(
        PRIOR_RECORD.title, 0.0, max(1.0, float(st.session_state[key])), step=0.05, key=key, disabled=product,
        help=_about(PRIOR_RECORD),
    )  # fmt: skip
    st.caption("0: uniform over land · 1: photo popularity")


def _predictor(outcome: Outcome) -> None:
    record = outcome.record
    if outcome.reason:
        st.toggle(plain(record.title), value=False, disabled=True, help=_about(record))
        return
    on = st.toggle(plain(record.title), key=state.start_with(state.on_key(record.name), True), help=_about(record))
    key = state.start_with(state.weight_key(record.name), record.weight)
    st.slider(
        f"Weight of {plain(record.title)}", 0.0, max(2.0, float(st.session_state[key])), step=0.05, key=key,
        disabled=not on, label_visibility="collapsed",
    )  # fmt: skip


def _about(record: Record) -> str:
    approximate = " Approximate." if record.approximate else ""
    return plain(f"{record.summary}{approximate} Source: {record.source}. Licence: {record.licence}.")
