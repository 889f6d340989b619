"""The made-up Earth of the tile search: encoders trained on it once, and where embeddings are kept."""

import pytest

from engine.bench.search_world import make_pairs, train_on_synthetic_tiles
from engine.testing.synthetic_tiles import make_encoders
from engine.tile_search.search import TileSearch
from engine.tile_search.tile_embeddings import EmbeddingStore


@pytest.fixture(scope="session")
def known_pairs_of():
    """Photos of the made-up Earth with their places, as training wants them."""
    return make_pairs


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
    return train_on_synthetic_tiles(tmp_path_factory.mktemp("map-encoders"))


@pytest.fixture
def search_of(tmp_path):
    """Searches whose embeddings are kept in this test's folder."""
    made = []

    def make(source, encoders=None, prior=None, folder=tmp_path / "kept"):
        encoders = encoders or make_encoders()

        def store_of(digest):
            made.append(EmbeddingStore(folder, source.record.name, digest, encoders.dimension))
            return made[-1]

        return TileSearch(source, encoders, store_of, **({"prior": prior} if prior is not None else {}))

    yield make
    for store in made:
        store.close()
