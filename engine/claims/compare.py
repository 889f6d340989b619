"""Two claimed places side by side: the likelihood ratio of the one to the other, clue by clue and source by source."""

from dataclasses import dataclass

import numpy as np

from engine.claims.clues import ClaimTable, Clue, Source
from engine.claims.strength import NO_SUPPORT, ratio_words, strength_words


@dataclass(frozen=True)
class ComparedClue:
    """One clue at two places.

    Attributes:
        first, second: the rows.
        log10_ratio: decimal logarithm of the likelihood of the clue at the first place over that at the second.
    """

    first: Clue
    second: Clue
    log10_ratio: float


@dataclass(frozen=True)
class Comparison:
    """Two claimed places compared.

    Attributes:
        clues: one per clue that both tables have, in the order of the first.
        log10_by_source: per source, of the first place to the second.
        sentence: which of the two the photo supports, and how strongly.
    """

    clues: tuple[ComparedClue, ...]
    log10_by_source: tuple[tuple[Source, float], ...]
    sentence: str


def compare_claims(first: ClaimTable, second: ClaimTable, names: tuple[str, str] = ("A", "B")) -> Comparison:
    """Compare the tables of two places of one answer.

    Args:
        first: of one place.
        second: of another.
        names: how the sentence calls them.
    """
    pairs = [
        (one, other)
        for one, other in zip(first_rows(first), first_rows(second), strict=True)
        if one.source is not Source.BASELINE
    ]
    clues = tuple(ComparedClue(one, other, _difference(one.log10_ratio, other.log10_ratio)) for one, other in pairs)
    known = dict(second.log10_by_source)
    by_source = tuple(
        (source, _difference(value, known[source])) for source, value in first.log10_by_source if source in known
    )
    return Comparison(clues, by_source, _sentence(dict(by_source).get(Source.IMAGE), names))


def first_rows(table: ClaimTable) -> list[Clue]:
    """Rows in an order that two tables of one answer share."""
    return sorted(table.clues, key=lambda clue: (list(Source).index(clue.source), clue.name, clue.observed))


def _difference(first: float, second: float) -> float:
    return 0.0 if first == second else float(np.subtract(first, second))


def _sentence(ratio: float | None, names: tuple[str, str]) -> str:
    words = NO_SUPPORT if ratio is None else strength_words(ratio)
    if ratio is None or words == NO_SUPPORT:
        return f"Nothing in the photo tells {names[0]} from {names[1]}."
    better, other = names if ratio > 0 else names[::-1]
    return (
        f"{words.capitalize()} for {better} over {other}: what the photo shows is {ratio_words(ratio)} more likely at "
        f"{better}."
    )
