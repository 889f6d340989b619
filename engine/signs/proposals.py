"""From the lines of a photo to proposals of evidence, which the analyst accepts or refuses.

Several lines that show the same make one proposal, of the line that was read best. What a photo says twice in different
ways is not counted twice by itself: evidence is weighed later, with the strengths that the analyst gives.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.signs.clues import Clue, Kind, countries_of, is_clear
from engine.signs.contacts import find_domains, find_phones, find_prices
from engine.signs.languages import find_language
from engine.signs.lines import ReadText, TextLine
from engine.signs.places import find_places
from engine.signs.plates import find_plates
from engine.signs.scripts import find_scripts, find_unread_script
from engine.signs.streets import find_speeds, find_streets

MOST_PROPOSALS = 12
"""Proposals of one photo; a page of a newspaper would give hundreds."""

MOST_OF_A_KIND = 2
"""Different answers of one kind in a photo after which none of them is ticked: a board of exchange rates, a hotel in
five languages."""

LEAST_AGAINST = 2
"""Proposals that point elsewhere after which one is not ticked: a foreign restaurant, a number plate on a holiday."""

FINDERS = (
    find_domains, find_phones, find_prices, find_plates, find_streets, find_speeds, find_scripts, find_language,
)  # fmt: skip
"""Give the clues of one line; those first are surest."""

_ORDER: Sequence[Kind] = ("place", "domain", "phone", "plate", "street", "script", "language", "currency", "speed")


@dataclass(frozen=True)
class Proposal:
    """One statement that a photo's text suggests.

    Attributes:
        kind: of the clue, for instance ``"domain"``.
        statement: what would be stated.
        probability: the strength that it would be given, 0.5 to 1.
        line: the line that shows it best, with its box.
        reason: why, in words.
        ticked: whether it is safe enough to be ticked beforehand.
        lines: how many lines show it.
    """

    kind: Kind
    statement: CountryFact | CountryIs | Circle
    probability: float
    line: TextLine
    reason: str
    ticked: bool
    lines: int = 1

    def sentence(self) -> str:
        """The statement in words."""
        return self.statement.sentence()

    def evidence(self, name: str) -> Evidence:
        """The statement as evidence with an id."""
        return Evidence(name, self.statement, self.probability)


def propose(read: ReadText) -> tuple[Proposal, ...]:
    """Proposals of the lines of one photo, those ticked first."""
    clues = find_clues(read)
    best = [
        _together([clue for clue in clues if clue.statement == each])
        for each in dict.fromkeys(c.statement for c in clues)
    ]
    return tuple(sorted(_doubted(best), key=lambda each: (not each.ticked, _ORDER.index(each.kind)))[:MOST_PROPOSALS])


def find_clues(read: ReadText) -> tuple[Clue, ...]:
    """All clues of the lines of one photo."""
    clear = [line for line in read.lines if is_clear(line)]
    clues = [clue for line in clear for clue in _clues_of(line)]
    clues += [clue for line in read.unread for clue in find_unread_script(line)]
    return (*clues, *find_places(clear, clues))


def _clues_of(line: TextLine) -> Iterable[Clue]:
    """Clues of one line; a street name and an address say nothing of a language besides."""
    found = [clue for finder in FINDERS for clue in finder(line)]
    named = any(clue.kind in {"street", "domain", "plate"} for clue in found)
    return [clue for clue in found if not (named and clue.kind == "language")]


def _together(clues: Sequence[Clue]) -> Proposal:
    """One proposal of clues that state the same."""
    best = max(clues, key=lambda clue: (clue.safe, clue.line.score))
    lines = len({clue.line for clue in clues})
    return Proposal(best.kind, best.statement, best.probability, best.line, best.reason, best.safe, lines)


def _doubted(proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals, unticked where a kind gives several answers or most others point to other countries."""
    count = Counter(each.kind for each in proposals if each.ticked)
    many = {kind for kind, number in count.items() if number > MOST_OF_A_KIND and kind != "place"}
    ticked = [each for each in proposals if each.ticked and each.kind not in many]
    return [each if each in ticked and not _is_foreign(each, ticked) else _unticked(each) for each in proposals]


def _is_foreign(proposal: Proposal, others: Sequence[Proposal]) -> bool:
    """Whether several other proposals, and more than agree with it, point to countries that it excludes."""
    mine = countries_of(proposal.statement)
    theirs = [countries_of(each.statement) for each in others if each != proposal]
    against = sum(bool(mine and codes and not mine & codes) for codes in theirs)
    return against >= LEAST_AGAINST and against > sum(bool(mine & codes) for codes in theirs)


def _unticked(proposal: Proposal) -> Proposal:
    return Proposal(
        proposal.kind, proposal.statement, proposal.probability, proposal.line, proposal.reason, False, proposal.lines
    )
