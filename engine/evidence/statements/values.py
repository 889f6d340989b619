"""What an analyst can state: one frozen value per kind of statement, and the strength that it is given.

Fields are plain numbers and texts, so that a statement is the same in a case file, on the command line and in the
dashboard; ``statements_json`` writes and reads them. Knows no map: ``likelihood`` turns a statement into numbers.
"""

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import InputError
from engine.evidence.countries.facts import Fact
from engine.evidence.shapes.values import Circle, DrawnArea, check_name
from engine.evidence.statements import sentences as words
from engine.evidence.statements.sentences import Titles
from engine.evidence.sun import sentences as sun_words
from engine.evidence.sun.observation import SunObservation

CERTAIN, LIKELY, HINT = 1.0, 0.9, 0.65
"""Probabilities behind the three words that the analyst chooses from."""

STRENGTHS = {"certain": CERTAIN, "likely": LIKELY, "hint": HINT}
"""The words and their probabilities."""

LabelledPartition = Literal["climate", "relief", "population", "land_cover"]
Sight = Literal["snow", "palm_trees"]

MOST_LABELS = 300
"""Countries or labels that one statement may name."""

_CODE = re.compile(r"[A-Z][A-Z0-9_-]{1,7}")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LABEL = re.compile(r"[A-Za-z0-9_+./-]{1,60}")


