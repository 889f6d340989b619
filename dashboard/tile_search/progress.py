"""How far a search is, level by level; pause, go on, cancel; what came of it."""

import streamlit as st

from dashboard.common import state
from dashboard.common.guard import keep_case
from dashboard.common.text import plain
from dashboard.tile_search import worker as search_work
from dashboard.tile_search.worker import Held, Stage, Walk
from engine.tile_search.beam import Method
from engine.tile_search.results import LevelReport

EVERY_S = 0.7
BADGES = {
    Stage.RUNNING: ":blue-badge[:material/progress_activity: Running]",
    Stage.PAUSED: ":orange-badge[:material/pause_circle: Paused]",
    Stage.DONE: ":green-badge[:material/check_circle: Done]",
    Stage.CANCELLED: ":gray-badge[:material/stop_circle: Cancelled]",
    Stage.FAILED: ":red-badge[:material/error: Failed]",
}


def show(held: Held, sha256: str) -> None:
    """Draw how it stands, the buttons, and what is to be said of it."""
    walk = held.walk
    stage = walk.stage
    st.markdown(f"{BADGES[stage]} {_request_text(walk)}{_cost(walk)}")
    if stage is Stage.RUNNING:
        st.fragment(keep_case(_running), run_every=EVERY_S)(walk, walk.levels_done)
    _buttons(held, stage, sha256)
    _show_messages(walk, stage)


def _cost(walk: Walk) -> str:
    """What it took so far, once a level is done."""
    found = walk.result
    if found is None:
        return ""
    return f" · {found.tiles_encoded:,} tiles encoded, {found.cache_hits:,} from cache, {found.seconds:,.1f} s"


def _request_text(walk: Walk) -> str:
    """What is searched, in one line."""
    settings, record = walk.request.settings, walk.record
    how = "path probability" if settings.method is Method.PATH else "Kim, Jang and Kim"
    kept = f"k = {settings.k}" + (" + 1" if settings.attached is not None else "")
    where = "uniform prior"
    if walk.request.region is not None:
        where = f"inside a region of {walk.request.region.area_km2:,.0f} km²"
    elif walk.request.search_map is not None:
        where = "from the photo's map"
    imagery = f"**{plain(record.title)}**, " if record is not None else ""
    return f"{imagery}{kept}, {how}, {where}"


def _running(walk: Walk, drawn: int) -> None:
    """Looks again while it runs; a level that is done, or the end, draws the whole page anew."""
    job = walk.job
    if job is None or not job.running or walk.levels_done != drawn:
        st.rerun()
    share, what = (job.share, job.what or job.title) if job is not None else (0.0, "")
    st.progress(share, f"{plain(what)}, stopping" if walk.stopping else plain(what))


def _buttons(held: Held, stage: Stage, sha256: str) -> None:
    walk = held.walk
    with st.container(horizontal=True):
        if stage is Stage.RUNNING:
            st.button(
                "Stopping…" if walk.stopping else "Pause", key="pause_tiles", icon=":material/pause:",
                on_click=walk.pause, disabled=walk.stopping, help="Encoded tiles are kept.",
            )  # fmt: skip
            st.button(
                "Cancel", key="cancel_tiles", icon=":material/stop:", on_click=walk.cancel, disabled=walk.stopping
            )
            return
        if stage is Stage.PAUSED:
            st.button("Resume", key="resume_tiles", type="primary", icon=":material/play_arrow:", on_click=walk.resume)
            st.button("Cancel", key="cancel_tiles", icon=":material/stop:", on_click=walk.cancel)
        st.button(
            "New search", key="new_tiles", icon=":material/tune:", on_click=_new, args=(held, sha256),
            help="Back to the settings; later searches reuse the encoded tiles.",
        )  # fmt: skip


def _new(held: Held, sha256: str) -> None:
    search_work.forget(held)
    state.searches().pop(sha256, None)
    state.chosen_tiles().pop(sha256, None)


def _show_messages(walk: Walk, stage: Stage) -> None:
    """The sentence of a job that failed or stopped, and what was missing."""
    if stage is Stage.FAILED and walk.job is not None:
        st.error(plain(walk.job.sentence), icon=":material/error:")
    elif stage in (Stage.PAUSED, Stage.CANCELLED) and walk.job is not None:
        st.info(plain(walk.job.sentence) or "The search was cancelled.", icon=":material/pause_circle:")
    notes = walk.so_far.notes if walk.so_far is not None else ()
    if notes:
        st.caption("  \n".join(f":material/info: {plain(note)}" for note in notes))


def levels(walk: Walk) -> None:
    """Draw what each level cost."""
    if walk.so_far is None or not walk.so_far.reports:
        return
    st.table(
        [_row(each) for each in walk.so_far.reports], hide_index=True, width="stretch", border="horizontal",
        alt="Cost of each search level",
    )  # fmt: skip
    st.caption("Kept: expanded at the next zoom. Cached: encoded by an earlier search.")


def _row(each: LevelReport) -> dict[str, str]:
    return {
        "Zoom": str(each.zoom),
        "Tiles": f"{each.candidates:,}",
        "Encoded": f"{each.encoded:,}",
        "Cached": f"{each.cache_hits:,}",
        "Kept": f"{each.kept:,}",
        "Time": f"{each.seconds:.1f} s",
    }
