"""Speed and memory of the tile search: random weights of real size, a local tile server, synthetic imagery.

The server is a process of its own and hands out JPEG tiles that take as long to decode as satellite pictures do. Zooms
4, 6 and 8 count as computed before (their embeddings are random vectors: a search looks at all 69,888 of them), the
deeper levels are fetched, decoded and encoded. "Bare" is the encoder alone on tiles that are ready; the share is the
median of pairs measured side by side, since other work on the machine would else look like ours. Whether the right tile
is found is the business of ``search_world``.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from engine.geometry.web_mercator import LEVELS, Tile
from engine.progress import Report
from engine.testing.synthetic_tiles import Answer, TexturedTiles, encode_image, place_photo, tile_server
from engine.tile_search import beam, paper
from engine.tile_search.beam import Method, Observation, Plan
from engine.tile_search.embedding import BATCH, embed
from engine.tile_search.imagery import SourceRecord
from engine.tile_search.results import SearchProgress, SearchSettings
from engine.tile_search.search import TileSearch
from engine.tile_search.sources.xyz import Xyz
from engine.tile_search.tile_embeddings import EmbeddingStore, Kind
from engine.tile_search.tile_encoders import TileEncoders, load_encoders, unit

READY = (4, 6, 8)
"""Zooms that count as computed before."""
POOL = 96
"""Different tile files that the server hands out."""
WARM_RUNS = 3
PAIRS = 7
"""Pairs of a cold run and a bare one, side by side in time, so that other work on the machine slows both."""
TILES_PER_PAIR = 8 * BATCH


def bench_search(report: Report | None = None, k: int = 64, encoders: TileEncoders | None = None) -> dict[str, Any]:
    """Warm and cold search.

    Args:
        report: called with the progress.
        k: width of the beam.
        encoders: what to measure; CLIP ViT-B/32 with random weights unless given.

    Returns:
        ``warm_s`` (all embeddings known, photo encoding included), ``cold_encoder_share`` (throughput of a cold search
        over that of the bare encoder), ``bare_tiles_per_s`` and ``cold_tiles_per_s`` (of the pair of measurements that
        has this share, so the one is the other times the share), ``encodes`` (tiles that one cold search encodes with
        zoom 4 to 8 computed before) and its seconds ``cold_s``, ``paper_encodes``, ``encode_share`` and ``peak_mb`` of
        this process.
    """
    chosen = encoders or load_encoders(random_weights=0, device="cpu")
    with tempfile.TemporaryDirectory() as folder, _server() as address:
        record = SourceRecord("bench", "Synthetic tiles", "Nobody", "For measuring time.", parallel=4)
        source = Xyz(address + "/{z}/{x}/{y}.jpg", record, allow_local=True)
        try:
            _fill(Path(folder), chosen)
            cold = _cold(_search(source, chosen, Path(folder)), k, report)
            warm = [_warm_s(_search(source, chosen, Path(folder)), k) for _ in range(WARM_RUNS)]
        finally:
            source.close()
    count = paper_encodes(k)
    return {
        "k": k,
        "warm_s": statistics.median(warm),
        **cold,
        "paper_encodes": count,
        "encode_share": cold["encodes"] / count,
        "peak_mb": peak_mb(),
    }


def paper_encodes(k: int) -> int:
    """Tiles that the paper's method encodes for one photo, counted by running its search."""
    plan = Plan(LEVELS, (0.01,) * len(LEVELS), k, Method.PAPER)
    state, total, rng = beam.start(plan, np.arange(4 ** LEVELS[0])), 0, np.random.default_rng(0)
    while not state.finished:
        size = state.candidates.size
        total += size
        state = paper.step(state, Observation(rng.random(size), np.zeros(size, bool), np.zeros(size)))
    return total


