"""Sentences that the user should read about this photo."""

import streamlit as st

from dashboard.components.text import plain
from engine.pipeline import Answer


def show(answer: Answer) -> None:
    """Draw all notes as one quiet box."""
    if answer.notes:
        st.info("  \n".join(plain(note) for note in answer.notes), icon=":material/info:")
