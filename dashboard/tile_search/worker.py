"""What the Tile search page does: search in a thread, pause, go on, tell why. Draws nothing.

A search belongs to the session that started it, outlives page visits, and ends with its session. Of the photo only its
embedding is kept here, so that a paused search goes on without the file.
"""

import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from dashboard.common.jobs import JOBS, Job, State
from dashboard.tile_search import sources as search_sources
from dashboard.tile_search.sources import jpeg
from engine.errors import InputError
from engine.geometry.web_mercator import Tile, tile_of
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.photos.photo import open_photo
from engine.tile_search.beam import Level, Plan, ancestry
from engine.tile_search.imagery import Pixels, SourceRecord, TileSource, levels_of
from engine.tile_search.results import SearchProgress, SearchResult, SearchSettings, TileScore
from engine.tile_search.search import TileSearch
from engine.tile_search.session import Folders, tile_search
from engine.tile_search.sources.opening import open_source
from engine.tile_search.tile_embeddings import Vectors
from engine.tile_search.tile_prior import MapPrior

STEPS = 1000
"""Parts that the progress of a level is told in."""
PICTURED = 16
"""Best tiles of each level whose pictures are kept for the map."""


class Stage(StrEnum):
    """How a search stands, for people."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be searched.

    Attributes:
        name: of the photo.
        read: gives the photo's file.
        source: as ``open_source`` wants it.
        settings: k, method, levels, point to keep.
        search_map: the ensemble's map to begin from, or None for every km2 alike.
        region: the only part of the map to look at, or None.
        encoders: folder of trained map encoders, or None for the plain CLIP.
        max_zoom: deepest zoom of a template of the user's own.
        allow_local: whether a server of this machine or network may be asked.
    """

    name: str
    read: Callable[[], bytes]
    source: str
    settings: SearchSettings
    search_map: SearchMap | None = None
    region: Region | None = None
    encoders: Path | None = None
    max_zoom: int = 16
    allow_local: bool = False


@dataclass(eq=False)
class Walk:
    """One search; written by its thread, read by the page.

    Attributes:
        request: what was asked.
        job: the thread that works on it, or did last.
        record: the imagery, once it is open.
        so_far: the walk down the levels.
        result: the answer so far, once a level is done.
        prior: the map as the search uses it, if it uses one.
        pictures: JPEG files of the best tiles and their ancestors.
        told: tiles of the level at hand that are dealt with, and all of them.
    """

    request: Request
    job: Job | None = None
    record: SourceRecord | None = None
    so_far: SearchProgress | None = None
    result: SearchResult | None = None
    prior: MapPrior | None = None
    pictures: dict[Tile, bytes] = field(default_factory=dict)
    told: tuple[int, int] = (0, 0)
    _photo: Vectors | None = field(default=None, repr=False)
    _cancelled: bool = False

    @property
    def stage(self) -> Stage:
        """How it stands."""
        if self.job is None or self.job.state is State.RUNNING:
            return Stage.RUNNING
        if self.job.state is State.FAILED:
            return Stage.FAILED
        if self.job.state is State.DONE:
            return Stage.DONE
        return Stage.CANCELLED if self._cancelled else Stage.PAUSED

    @property
    def levels_done(self) -> int:
        """How many levels were judged."""
        return len(self.so_far.state.done) if self.so_far is not None else 0

    def pause(self) -> None:
        """Ask it to stop for now; what was encoded is kept."""
        if self.job is not None:
            self.job.cancel()

    def cancel(self) -> None:
        """Ask it to stop for good."""
        self._cancelled = True
        self.pause()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and still runs."""
        return self.job is not None and self.job.running and self.job.cancelled()

    def resume(self) -> None:
        """Begin, or go on from where it was paused."""
        name = self.job.name if self.job is not None else f"tile search {uuid.uuid4().hex}"
        self.job = JOBS.start(name, f"Searching with {self.request.name}", lambda job: _run_search(self, job))


class Held:
    """A search in the hands of a session: when the session goes, the search is asked to stop."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        weakref.finalize(self, walk.cancel)


def start(request: Request) -> Held:
    """Search in a thread.

    Raises:
        InputError: k or the source make no sense; nothing was started.
    """
    _check(request)
    held = Held(Walk(request))
    held.walk.resume()
    return held


def forget(held: Held) -> None:
    """Let go of a search that is over, or that is to end."""
    held.walk.cancel()
    if held.walk.job is not None:
        JOBS.dismiss(held.walk.job.name)


