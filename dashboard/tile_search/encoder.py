"""The encoder that the tile search needs: one quiet card while it is missing, with all that is needed to get it."""

import streamlit as st

from dashboard.common.jobs import Job
from dashboard.common.text import plain
from dashboard.models import files as models_files
from dashboard.models import progress as models_progress
from dashboard.models import worker as models_work
from dashboard.models.worker import Model
from dashboard.tile_search import sources as search_sources
from engine.artifacts.catalog import bytes_text


def show() -> bool:
    """Draw the card where the encoder is missing; whether a search can start."""
    if search_sources.encoder_ready():
        return True
    model = search_sources.encoder_model()
    job = models_work.job_of(model)
    with st.container(border=True, key="missing_encoder"):
        words, act = st.columns([12, 4], vertical_alignment="center")
        words.markdown(_words(model))
        with act:
            if job is not None and job.running:
                _cancel(job)
            else:
                _fetch(model)
        models_progress.show(model.name, job)
        models_files.show(model)
    return False


def _words(model: Model) -> str:
    size = plain(bytes_text(model.status.missing_bytes_about))
    return (
        f"**The tile search needs {plain(model.title)}, which is not installed.** It compares the photo with each "
        f"tile. About {size}, {plain(model.licence)} licence. Fetched once, it runs offline and no photo leaves this "
        "machine. To install it offline, add the files manually (see *Files*); it is on the Models page, too."
    )


def _fetch(model: Model) -> None:
    label = "Resume" if model.status.partial_bytes else "Fetch"
    st.button(
        label, key="fetch_encoder", type="primary", icon=":material/download:", width="stretch", on_click=_started,
        args=(model,),
    )  # fmt: skip


def _started(model: Model) -> None:
    models_work.start_fetch(model)


def _cancel(job: Job) -> None:
    asked = job.cancelled()
    st.button(
        "Stopping…" if asked else "Cancel", key="cancel_encoder", on_click=job.cancel, disabled=asked, width="stretch",
        icon=":material/stop_circle:", help="The part already fetched is kept.",
    )  # fmt: skip
