"""The made-up Earth of the tile search: encoders trained on it once, and where embeddings are kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.search.known_tiles import KnownTiles, known_encoders, place_photo, place_picture
from engine.search.search import TileSearch
from engine.search.tile_embeddings import EmbeddingStore
from engine.search.tile_encoders import MapEncoders, unit, with_trained

NOISE = 15.0
PHOTOS = 600


@dataclass(frozen=True, eq=False)
class Trained:
    """What the training on the made-up Earth left, with the photos that it did not see."""

    folder: Path
    encoders: MapEncoders
    record: dict
    latitude: np.ndarray
    longitude: np.ndarray
    seeds: np.ndarray

    def photo(self, number):
        place = float(self.latitude[number]), float(self.longitude[number])
        return place_photo(*place, NOISE, photo_seed=int(self.seeds[number]))


def known_pairs(photos=PHOTOS, noise=NOISE, seed=0):
    from engine.training.map_encoders import Pairs, split_sides

    rng = np.random.default_rng(seed)
    latitude = np.degrees(np.arcsin(rng.uniform(-0.95, 0.95, photos)))
    longitude = rng.uniform(-180, 180, photos)
    pictures = [
        place_picture(a, o, noise, photo_seed=n) for n, (a, o) in enumerate(zip(latitude, longitude, strict=True))
    ]
    embedding = unit(known_encoders().encoder.encode(pictures))
    return Pairs(embedding, latitude, longitude, split_sides(latitude, longitude, seed))


@pytest.fixture(scope="session")
def known_pairs_of():
    """Photos of the made-up Earth with their places, as training wants them."""
    return known_pairs


@pytest.fixture(scope="session")
def one_thread():
    """Networks of a few thousand numbers are faster with one thread, much faster on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test of the search."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory, one_thread):
    from engine.training.map_encoders import TrainSettings, train_map_encoders

    folder, pairs = tmp_path_factory.mktemp("map-encoders"), known_pairs()
    settings = TrainSettings(epochs=8, learning_rate=1e-3)
    record = train_map_encoders(pairs, KnownTiles(), known_encoders(), folder, settings)
    held_out = np.flatnonzero(pairs.side == 2)
    encoders = with_trained(known_encoders(), folder)
    return Trained(folder, encoders, record, pairs.latitude[held_out], pairs.longitude[held_out], held_out)


@pytest.fixture
def search_of(tmp_path):
    """Searches whose embeddings are kept in this test's folder."""
    made = []

    def make(source, encoders=None, prior=None, folder=tmp_path / "kept"):
        encoders = encoders or known_encoders()

        def store_of(digest):
            made.append(EmbeddingStore(folder, source.record.name, digest, encoders.dimension))
            return made[-1]

        return TileSearch(source, encoders, store_of, **({"prior": prior} if prior is not None else {}))

    yield make
    for store in made:
        store.close()
