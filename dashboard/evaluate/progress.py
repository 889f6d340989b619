"""How far an evaluation is, and what came of it: a fragment that looks again while it runs."""

import streamlit as st

from dashboard.common import state
from dashboard.common.guard import keep_case
from dashboard.common.jobs import JOBS, Job, State
from dashboard.common.text import plain
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import worker as evaluate_work

EVERY_S = 0.5


def show(job: Job) -> None:
    """Draw a bar and a button that stops it while it runs, its sentence when it is over."""
    if job.running:
        st.fragment(keep_case(_running), run_every=EVERY_S)()
        st.button("Cancel", key="cancel_evaluate", icon=":material/stop:", on_click=job.cancel)
        return
    if job.sentence:
        _over(job)


def _running() -> None:
    job = evaluate_work.job()
    if job is None or not job.running:
        st.rerun()  # the whole page: there is something to look at now
        return
    st.progress(job.share, plain(progress_text(job)))


def progress_text(job: Job) -> str:
    """What is being done, how much of it, and about how long still."""
    if job.cancelled():
        return f"{job.title}: stopping"
    if not job.total:
        return f"{job.title}…"
    text = f"{job.title}: {job.what}, {job.share:.0%}"
    return text if job.per_s is None else f"{text}, about {_time(job.total - job.done, job.per_s)} left"


def _time(steps: int, per_s: float) -> str:
    seconds = steps / per_s
    return f"{max(round(seconds), 1)} s" if seconds < 90 else f"{round(seconds / 60)} min"


def _over(job: Job) -> None:
    box, icon = _BOXES[job.state]
    told, look, away = st.columns([10, 3, 1], vertical_alignment="center")
    with told:
        box(plain(job.sentence), icon=icon)
    if job.state is State.DONE and (newest := evaluate_results.remembered()[:1]):
        look.button(
            "Open results", key="look_evaluate", type="primary", width="stretch", on_click=_look, args=(newest[0],)
        )
    away.button(
        "", key="dismiss_evaluate", icon=":material/close:", type="tertiary", help="Dismiss",
        on_click=JOBS.dismiss, args=(evaluate_work.JOB,),
    )  # fmt: skip


def _look(folder: str) -> None:
    st.session_state[state.EVALUATE_FOLDER] = folder
    JOBS.dismiss(evaluate_work.JOB)


_BOXES = {
    State.DONE: (st.success, ":material/check_circle:"),
    State.STOPPED: (st.info, ":material/pause_circle:"),
    State.FAILED: (st.error, ":material/error:"),
    State.RUNNING: (st.info, ":material/hourglass:"),
}
