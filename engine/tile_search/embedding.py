"""From tiles to embeddings: threads read, decode and make ready while the encoder works, so that it never waits.

Knows no photo. What is kept is not computed again; what comes is kept at once, so a killed run goes on where it was.
"""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from engine.artifacts.catalog import Preprocessing
from engine.errors import HereaboutsError, InputError, LayerError
from engine.geometry.web_mercator import tile_of
from engine.networks.preprocessing import Prepared, prepare
from engine.tile_search.imagery import SourceDown, TileSource, is_blank
from engine.tile_search.tile_embeddings import EmbeddingCache, Embeddings, EmbeddingStore, Halves, Kind, Kinds
from engine.tile_search.tile_encoders import TileEncoders
from engine.typing import IntArray

BATCH = 16
"""Tiles that pass the encoder at once; more does not make a processor faster and delays the first result."""
AHEAD = 3 * BATCH
"""Prepared tiles that wait at most (0.6 MB each at 224 px)."""
TileProgress = Callable[[int, int], None]
"""Called with tiles done and tiles in all; raising from it stops the work, what is done is kept."""


@dataclass(eq=False)
class Tally:
    """What happened while tiles were embedded.

    Attributes:
        encoded: tiles that passed the encoder.
        cache_hits: tiles that were known before.
        kinds: how many of each ``Kind`` among the tiles asked for.
        reasons: sentences for tiles that could not be had, and how often.
        down: why the source answers no longer, or empty.
    """

    encoded: int = 0
    cache_hits: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    down: str = ""


@dataclass(frozen=True)
class _PreparedTile:
    """One tile that a thread has dealt with."""

    place: int
    kind: Kind
    prepared: Prepared | None = None
    reason: str = ""


def embed(
    source: TileSource,
    encoders: TileEncoders,
    store: EmbeddingCache,
    zoom: int,
    codes: IntArray,
    progress: TileProgress | None = None,
) -> tuple[Embeddings, Tally]:
    """Embeddings of tiles of one zoom, from the store or computed into it.

    A source that goes down in the middle is no error: the tiles that are missing are of kind ``FAILED``.

    Returns:
        The embeddings in the order of ``codes`` and what happened.
    """
    found, tally = store.get(zoom, codes), Tally()
    missing = np.flatnonzero(found.kind == Kind.UNKNOWN)
    tally.cache_hits = codes.size - missing.size
    kind, vector = found.kind, found.vector
    if missing.size:
        work, room = (
            _Readers(source, encoders.preprocessing, zoom, codes[missing]),
            _batch_buffer(encoders.preprocessing),
        )
        with work.running():
            for batch in work.batches():
                places = missing[[ready.place for ready in batch]]
                _finish(batch, places, zoom, encoders, kind, vector, tally, room)
                keep = places[kind[places] != Kind.FAILED]
                store.put(zoom, codes[keep], kind[keep], vector[keep])
                if progress is not None:
                    progress(codes.size - int((kind == Kind.UNKNOWN).sum()), codes.size)
        tally.down = work.down
    tally.kinds = Counter(
        {Kind(value): int(count) for value, count in enumerate(np.bincount(kind, minlength=5)) if count}
    )
    return Embeddings(kind, vector), tally


def _batch_buffer(wanted: Preprocessing) -> Prepared:
    """Where the tiles of a batch are put side by side: taken once, because fresh memory costs more than the copy."""
    return np.empty((BATCH, 3, wanted.size, wanted.size), np.float32)


def _finish(
    batch: list[_PreparedTile],
    places: IntArray,
    zoom: int,
    encoders: TileEncoders,
    kind: Kinds,
    vector: Halves,
    tally: Tally,
    room: Prepared,
) -> None:
    """Encode what a batch has to encode and write everything down."""
    kind[places] = [ready.kind for ready in batch]
    tally.reasons.update(ready.reason for ready in batch if ready.reason)
    prepared = [ready.prepared for ready in batch if ready.prepared is not None]
    if prepared:
        with_pixels = places[[ready.prepared is not None for ready in batch]]
        # Halves, as they are kept: a search gives the same answer whether its tiles were known or not.
        together = np.concatenate(prepared, out=room[: len(prepared)])
        vector[with_pixels] = encoders.tiles(zoom, together).astype(np.float16)
        tally.encoded += len(prepared)


