"""Undo and redo of a case: an immutable list of steps and a position in it, changed by pure functions.

Undo covers evidence, settings and the query. Photos, camera, title, notes and provenance stay as they are, so that
undoing a statement neither removes a photo nor moves the map.
"""

from dataclasses import dataclass, replace

from engine.cases.case import Case
from engine.cases.steps import Step, step_between

MOST_STEPS = 200
"""Steps that are stored; the oldest are dropped first."""

FOLLOWING = ("photos", "view", "title", "notes", "made", "version", "unknown_fields")
"""Fields that are never undone."""


@dataclass(frozen=True)
class History:
    """The steps of a case.

    Attributes:
        steps: oldest first; the first is the initial case.
        at: index of the current step.
        present: the current case.
    """

    steps: tuple[Step, ...]
    at: int
    present: Case

    @property
    def undoes(self) -> str:
        """The step that undo would revert, in words; empty where there is none."""
        return self.steps[self.at].sentence if self.at > 0 else ""

    @property
    def redoes(self) -> str:
        """The step that redo would repeat, in words; empty where there is none."""
        return self.steps[self.at + 1].sentence if self.at + 1 < len(self.steps) else ""


def start_history(case: Case) -> History:
    """The history of a case that is new or was just opened."""
    return History((Step(case),), 0, case)


def record_change(history: History, case: Case) -> History:
    """The history after the case was changed.

    A change that undo does not cover adds no step. A change of the same value as the previous step, as from dragging a
    slider, is merged into that step, and removes it where the value returns to where it began.

    Args:
        history: before the change.
        case: after the change.
    """
    step = step_between(history.present, case)
    if step is None:
        return replace(history, present=case)
    past = history.steps[: history.at + 1]
    if len(past) > 1 and step.about and past[-1].about == step.about and history.at + 1 == len(history.steps):
        past = past[:-1]
        step = step_between(_restore(past[-1].case, case), case)
    steps = (*past, step) if step is not None else past
    steps = steps[-MOST_STEPS:]
    return History(steps, len(steps) - 1, case)


def undo_step(history: History) -> History:
    """One step back; the same history where there is none."""
    return _move_to(history, history.at - 1)


def redo_step(history: History) -> History:
    """One step forward again; the same history where there is none."""
    return _move_to(history, history.at + 1)


def _move_to(history: History, at: int) -> History:
    if not 0 <= at < len(history.steps):
        return history
    return History(history.steps, at, _restore(history.steps[at].case, history.present))


def _restore(then: Case, now: Case) -> Case:
    """What can be undone as it was then, the rest as it is now."""
    return replace(then, **{name: getattr(now, name) for name in FOLLOWING})
