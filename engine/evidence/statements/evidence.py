"""Evidence: a statement, the strength that the analyst gives it, and whether it counts."""

import re
from dataclasses import dataclass

from engine.errors import InputError
from engine.evidence.statements.base import Statement
from engine.evidence.statements.sentences import Titles
from engine.predictors.base import Record

EVIDENCE_PREFIX = "evidence_"
"""Begins the names of statements among the predictors of a result."""

CERTAIN, LIKELY, HINT = 1.0, 0.9, 0.65
"""Probabilities behind the three words that the analyst chooses from."""

STRENGTHS = {"certain": CERTAIN, "likely": LIKELY, "hint": HINT}
"""The words and their probabilities."""

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Evidence:
    """A statement and how far the analyst trusts it.

    Attributes:
        id: unique within a case; small letters, digits, ``_`` and ``-``, at most 40.
        statement: what is stated.
        probability: that it is right if nothing else is known, 0.5 to 1 (certain).
        on: whether it counts.
    """

    id: str
    statement: Statement
    probability: float = LIKELY
    on: bool = True

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise InputError(f"{self.id[:60]!r} cannot name a statement; use up to 40 small letters, digits, - and _.")
        if not 0.5 <= self.probability <= 1.0:
            raise InputError(f"A strength of {self.probability:g} cannot be used; give 0.5 to 1, where 1 is certain.")

    @property
    def strength(self) -> str:
        """``"certain"``, ``"likely"``, ``"hint"``, or the probability in percent."""
        named = {value: word for word, value in STRENGTHS.items()}
        return named.get(self.probability, f"{100 * self.probability:.3g} %")

    def sentence(self, titles: Titles | None = None) -> str:
        """The statement for people, without its strength."""
        return self.statement.sentence(titles)

    @property
    def record(self) -> Record:
        """The statement as a member of the pool, named ``evidence_<id>``."""
        return Record(
            name=EVIDENCE_PREFIX + self.id,
            title=self.sentence(),
            summary=f"What you stated, {self.strength}.",
            licence="yours",
            source="the analyst",
            floor=0.0,
        )


def check_evidence(evidence: tuple[Evidence, ...]) -> None:
    """Refuse a list in which two statements share an id.

    Raises:
        InputError: they do.
    """
    ids = [each.id for each in evidence]
    for name in ids:
        if ids.count(name) > 1:
            raise InputError(f"Two statements are called {name!r}; give each its own id.")