def _check(request: Request) -> None:
    """What can be said before a thread is started: k, the levels of the source."""
    record = search_sources.described(request.source, request.max_zoom)
    levels = levels_of(record, request.settings.levels)
    Plan(levels, (1.0,) * len(levels), request.settings.k, request.settings.method)


class _HaltError(InputError):
    """Raised from a report to leave the work; the sentence is for the user."""


def _run_search(walk: Walk, job: Job) -> str:
    """The work of the thread: open, load, walk, take pictures."""
    request = walk.request
    job.report("Opening the imagery", 0, 0)
    access = Folders().access(allow_local=request.allow_local, max_zoom=request.max_zoom, cancelled=job.cancelled)
    source = open_source(request.source, access)
    try:
        walk.record = source.record
        job.report("Loading the encoder", 0, 0)
        loaded = search_sources.encoders(request.encoders)
        search = tile_search(source, loaded, prior=_prior(walk, job))
        _walk_down(walk, search, job)
        _picture_ancestors(walk, source)
    finally:
        source.close()
    return ""


def _prior(walk: Walk, job: Job) -> MapPrior | None:
    if walk.request.search_map is None:
        return None
    if walk.prior is None:
        job.report("Summing the map over tiles", 0, 0)
        walk.prior = MapPrior(walk.request.search_map, walk.request.region)
    return walk.prior


def _walk_down(walk: Walk, search: TileSearch, job: Job) -> None:
    if walk._photo is None:
        job.report("Reading the photo", 0, 0)
        walk._photo = search.encoders.photo(open_photo(walk.request.read(), walk.request.name))
    so_far = walk.so_far or search.begin(walk.request.settings)
    while not so_far.state.finished:
        _halt_if_asked(walk, job)
        so_far = search.advance(so_far, walk._photo, _reporter(walk, job, so_far))
        walk.result = search.result(so_far, walk.request.settings)
        walk.so_far = so_far
        _picture_best(walk, search.source)


def _reporter(walk: Walk, job: Job, so_far: SearchProgress) -> Callable[[str, float], None]:
    """Tells how far a level is, and leaves it when somebody asked for that."""
    total, zoom = so_far.state.candidates.size, so_far.state.zoom
    before, count = len(so_far.state.done), len(so_far.state.plan.levels)

    def report(_: str, share: float) -> None:
        _halt_if_asked(walk, job)
        walk.told = round(share * total), total
        job.report(f"Zoom {zoom}: {walk.told[0]:,} of {total:,} tiles", round(STEPS * (before + share)), STEPS * count)

    report("", 0.0)
    return report


def _halt_if_asked(walk: Walk, job: Job) -> None:
    if not job.cancelled():
        return
    if walk._cancelled:
        raise _HaltError("The search was cancelled; the next search reuses the encoded tiles.")
    raise _HaltError("The search is paused. Encoded tiles are kept; Resume continues from here.")


def _picture_best(walk: Walk, source: TileSource) -> None:
    """Pictures of the best tiles of the level that was just judged."""
    level = walk.so_far.state.done[-1] if walk.so_far is not None else None
    if level is not None:
        _cache_pictures(walk, source, [tile_at(level, int(place)) for place in level.kept[:PICTURED]])


def _picture_ancestors(walk: Walk, source: TileSource) -> None:
    """Pictures of everything on the way to the tiles that are listed."""
    for score in shown(walk):
        _cache_pictures(walk, source, [tile_at(level, place) for level, place in path_to(walk, score.tile)])


def _cache_pictures(walk: Walk, source: TileSource, wanted: list[Tile]) -> None:
    for tile in wanted:
        pixels = _read_tile(source, tile) if tile not in walk.pictures else None
        if pixels is not None:
            walk.pictures[tile] = jpeg(pixels)


def _read_tile(source: TileSource, tile: Tile) -> Pixels | None:
    try:
        return source.read(tile)
    except Exception:  # noqa: BLE001 - a picture is only for show: the search goes on without it
        return None


def tile_at(level: Level, place: int) -> Tile:
    return tile_of(level.zoom, int(level.codes[place]))


def path_to(walk: Walk, tile: Tile) -> list[tuple[Level, int]]:
    return [] if walk.so_far is None else ancestry(walk.so_far.state, tile.code)


def shown(walk: Walk) -> tuple[TileScore, ...]:
    """The best tiles of the last level that was judged, best first; a photo's search has none before."""
    return walk.result.best if walk.result is not None else ()
