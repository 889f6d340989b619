"""What the dialog of a statement is filled with, and what has been put in since it was opened.

Each opening is a form of its own, with keys of its own: what was typed for one statement cannot turn up in the next,
and a field begins with its value once, however often the dialog is drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import streamlit as st

from dashboard.common import state
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.base import Statement
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched

PREFIX = "evidence_form_"
DIGITS = "%.10g"
"""How numbers are shown: all their digits, and none that nobody typed."""

Kind = TypeVar("Kind", bound=Statement)


@dataclass(frozen=True)
class Form:
    """One opening of the dialog.

    Attributes:
        turn: counts the openings.
        changing: the statement that is edited, or None for a new one.
    """

    turn: int
    changing: Evidence | None = None

    def start(self, name: str, value: object) -> str:
        """The key of a field, which begins with a value; None leaves that to the field."""
        key, kept = f"{PREFIX}{self.turn}_{name}", self._kept()
        if key in kept or value is not None:
            state.start_with(key, kept.get(key, value))
        return key

    def part(self, name: str) -> str:
        """The key of what Streamlit lets nobody set: a file, a map, a box to search in."""
        return f"part_of_{PREFIX}{self.turn}_{name}"

    def put(self, name: str, value: object) -> None:
        """Remember something, or change a field before it is drawn."""
        st.session_state[f"{PREFIX}{self.turn}_{name}"] = value

    def get(self, name: str) -> object:
        """What was remembered, or stands in a field."""
        return st.session_state.get(f"{PREFIX}{self.turn}_{name}")

    def keep(self) -> None:
        """Remember what stands in the fields: Streamlit forgets those that are not drawn.

        Beside them, not by setting them again: that would overwrite what somebody is just typing.
        """
        start = f"{PREFIX}{self.turn}_"
        self._kept().update({str(key): value for key, value in st.session_state.items() if str(key).startswith(start)})

    def _kept(self) -> dict[str, object]:
        return cast(dict[str, object], st.session_state.setdefault(f"kept_{PREFIX}{self.turn}", {}))

    def was(self, kind: type[Kind]) -> Kind | None:
        """The statement that is edited, where it is of a kind."""
        statement = self.changing.statement if self.changing is not None else None
        return statement if isinstance(statement, kind) else None

    @property
    def area(self) -> DrawnArea | Circle | None:
        """The area that the edited statement is about, whether the place is in it or it was searched."""
        searched = self.was(Searched)
        return searched.area if searched is not None else self.was(DrawnArea) or self.was(Circle)


Fields = Callable[[Form], Statement | None]
"""Draws the fields of one kind of statement; the statement, or None while something is missing."""


def begin(changing: Evidence | None = None) -> Form:
    """A form for a new statement or one that is there; the one before it is forgotten."""
    for key in [key for key in st.session_state if str(key).startswith((PREFIX, f"kept_{PREFIX}"))]:
        del st.session_state[key]
    turn = cast(int, st.session_state.get(state.EVIDENCE_TURN, 0)) + 1
    st.session_state[state.EVIDENCE_TURN] = turn
    return Form(turn, changing)
