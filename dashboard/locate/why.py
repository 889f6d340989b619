"""Why the map is as it is: what changes without each predictor, and what each says of the chosen place."""

import math

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from engine.inference.candidates import Candidate
from engine.locate.attribution import Contribution, LeftOut, contributions_at, leave_one_out
from engine.locate.result import Answer


def show(answer: Answer) -> None:
    """Draw both answers in a closed expander; nothing is computed before it is opened."""
    what = "Each predictor's contribution, and the map without it"
    opened = st.toggle("Explain this map", key=state.WHY, help=what)
    if not opened:
        return
    _without_each(leave_one_out(answer))
    place = _place()
    if place is not None:
        _show_contributions(answer, place)


def _without_each(changes: tuple[LeftOut, ...]) -> None:
    if not changes:
        st.text("Showing the baseline only: no predictor is on, or none found a usable cue.")
    for change in changes:
        st.markdown(f"Without **{plain(change.record.title)}**: {_sentence(change)}")


def _sentence(change: LeftOut) -> str:
    if change.without is None:
        return "the remaining predictors contradict each other."
    before, after = change.area_km2[-1], change.area_without_km2[-1]
    grows = 100 * (after / before - 1)
    return (
        f"{100 * change.masses[-1]:.0f} % area {before:,.0f} → {after:,.0f} km² ({grows:+.0f} %); "
        f"{100 * change.shift:.0f} % of the probability moves elsewhere."
    )


def _show_contributions(answer: Answer, place: Candidate) -> None:
    parts = contributions_at(answer, place.latitude, place.longitude)
    st.markdown(f"At candidate **{place.rank}** ({place.latitude:.2f}, {place.longitude:.2f}):")
    for part in parts.predictors:
        st.markdown(f"- **{plain(part.record.title)}**: {_times(part)}.")


def _times(part: Contribution) -> str:
    """A factor in words; 1 is what the prior says anyway."""
    if not math.isfinite(part.nats):
        return "impossible"
    if abs(part.nats) < 0.05:
        return "neutral"
    return f"{part.factor:.1f} times more likely" if part.nats > 0 else f"{1 / part.factor:.1f} times less likely"


def _place() -> Candidate | None:
    """The chosen place, or the most probable one."""
    shown: tuple[Candidate, ...] = st.session_state.get(state.SHOWN_PLACES, ())
    rank = state.chosen_place() or 1
    return next((place for place in shown if place.rank == rank), None)
