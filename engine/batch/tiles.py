"""The coarse levels of a tile source, embedded by several processes or on Ray, for searches that start warm.

Workers read and encode; only this process writes into the store, so workers may be on other machines. What came back is
kept at once: a run that was stopped goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from engine.batch.workers import run_on_processes, run_on_ray
from engine.errors import ArtifactError, InputError, LayerError
from engine.geometry.web_mercator import Tile
from engine.progress import Report
from engine.tile_search.embedding import Tally, embed
from engine.tile_search.imagery import Pixels, SourceRecord, TileSource, first_codes
from engine.tile_search.session import Folders, tile_search, zooms_to_embed
from engine.tile_search.sources.opening import open_source
from engine.tile_search.tile_embeddings import Embeddings, Halves, Kind, Kinds, Vectors
from engine.tile_search.tile_encoders import TileEncoders, load_encoders
from engine.typing import IntArray

SHARE = 128
"""Tiles that a worker is handed at once: eight batches of the encoder."""


@dataclass(frozen=True)
class TileOptions:
    """What workers need to know.

    Attributes:
        source: as ``open_source`` takes it; a file must be where every worker can read it.
        encoders: folder of trained map encoders, likewise, or None.
        device: of the encoder.
        random_weights: seed of random weights, or None.
        allow_local: whether a tile server on this machine or network is fine.
        max_zoom: deepest zoom of a template of the user's own.
        workers: at the same time.
        address: of a Ray cluster; a local one is started unless given.
        factory: ``module:function`` that makes source and encoders from these options, for tests and extensions.
    """

    source: str
    encoders: Path | None = None
    device: str | None = None
    random_weights: int | None = None
    allow_local: bool = False
    max_zoom: int = 16
    workers: int = 2
    address: str | None = None
    factory: str = "engine.batch.tiles:source_and_encoders"


@dataclass(frozen=True, eq=False)
class Share:
    """Tiles of one zoom for one worker."""

    zoom: int
    codes: IntArray


@dataclass(frozen=True, eq=False)
class ShareResult:
    """What came of a share; ``digest`` tells which encoder it was."""

    share: Share
    kind: Kinds
    vector: Halves
    digest: str = ""
    encoded: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    down: str = ""


def source_and_encoders(options: TileOptions) -> tuple[TileSource, TileEncoders]:
    """The imagery and the encoders of a worker."""
    access = Folders().access(allow_local=options.allow_local, max_zoom=options.max_zoom)
    loaded = load_encoders(folder=options.encoders, device=options.device, random_weights=options.random_weights)
    return open_source(options.source, access), loaded


def embed_by_workers(
    options: TileOptions,
    deepest: int,
    engine: str,
    folders: Folders | None = None,
    report: Report | None = None,
) -> dict[int, Tally]:
    """Compute every tile of the coarse levels down to a zoom with several workers.

    Args:
        options: source, encoders and workers.
        deepest: zoom to compute down to.
        engine: ``local`` for processes of this machine, ``ray`` for a cluster.
        folders: where embeddings are kept.
        report: told how far it is.

    Returns:
        What happened, by zoom.

    Raises:
        InputError: the zoom, the engine or the number of workers makes no sense, or Ray is not installed.
        LayerError: the source went down; what was done is kept.
        ArtifactError: a worker has other weights than this machine.
    """
    run = _runner(options, engine)
    source, encoders = _load_search(options)
    search = tile_search(source, encoders, folders)
    tallies, shares = _plan_work(search.store, source.record, deepest)
    total, done = sum(share.codes.size for share in shares), 0
    for finished in run(shares, options, embed_shares, _crashed_share, 1):
        for each in finished:
            _store_result(each, search.store, encoders, tallies[each.share.zoom])
            done += each.share.codes.size
            if report is not None:
                report(f"Zoom {each.share.zoom}: {done:,} of {total:,} tiles", done / total)
    for zoom, tally in tallies.items():
        if not tally.kinds[Kind.FAILED]:
            search.store(zoom).mark_complete(zoom, sum(tally.kinds.values()))
    return tallies


def embed_shares(shares: Sequence[Share], options: TileOptions) -> list[ShareResult]:
    """What a worker does: read and encode some tiles, keep nothing."""
    source, encoders = _load_search(options)
    return [_embed_share(share, _SharedSource.of(source, options.workers), encoders) for share in shares]


def _runner(options: TileOptions, engine: str) -> Callable[..., Iterator[list[ShareResult]]]:
    if options.workers < 1:
        raise InputError(f"{options.workers} workers cannot work; give at least 1.")
    runners: dict[str, Callable[..., Iterator[list[ShareResult]]]] = {"local": run_on_processes, "ray": run_on_ray}
    if engine not in runners:
        raise InputError(f"There is no engine {engine!r}; use local or ray.")
    return runners[engine]


@lru_cache(maxsize=1)
def _load_search(options: TileOptions) -> tuple[TileSource, TileEncoders]:
    """Imagery and encoders of this process; loaded with the first share."""
    module, _, name = options.factory.partition(":")
    made: tuple[TileSource, TileEncoders] = getattr(import_module(module), name)(options)
    return made


def _plan_work(
    store_of: Callable[[int], Any], record: SourceRecord, deepest: int
) -> tuple[dict[int, Tally], list[Share]]:
    """What was there before, by zoom, and what is to be done, coarse levels first."""
    tallies: dict[int, Tally] = {}
    shares: list[Share] = []
    for zoom in zooms_to_embed(record, deepest):
        codes = first_codes(record, zoom)
        kind = store_of(zoom).get(zoom, codes).kind
        missing = codes[kind == Kind.UNKNOWN]
        known = Counter(Kind(value) for value in kind[kind != Kind.UNKNOWN].tolist())
        tallies[zoom] = Tally(cache_hits=codes.size - missing.size, kinds=known)
        shares += [Share(zoom, missing[at : at + SHARE]) for at in range(0, missing.size, SHARE)]
    return tallies, shares


def _embed_share(share: Share, source: TileSource, encoders: TileEncoders) -> ShareResult:
    found, tally = embed(source, encoders, _NullStore(encoders.dimension), share.zoom, share.codes)
    digest = encoders.digest(share.zoom)
    return ShareResult(share, found.kind, found.vector, digest, tally.encoded, tally.reasons, tally.down)


def _store_result(done: ShareResult, store_of: Callable[[int], Any], encoders: TileEncoders, tally: Tally) -> None:
    """Write down what a worker found."""
    zoom = done.share.zoom
    if done.digest and done.digest != encoders.digest(zoom):
        raise ArtifactError(
            "A worker encodes with other weights than this machine; put the same model on all of them and run it again."
        )
    keep = np.flatnonzero(done.kind != Kind.FAILED)
    store_of(zoom).put(zoom, done.share.codes[keep], done.kind[keep], done.vector[keep])
    tally.encoded += done.encoded
    tally.reasons += done.reasons
    tally.kinds += Counter(Kind(value) for value in done.kind.tolist())
    if done.down:
        raise LayerError(f"{done.down} {tally.encoded:,} tiles of zoom {zoom} are kept; run it again to go on.")


def _crashed_share(share: Share) -> ShareResult:
    """What is said of tiles that took their worker down more than once."""
    reason = "A worker stopped while it read these tiles, twice; try it with --workers 1 to see why."
    kind = np.full(share.codes.size, Kind.FAILED, np.uint8)
    return ShareResult(
        share, kind, np.zeros((share.codes.size, 1), np.float16), reasons=Counter({reason: share.codes.size})
    )


@dataclass(frozen=True)
class _NullStore:
    """A store for a worker: nothing is known and nothing is kept."""

    dimension: int

    def get(self, zoom: int, codes: IntArray) -> Embeddings:
        """Nothing is known."""
        del zoom
        return Embeddings(np.zeros(codes.size, np.uint8), np.zeros((codes.size, self.dimension), np.float16))

    def put(self, zoom: int, codes: IntArray, kinds: Kinds, vectors: Vectors | Halves) -> None:
        """The result carries them."""


@dataclass(frozen=True, eq=False)
class _SharedSource:
    """A source that several workers read at once: together they ask its server no faster than one would."""

    source: TileSource
    record: SourceRecord

    @classmethod
    def of(cls, source: TileSource, workers: int) -> _SharedSource:
        """The source as one of so many workers may ask it."""
        return cls(source, replace(source.record, parallel=max(1, source.record.parallel // workers)))

    def read(self, tile: Tile) -> Pixels | None:
        """As the source."""
        return self.source.read(tile)

    def close(self) -> None:
        """As the source."""
        self.source.close()
