"""One search: walk down the levels with a source, encoders and a store; everything that happened comes back with it.

The walk itself is pure (``beam``, ``paper``); here the tiles are fetched, encoded and compared. A search can be stopped
between or inside levels and gone on with from its state: what was encoded is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import LayerError
from engine.geometry import web_mercator
from engine.networks.encoders import Encodable
from engine.progress import Part, Report
from engine.tile_search import beam, paper
from engine.tile_search.beam import BeamState, Level, Method, Observation, Plan
from engine.tile_search.embedding import Tally, embed
from engine.tile_search.imagery import SourceRecord, TileSource, first_codes, levels_of
from engine.tile_search.results import LevelReport, SearchProgress, SearchResult, SearchSettings, TileScore
from engine.tile_search.tile_embeddings import Embeddings, EmbeddingStore, Kind, Vectors
from engine.tile_search.tile_encoders import TileEncoders
from engine.tile_search.tile_prior import AreaPrior, TilePrior
from engine.typing import IntArray

SHOWN = 12
"""Best tiles of the last level that a result lists."""
StoreOf = Callable[[str], EmbeddingStore]
"""From an encoder's digest to where its embeddings are kept."""


@dataclass(eq=False)
class TileSearch:
    """Searches one source with one set of encoders.

    Attributes:
        source: the imagery.
        encoders: photo and map encoders.
        store_of: where embeddings are kept, by encoder digest.
        prior: the map, or every km2 alike.
    """

    source: TileSource
    encoders: TileEncoders
    store_of: StoreOf
    prior: TilePrior = field(default_factory=AreaPrior)
    _stores: dict[str, EmbeddingStore] = field(default_factory=dict, init=False)

    def with_prior(self, prior: TilePrior) -> TileSearch:
        """The same search from another map; what is in memory of the embeddings is shared."""
        other = replace(self, prior=prior)
        other._stores = self._stores
        return other

    def begin(self, settings: SearchSettings | None = None) -> SearchProgress:
        """The search before its first look.

        Raises:
            InputError: the settings make no sense, or the source has none of the levels.
        """
        settings = settings or SearchSettings()
        record = self.source.record
        levels = levels_of(record, settings.levels)
        plan = Plan(
            levels,
            tuple(self.encoders.temperature(zoom) for zoom in levels),
            settings.k,
            settings.method,
            self._load_ready_levels(levels),
            settings.attached,
        )
        notes = (*_range_notes(record, settings, levels), *_calibration_notes(self.encoders, settings, levels))
        return SearchProgress(beam.start(plan, first_codes(record, levels[0])), notes=notes)

    def advance(self, so_far: SearchProgress, photo: Vectors, report: Report | None = None) -> SearchProgress:
        """The search after one more level.

        Args:
            so_far: where it stands.
            photo: embedding of the photo, ``(D,)`` of length 1.
            report: told how far the level is; raising from it stops the search, what was encoded is kept.

        Raises:
            LayerError: nothing at all could be had at the first level.
        """
        if so_far.state.finished:
            return so_far
        started, state = time.perf_counter(), so_far.state
        zoom = state.zoom
        found, tally = self._embed(zoom, state.candidates, report)
        moved = self._advance_beam(state, found, photo)
        if tally.down:
            moved = replace(moved, candidates=moved.candidates[:0], evidence=moved.evidence[:0], finished=True)
        if not moved.done:
            raise LayerError(_no_tiles_message(self.source.record, zoom, tally))
        seconds = time.perf_counter() - started
        cost = _level_report(moved, state, zoom, tally, seconds)
        notes = (*so_far.notes, *_level_notes(cost, tally, len(moved.done) == len(state.done)))
        return SearchProgress(moved, (*so_far.reports, cost), notes, so_far.seconds + seconds)

    def steps(
        self,
        photo: Encodable,
        settings: SearchSettings | None = None,
        report: Report | None = None,
        so_far: SearchProgress | None = None,
    ) -> Iterator[SearchProgress]:
        """The search level by level, from the start or from where it was put aside."""
        so_far = so_far or self.begin(settings)
        embedding = self.encoders.photo(photo)
        while not so_far.state.finished:
            number, count = len(so_far.state.done), len(so_far.state.plan.levels)
            what = f"Zoom {so_far.state.zoom}: {so_far.state.candidates.size} tiles"
            part = Part(report, what, number / count, (number + 1) / count)
            so_far = self.advance(so_far, embedding, lambda _, share, part=part: part(share))  # type: ignore[misc]
            yield so_far

    def run(
        self,
        photo: Encodable,
        settings: SearchSettings | None = None,
        report: Report | None = None,
        so_far: SearchProgress | None = None,
    ) -> SearchResult:
        """The whole search.

        Raises:
            InputError: the settings make no sense, or the source has none of the levels.
            LayerError: nothing at all could be had.
        """
        settings = settings or SearchSettings()
        last = so_far or self.begin(settings)
        for last in self.steps(photo, settings, report, last):  # noqa: B007, B020 - the last one is the answer
            pass
        return self.result(last, settings)

    def result(self, so_far: SearchProgress, settings: SearchSettings) -> SearchResult:
        """The answer as far as the search got; at least one level must be done."""
        level = so_far.state.done[-1]
        best = tuple(_score(level, int(place)) for place in level.kept[:SHOWN])
        return SearchResult(
            self.source.record, settings, so_far.state, best, so_far.reports, so_far.notes, so_far.seconds
        )

    def store(self, zoom: int) -> EmbeddingStore:
        """Where the embeddings of a zoom are kept."""
        digest = self.encoders.digest(zoom)
        if digest not in self._stores:
            self._stores[digest] = self.store_of(digest)
        return self._stores[digest]

    def _load_ready_levels(self, levels: tuple[int, ...]) -> frozenset[int]:
        """Leading levels whose embeddings are all at hand, taken into memory."""
        ready = []
        for zoom in levels:
            if zoom not in self.store(zoom).complete_zooms():
                break
            self.store(zoom).load_whole(zoom)
            ready.append(zoom)
        return frozenset(ready)

    def _embed(self, zoom: int, codes: IntArray, report: Report | None) -> tuple[Embeddings, Tally]:
        told = None if report is None else lambda done, total: report("", done / max(total, 1))
        return embed(self.source, self.encoders, self.store(zoom), zoom, codes, told)

    def _advance_beam(self, state: BeamState, found: Embeddings, photo: Vectors) -> BeamState:
        absent = found.kind == Kind.ABSENT
        rule = paper.step if state.plan.method is Method.PAPER else beam.step
        return rule(state, Observation(found.cosine(photo), absent, self.prior.log_mass(state.zoom, state.candidates)))


