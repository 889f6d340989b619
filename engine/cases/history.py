"""Undo and redo of a case: an immutable list of steps and a place in it. Pure functions; nothing is ever lost in place.

What the analyst states, weighs and asks is undone. Photos, camera, title, notes and what the case was made with are
not: they follow along, so that undoing a statement neither takes a photo away nor moves the map.
"""

from dataclasses import dataclass, replace

from engine.cases.case import Case
from engine.cases.steps import Step, step_between

MOST_STEPS = 200
"""Steps that are remembered; the oldest are forgotten first."""

FOLLOWING = ("photos", "view", "title", "notes", "made", "version", "kept")
"""Fields that are never undone."""


@dataclass(frozen=True)
class History:
    """The steps of a case.

    Attributes:
        steps: oldest first; the first is the case as it began.
        at: which of them the case is at.
        present: the case as it is.
    """

    steps: tuple[Step, ...]
    at: int
    present: Case

    @property
    def undoes(self) -> str:
        """What ``undo`` would take back, in words; empty where there is nothing."""
        return self.steps[self.at].sentence if self.at > 0 else ""

    @property
    def redoes(self) -> str:
        """What ``redo`` would do again, in words; empty where there is nothing."""
        return self.steps[self.at + 1].sentence if self.at + 1 < len(self.steps) else ""


def begun(case: Case) -> History:
    """The history of a case that was just made or opened."""
    return History((Step(case),), 0, case)


def changed(history: History, case: Case) -> History:
    """The history after the case was changed.

    A change of nothing that can be undone is no step. A change of the same thing as the step before, as from dragging a
    slider, goes into that step, and takes it away where it ends up where it began.

    Args:
        history: as it was.
        case: as it is now.
    """
    step = step_between(history.present, case)
    if step is None:
        return replace(history, present=case)
    past = history.steps[: history.at + 1]
    if len(past) > 1 and step.about and past[-1].about == step.about and history.at + 1 == len(history.steps):
        past = past[:-1]
        step = step_between(_as_it_was(past[-1].case, case), case)
    steps = (*past, step) if step is not None else past
    steps = steps[-MOST_STEPS:]
    return History(steps, len(steps) - 1, case)


def undone(history: History) -> History:
    """One step back; the same history where there is none."""
    return _moved(history, history.at - 1)


def redone(history: History) -> History:
    """One step forward again; the same history where there is none."""
    return _moved(history, history.at + 1)


def _moved(history: History, at: int) -> History:
    if not 0 <= at < len(history.steps):
        return history
    return History(history.steps, at, _as_it_was(history.steps[at].case, history.present))


def _as_it_was(then: Case, now: Case) -> Case:
    """What can be undone as it was then, the rest as it is now."""
    return replace(then, **{name: getattr(now, name) for name in FOLLOWING})
