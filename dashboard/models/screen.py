"""The Models page: what is on this machine, fetch, verify, remove. Asks no server before somebody presses Fetch."""

import streamlit as st

from dashboard.models import card as models_card
from dashboard.models import manual_install
from dashboard.models import worker as models_work

INTRODUCTION = """
Hereabouts answers without any of these. A published model makes the maps better: fetch it once, and from then on it
works without a network. **Nothing is asked of any server before you press Fetch**, and no photo leaves this machine.
"""


def show() -> None:
    """Draw the page."""
    st.title("Models", anchor=False)
    st.markdown(INTRODUCTION)
    where = models_work.store()
    manual_install.show(where)
    st.header("Predictors", anchor=False)
    for model in models_work.predictors(where):
        models_card.show(model)
    st.header("Image encoders for other work", anchor=False)
    for model in models_work.encoders(where):
        models_card.show(model)
