"""Evidence: a statement, the strength that the analyst gives it, and whether it counts."""

import re
from dataclasses import dataclass

from engine.errors import InputError
from engine.evidence.statements.base import Statement
from engine.evidence.statements.sentences import Titles
from engine.predictors.base import Record

EVIDENCE_PREFIX = "evidence_"
"""Begins the names of statements among the predictors of a result."""

SIGN_PREFIX = "sign-"
"""Begins the ids of statements that were read from text in the photo."""

CERTAIN, LIKELY, HINT = 1.0, 0.9, 0.65
"""Probabilities behind the three words that the analyst chooses from."""

STRENGTHS = {"certain": CERTAIN, "likely": LIKELY, "hint": HINT}
"""The words and their probabilities."""

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Evidence:
    """A statement and how far the analyst trusts it.

    Attributes:
        id: unique within a case; small letters, digits, ``_`` and ``-``, at most 40.
        statement: what is stated.
        probability: that it is right if nothing else is known, 0.5 to 1 (certain).
        on: whether it counts.
        photo: sha256 of the photo that it is about; empty for a statement about the whole case.
    """

    id: str
    statement: Statement
    probability: float = LIKELY
    on: bool = True
    photo: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise InputError(f"{self.id[:60]!r} cannot name a statement; use up to 40 small letters, digits, - and _.")
        if not 0.5 <= self.probability <= 1.0:
            raise InputError(f"A strength of {self.probability:g} cannot be used; give 0.5 to 1, where 1 is certain.")
        if self.photo and not _SHA256.fullmatch(self.photo):
            raise InputError(
                f"{self.photo[:20]!r} is no SHA-256 of a photo; give its 64 hexadecimal digits, or nothing."
            )

    @property
    def strength(self) -> str:
        """``"certain"``, ``"likely"``, ``"hint"``, or the probability in percent."""
        named = {value: word for word, value in STRENGTHS.items()}
        return named.get(self.probability, f"{100 * self.probability:.3g} %")

    def is_about(self, sha256: str) -> bool:
        """Whether it counts for a photo; without one (an empty sha256) every statement does."""
        return not sha256 or self.photo in ("", sha256)

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


def evidence_about(evidence: tuple[Evidence, ...], sha256: str) -> tuple[Evidence, ...]:
    """The statements that count for a photo: those about it, and those about the whole case.

    Args:
        evidence: of the case.
        sha256: of the photo; empty where there is none, or where all photos show one place.
    """
    return tuple(each for each in evidence if each.is_about(sha256))
