"""The composition: a photo and settings go in, an answer comes out.

The dashboard, the command line and the Python API all use it, so they give the same region.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from engine.artifacts.store import Store
from engine.errors import HereaboutsError, PredictorError
from engine.evidence.statements.declared_labels import outcomes_of_declared
from engine.evidence.statements.evidence import check_evidence
from engine.evidence.weighing import EvidenceWeigher
from engine.geometry.grid import Grid
from engine.inference.outcomes import Outcome, with_confusion
from engine.inference.search_map import SearchMap
from engine.inference.world import EvidenceWorld, World
from engine.locate.maps import pool_outcomes
from engine.locate.result import Answer, Pooled
from engine.locate.settings import Settings
from engine.partitions.photo_locations import default_geocells
from engine.paths import cache_folder
from engine.photos.photo import Photo, open_photo
from engine.predictors.base import Predictor
from engine.predictors.plugins import plugin_predictors
from engine.predictors.registry import default_partitions, default_predictors
from engine.predictors.selection import selected_partitions, selected_predictors
from engine.progress import Report


class Locator:
    """Runs a set of predictors on photos and pools their predictions on one world."""

    def __init__(
        self, world: World, predictors: Sequence[Predictor], evidence_world: EvidenceWorld | None = None
    ) -> None:
        """Store the world and the predictors; nothing is loaded or fetched here.

        Args:
            world: used for photos without evidence.
            predictors: run in this order.
            evidence_world: used for evidence; built from ``world`` when it is first needed unless given.
        """
        self.world = world
        self.predictors = tuple(predictors)
        self._evidence_world = evidence_world
        self._weigher: EvidenceWeigher | None = None
        self._lock = threading.Lock()

    @classmethod
    def load(cls, grid: Grid | None = None, report: Report | None = None, store: Store | None = None) -> "Locator":
        """A locator with every predictor that is ready on this machine: built-in, fetched and selected, plug-ins.

        The first call on a machine builds the map data (some seconds). It does not use the network or load a model.

        Args:
            grid: 5400 x 10800 unless given.
            report: receives what is being done and the share that is done.
            store: where fetched models are; the user's own unless given.
        """
        where = store if store is not None else Store()
        world = World.load(grid, report=report, extra=(*default_partitions(), *selected_partitions(where)))
        partitions = {table.name for table in world.overlay.tables}
        embeddings = cache_folder() / "embeddings"
        fetched = selected_predictors(where, default_geocells("fine"), partitions, embeddings)
        # Published models see more than the scene network: it reports what it saw, and has no weight beside them.
        found = (*default_predictors(scene_weight=0.0 if fetched else 1.0), *fetched)
        return cls(world, (*found, *plugin_predictors([each.record.name for each in found])))

    def read(self, photo: Photo) -> tuple[Outcome, ...]:
        """Run every predictor; the outcome of one that fails has the reason, and the others go on."""
        confusion = self.world.layer_confusion
        return tuple(with_confusion(_run_predictor(predictor, photo), confusion) for predictor in self.predictors)

    def answer(self, photo: Photo, outcomes: Sequence[Outcome], settings: Settings | None = None) -> Answer:
        """Pool the outcomes of predictors under some settings; fast enough for a slider.

        The first call with evidence on builds or reads the evidence world; see ``evidence_weigher``.

        Raises:
            ContradictionError: the product of experts leaves no place possible.
            InputError: a weight is out of range or a statement does not fit this map.
        """
        found = self.pooled(outcomes, settings)
        return Answer(found.world, found.settings, found.outcomes, found.search_map, photo)

    def pooled(self, outcomes: Sequence[Outcome] = (), settings: Settings | None = None) -> Pooled:
        """The same without a photo: outcomes, settings and evidence pooled."""
        settings = settings or Settings()
        world, stated = self._weigh_statements(settings)
        everything = (*outcomes, *stated)
        return Pooled(world, settings, everything, pool_outcomes(world, everything, settings))

    def answer_without_photo(self, settings: Settings) -> SearchMap:
        """The map that settings and evidence give, before any photo; refuses settings that are out of range."""
        return self.pooled((), settings).search_map

    def evidence_weigher(self, report: Report | None = None) -> EvidenceWeigher:
        """Weighs evidence; the first call builds or reads the evidence world (tens of seconds at most).

        Args:
            report: receives what is being done and the share that is done.
        """
        with self._lock:
            if self._weigher is None:
                self._weigher = EvidenceWeigher(self._evidence_world or EvidenceWorld.of(self.world, report=report))
            return self._weigher

    def _weigh_statements(self, settings: Settings) -> tuple[World, tuple[Outcome, ...]]:
        """The world to pool on, and all statements as outcomes; the plain world where no evidence is on."""
        check_evidence(settings.evidence)
        if not any(each.on for each in settings.evidence):
            return self.world, self._declared_outcomes(settings, self.world)
        world, weighed = self.evidence_weigher().weigh(settings.evidence)
        return world, (*self._declared_outcomes(settings, world), *weighed)

    def _declared_outcomes(self, settings: Settings, world: World) -> tuple[Outcome, ...]:
        """Declared labels as outcomes that allow for layers that are wrong."""
        outcomes = outcomes_of_declared(settings.declared, world)
        return tuple(with_confusion(each, self.world.layer_confusion) for each in outcomes)

    def locate(self, source: bytes | str | Path | Photo, settings: Settings | None = None) -> Answer:
        """The answer for one photo, given as bytes, a path or an opened photo.

        Raises:
            PhotoError: it cannot be opened.
        """
        photo = source if isinstance(source, Photo) else open_photo(Path(source) if isinstance(source, str) else source)
        return self.answer(photo, self.read(photo), settings)


def _run_predictor(predictor: Predictor, photo: Photo) -> Outcome:
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
