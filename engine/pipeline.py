"""The composition: a photo and settings go in, an answer comes out. The only module that knows every stage.

The dashboard, the command line and the Python API all come through here, so they give the same region.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from engine.artifacts.store import Store
from engine.earth.grid import Grid
from engine.earth.photo_places import default_geocells
from engine.ensemble import Pooling, information_nats, pool
from engine.errors import HereaboutsError, PredictorError
from engine.folders import cache_folder
from engine.model_choices import chosen_partitions, chosen_predictors
from engine.photo import Photo, open_photo
from engine.predictors import prior as photo_prior
from engine.predictors.base import Prediction, Predictor, Record
from engine.predictors.declared import RECORD as DECLARED
from engine.predictors.declared import declare
from engine.predictors.plugins import plugin_predictors
from engine.predictors.registry import default_predictors
from engine.progress import Report
from engine.search_map import SearchMap
from engine.world import World

SILENT_NATS = 0.05
"""A photo that moves the prior by less than this (Kullback-Leibler) is said to say nothing."""


@dataclass(frozen=True)
class Settings:
    """What the analyst chose.

    Attributes:
        weights: exponent per predictor name; a missing name has its record's weight, 0 switches it off.
        prior_weight: 1 popular places, 0 every km2 of land alike.
        pooling: the rule, see ``engine.ensemble``.
        declared: per partition, stated probabilities of labels; empty says nothing.
        floors: per predictor name, the chance that it is simply wrong, where another than its record's is wanted.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    prior_weight: float = 1.0
    pooling: Pooling = Pooling.CORRECTED
    declared: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one predictor on one photo: its predictions, or the reason why there are none."""

    record: Record
    predictions: tuple[Prediction, ...] = ()
    reason: str = ""

    @property
    def status(self) -> str:
        """``"ok"`` or ``"failed"``."""
        return "failed" if self.reason else "ok"


@dataclass(frozen=True, eq=False)
class Answer:
    """Everything known about one photo under one choice of settings.

    Attributes:
        photo: the photo.
        world: what it was measured on.
        settings: what was chosen.
        outcomes: one per predictor, the statement of the analyst last if there is one.
        search_map: the ensemble.
    """

    photo: Photo
    world: World
    settings: Settings
    outcomes: tuple[Outcome, ...]
    search_map: SearchMap

    def weight_of(self, record: Record) -> float:
        """The exponent that a predictor had."""
        return float(self.settings.weights.get(record.name, record.weight))

    @cached_property
    def information_nats(self) -> float:
        """How far the photo moved the map from the prior alone; 0 says nothing."""
        return information_nats(self.search_map, prior_map(self.world, self.settings.prior_weight))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the user should read: of the photo, of the predictors, and when nothing was said."""
        said = [prediction.note for outcome in self.outcomes for prediction in outcome.predictions]
        failed = [outcome.reason for outcome in self.outcomes if outcome.reason]
        silent = self.settings.pooling is Pooling.CORRECTED and self.information_nats < SILENT_NATS
        nothing = ["This photo says almost nothing: the map is where people take photos anyway."] if silent else []
        return tuple(dict.fromkeys(note for note in [*self.photo.notes, *said, *failed, *nothing] if note))


