"""Values of a claim's table: one clue per row, where it comes from, and what each source adds up to."""

from dataclasses import dataclass
from enum import StrEnum

from engine.claims.strength import NO_SUPPORT, ratio_words, strength_words

MODEL = "model"
"""Confidence of a row that rests on what a model says."""


class Source(StrEnum):
    """Where a clue comes from."""

    IMAGE = "image evidence"
    """Models that saw the photo, text that was read from it, and measurements made in it."""
    ANALYST = "analyst evidence"
    """What a person stated; it may come from anywhere, the claim itself included."""
    BASELINE = "baseline"
    """How often people take photos at each place, before any photo is seen."""


class Agreement(StrEnum):
    """Whether what was observed is what is expected at the claimed place."""

    CONSISTENT = "consistent"
    NEUTRAL = "cannot tell"
    DOUBTFUL = "fits poorly"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True)
class Clue:
    """One row: what is expected at the claimed place, what was observed, and what follows.

    Attributes:
        name: short name of the clue, ``"Sun"``, ``"Climate"``.
        source: where it comes from.
        expected: what is expected there, in words.
        observed: what was observed or stated, in words.
        agreement: whether the two agree.
        log10_ratio: decimal logarithm of the likelihood ratio of the place to elsewhere, its weight included; ``-inf``
            excludes the place.
        confidence: how sure the analyst is, or what the figure rests on.
        misfit: standard errors between expected and observed, or None where nothing was measured.
    """

    name: str
    source: Source
    expected: str
    observed: str
    agreement: Agreement
    log10_ratio: float
    confidence: str = ""
    misfit: float | None = None

    @property
    def strength(self) -> str:
        """The ratio in words, without its side."""
        return strength_words(self.log10_ratio)

    @property
    def strength_text(self) -> str:
        """The strength with its side; of a contradiction how far apart the two are, of the baseline that it is none."""
        if self.source is Source.BASELINE:
            return "no evidence on this photo"
        if self.misfit is not None and self.agreement is Agreement.INCONSISTENT:
            apart = "more than 30" if self.misfit > 30 else f"{self.misfit:.0f}"
            return f"{apart} standard errors apart"
        if self.side == "neither":
            return self.strength
        if self.source is Source.ANALYST:  # a person's own knowledge is never read back as support
            return f"{ratio_words(self.log10_ratio)} {'more' if self.side == 'for' else 'less'} likely, if it is right"
        return f"{self.strength} for {'this place' if self.side == 'for' else 'elsewhere'}"

    @property
    def side(self) -> str:
        """``"for"``, ``"against"`` or ``"neither"``."""
        if self.strength == NO_SUPPORT:
            return "neither"
        return "for" if self.log10_ratio > 0 else "against"

    def sentence(self) -> str:
        """``"Sun: 3.3° high expected there, 30 ± 2° measured: inconsistent"``."""
        if self.source is Source.BASELINE:
            return f"{self.name}: {self.expected} (baseline, not from this photo)"
        there = "there" if self.confidence == MODEL else "expected there"
        return f"{self.name}: {self.expected} {there}, {self.observed}: {self.agreement}"


@dataclass(frozen=True)
class ClaimTable:
    """Everything that speaks for or against a claimed place, by source.

    Attributes:
        latitude, longitude: degrees.
        clues: rows, image evidence first.
        log10_by_source: per source the decimal logarithm of the likelihood ratio of all its clues together; clues of
            one source are multiplied place by place, so that it need not be the sum of its rows. Sources without a
            clue are absent.
        headline: the verdict in one or two sentences; rests on image evidence only.
        analyst: what the analyst's statements say of the place, or empty where there are none.
        next_steps: what would settle it next, at most three sentences.
    """

    latitude: float
    longitude: float
    clues: tuple[Clue, ...]
    log10_by_source: tuple[tuple[Source, float], ...]
    headline: str = ""
    analyst: str = ""
    next_steps: tuple[str, ...] = ()

    def of(self, source: Source) -> tuple[Clue, ...]:
        """The rows of a source."""
        return tuple(clue for clue in self.clues if clue.source is source)

    def log10_of(self, source: Source) -> float | None:
        """The likelihood ratio of a source, or None where it has no clue."""
        return dict(self.log10_by_source).get(source)
