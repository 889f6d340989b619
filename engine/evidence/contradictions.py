"""Finds a smallest set of statements that no place fits together, exactly on the cells, and its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.likelihood import log_of_share
from engine.typing import FloatArray

MOST_STATEMENTS = 62
"""Most statements that are compared, one bit each."""


@dataclass(frozen=True, eq=False)
class WeighedStatement:
    """A statement and its likelihood on each cell.

    Attributes:
        evidence: the statement.
        log_likelihood: ``(cells,)``.
    """

    evidence: Evidence
    log_likelihood: FloatArray


@dataclass(frozen=True)
class Contradiction:
    """Statements that no place fits together; without any one of them some place does.

    Attributes:
        evidence: the statements, in the order in which they were made.
    """

    evidence: tuple[Evidence, ...]

    def sentence(self) -> str:
        """``'No place fits both "In Chile" and "Cars drive on the left".'``."""
        quoted = [f"\u201c{each.sentence()}\u201d" for each in self.evidence]
        if len(quoted) == 1:
            return f"No place fits {quoted[0]}."
        if len(quoted) == 2:
            return f"No place fits both {quoted[0]} and {quoted[1]}."
        return f"No place fits {', '.join(quoted[:-1])} and {quoted[-1]} together."


def find_contradiction(stated: Sequence[WeighedStatement]) -> Contradiction | None:
    """A smallest set of statements with no common place, or None where all have one.

    Gradual statements (sun, snow, palm trees, a search) exclude nothing and are ignored, as is the strength of a
    statement. Of several smallest sets the one stated first is returned.
    """
    sharp = [each for each in stated if not each.evidence.statement.gradual]
    sharp = [each for each in sharp if each.evidence.probability > 0.5][:MOST_STATEMENTS]
    fits = np.zeros(sharp[0].log_likelihood.size if sharp else 0, np.int64)
    for bit, each in enumerate(sharp):
        fits |= holds_on(each).astype(np.int64) << bit
    everything = (1 << len(sharp)) - 1
    if not sharp or bool((fits == everything).any()):
        return None
    missed = _minimal_sets(everything & ~np.unique(fits))
    chosen = _smallest_cover(missed, len(sharp))
    return Contradiction(tuple(sharp[bit].evidence for bit in chosen))


def holds_on(stated: WeighedStatement) -> npt.NDArray[np.bool_]:
    """``(cells,)`` whether a statement holds on some part of each cell."""
    nowhere = float(log_of_share(np.zeros(1), stated.evidence.probability, 1.0)[0])
    return np.asarray(stated.log_likelihood > nowhere + 1e-9, np.bool_)


def _minimal_sets(missed: npt.NDArray[np.int64]) -> list[int]:
    """Sets of missed statements that hold no other such set: if these are hit, all are."""
    found: list[int] = []
    for each in sorted((int(value) for value in missed), key=int.bit_count):
        if not any(each & smaller == smaller for smaller in found):
            found.append(each)
    return found


def _smallest_cover(missed: Sequence[int], statements: int) -> tuple[int, ...]:
    """The fewest statements of which every cell misses one; the first in order among equals."""
    for size in range(1, statements + 1):
        found = _cover(missed, size)
        if found is not None:
            return tuple(bit for bit in range(statements) if found >> bit & 1)
    return tuple(range(statements))


def _cover(missed: Sequence[int], size: int) -> int | None:
    """A set of so many statements that meets every one of some sets, or None: tries the members of the smallest set."""
    if not missed:
        return 0
    if size == 0:
        return None
    rarest = min(missed, key=int.bit_count)
    for bit in range(rarest.bit_length()):
        if rarest >> bit & 1:
            rest = _cover([each for each in missed if not each >> bit & 1], size - 1)
            if rest is not None:
                return rest | 1 << bit
    return None
