"""The result of pooling: one map with everything that it was made of, and the sentences that users should read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engine.evidence.contradictions import Contradiction, WeighedStatement, find_contradiction
from engine.inference.effects import MASSES, Effect, effects
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling, information_nats
from engine.inference.search_map import SearchMap
from engine.inference.world import World
from engine.locate.maps import pool_outcomes, prior_map
from engine.locate.settings import Settings
from engine.photos.photo import Photo
from engine.predictors.base import Record

SILENT_NATS = 0.05
"""A photo that moves the prior by less than this (Kullback-Leibler) has no usable cue."""


@dataclass(frozen=True, eq=False)
class Pooled:
    """The map under one choice of settings, with or without a photo, and everything that it was made of.

    Attributes:
        world: that it was computed on; an ``EvidenceWorld`` where the analyst's evidence counts.
        settings: what was chosen.
        outcomes: one per predictor, then the analyst's own: the statement of the settings, then each piece of evidence.
        search_map: the ensemble.
    """

    world: World
    settings: Settings
    outcomes: tuple[Outcome, ...]
    search_map: SearchMap

    def weight_of(self, record: Record) -> float:
        """The exponent that a predictor had."""
        return float(self.settings.weights.get(record.name, record.weight))

    @cached_property
    def information_nats(self) -> float:
        """How far photo and evidence moved the map from the prior alone; 0 is not at all."""
        return information_nats(self.search_map, prior_map(self.world, self.settings.prior_weight))

    @cached_property
    def photo_nats(self) -> float:
        """How far the predictors alone moved it, the analyst's evidence left out."""
        if not any(outcome.likelihoods for outcome in self.outcomes):
            return self.information_nats
        bare = [replace(outcome, likelihoods=()) for outcome in self.outcomes]
        alone = pool_outcomes(self.world, bare, self.settings)
        return information_nats(alone, prior_map(self.world, self.settings.prior_weight))

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the user should read: of the predictors, and of evidence that contradicts itself."""
        return self._collect_notes

    @cached_property
    def contradiction(self) -> Contradiction | None:
        """A smallest set of the analyst's statements with no common place, if there is one."""
        return find_contradiction(_list_weighed(self))

    @cached_property
    def _collect_notes(self) -> tuple[str, ...]:
        notes = [each.note for outcome in self.outcomes for each in outcome.predictions]
        notes += [each.note for outcome in self.outcomes for each in outcome.likelihoods]
        failed = [_failure_note(outcome) for outcome in self.outcomes if outcome.reason]
        against = [self.contradiction.sentence()] if self.contradiction is not None else []
        return tuple(dict.fromkeys(note for note in [*notes, *failed, *against] if note))


@dataclass(frozen=True, eq=False)
class Answer(Pooled):
    """The result for one photo under one choice of settings.

    Attributes:
        photo: the photo.
    """

    photo: Photo

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the user should read: of the photo, of the predictors, and whether no cue was usable."""
        nothing = (self.no_cue_note(),) if self.says_nothing else ()
        return tuple(dict.fromkeys((*self.photo.notes, *self._collect_notes, *nothing)))

    @property
    def says_nothing(self) -> bool:
        """Whether there is a photo, and it moves the map by next to nothing."""
        has_photo = bool(self.photo.sha256) and self.settings.pooling is Pooling.CORRECTED
        return has_photo and self.photo_nats < SILENT_NATS

    def no_cue_note(self, where: str = "in this photo") -> str:
        """The sentence on photos without a usable cue."""
        if any(outcome.likelihoods for outcome in self.outcomes):
            return f"No model found a usable cue {where}; the map shows your evidence and the photo prior."
        return f"No model found a usable cue {where}; the map shows the photo prior."


def _failure_note(outcome: Outcome) -> str:
    """Which predictor failed, and why; a reason about a file names the file only."""
    title = outcome.record.title
    named = title in outcome.reason or outcome.record.name in outcome.reason
    return outcome.reason if named else f"{title} says nothing: {outcome.reason}"


def evidence_effects(pooled: Pooled, masses: Sequence[float] = MASSES) -> tuple[Effect, ...]:
    """What each statement of the analyst changes, in the order of the outcomes; see ``engine.inference.effects``.

    Args:
        pooled: an answer, or the same without a photo.
        masses: shares in (0, 1].
    """
    terms = [
        (outcome.record.name, pooled.weight_of(outcome.record) * likelihood.log_likelihood)
        for outcome in pooled.outcomes
        for likelihood in outcome.likelihoods
    ]
    search_map = pooled.search_map
    return effects(search_map.log_density, search_map.overlay.area_km2, terms, masses)


def _list_weighed(pooled: Pooled) -> list[WeighedStatement]:
    """The evidence that counts, for the search for contradictions."""
    by_name = {each.record.name: each for each in pooled.settings.evidence}
    return [
        WeighedStatement(by_name[outcome.record.name], outcome.likelihoods[0].log_likelihood)
        for outcome in pooled.outcomes
        if outcome.likelihoods and outcome.record.name in by_name and pooled.weight_of(outcome.record) > 0
    ]
