"""How far the work on a model is, and what came of it: a fragment that looks again while there is work."""

import streamlit as st

from dashboard.common import state
from dashboard.common.guard import keep_case
from dashboard.common.jobs import JOBS, Job, State
from dashboard.common.text import plain
from engine.artifacts.catalog import bytes_text

EVERY_S = 0.5


def show(name: str, job: Job | None) -> None:
    """Draw a bar while a job runs, its sentence when it is over."""
    if job is not None and job.running:
        st.fragment(keep_case(_running), run_every=EVERY_S)(name)
        return
    if (refusal := state.models_told().get(name)) is not None:
        st.error(plain(refusal), icon=":material/error:")
    if job is not None and job.sentence:
        _over(name, job)


def _running(name: str) -> None:
    job = JOBS.job(name)
    if job is None or not job.running:
        st.rerun()  # the whole page: buttons and badges are other ones now
        return
    st.progress(job.share, plain(progress_text(job)))


def progress_text(job: Job) -> str:
    """What is coming, how much of it is here, how fast and how long still."""
    if not job.total:
        return f"{job.title}…"
    if job.title.startswith("Verifying"):
        return f"{job.title}: {job.what}"
    text = f"{job.what}: {bytes_text(job.done)} of {bytes_text(job.total)}"
    if job.cancelled():
        return f"{text}, stopping"
    if job.per_s is None:
        return text
    return f"{text}, {bytes_text(round(job.per_s))}/s, {_time_text((job.total - job.done) / job.per_s)} left"


def _time_text(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _over(name: str, job: Job) -> None:
    """The last sentence, until it is sent away."""
    told, away = st.columns([12, 1], vertical_alignment="center")
    with told:
        box, icon = _BOXES[job.state]
        box(plain(job.sentence), icon=icon)
    away.button(
        "", key=f"dismiss_{name}", icon=":material/close:", type="tertiary", help="Dismiss",
        on_click=JOBS.dismiss, args=(name,),
    )  # fmt: skip


_BOXES = {
    State.DONE: (st.success, ":material/check_circle:"),
    State.STOPPED: (st.info, ":material/pause_circle:"),
    State.FAILED: (st.error, ":material/error:"),
    State.RUNNING: (st.info, ":material/hourglass:"),
}
