"""The Tile search page: from a region to a tile, level by level, over imagery of the user's choice."""

import streamlit as st

from dashboard.common import state
from dashboard.locate import catch_up, photo_strip
from dashboard.tile_search import (
    encoder,
)
from dashboard.tile_search import (
    map as search_map,
)
from dashboard.tile_search import (
    progress as search_progress,
)
from dashboard.tile_search import (
    setup as search_setup,
)
from dashboard.tile_search import (
    tiles as search_tiles,
)
from dashboard.tile_search import (
    use as search_use,
)
from dashboard.tile_search import (
    why as search_why,
)
from dashboard.tile_search.worker import Held

INTRODUCTION = (
    "Compares the photo with satellite tiles from coarse to fine and expands only the most similar ones: from 2,500 km "
    "to 600 m in seven levels, as deep as the imagery goes."
)


def show() -> None:
    """Draw the page."""
    st.title("Tile search", anchor=False)
    st.markdown(INTRODUCTION)
    with st.sidebar:
        photo_strip.show()
    catch_up.show()
    entry = state.chosen_photo()
    held = None if entry is None else state.searches().get(entry.photo.sha256)
    if entry is None or held is None:
        search_setup.show(entry, ready=encoder.show())
        search_map.show(None, None)
        return
    _search(held, entry)


def _search(held: Held, entry: state.PhotoEntry) -> None:
    """A search of the photo: its progress and map, the tiles, the reason, and what can be done with it."""
    walk = held.walk
    picked = search_tiles.chosen(walk, entry.photo.sha256)
    search_progress.show(held, entry.photo.sha256)
    left, right = st.columns([4, 3], gap="medium")
    with left:
        search_map.show(walk, picked)
    with right:
        search_progress.levels(walk)
    if picked is not None:
        search_tiles.show(walk, entry, picked)
        search_use.show(walk, entry, picked)
        search_why.show(walk, picked)
