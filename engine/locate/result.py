"""What an answer is made of, and how all that was said becomes one map. Knows no way of reading a photo.

``engine.locate.locator`` puts answers together and hands these names on; other modules take them from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.evidence.contradictions import Contradiction, Stated, contradiction
from engine.evidence.statements.values import Evidence
from engine.inference import prior as photo_prior
from engine.inference.effects import MASSES, Effect, effects
from engine.inference.pooling import Pooling, information_nats, pool
from engine.inference.search_map import SearchMap
from engine.inference.world import World
from engine.photos.photo import Photo
from engine.predictors.base import CellLikelihood, Prediction, Record

EVIDENCE_PREFIX = "evidence_"
"""Begins the names of the analyst's statements among predictors."""

SILENT_NATS = 0.05
"""A photo that moves the prior by less than this (Kullback-Leibler) is said to say nothing."""


@dataclass(frozen=True)
class Settings:
    """What the analyst chose.

    Attributes:
        weights: exponent per predictor name; a missing name has its record's weight, 0 switches it off.
        prior_weight: 1 popular places, 0 every km2 of land alike.
        pooling: the rule, see ``engine.inference.pooling``.
        declared: per partition, stated probabilities of labels; empty says nothing.
        floors: per predictor name, the chance that it is simply wrong, where another than its record's is wanted.
        evidence: what the analyst sees and knows; ids are unique, those that are off do not count.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    prior_weight: float = 1.0
    pooling: Pooling = Pooling.CORRECTED
    declared: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one predictor on one photo: what it says, or the reason why it says nothing.

    Attributes:
        record: of the predictor, or of a statement of the analyst.
        predictions: one per partition that a predictor speaks of.
        reason: why there is nothing, in one sentence, or empty.
        likelihoods: what a statement says of each cell.
    """

    record: Record
    predictions: tuple[Prediction, ...] = ()
    reason: str = ""
    likelihoods: tuple[CellLikelihood, ...] = ()

    @property
    def status(self) -> str:
        """``"ok"`` or ``"failed"``."""
        return "failed" if self.reason else "ok"

    @property
    def speaks(self) -> bool:
        """Whether it says anything."""
        return bool(self.predictions or self.likelihoods)


@dataclass(frozen=True, eq=False)
class Pooled:
    """Everything that is known under one choice of settings, with or without a photo.

    Attributes:
        world: what it was measured on; an ``EvidenceWorld`` where the analyst's evidence counts.
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
        """How far photo and evidence moved the map from the prior alone; 0 says nothing."""
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
        return self._told

    @cached_property
    def contradiction(self) -> Contradiction | None:
        """A smallest set of the analyst's statements with no common place, if there is one."""
        return contradiction(_stated(self))

    @cached_property
    def _told(self) -> tuple[str, ...]:
        said = [each.note for outcome in self.outcomes for each in outcome.predictions]
        said += [each.note for outcome in self.outcomes for each in outcome.likelihoods]
        failed = [_silent(outcome) for outcome in self.outcomes if outcome.reason]
        against = [self.contradiction.sentence()] if self.contradiction is not None else []
        return tuple(dict.fromkeys(note for note in [*said, *failed, *against] if note))


@dataclass(frozen=True, eq=False)
class Answer(Pooled):
    """Everything known about one photo under one choice of settings.

    Attributes:
        photo: the photo.
    """

    photo: Photo

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the user should read: of the photo, of the predictors, and when nothing was said."""
        nothing = (self.silence(),) if self.says_nothing else ()
        return tuple(dict.fromkeys((*self.photo.notes, *self._told, *nothing)))

    @property
    def says_nothing(self) -> bool:
        """Whether there is a photo, and it moves the map by next to nothing."""
        asked = bool(self.photo.sha256) and self.settings.pooling is Pooling.CORRECTED
        return asked and self.photo_nats < SILENT_NATS

    def silence(self, where: str = "in this photo") -> str:
        """The sentence on a photo, or on several, that says nothing."""
        if any(outcome.likelihoods for outcome in self.outcomes):
            return f"No model found a usable cue {where}; the map shows your evidence and the photo prior."
        return f"No model found a usable cue {where}; the map shows the photo prior."


def _silent(outcome: Outcome) -> str:
    """Who says nothing, and why; a reason about a file names the file only."""
    title = outcome.record.title
    named = title in outcome.reason or outcome.record.name in outcome.reason
    return outcome.reason if named else f"{title} says nothing: {outcome.reason}"


def pool_outcomes(world: World, outcomes: Sequence[Outcome], settings: Settings) -> SearchMap:
    """One map from everything that was said.

    Raises:
        ContradictionError: the plain product leaves no place possible.
    """
    return pool(
        world.overlay,
        [prediction for outcome in outcomes for prediction in outcome.predictions],
        world.prior,
        weights=settings.weights,
        prior_weight=settings.prior_weight,
        pooling=settings.pooling,
        floors=settings.floors,
        likelihoods=[likelihood for outcome in outcomes for likelihood in outcome.likelihoods],
    )


def evidence_record(evidence: Evidence) -> Record:
    """A statement of the analyst as the record of who says it; named ``evidence_<id>``."""
    return Record(
        name=EVIDENCE_PREFIX + evidence.id,
        title=evidence.sentence(),
        summary=f"What you stated, {evidence.strength}.",
        licence="yours",
        source="the analyst",
        floor=0.0,
    )


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


def prior_map(world: World, weight: float = 1.0) -> SearchMap:
    """The map of the photo prior alone."""
    return pool(world.overlay, (), world.prior, prior_weight=weight)


def predictor_map(world: World, predictions: Sequence[Prediction]) -> SearchMap:
    """What one predictor says by itself, as paper A draws it: Algorithm 1, at weight 1 and without a prior."""
    plain = {prediction.predictor.name: 1.0 for prediction in predictions}
    return pool(world.overlay, predictions, world.prior, weights=plain, pooling=Pooling.PRODUCT)


def _stated(pooled: Pooled) -> list[Stated]:
    """The evidence that counts, as the search for contradictions wants it."""
    by_name = {EVIDENCE_PREFIX + each.id: each for each in pooled.settings.evidence}
    return [
        Stated(by_name[outcome.record.name], outcome.likelihoods[0].log_likelihood)
        for outcome in pooled.outcomes
        if outcome.likelihoods and outcome.record.name in by_name and pooled.weight_of(outcome.record) > 0
    ]


def prior_record() -> Record:
    """What the photo prior says of itself."""
    return photo_prior.RECORD


def without(settings: Settings, name: str) -> Settings:
    """The same settings with one predictor switched off."""
    return replace(settings, weights={**settings.weights, name: 0.0})
