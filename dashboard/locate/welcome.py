"""The empty state: what this is, what to do, and the globe of where people take photos at all."""

import streamlit as st

from dashboard.common import globe_only, services, state
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.inference.world import World

INTRODUCTION = """
**Drop a photo into the panel on the left** and Hereabouts maps where on Earth it may have been taken: not a pin but a
*search region*, with its area in km² and the probability inside it.

The globe below shows the baseline before any photo: how often people take photos at each location.
"""
USE = "For research, journalism, and search and rescue: a hypothesis to test, never proof of a person's location. \
Everything runs on this machine; no photo leaves it."


def show(world: World) -> None:
    """Draw the introduction and the globe of the prior."""
    st.title("Where on Earth was this photo taken?", anchor=False)
    st.markdown(INTRODUCTION)
    globe_only.show(services.prior(world), PRIOR_RECORD.title, state.view())
    st.caption(USE)
