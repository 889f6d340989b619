"""The dialog in which a statement is made or edited: what is seen, how sure one is, and the sentence it becomes."""

from dataclasses import replace

import streamlit as st

from dashboard.common import state
from dashboard.common.guard import keep_case
from dashboard.common.text import plain
from dashboard.evidence import form as evidence_form
from dashboard.evidence.form import Form
from dashboard.evidence.kinds import FIELDS, title_of
from engine.cases.case import MOST_STATEMENTS
from engine.errors import InputError
from engine.evidence.statements.base import Statement
from engine.evidence.statements.evidence import CERTAIN, LIKELY, STRENGTHS, Evidence
from engine.evidence.statements.searches import Searched

STRENGTH_HELP = (
    "Certain: rules out everything else. Likely: right nine times in ten. Hint: right two times in three. "
    "Other evidence can outweigh a statement that is likely or a hint."
)
NOTHING = "The statement is empty; fill in the fields above."
FULL = f"This case has reached the limit of {MOST_STATEMENTS} statements; edit or remove one of them."


def add() -> None:
    """Open the dialog for a new statement."""
    _add(evidence_form.begin())


def edit(each: Evidence) -> None:
    """Open it for a statement that is there, filled with what it says."""
    _edit(evidence_form.begin(each))


@st.dialog("Add evidence", width="large", on_dismiss="ignore")
def _add(form: Form) -> None:
    draw(form)


@st.dialog("Edit evidence", width="large", on_dismiss="ignore")
def _edit(form: Form) -> None:
    draw(form)


@keep_case
def draw(form: Form) -> None:
    """The kind, its fields, and what comes of them; bad input gets its sentence and stays where it was typed."""
    form.keep()
    first = None if form.changing is None else title_of(form.changing.statement)
    kind = st.selectbox(
        "Clue type", list(FIELDS), index=None, placeholder="Type to search: driving, script, sun, area ...",
        key=form.start("kind", first),
    )  # fmt: skip
    if kind is None:
        return
    statement, trouble = None, ""
    try:
        statement = FIELDS[kind](form)
    except InputError as error:
        trouble = str(error)
    _finish(form, statement, trouble)


def _finish(form: Form, statement: Statement | None, trouble: str) -> None:
    """The strength, the sentence and the buttons. Never greyed out: a click right after typing would be lost."""
    probability = _probability(form, statement)
    if trouble:
        st.error(plain(trouble))
    elif statement is not None:
        st.markdown(f":material/format_quote: **{plain(statement.sentence())}**")
    word = "Add" if form.changing is None else "Save"
    with st.container(horizontal=True, gap="small"):
        done = st.button(word, type="primary", width="stretch", key=form.part("done"))
        if st.button("Cancel", key=form.part("cancel")):
            st.rerun()
    if not done or trouble:
        return
    if statement is None:
        st.error(NOTHING)
    elif form.changing is None and len(state.evidence()) >= MOST_STATEMENTS:
        st.error(FULL)
    else:
        _put(form, statement, probability)
        st.rerun()


def _probability(form: Form, statement: Statement | None) -> float:
    """How sure the analyst is; of a search without success that is its probability of detection alone."""
    was = form.changing
    if statement is not None:
        form.put("searched", isinstance(statement, Searched))
    if form.get("searched"):
        return CERTAIN if was is None else was.probability
    named = dict(STRENGTHS) if was is None else {**STRENGTHS, was.strength: was.probability}
    strength = st.segmented_control(
        "Confidence", list(named), format_func=str.capitalize, required=True,
        key=form.start("strength", "likely" if was is None else was.strength), help=STRENGTH_HELP,
    )  # fmt: skip
    return named.get(str(strength), LIKELY)


def _put(form: Form, statement: Statement, probability: float) -> None:
    """A new statement comes last; an edited one stays where it was, switched on or off as it was."""
    was = form.changing
    if was is None:
        state.put_evidence(
            (*state.evidence(), Evidence(state.new_evidence_id(), statement, probability, photo=state.evidence_photo()))
        )
        return
    state.put_evidence(
        tuple(
            replace(each, statement=statement, probability=probability) if each.id == was.id else each
            for each in state.evidence()
        )
    )
