"""What a line of text shows of a country, as a statement of evidence with its reason.

A clue is *safe* where trials found that such a line is hardly ever wrong; only safe clues are ticked beforehand. What
may be right but is often not - a brand in a foreign language, a plate by a pattern of many countries - is left to the
analyst.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.evidence.countries.visibility import seen_in
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import LIKELY
from engine.signs.lines import TextLine

Kind = Literal["script", "language", "domain", "phone", "currency", "plate", "street", "speed", "place"]

LEAST_SCORE = 0.9
"""A line of PP-OCR with a lower score gives no clue."""

LEAST_TESSERACT = 0.8
"""A line of Tesseract with a lower score gives no clue; its scores are lower than those of PP-OCR."""

SHARE_OF_SUPPORT = 0.35
"""A country supports what else points to it where a fact is seen there at least so often as where it is seen most."""


@dataclass(frozen=True)
class Clue:
    """Something that a line shows.

    Attributes:
        kind: what it is.
        statement: what follows from it.
        line: where it was read.
        reason: a sentence for people.
        safe: whether it is ticked beforehand.
        probability: strength of the statement, 0.5 to 1.
    """

    kind: Kind
    statement: CountryFact | CountryIs | Circle
    line: TextLine
    reason: str
    safe: bool = True
    probability: float = LIKELY

    def countries(self) -> frozenset[str]:
        """Codes of the countries that the statement points to; none for a circle."""
        return countries_of(self.statement)

    def unsure(self) -> "Clue":
        """The same, not ticked beforehand."""
        return replace(self, safe=False)


Finder = Callable[[TextLine], Sequence[Clue]]
"""Gives the clues of one line that is read well enough."""


def countries_of(statement: CountryFact | CountryIs | Circle) -> frozenset[str]:
    """Codes of the countries that a statement points to; none for a circle."""
    if isinstance(statement, CountryIs):
        return frozenset(statement.codes)
    if isinstance(statement, CountryFact):
        seen = seen_in(statement.fact, statement.value)
        return frozenset(code for code, share in seen.items() if share >= SHARE_OF_SUPPORT)
    return frozenset()


def is_clear(line: TextLine) -> bool:
    """Whether a line is read well enough to give clues."""
    return line.is_read and line.score >= (LEAST_TESSERACT if line.reader == "Tesseract" else LEAST_SCORE)
