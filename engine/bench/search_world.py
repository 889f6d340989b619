"""Checks that training and search work: encoders trained on a synthetic Earth, searched with held-out photos.

Photo and tile share a hidden pattern there (``engine.testing.synthetic_tiles``), so the right answer is known and can
be found. Nothing is measured in seconds: the figures are shares of the held-out photos whose own zoom-16 tile is the
best, by both methods at the same width. The network is small; training, split, calibration and search are those of
the product.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.geometry import web_mercator
from engine.photos.photo import Photo
from engine.progress import Report
from engine.testing.synthetic_tiles import SyntheticTiles, make_encoders, place_photo, place_picture
from engine.tile_search.beam import Method
from engine.tile_search.results import SearchSettings
from engine.tile_search.search import TileSearch
from engine.tile_search.tile_embeddings import EmbeddingStore
from engine.tile_search.tile_encoders import MapEncoders, load_trained, unit
from engine.training.map_encoders import train_map_encoders
from engine.training.tile_pairs import Pairs, split_sides
from engine.training.zoom_training import TrainSettings
from engine.typing import FloatArray, IntArray

PHOTOS = 600
NOISE = 15.0
"""Standard deviation of the noise on a photo's colours, in grey values."""
SETTINGS = TrainSettings(epochs=8, learning_rate=1e-3)
"""A network of a few thousand numbers learns in larger steps than CLIP does."""
K = 8


@dataclass(frozen=True, eq=False)
class Trained:
    """The encoders trained on the synthetic Earth, with the held-out photos.

    Attributes:
        folder: the map encoders and their record.
        encoders: loaded from there.
        record: of the training.
        latitude, longitude: of the held-out photos, degrees.
        seeds: of their noise.
    """

    folder: Path
    encoders: MapEncoders
    record: dict[str, Any]
    latitude: FloatArray
    longitude: FloatArray
    seeds: IntArray

    def photo(self, number: int) -> Photo:
        """A held-out photo."""
        place = float(self.latitude[number]), float(self.longitude[number])
        return place_photo(*place, NOISE, photo_seed=int(self.seeds[number]))


def make_pairs(photos: int = PHOTOS, noise: float = NOISE, seed: int = 0) -> Pairs:
    """Photos of the synthetic Earth with their locations, as training pairs."""
    rng = np.random.default_rng(seed)
    latitude = np.degrees(np.arcsin(rng.uniform(-0.95, 0.95, photos)))
    longitude = rng.uniform(-180, 180, photos)
    pictures = [
        place_picture(a, o, noise, photo_seed=n) for n, (a, o) in enumerate(zip(latitude, longitude, strict=True))
    ]
    embedding = unit(make_encoders().encoder.encode(pictures))
    return Pairs(embedding, latitude, longitude, split_sides(latitude, longitude, seed))


def train_on_synthetic_tiles(folder: Path, report: Report | None = None) -> Trained:
    """Train all seven map encoders on ten twelfths of the photos."""
    pairs = make_pairs()
    record = train_map_encoders(pairs, SyntheticTiles(), make_encoders(), folder, SETTINGS, report)
    held_out = np.flatnonzero(pairs.side == 2)
    encoders = load_trained(make_encoders(), folder)
    return Trained(folder, encoders, record, pairs.latitude[held_out], pairs.longitude[held_out], held_out)


def bench_world(report: Report | None = None, trained: Trained | None = None) -> dict[str, Any]:
    """Train and search on the synthetic Earth; takes a minute.

    Args:
        report: called with the progress of the training.
        trained: a training of before; a new one unless given.

    Returns:
        ``world_photos`` held out, the width ``world_k``, and ``world_found`` and ``world_found_paper``: the shares of
        them whose zoom-16 tile the path method and the paper's method put first.
    """
    with tempfile.TemporaryDirectory() as folder, _one_thread():
        trained = trained or train_on_synthetic_tiles(Path(folder) / "encoders", report)
        found = {method: _hit_rate(trained, method, Path(folder) / "stores") for method in Method}
    return {
        "world_photos": len(trained.seeds),
        "world_k": K,
        "world_found": found[Method.PATH],
        "world_found_paper": found[Method.PAPER],
    }


def _hit_rate(trained: Trained, method: Method, folder: Path) -> float:
    """Share of the held-out photos whose own tile is the best."""
    stores: list[EmbeddingStore] = []

    def store_of(digest: str) -> EmbeddingStore:
        stores.append(EmbeddingStore(folder, "synthetic-tiles", digest, trained.encoders.dimension))
        return stores[-1]

    search, hits = TileSearch(SyntheticTiles(), trained.encoders, store_of), 0
    truth = web_mercator.codes_at(trained.latitude, trained.longitude, 16)
    for number, code in enumerate(truth):
        best = search.run(trained.photo(number), SearchSettings(K, method)).best[0].tile
        hits += (best.z, best.code) == (16, int(code))
    for store in stores:
        store.close()
    return hits / len(trained.seeds)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Networks of a few thousand numbers are faster with one thread, much faster on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
