"""Shown in place of a map when nothing is left possible."""

import streamlit as st

from dashboard.common.text import plain
from engine.errors import HereaboutsError


def show(error: HereaboutsError) -> None:
    """Say what contradicts and what to do."""
    st.error(plain(str(error)), icon=":material/call_split:")
