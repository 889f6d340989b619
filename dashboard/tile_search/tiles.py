"""The photo beside the best tiles; one of them is looked at."""

import math

import streamlit as st

from dashboard.common import media, state
from dashboard.tile_search import worker as search_work
from dashboard.tile_search.worker import Walk
from engine.geometry.web_mercator import Tile
from engine.tile_search.beam import Method
from engine.tile_search.results import TileScore, tile_width_km

WIDTH = 128
PHOTO_WIDTH = 280


def chosen(walk: Walk, sha256: str) -> Tile | None:
    """The tile that is looked at: the one that was picked while it is listed, else the best."""
    tiles = {score.tile.path: score.tile for score in search_work.shown(walk)}
    best = next(iter(tiles.values()), None)
    return tiles.get(state.chosen_tiles().get(sha256, ""), best)


def show(walk: Walk, entry: state.PhotoEntry, picked: Tile) -> None:
    """Draw the photo and the strip."""
    scores = search_work.shown(walk)
    wide = width_text(tile_width_km(scores[0].tile))
    st.subheader(f"Best tiles of zoom {scores[0].tile.z}, {wide} wide", anchor=False)
    left, right = st.columns([3, 7], gap="medium")
    with left:
        st.image(media.data_url(entry.thumbnail), width=PHOTO_WIDTH, alt=f"The photo, {entry.photo.name}")
        st.caption("Your photo")
    with right, st.container(horizontal=True, gap="small", key="tile_strip"):
        for number, score in enumerate(scores, 1):
            with st.container(width=WIDTH):
                _one(walk, number, score, entry.photo.sha256, chosen=score.tile == picked)
    if walk.request.settings.method is Method.PAPER:
        st.caption("Kim, Jang and Kim: shares among the tiles of this level only, not probabilities of the location.")


def _one(walk: Walk, number: int, score: TileScore, sha256: str, *, chosen: bool) -> None:
    picture = walk.pictures.get(score.tile)
    where = f"{score.latitude:.2f}, {score.longitude:.2f}"
    if picture is not None:
        st.image(media.data_url(picture), width=WIDTH, alt=f"Tile {number}, {score.tile.path}, at {where}")
    else:
        st.caption("no imagery")
    st.button(
        f"{number} · {percent(score.probability)}", key=f"pick_tile_{number}", width="stretch",
        type="primary" if chosen else "secondary", help=f"Tile {score.tile.path} at {where}",
        on_click=_pick, args=(sha256, score.tile),
    )  # fmt: skip


def _pick(sha256: str, tile: Tile) -> None:
    state.chosen_tiles()[sha256] = tile.path


def width_text(width_km: float) -> str:
    """The width of a tile as people read it: two digits below 10 km."""
    digits = max(1 - math.floor(math.log10(width_km)), 0) if width_km < 10 else 0
    return f"{width_km:,.{digits}f} km"


def percent(share: float) -> str:
    """A share as people read it, small ones, too."""
    return f"{100 * share:.3g} %" if share >= 1e-4 else "under 0.01 %"
