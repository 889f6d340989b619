"""The photos of this session as thumbnails; one of them is looked at."""

import streamlit as st

from dashboard.common import media, state
from dashboard.common.text import plain

COLUMNS = 3


def show() -> None:
    """Draw a thumbnail a photo, with a button below where there are several."""
    photos = state.photos()
    chosen = state.chosen_photo()
    if len(photos) <= 1:
        return
    columns = st.columns(COLUMNS)
    for number, (key, entry) in enumerate(photos.items()):
        with columns[number % COLUMNS]:
            st.image(media.data_url(entry.thumbnail), width="stretch", alt=entry.photo.name)
            st.button(
                str(number + 1), key=f"choose_{key}", type="primary" if entry is chosen else "secondary",
                width="stretch", help=plain(entry.photo.name), on_click=_choose, args=(key,),
            )  # fmt: skip


def _choose(key: str) -> None:
    st.session_state[state.CHOSEN] = key
    state.choose_place(None)