class Locator:
    """Reads photos with a set of predictors and pools what they say on one world."""

    def __init__(self, world: World, predictors: Sequence[Predictor]) -> None:
        """Keep the world and the predictors; nothing is loaded or fetched here."""
        self.world = world
        self.predictors = tuple(predictors)

    @classmethod
    def load(cls, grid: Grid | None = None, report: Report | None = None, store: Store | None = None) -> "Locator":
        """A locator with every predictor that answers photos here: built-in, fetched and wanted, plug-ins.

        The first call on a machine builds the map data (some seconds). No network is asked, nothing is loaded yet.

        Args:
            grid: 5400 x 10800 unless given.
            report: told what is being done and how far it is.
            store: where fetched models are; the user's own unless given.
        """
        where = store if store is not None else Store()
        world = World.load(grid, report=report, extra=chosen_partitions(where))
        partitions = {table.name for table in world.overlay.tables}
        kept = cache_folder() / "embeddings"
        fetched = chosen_predictors(where, default_geocells("fine"), partitions, kept)
        found = (*default_predictors(), *fetched)
        return cls(world, (*found, *plugin_predictors([each.record.name for each in found])))

    def read(self, photo: Photo) -> tuple[Outcome, ...]:
        """Ask every predictor; one that fails is reported and the others go on."""
        return tuple(_asked(predictor, photo) for predictor in self.predictors)

    def answer(self, photo: Photo, outcomes: Sequence[Outcome], settings: Settings | None = None) -> Answer:
        """Pool what the predictors said under some settings; cheap, so that a slider may call it.

        Raises:
            ContradictionError: the plain product leaves no place possible.
            InputError: a weight or a statement makes no sense.
        """
        settings = settings or Settings()
        everything = (*outcomes, *_statement(self.world, settings))
        predictions = [prediction for outcome in everything for prediction in outcome.predictions]
        search_map = pool(
            self.world.overlay,
            predictions,
            self.world.prior,
            weights=settings.weights,
            prior_weight=settings.prior_weight,
            pooling=settings.pooling,
            floors=settings.floors,
        )
        return Answer(photo, self.world, settings, everything, search_map)

    def answer_without_photo(self, settings: Settings) -> SearchMap:
        """The map that settings alone give, before any photo; refuses settings that make no sense."""
        predictions = [p for outcome in _statement(self.world, settings) for p in outcome.predictions]
        return pool(self.world.overlay, predictions, self.world.prior, settings.weights, settings.prior_weight)

    def locate(self, source: bytes | str | Path | Photo, settings: Settings | None = None) -> Answer:
        """The answer for one photo, given as bytes, a path or an opened photo.

        Raises:
            PhotoError: it cannot be opened.
        """
        photo = source if isinstance(source, Photo) else open_photo(Path(source) if isinstance(source, str) else source)
        return self.answer(photo, self.read(photo), settings)


def prior_map(world: World, weight: float = 1.0) -> SearchMap:
    """The map of the photo prior alone."""
    return pool(world.overlay, (), world.prior, prior_weight=weight)


def predictor_map(world: World, predictions: Sequence[Prediction]) -> SearchMap:
    """What one predictor says by itself, as paper A draws it: Algorithm 1, at weight 1 and without a prior."""
    plain = {prediction.predictor.name: 1.0 for prediction in predictions}
    return pool(world.overlay, predictions, world.prior, weights=plain, pooling=Pooling.PRODUCT)


def prior_record() -> Record:
    """What the photo prior says of itself."""
    return photo_prior.RECORD


def _asked(predictor: Predictor, photo: Photo) -> Outcome:
    try:
        return Outcome(predictor.record, predictor.predict(photo))
    except HereaboutsError as error:
        return Outcome(predictor.record, reason=str(error))
    except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way and must not take the others down
        failure = PredictorError(
            f"Predictor {predictor.record.name!r} stopped with {type(error).__name__}; "
            "the others went on without it - switch it off or report it to its authors."
        )
        return Outcome(predictor.record, reason=str(failure))


def _statement(world: World, settings: Settings) -> tuple[Outcome, ...]:
    """The analyst's statement as one more outcome, if there is any."""
    predictions = tuple(
        declare(table, stated, world.prior.on(table))
        for table, stated in ((world.overlay.table(name), said) for name, said in settings.declared.items())
        if stated
    )
    return (Outcome(DECLARED, predictions),) if predictions else ()


def without(settings: Settings, name: str) -> Settings:
    """The same settings with one predictor switched off."""
    return replace(settings, weights={**settings.weights, name: 0.0})
