"""What the signs in the photo suggest: one card a proposal, accepted or refused with one key.

The map never waits for it: signs are read in the background, and the panel looks in until they are.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import streamlit as st

from dashboard.common import media, state
from dashboard.common.guard import keep_case
from dashboard.common.jobs import State
from dashboard.common.text import plain
from dashboard.signs.worker import HeldSigns, held_signs, start_reading
from engine.cases.case import MOST_STATEMENTS
from engine.evidence.statements.base import Statement
from engine.evidence.statements.evidence import SIGN_PREFIX, Evidence
from engine.signs.proposals import Proposal

EVERY_S = 0.7
SWITCH = "on_read_signs"
START_VARIABLE = "HEREABOUTS_READ_SIGNS"
"""``off`` in this variable of the environment starts the dashboard with the switch off."""

HELP = (
    "Reads the text in the photo on this machine and suggests evidence: scripts, languages, web domains, telephone "
    "numbers, prices, number plates, street names, towns. Nothing is used before you accept it."
)
ACCEPT_KEY, REFUSE_KEY = "Alt+Y", "Alt+N"
FULL = f"A case holds {MOST_STATEMENTS} statements, and this one has as many; remove one of them first."

Source = Callable[[], bytes]


def show(entry: state.PhotoEntry, source: Source | None) -> None:
    """Draw the panel of a photo.

    Args:
        entry: the photo.
        source: gives the bytes of its file, or None when it is gone.
    """
    with st.container(border=True, gap="small"):
        head, switch = st.columns([5, 2], vertical_alignment="center")
        head.subheader("Text in the photo", anchor=False, help=HELP)
        on = switch.toggle("Read signs", key=state.start_with(SWITCH, os.environ.get(START_VARIABLE) != "off"))
        held = held_signs(entry.photo.sha256)
        if held is None and not on:
            return
        if held is None and source is None:
            st.caption("The file of this photo is no longer here; drop it again to read its signs.")
            return
        if held is None and source is not None:
            held = start_reading(entry.photo.sha256, source)
        if held is not None:
            _show(held, entry.photo.sha256, source)


def _show(held: HeldSigns, sha256: str, source: Source | None) -> None:
    job = held.job
    if job is not None and job.running:
        st.fragment(keep_case(_running), run_every=EVERY_S)(held)
    elif held.reading is not None:
        st.fragment(keep_case(_proposals))(held)
    else:
        _failed(held, sha256, source)


def _running(held: HeldSigns) -> None:
    """A bar and a way out; the whole page is drawn again when it is over."""
    job = held.job
    if job is None or not job.running:
        st.rerun()
        return
    bar, stop = st.columns([6, 1], vertical_alignment="center")
    bar.progress(job.share, plain(job.what or "Starting to read signs"))
    stop.button("Cancel", key=f"stop_{held.name}", on_click=job.cancel)


def _failed(held: HeldSigns, sha256: str, source: Source | None) -> None:
    job = held.job
    sentence = job.sentence if job is not None and job.sentence else "The signs were not read."
    draw = st.info if job is not None and job.state is State.STOPPED else st.warning
    draw(plain(sentence))
    if source is not None and st.button("Read signs again", key=f"again_{held.name}"):
        start_reading(sha256, source)
        st.rerun()


def _proposals(held: HeldSigns) -> None:
    """The cards, and what was read."""
    assert held.reading is not None  # noqa: S101 - looked at by the caller
    pending = held.pending(_present_statements())
    if held.reading.proposals:
        _state_of(held, pending)
    for number, proposal in enumerate(pending):
        _card(held, proposal, number)
    ticked = [each for each in pending if each.ticked]
    if len(ticked) > 1 and st.button(f"Accept the {len(ticked)} likely ones", icon=":material/done_all:"):
        _accept(ticked)
    _text(held)


def _state_of(held: HeldSigns, pending: Sequence[Proposal]) -> None:
    assert held.reading is not None  # noqa: S101 - looked at by the caller
    accepted = sum(each.statement in _present_statements() for each in held.reading.proposals)
    parts = [f"{len(pending)} to decide"] if pending else []
    parts += [f"{accepted} accepted"] if accepted else []
    parts += [f"{len(held.refused)} refused"] if held.refused else []
    keys = f". {ACCEPT_KEY} accepts the first, {REFUSE_KEY} refuses it." if pending else "."
    st.caption(f"{len(held.reading.proposals)} suggestions: {', '.join(parts)}{keys}")


def _card(held: HeldSigns, proposal: Proposal, number: int) -> None:
    """The cut-out, the text as read with its score, what would be stated, and the two buttons."""
    with st.container(border=True, gap="small"):
        picture, words, acts = st.columns([3, 5, 2], vertical_alignment="center")
        read = proposal.line.text
        picture.image(
            media.data_url(held.cuts[proposal.line]), alt=plain(f"Cut-out of the photo: {read or 'letters not read'}")
        )
        words.markdown(f"**{plain(proposal.sentence())}**" + ("" if proposal.ticked else " :gray-badge[uncertain]"))
        words.caption(plain(_as_read(proposal)))
        key = f"{held.name}_{proposal.kind}_{proposal.sentence()}"
        keys = (ACCEPT_KEY, REFUSE_KEY) if number == 0 else (None, None)
        kind: Literal["primary", "secondary"] = "primary" if proposal.ticked else "secondary"
        if acts.button("Accept", key=f"accept_{key}", type=kind, shortcut=keys[0], width="stretch"):
            _accept([proposal])
        acts.button(
            "Refuse", key=f"refuse_{key}", shortcut=keys[1], width="stretch", on_click=held.refused.add,
            args=(proposal.statement,),
        )  # fmt: skip


def _as_read(proposal: Proposal) -> str:
    line = proposal.line
    more = f", in {proposal.lines} lines" if proposal.lines > 1 else ""
    if not line.is_read:
        return f"{proposal.reason} ({100 * line.script_probability:.0f} %){more}"
    return f"“{line.text}” read by {line.reader}, score {line.score:.2f}{more}. {proposal.reason}."


def _accept(proposals: Sequence[Proposal]) -> None:
    """Make evidence of proposals; undo takes it back."""
    if len(state.evidence()) + len(proposals) > MOST_STATEMENTS:
        st.error(FULL)
        return
    for proposal in proposals:
        added: Evidence = replace(proposal.evidence(_new_id()), photo=state.evidence_photo())
        state.put_evidence((*state.evidence(), added))
    st.rerun()


def _new_id() -> str:
    """An id that says that the statement was read from the photo: a claim counts it as image evidence."""
    taken = {each.id for each in state.evidence()}
    while (name := SIGN_PREFIX + state.new_evidence_id()) in taken:
        pass
    return name


def _present_statements() -> set[Statement]:
    return {each.statement for each in state.evidence()}


def _text(held: HeldSigns) -> None:
    """Everything that was read, folded away, and what was not."""
    assert held.reading is not None  # noqa: S101 - looked at by the caller
    lines = held.reading.text.lines
    if not lines and not held.reading.notes:
        st.caption("No text was found in the photo.")
    for note in held.reading.notes:
        st.caption(plain(note))
    if lines:
        number = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        with st.expander(f"Text as read: {number}"):
            st.dataframe(
                [{"Text": line.text, "Score": round(line.score, 2), "Reader": line.reader} for line in lines],
                hide_index=True, width="stretch",
            )  # fmt: skip