@dataclass(frozen=True)
class CountryIs:
    """The place is in one of some countries, or in none of them.

    Attributes:
        codes: ISO 3166-1 alpha-2 codes in capitals, as the partition ``countries`` has them.
        negated: the place is in none of them.
    """

    codes: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        _check_list(self.codes, "countries")
        for code in self.codes:
            if not _CODE.fullmatch(code):
                raise InputError(f"{code[:40]!r} is not the code of a country; give two capitals such as CL.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"In Chile"``, ``"Not in Chile or Peru"``."""
        return words.country_is(self.codes, self.negated, titles or words.titles)


@dataclass(frozen=True)
class CountryFact:
    """The place is in a country of which something holds, for instance that cars drive on the left.

    Attributes:
        fact: what is known.
        value: as the table of countries has it, for instance ``"left"``, ``"de"``, ``"Cyrl"``, ``".de"``, ``"+49"``.
        negated: it does not hold there.
    """

    fact: Fact
    value: str
    negated: bool = False

    def __post_init__(self) -> None:
        check_name(self.value, "what was seen")
        if self.fact not in words.FACTS:
            raise InputError(f"There is no fact {self.fact[:40]!r}; use one of {', '.join(words.FACTS)}.")
        if not self.value:
            raise InputError(f"A statement about {self.fact} names no value; choose one from the list.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Cars drive on the left"``, ``"The language is not German"``."""
        return words.country_fact(self.fact, self.value, self.negated, titles or words.titles)


@dataclass(frozen=True)
class LabelIs:
    """The place has one of some labels of a layer, or none of them.

    Attributes:
        partition: the layer.
        labels: labels of it.
        negated: the place has none of them.
    """

    partition: LabelledPartition
    labels: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        if self.partition not in words.LAYERS:
            raise InputError(f"There is no layer {self.partition[:40]!r}; use one of {', '.join(words.LAYERS)}.")
        _check_list(self.labels, "labels")
        for label in self.labels:
            if not _LABEL.fullmatch(label):
                raise InputError(f"{label[:40]!r} is not a label of {self.partition}; choose one from the list.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Relief: mountains"``, ``"Climate: not desert"``."""
        return words.label_is(self.partition, self.labels, self.negated, titles or words.titles)


@dataclass(frozen=True)
class Seen:
    """Something is seen that not every place has, or not all year.

    Attributes:
        what: snow on the ground, or palm trees.
        month: 1 to 12 where the month of the photo is known.
    """

    what: Sight
    month: int | None = None

    def __post_init__(self) -> None:
        if self.what not in words.SIGHTS:
            raise InputError(f"There is no sight {self.what[:40]!r}; use one of {', '.join(words.SIGHTS)}.")
        if self.month is not None and self.month not in range(1, 13):
            raise InputError(f"There is no month {self.month}; give 1 to 12 or leave it out.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Snow on the ground in March"``."""
        del titles
        return words.seen(self.what, self.month)


@dataclass(frozen=True)
class CoastWithin:
    """The coast of the sea is near, or is not.

    Attributes:
        km: great-circle distance to the nearest coast, above 0 and at most 3,000.
        negated: the coast is farther away than that.
    """

    km: float
    negated: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.km <= 3000.0:
            raise InputError(f"A distance of {self.km:g} km to the coast cannot be used; give 0.1 to 3000 km.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Within 25 km of the coast"``."""
        del titles
        km = words.number(self.km)
        return f"More than {km} km from the coast" if self.negated else f"Within {km} km of the coast"


@dataclass(frozen=True)
class Elevation:
    """The height of the ground above the sea lies in a range.

    Attributes:
        lowest_m: metres, or None where there is no lower bound.
        highest_m: metres, or None where there is no upper bound; one of the two is given.
    """

    lowest_m: float | None = None
    highest_m: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.lowest_m, self.highest_m) if value is not None]
        if not given:
            raise InputError("A statement about the height names no height; give the lowest, the highest or both.")
        for value in given:
            if not -500.0 <= value <= 9000.0:
                raise InputError(f"A height of {value:g} m is not on land; give -500 to 9000 m above the sea.")
        if len(given) == 2 and given[0] >= given[1]:
            raise InputError(f"Heights from {given[0]:g} to {given[1]:g} m hold nothing; give the lower one first.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Above 2,000 m"``, ``"Between 500 and 1,000 m"``."""
        del titles
        return words.elevation(self.lowest_m, self.highest_m)


@dataclass(frozen=True)
class Searched:
    """An area was searched with nil find: its probability drops by the search-and-rescue update rule.

    With a probability of detection POD, ``POA' = (1 - POD) POA / (1 - POD POA)``: the area counts ``1 - POD`` times,
    everything else stays as it was. The strength of a statement is not used.

    Attributes:
        area: what was searched; its ``include`` is not used.
        detection: probability in (0, 1] that the search would have found it there.
    """

    area: DrawnArea | Circle
    detection: float

    def __post_init__(self) -> None:
        if not 0.0 < self.detection <= 1.0:
            raise InputError(
                f"A probability of detection of {self.detection:g} cannot be used; give a share above 0, at most 1."
            )

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Searched, POD 70 %: the drawn area 'valley'"``."""
        del titles
        return f"Searched, POD {100 * self.detection:.3g} %: {self.area.words}"


@dataclass(frozen=True)
class SunSeen:
    """What the photo shows of the sun.

    Attributes:
        observation: time, height and direction of the sun, as far as they are known.
    """

    observation: SunObservation

    def sentence(self, titles: Titles | None = None) -> str:
        """What was observed, in words."""
        del titles
        return sun_words.sentence(self.observation)


Statement = CountryIs | CountryFact | LabelIs | Seen | CoastWithin | Elevation | DrawnArea | Circle | Searched | SunSeen


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


def check_evidence(evidence: tuple[Evidence, ...]) -> None:
    """Refuse a list in which two statements share an id.

    Raises:
        InputError: they do.
    """
    ids = [each.id for each in evidence]
    for name in ids:
        if ids.count(name) > 1:
            raise InputError(f"Two statements are called {name!r}; give each its own id.")


def _check_list(values: tuple[str, ...], what: str) -> None:
    if not values:
        raise InputError(f"A statement names no {what}; choose at least one.")
    if len(values) > MOST_LABELS:
        raise InputError(f"A statement names {len(values)} {what}; name at most {MOST_LABELS}.")
    if len(set(values)) < len(values):
        raise InputError(f"A statement names some {what} twice; name each once.")
