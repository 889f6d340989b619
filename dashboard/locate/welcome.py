"""The empty state: what this is, what to do, and the globe of where people take photos at all."""

import streamlit as st

from dashboard.common import frame, globe_only, services, state
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.inference.world import World

QUESTION = "Where on Earth was this photo taken?"
INTRODUCTION = """
**Drop a photo into the panel on the left.** Hereabouts maps where on Earth it may have been taken: not a pin but a
*search region*, with its area in km² and the probability inside it. No photo? Add evidence, and the map follows.

The map shows the baseline before any photo: how often people take photos at each location.
"""
USE = "For research, journalism, and search and rescue: a hypothesis to test, never proof of a person's location. \
Everything runs on this machine; no photo leaves it."


def show(world: World) -> None:
    """Draw the introduction in the panel and the baseline on the map."""
    st.markdown(f"### {QUESTION}")
    st.markdown(INTRODUCTION)
    st.caption(USE)
    with frame.stage():
        globe_only.show(services.prior(world), PRIOR_RECORD.title, state.view(), height="fill")