class _Readers:
    """Threads that make tiles ready, in the order of the codes as far as the source allows."""

    def __init__(self, source: TileSource, wanted: Preprocessing, zoom: int, codes: IntArray) -> None:
        self._source, self._wanted, self._zoom, self._codes = source, wanted, zoom, codes
        self._next = iter(range(codes.size))
        self._lock = threading.Lock()
        self._ready: queue.Queue[_PreparedTile] = queue.Queue(AHEAD)
        self._stop = threading.Event()
        self.down = ""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Threads at work while the block runs."""
        count = min(max(self._source.record.parallel, 1), self._codes.size)
        threads = [threading.Thread(target=self._run, name=f"tiles-{n}", daemon=True) for n in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            while any(thread.is_alive() for thread in threads):
                self._drain()
                threads[0].join(0.02)
                threads = [thread for thread in threads if thread.is_alive()] or threads[:1]

    def batches(self) -> Iterator[list[_PreparedTile]]:
        """Tiles as they become ready, up to ``BATCH`` with pixels at a time; every tile once."""
        batch: list[_PreparedTile] = []
        for _ in range(self._codes.size):
            batch.append(self._ready.get())
            if sum(ready.prepared is not None for ready in batch) >= BATCH or len(batch) >= 8 * BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                place = next(self._next, None)
            if place is None:
                return
            self._hand_over(self._prepare_tile(place))

    def _hand_over(self, ready: _PreparedTile) -> None:
        while not self._stop.is_set():
            try:
                self._ready.put(ready, timeout=0.1)
            except queue.Full:
                continue
            return

    def _drain(self) -> None:
        try:
            while True:
                self._ready.get_nowait()
        except queue.Empty:
            return

    def _prepare_tile(self, place: int) -> _PreparedTile:
        if self.down:
            return _PreparedTile(place, Kind.FAILED)
        tile = tile_of(self._zoom, int(self._codes[place]))
        try:
            pixels = self._source.read(tile)
            if pixels is None:
                return _PreparedTile(place, Kind.ABSENT)
            return _PreparedTile(place, Kind.BLANK if is_blank(pixels) else Kind.SEEN, prepare(pixels, self._wanted))
        except (SourceDown, InputError) as error:
            self.down = str(error)
            return _PreparedTile(place, Kind.FAILED)
        except HereaboutsError as error:
            return _PreparedTile(place, Kind.FAILED, reason=str(error))
        except Exception as error:  # noqa: BLE001 - a source may fail in any way and must not hang the search
            return _PreparedTile(
                place, Kind.FAILED, reason=f"Tile {tile.path} could not be read ({type(error).__name__})."
            )


def embed_zoom(
    source: TileSource,
    encoders: TileEncoders,
    store: EmbeddingStore,
    zoom: int,
    codes: IntArray,
    progress: TileProgress | None = None,
    share: int = 4096,
) -> Tally:
    """Every tile of a zoom into the store, a share at a time so that memory stays small; goes on where it was stopped.

    Raises:
        LayerError: the source went down; what was done is kept.
    """
    total = Tally()
    for at in range(0, codes.size, share):
        part = codes[at : at + share]
        shifted = None if progress is None else _offset_progress(progress, at, codes.size)
        _, tally = embed(source, encoders, store, zoom, part, shifted)
        total.encoded += tally.encoded
        total.cache_hits += tally.cache_hits
        total.kinds += tally.kinds
        total.reasons += tally.reasons
        if tally.down:
            raise LayerError(f"{tally.down} {total.encoded:,} tiles are kept; run it again to go on.")
    if not total.kinds[Kind.FAILED]:
        store.mark_complete(zoom, codes.size)
    return total


def _offset_progress(progress: TileProgress, before: int, total: int) -> TileProgress:
    def report_all(done: int, _: int) -> None:
        progress(before + done, total)

    return report_all
