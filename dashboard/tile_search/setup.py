"""What is searched and how: imagery, width, method, where to look; and the button that starts it."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard.common import media, state
from dashboard.common.text import plain
from dashboard.evaluate import results as evaluate_results
from dashboard.locate import catch_up
from dashboard.tile_search import point as search_point
from dashboard.tile_search import prior as search_prior
from dashboard.tile_search import source as search_source
from dashboard.tile_search import worker as search_work
from dashboard.tile_search.source import Chosen
from dashboard.tile_search.worker import Request, Stage
from engine.errors import HereaboutsError, InputError
from engine.geometry.web_mercator import LEVELS
from engine.tile_search.beam import LARGEST_K, Method
from engine.tile_search.imagery import first_codes, levels_of
from engine.tile_search.results import SearchSettings

PHOTO_WIDTH = 128
OTHER = "Other"
WIDTHS = (16, 32, 64, OTHER)
OURS, PAPER, ATTACHED = "ours", "paper", "attached"
METHODS = {
    OURS: "Path probability (recommended)",
    PAPER: "Kim, Jang and Kim: each level independently",
    ATTACHED: "Kim, Jang and Kim, keeping one location as well (k + 1)",
}
METHOD_HELP = (
    "Path probability: sums the evidence of all levels and uses the photo's map as the prior. Kim, Jang and Kim: "
    "expands only the tiles most similar to the photo at each level."
)


def show(entry: state.PhotoEntry | None, *, ready: bool) -> Chosen | None:
    """Draw the controls and start a search when asked; the imagery that is chosen."""
    left, right = st.columns(2, gap="large")
    with left:
        k = _width()
        how = st.selectbox(
            "Method", list(METHODS), format_func=METHODS.__getitem__, key=state.start_with(state.SEARCH_METHOD, OURS),
            help=METHOD_HELP,
        )  # fmt: skip
        if how == ATTACHED:
            search_point.choose(entry)
        where = search_prior.choose(_rule(how))
        _encoders()
    with right:
        chosen = search_source.show()
        if chosen is not None:
            st.caption(_cost(chosen, k))
        pressed = _go(entry, _missing(entry, chosen, ready=ready))
    if pressed and entry is not None and chosen is not None:
        _start(entry, chosen, k, how, where)
    return chosen


def _go(entry: state.PhotoEntry | None, missing: str) -> bool:
    """Draw the photo beside the button, or why it cannot be pressed; whether it was."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if entry is not None:
            st.image(media.data_url(entry.thumbnail), width=PHOTO_WIDTH, alt=f"The photo, {entry.photo.name}")
        with st.container(width="stretch"):
            pressed = st.button(
                "Search", key="start_tiles", type="primary", icon=":material/search:", disabled=bool(missing)
            )
            if missing:
                st.caption(missing)
    return pressed


def _width() -> int:
    wanted = st.segmented_control(
        "Tiles kept per level (k)", WIDTHS, required=True, key=state.start_with(state.SEARCH_K, 64),
        help="More tiles: slower, but less likely to drop the true location. Kim, Jang and Kim use 16, 32 and 64.",
    )  # fmt: skip
    if wanted != OTHER:
        return int(str(wanted))
    return int(
        st.number_input(f"k, 1 to {LARGEST_K:,}", key=state.start_with(state.SEARCH_OTHER_K, 128), step=1, format="%d")
    )


def _encoders() -> None:
    with st.expander("Trained map encoders (optional)"):
        st.text_input(
            "Folder of trained map encoders", key=state.SEARCH_ENCODERS, placeholder="map_encoders",
            help="Output folder of `hereabouts train map-encoders`. Without it plain CLIP compares the tiles.",
        )  # fmt: skip


def _cost(chosen: Chosen, k: int) -> str:
    """How much work it is at most."""
    levels = levels_of(chosen.record)
    most = first_codes(chosen.record, levels[0]).size + 16 * max(k, 0) * (len(levels) - 1)
    ends = "" if levels[-1] == LEVELS[-1] else f" The search ends at zoom {levels[-1]}, the deepest of this imagery."
    return f"Compares at most {most:,} tiles; tiles encoded by earlier searches come from the cache.{ends}"


def _missing(entry: state.PhotoEntry | None, chosen: Chosen | None, *, ready: bool) -> str:
    """Why no search can start, or empty."""
    if entry is None:
        return "First drop a photo into the panel on the left."
    if not ready:
        return "The encoder is missing: fetch it above."
    if chosen is None:
        return "Choose imagery that can be searched."
    others = [held.walk for held in state.searches().values() if held.walk.stage is Stage.RUNNING]
    return f"A search with {plain(others[0].request.name)} is running: pause or cancel it first." if others else ""


def _start(entry: state.PhotoEntry, chosen: Chosen, k: int, how: str, where: str) -> None:
    """Start, or say in one sentence why not."""
    try:
        request = _request(entry, chosen, k, how, where)
        state.searches()[entry.photo.sha256] = search_work.start(request)
    except HereaboutsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    state.chosen_tiles().pop(entry.photo.sha256, None)
    st.rerun()


def _request(entry: state.PhotoEntry, chosen: Chosen, k: int, how: str, where: str) -> Request:
    point = search_point.point(entry) if how == ATTACHED else None
    answer = None if where == search_prior.EVERYWHERE else search_prior.answer_of(entry)
    folder = str(st.session_state.get(state.SEARCH_ENCODERS) or "")
    return Request(
        entry.photo.name,
        _file(entry),
        chosen.source,
        SearchSettings(k, _rule(how), attached=point),
        None if answer is None else answer.search_map,
        search_prior.region_of(answer) if answer is not None and where == search_prior.REGION else None,
        _folder(folder),
        chosen.max_zoom,
        chosen.allow_local,
    )


def _rule(how: str) -> Method:
    return Method.PATH if how == OURS else Method.PAPER


def _folder(text: str) -> Path | None:
    return evaluate_results.folder_of(text) if text.strip() else None


def _file(entry: state.PhotoEntry) -> Callable[[], bytes]:
    """The photo's file: its pixels were forgotten once they were read.

    Raises:
        InputError: it is no longer there.
    """
    source = catch_up.source_of(entry)
    if source is None:
        raise InputError("The photo's file is no longer loaded; drop it again.")
    return source
