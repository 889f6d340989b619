"""The empty state: what this is, what to do, and the globe of where people take photos at all."""

import streamlit as st

from dashboard.common import globe_only, services, state
from engine.inference.world import World

INTRODUCTION = """
**Drop a photo into the panel on the left** and Hereabouts draws where on Earth it may have been taken: not a pin but a
*search region*, with its area in km² and the probability that it holds.

Below is what is known before anyone has looked at a photo: where people take photos at all.
"""
USE = "For research, journalism, and search and rescue: a hypothesis to test, never proof of where a person is. \
Everything is computed on this machine; no photo leaves it."


def show(world: World) -> None:
    """Draw the introduction and the globe of the prior."""
    st.title("Where on Earth was this photo taken?", anchor=False)
    st.markdown(INTRODUCTION)
    globe_only.show(services.prior(world), "Photo prior", state.view())
    st.caption(USE)
