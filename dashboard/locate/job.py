"""The job at hand: geolocate a photo, verify a claim, or plan a search; it decides what the panel leads with."""

from enum import StrEnum

import streamlit as st

from dashboard.common import state


class Job(StrEnum):
    """What the user came for."""

    GEOLOCATE = "Geolocate"
    VERIFY = "Verify"
    SEARCH = "Search and rescue"


HELP = (
    "Geolocate: where was this photo taken? Verify: does a claimed location fit? Search and rescue: where to look "
    "next, with no weight on where photos are popular."
)


def show() -> None:
    """Draw the choice."""
    st.segmented_control(
        "Job", list(Job), key=state.start_with(state.JOB, Job.GEOLOCATE), required=True, on_change=_changed,
        label_visibility="collapsed", help=HELP,
    )  # fmt: skip


def current() -> Job:
    """The job that was chosen."""
    return Job(st.session_state.get(state.JOB, Job.GEOLOCATE))


def _changed() -> None:
    """A search for a person does not start from where photos are popular; the other jobs do."""
    if state.photos():
        return
    st.session_state[state.PRIOR_WEIGHT] = 0.0 if current() is Job.SEARCH else 1.0
