"""Sentences that the user should read about this photo."""

from collections.abc import Sequence

import streamlit as st

from dashboard.common.text import plain


def show(notes: Sequence[str], contradiction: str = "") -> None:
    """Draw what cannot be true together by itself, and all other notes as one quiet box."""
    if contradiction:
        st.warning(plain(contradiction), icon=":material/call_split:")
    quiet = [note for note in notes if note != contradiction]
    if quiet:
        st.info("  \n".join(plain(note) for note in quiet), icon=":material/info:")
