"""The Models page: what is on this machine, fetch, verify, remove. Asks no server before somebody presses Fetch."""

import streamlit as st

from dashboard.models import card as models_card
from dashboard.models import manual_install
from dashboard.models import worker as models_work

INTRODUCTION = """
Hereabouts works without any of these, but published models make better maps. Fetch a model once and it runs offline.
**No server is contacted before you press Fetch**, and no photo leaves this machine.
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
    st.header("Image encoders", anchor=False)
    for model in models_work.encoders(where):
        models_card.show(model)
