"""What the analyst has stated, as sentences: each with strength, effect on the area, a switch, an edit and a remove."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.cases import state as case_state
from dashboard.common import services, state
from dashboard.common.text import plain
from dashboard.evidence import dialog as evidence_dialog
from dashboard.locate.figures import on_one_line
from engine.claims.sizes import readable_km2
from engine.evidence.statements.evidence import EVIDENCE_PREFIX, STRENGTHS, Evidence, evidence_about
from engine.evidence.statements.searches import Searched
from engine.inference.effects import Effect
from engine.layers.builtin import CLASSES
from engine.locate.result import Answer

MASS = 0.9
"""Share of the probability whose area is told."""

Slots = Mapping[str, DeltaGenerator]
"""Per id of a statement, where its effect is to be written once the map is known."""


def show() -> Slots:
    """Draw the sentences and the button for one more; where their effects go."""
    st.subheader(
        "Evidence",
        anchor=False,
        help="What you see in the photo or know about it. Each statement becomes a likelihood map.",
    )
    if st.button("Add evidence", icon=":material/add:", width="stretch"):
        evidence_dialog.add()
    subject = _subject()
    shown = evidence_about(state.evidence(), subject)
    slots = {each.id: _statement(each, subject) for each in shown}
    others = len(state.evidence()) - len(shown)
    if others:
        count = "1 statement is" if others == 1 else f"{others} statements are"
        st.caption(f"{count} about another photo and not counted here.")
    for partition, said in state.declared().items():
        _show_declared(partition, said)
    return slots


def show_effects(slots: Slots, answer: Answer) -> None:
    """Write below each statement what it does to the area, or why it counts for nothing."""
    found = {each.name: each for each in services.effects(answer)}
    for outcome in answer.outcomes:
        slot = slots.get(outcome.record.name.removeprefix(EVIDENCE_PREFIX))
        if slot is not None and outcome.reason:
            slot.warning(plain(outcome.reason))
        elif slot is not None and outcome.record.name in found:
            slot.caption(_effect_words(found[outcome.record.name]))


def _effect_words(effect: Effect) -> str:
    """The area without and with the statement, and the change in per cent."""
    which = effect.masses.index(MASS)
    before, after = (readable_km2(areas[which]) for areas in (effect.area_without_km2, effect.area_km2))
    before = before.removesuffix(" km²") if before.split()[1:] == after.split()[1:] == ["km²"] else before
    change = effect.change_text(MASS)
    return f"{100 * MASS:.0f} % area: {_figure(before)} → {_figure(after)} ({plain(on_one_line(change))})"


def _figure(area: str) -> str:
    return plain(on_one_line(area))


def _subject() -> str:
    """The photo whose statements are shown; empty for all of them, where there is none or all show one place."""
    looked_at = state.chosen_photo()
    return "" if looked_at is None or case_state.dependence() is not None else looked_at.photo.sha256


def _statement(each: Evidence, subject: str) -> DeltaGenerator:
    """One statement: a switch that is its sentence, below it the strength, and a remove."""
    with st.container(border=True, gap="small"):
        switch, words = st.columns([2, 8], vertical_alignment="center", gap="small")
        switch.toggle(
            plain(each.sentence()), key=state.start_with(f"on_statement_{each.id}", each.on), on_change=_on_switch,
            args=(each.id,), label_visibility="collapsed",
        )  # fmt: skip
        words.markdown(plain(each.sentence()))
        if not isinstance(each.statement, Searched):
            _strength(each)
        if subject and len(state.photos()) > 1:
            _choose_subject(each, subject)
        effect, acts = st.columns([7, 3], vertical_alignment="center", gap="small")
        with acts.container(gap=None):
            _acts(each)
        return effect.empty()


def _acts(each: Evidence) -> None:
    """Edit it, or take it away."""
    sentence = plain(each.sentence())
    if st.button("Edit", key=f"edit_{each.id}", help=f"Edit: {sentence}", type="tertiary"):
        evidence_dialog.edit(each)
    st.button(
        "Remove", key=f"remove_{each.id}", help=f"Remove: {sentence}", type="tertiary", on_click=_remove,
        args=(each.id,),
    )  # fmt: skip


def _show_declared(partition: str, said: Mapping[str, float]) -> None:
    """What a case or the command line says of the labels of a layer: shown, and it can be taken away."""
    titles = {entry.label: entry.title for entry in CLASSES.get(partition, ())}
    told = ", ".join(f"{titles.get(label, label)} {100 * value:.0f} %" for label, value in said.items())
    with st.container(border=True, gap="small"):
        words, remove = st.columns([7, 3], vertical_alignment="center", gap="small")
        words.markdown(plain(f"{partition.replace('_', ' ').capitalize()}: {told}"))
        remove.button(
            "Remove", key=f"remove_declared_{partition}", help=f"Remove the probabilities for {plain(partition)}",
            type="tertiary", on_click=state.forget_declared, args=(partition,),
        )  # fmt: skip


def _strength(each: Evidence) -> None:
    """The three words, and the number where a case has one of its own."""
    words = list(STRENGTHS) if each.strength in STRENGTHS else [*STRENGTHS, each.strength]
    key = f"sure_of_{each.id}"
    if st.session_state.get(key) != each.strength:  # it may have been edited in the dialog
        st.session_state[key] = each.strength
    st.segmented_control(
        f"Confidence: {plain(each.sentence())}", words, format_func=str.capitalize, required=True,
        key=key, on_change=_on_confidence, args=(each.id,), label_visibility="collapsed",
    )  # fmt: skip


def _choose_subject(each: Evidence, subject: str) -> None:
    """Whether the statement is about the photo that is looked at or about all of them."""
    options, key = ["This photo", "Whole case"], f"subject_{each.id}"
    st.session_state[key] = options[0] if each.photo else options[1]
    st.segmented_control(
        f"Applies to: {plain(each.sentence())}", options, required=True, key=key, on_change=_on_subject,
        args=(each.id, subject), label_visibility="collapsed",
    )  # fmt: skip


def _on_subject(name: str, subject: str) -> None:
    _change(name, photo=subject if st.session_state[f"subject_{name}"] == "This photo" else "")


def _on_switch(name: str) -> None:
    _change(name, on=bool(st.session_state[f"on_statement_{name}"]))


def _on_confidence(name: str) -> None:
    word = st.session_state[f"sure_of_{name}"]
    if word in STRENGTHS:
        _change(name, probability=STRENGTHS[word])


def _remove(name: str) -> None:
    state.put_evidence(tuple(each for each in state.evidence() if each.id != name))


def _change(name: str, **fields: float | str) -> None:
    """Other fields for one statement: ``on``, ``probability`` or ``photo``."""
    changed = (replace(each, **fields) if each.id == name else each for each in state.evidence())  # type: ignore[arg-type]
    state.put_evidence(tuple(changed))
