"""The panel of the job "Search and rescue", from the last known point to the files; no photo is needed."""

from typing import cast

import streamlit as st

from dashboard.common import frame, state
from dashboard.common.text import plain
from dashboard.sar import download, effort, plan_map, plan_state, results, segments, subject, table
from engine.errors import InputError
from engine.export.plan_contents import PlanContents
from engine.locate.result import Answer
from engine.search_planning.assign import Assignment
from engine.search_planning.evaluate import PlanTable

ANSWER = "plan_answer"
USE = "A planning aid, not for sole use: statistics of past incidents, no terrain, no direction."
MULTIPLIED = "The photo and the evidence of this case are multiplied in; the popularity of places is not."


def show(answer: Answer | None = None) -> None:
    """Draw the panel and the map.

    Args:
        answer: of the case's photo or evidence, with a prior weight of 0; None where there is neither.
    """
    st.session_state[ANSWER] = answer
    plan = plan_state.current()
    stage = frame.stage()  # before anything that comes and goes: an element that moves on the page is drawn anew
    with st.container(key="headline", gap="xsmall"):
        st.subheader("Search plan", anchor=False, help=USE)
    if told := plan_state.problem():
        st.error(plain(told))
    subject.show()
    if answer is not None:
        st.caption(MULTIPLIED)
    segments.show()
    rows: PlanTable | None = None
    assignments: tuple[Assignment, ...] = ()
    try:
        rows = results.table_of(plan, answer)
    except InputError as error:
        st.error(plain(str(error)))
    if rows is not None:
        table.show(plan, rows)
        assignments = results.assignments_of(plan, rows)
        effort.show(plan, assignments)
        title = str(st.session_state.get(state.CASE_TITLE, "")).strip()
        with st.container(key="export"), st.popover("Export", icon=":material/download:"):
            download.show(PlanContents(plan, rows, assignments, title))
    elif plan.segments:
        st.caption("Give the last known point and the subject category to see POA, POD and the next segments.")
    st.caption(USE)
    with stage:
        plan_map.show(plan, rows, assignments, answer)


def last_answer() -> Answer | None:
    """The answer that the page was drawn with."""
    return cast(Answer | None, st.session_state.get(ANSWER))