def peak_mb() -> float:
    """Largest memory of this process so far, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3 / 1.024)


def _photo() -> Any:
    return place_photo(48.2, 16.37)


def _search(source: Xyz, encoders: TileEncoders, folder: Path) -> TileSearch:
    return TileSearch(
        source, encoders, lambda digest: EmbeddingStore(folder, source.record.name, digest, encoders.dimension)
    )


def _fill(folder: Path, encoders: TileEncoders) -> None:
    """Random embeddings for the levels that count as computed before."""
    rng = np.random.default_rng(1)
    for zoom in READY:
        store = EmbeddingStore(folder, "bench", encoders.digest(zoom), encoders.dimension)
        for at in range(0, 4**zoom, 8192):
            codes = np.arange(at, min(at + 8192, 4**zoom))
            vectors = unit(rng.normal(size=(codes.size, encoders.dimension)).astype(np.float32))
            store.put(zoom, codes, np.full(codes.size, Kind.SEEN, np.uint8), vectors)
        store.mark_complete(zoom, 4**zoom)
        store.close()


def _cold(search: TileSearch, k: int, report: Report | None) -> dict[str, Any]:
    """One search with everything below zoom 8 to be fetched and encoded, then its throughput against the encoder's."""
    settings, photo = SearchSettings(k), search.encoders.photo(_photo())
    so_far: SearchProgress = search.begin(settings)
    while not so_far.state.finished:
        if report is not None:
            report(f"Cold search, zoom {so_far.state.zoom}", 0.7 * len(so_far.state.done) / len(LEVELS))
        so_far = search.advance(so_far, photo)
    deep = [level for level in so_far.reports if level.encoded]
    encodes, seconds = sum(level.encoded for level in deep), sum(level.seconds for level in deep)
    return {**_share(search, report), "encodes": encodes, "cold_s": seconds}


def _share(search: TileSearch, report: Report | None) -> dict[str, float]:
    """Throughput of fetching, decoding, encoding and keeping over that of the bare encoder: the median pair."""
    zoom, pairs = LEVELS[-1], []
    _bare_s(search.encoders)
    for number in range(PAIRS):
        if report is not None:
            report("Throughput", 0.7 + 0.3 * number / PAIRS)
        codes = np.arange(TILES_PER_PAIR) + number * TILES_PER_PAIR
        started = time.perf_counter()
        embed(search.source, search.encoders, search.store(zoom), zoom, codes)
        whole = (time.perf_counter() - started) / TILES_PER_PAIR
        pairs.append((_bare_s(search.encoders), whole))
    bare, whole = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
    return {"cold_encoder_share": bare / whole, "bare_tiles_per_s": 1 / bare, "cold_tiles_per_s": 1 / whole}


def _bare_s(encoders: TileEncoders, batches: int = TILES_PER_PAIR // BATCH) -> float:
    """Seconds a tile of the encoder alone, on tiles that are ready."""
    side = encoders.preprocessing.size
    ready = np.random.default_rng(2).normal(size=(BATCH, 3, side, side)).astype(np.float32)
    encoders.tiles(LEVELS[-1], ready)
    started = time.perf_counter()
    for _ in range(batches):
        encoders.tiles(LEVELS[-1], ready)
    return (time.perf_counter() - started) / (batches * BATCH)


def _warm_s(search: TileSearch, k: int) -> float:
    """Seconds of a whole search whose embeddings are all on disk, from the photo on."""
    photo = place_photo(48.2, 16.37)
    search.encoders.photo(photo)
    started = time.perf_counter()
    result = search.run(photo, SearchSettings(k))
    seconds = time.perf_counter() - started
    return seconds if result.tiles_encoded == 0 else float("nan")  # a search that encodes is not a warm one


@contextmanager
def _server() -> Iterator[str]:
    """A tile server in a process of its own, while the block runs; gives its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # or a server that cannot start would be waited for for ever
    try:
        yield str(ours.recv())
    finally:
        ours.close()  # which the server takes as the word to stop
        process.join(10)
        if process.is_alive():
            process.terminate()


def _serve(pipe: Connection) -> None:
    """Serve tiles until stopped."""
    source = TexturedTiles()
    pictures = [source.read(Tile(16, number, 0)) for number in range(POOL)]
    pool = [encode_image(pixels, "JPEG") for pixels in pictures if pixels is not None]

    def answer(path: str) -> Answer:
        return 200, {"Content-Type": "image/jpeg"}, pool[hash(path) % POOL]

    with tile_server(answer) as address, suppress(EOFError):
        pipe.send(address)
        pipe.recv()