def _score(level: Level, place: int) -> TileScore:
    tile = web_mercator.tile_of(level.zoom, int(level.codes[place]))
    latitude, longitude = tile.center
    return TileScore(tile, latitude, longitude, float(np.exp(level.log_probability[place])), float(level.cosine[place]))


def _range_notes(record: SourceRecord, settings: SearchSettings, levels: Sequence[int]) -> Iterator[str]:
    deeper = [zoom for zoom in settings.levels if zoom > record.max_zoom]
    if deeper:
        yield (
            f"{record.title} ends at zoom {record.max_zoom}; the last level searched is zoom {levels[-1]} and not "
            f"{deeper[-1]}, so the answer is a larger tile."
        )
    coarser = [zoom for zoom in settings.levels if zoom < record.min_zoom]
    if coarser:
        yield f"{record.title} begins at zoom {record.min_zoom}; every tile of its coarsest level was looked at."


def _calibration_notes(encoders: TileEncoders, settings: SearchSettings, levels: Sequence[int]) -> Iterator[str]:
    """Said because a percentage beside a tile is believed."""
    guessed = [str(zoom) for zoom in levels if not encoders.is_calibrated(zoom)]
    if guessed and settings.method is Method.PATH:
        yield (
            f"Nobody calibrated the encoder of zoom {', '.join(guessed)} on photos with known places: take the "
            "percentages as an order of tiles, not as chances."
        )


def _level_report(moved: BeamState, before: BeamState, zoom: int, tally: Tally, seconds: float) -> LevelReport:
    judged = len(moved.done) > len(before.done)
    return LevelReport(
        zoom,
        before.candidates.size,
        tally.encoded,
        tally.cache_hits,
        tally.kinds[Kind.ABSENT],
        tally.kinds[Kind.FAILED],
        tally.kinds[Kind.BLANK],
        moved.done[-1].kept.size if judged else 0,
        seconds,
    )


def _level_notes(cost: LevelReport, tally: Tally, ended: bool) -> Iterator[str]:
    if tally.down:
        yield f"The search ended at zoom {cost.zoom}: {tally.down}"
    elif cost.failed:
        reason = tally.reasons.most_common(1)[0][0] if tally.reasons else "unknown reason"
        yield f"{cost.failed} of {cost.candidates} tiles of zoom {cost.zoom} could not be had; the first: {reason}"
    if ended:
        yield f"There is no imagery at zoom {cost.zoom} where the search looked; the answer is of the level before."
    elif cost.absent:
        yield f"{cost.absent} of {cost.candidates} tiles of zoom {cost.zoom} have no imagery and were left out."
    if cost.blank:
        yield f"{cost.blank} of {cost.candidates} tiles of zoom {cost.zoom} are all one colour and say little."


def _no_tiles_message(record: SourceRecord, zoom: int, tally: Tally) -> str:
    if tally.down:
        return tally.down
    if tally.reasons:
        return f"No tile of zoom {zoom} of {record.title} could be had; the first: {tally.reasons.most_common(1)[0][0]}"
    return f"{record.title} has no imagery at zoom {zoom} where the search may look; use another source or region."
