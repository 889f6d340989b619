"""The first-run offer: one quiet line that brings GeoCLIP with one click; gone when it is here or was sent away."""

from contextlib import suppress

import streamlit as st

from dashboard.common import state
from dashboard.common.jobs import Job
from dashboard.common.text import plain
from dashboard.models import progress as models_progress
from dashboard.models import worker as models_work
from dashboard.models.worker import Model
from engine.artifacts.catalog import bytes_text
from engine.artifacts.store import Store
from engine.errors import HereaboutsError
from engine.predictors import selection


def show() -> None:
    """Draw the offer, or how far the fetching is, or nothing."""
    where = models_work.store()
    model = models_work.geoclip(where)
    job = models_work.job_of(model)
    if job is not None and job.running and not model.status.present:
        _coming(model, job)
    elif not model.status.present and model.status.can_fetch and not _is_quiet(where):
        _offer(model, job)


def _is_quiet(where: Store) -> bool:
    return bool(st.session_state.get(state.OFFER_AWAY)) or selection.read_choices(where).quiet


def _offer(model: Model, job: Job | None) -> None:
    with st.container(border=True, key="model_offer"):
        words, away = st.columns([9, 1], vertical_alignment="top")
        words.markdown(_words(model))
        st.button(
            "Resume" if model.status.partial_bytes else "Fetch GeoCLIP", key="offer_fetch", type="primary",
            icon=":material/download:", width="stretch", on_click=_fetch, args=(model,),
        )  # fmt: skip
        away.button(
            "", key="offer_away", icon=":material/close:", type="tertiary", on_click=_dismiss,
            help="Dismiss this offer; GeoCLIP stays available on the Models page",
        )  # fmt: skip
        models_progress.show(model.name, job)


def _words(model: Model) -> str:
    size, licence = plain(bytes_text(model.status.missing_bytes_about)), plain(model.licence)
    return (
        f"**Get GeoCLIP for better maps.** About {size}, {licence} licence. Fetched once, it runs on this machine; no "
        "photo leaves it."
    )


def _coming(model: Model, job: Job) -> None:
    with st.container(border=True, key="model_offer"):
        models_progress.show(model.name, job)
        asked = job.cancelled()
        st.button(
            "Stopping…" if asked else "Cancel", key="offer_cancel", on_click=job.cancel, disabled=asked,
            icon=":material/stop_circle:", width="stretch", help="The part already fetched is kept.",
        )  # fmt: skip


def _fetch(model: Model) -> None:
    models_work.start_fetch(model)


def _dismiss() -> None:
    """For good where the choice can be kept; in a read-only cache for this session."""
    st.session_state[state.OFFER_AWAY] = True
    with suppress(HereaboutsError):
        selection.dismiss_offer(models_work.store())
