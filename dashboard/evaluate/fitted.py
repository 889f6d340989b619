"""The pooling that was fitted on photos with known places: a switch, and the weights in place of sliders."""

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from engine.evaluation.fitted_pooling import FittedPooling
from engine.evaluation.stored_fits import find_fit, load_stored_fit
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.locate.locator import Locator


def show(locator: Locator) -> FittedPooling | None:
    """Draw the switch where a fit was kept; the fit while it is on, as it is unless somebody switches it off."""
    fit = find_fit(locator)
    if fit is not None:
        key = state.start_with(state.USE_FITTED, True)
        on = st.toggle(f"Use fitted weights (fitted on {fit.photos:,} photos)", key=key, help=_how_good(fit))
        return fit if on else None
    other = load_stored_fit()
    if other is not None:
        st.caption(
            f"The fitted weights on this machine are for {plain(', '.join(sorted(other.weights)))} on a "
            f"{plain(other.grid)} grid; evaluate again to fit weights for the current predictors."
        )
    return None


def weights(entry: state.PhotoEntry, fit: FittedPooling) -> None:
    """Draw the weight of each predictor, and why one of them is silent."""
    st.markdown(f"{plain(PRIOR_RECORD.title)}: **{fit.prior_weight:.2f}**")
    for outcome in entry.outcomes:
        st.markdown(f"{plain(outcome.record.title)}: **{fit.weights.get(outcome.record.name, 0.0):.2f}**")
        if outcome.reason:
            st.warning(plain(outcome.reason), icon=":material/error:")
    st.caption("Switch off the fitted weights to set weights manually.")


def _how_good(fit: FittedPooling) -> str:
    """What the fit was worth on photos left out."""
    try:
        gain = float(fit.figures["plain"]) - float(fit.figures["fitted"])
    except (KeyError, TypeError, ValueError):
        return "Maximum-likelihood weights, stored by an evaluation."
    return f"Maximum-likelihood weights: {gain:.2f} nats per held-out photo better than unit weights."
