"""Sentences that the user should read about this photo."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components.text import plain


def show(notes: Sequence[str]) -> None:
    """Draw all notes as one quiet box."""
    if notes:
        st.info("  \n".join(plain(note) for note in notes), icon=":material/info:")
