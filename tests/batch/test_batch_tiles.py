"""Coarse levels by several workers: the same embeddings as in one process, gone on with, kept by one writer only."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from engine.batch import tiles as batch_tiles
from engine.batch.tiles import TileOptions, embed_by_workers
from engine.errors import ArtifactError, InputError, LayerError
from engine.testing.synthetic_tiles import SYNTHETIC_RECORD, SyntheticTiles, make_encoders
from engine.tile_search.imagery import SourceDown, SourceRecord
from engine.tile_search.session import Folders, embed_source, tile_search
from engine.tile_search.tile_embeddings import Kind

RECORD = SourceRecord("shallow", "Synthetic Earth", "Nobody", "For tests.", max_zoom=6, parallel=4)
OPTIONS = TileOptions("known", workers=2, factory=f"{__name__}:made")


def made(options):
    """What every worker of these tests searches with."""
    del options
    return SyntheticTiles(record=RECORD), make_encoders()


@pytest.fixture(autouse=True)
def _forget():
    batch_tiles._load_search.cache_clear()
    yield
    batch_tiles._load_search.cache_clear()


@pytest.fixture
def here(monkeypatch):
    """Workers that are calls in this process, each share once; gives what they were handed."""
    handed = []

    def run(shares, options, work, lost, size):
        for share in shares:
            handed.append(share)
            yield work([share], options)

    monkeypatch.setattr(batch_tiles, "run_on_processes", run)
    return handed


def options_of(monkeypatch, source=None, encoders=None):
    """Options whose workers have this imagery and these encoders."""
    pair = source or SyntheticTiles(record=RECORD), encoders or make_encoders()
    monkeypatch.setattr(batch_tiles, "_load_search", lambda options: pair)
    return OPTIONS


def kept(folder, zoom):
    source, encoders = made(None)
    store = tile_search(source, encoders, Folders(folder)).store(zoom)
    return store.get(zoom, np.arange(4**zoom)), store.complete_zooms()


def test_several_workers_keep_what_one_process_keeps(here, monkeypatch, tmp_path):
    tallies = embed_by_workers(options_of(monkeypatch), 6, "local", Folders(tmp_path / "many"))
    alone = embed_source(*made(None), 6, Folders(tmp_path / "one"))
    for zoom in (4, 6):
        (many, complete), (one, _) = kept(tmp_path / "many", zoom), kept(tmp_path / "one", zoom)
        np.testing.assert_array_equal(many.kind, one.kind)
        np.testing.assert_allclose(many.vector.astype(np.float32), one.vector.astype(np.float32), atol=2e-3)
        assert complete == {4, 6}
        assert tallies[zoom].kinds == alone[zoom].kinds and tallies[zoom].encoded == alone[zoom].encoded == 4**zoom
    assert max(share.codes.size for share in here) == batch_tiles.SHARE


def test_what_is_known_is_not_handed_out_again(here, monkeypatch, tmp_path):
    options, folders = options_of(monkeypatch), Folders(tmp_path)
    told = []
    embed_by_workers(options, 4, "local", folders, lambda what, share: told.append((what, share)))
    assert told[-1] == ("Zoom 4: 256 of 256 tiles", 1.0)
    count = len(here)
    again = embed_by_workers(options, 6, "local", folders)
    assert again[4].cache_hits == 256 and again[4].encoded == 0 and again[4].kinds == {Kind.SEEN: 256}
    assert {share.zoom for share in here[count:]} == {6}


def test_a_source_that_goes_down_keeps_what_was_done_and_is_gone_on_with(here, monkeypatch, tmp_path):
    def broken(tile):
        if tile.z == 6 and tile.y >= 32:
            raise SourceDown("The server is silent.")
        return False

    options = options_of(monkeypatch, SyntheticTiles(record=replace(RECORD, parallel=1), broken=broken))
    with pytest.raises(LayerError, match=r"is silent.* are kept; run it again"):
        embed_by_workers(options, 6, "local", Folders(tmp_path))
    (found, complete) = kept(tmp_path, 6)
    done = int((found.kind == Kind.SEEN).sum())
    assert 0 < done < 4096 and not complete
    tallies = embed_by_workers(options_of(monkeypatch), 6, "local", Folders(tmp_path))
    assert tallies[6].cache_hits == done and tallies[6].encoded == 4096 - done
    assert kept(tmp_path, 6)[1] == {4, 6}


def test_tiles_of_a_lost_worker_are_not_kept_and_the_level_is_not_complete(monkeypatch, tmp_path):
    def run(shares, options, work, lost, size):
        yield [lost(shares[0])]
        for share in shares[1:]:
            yield work([share], options)

    monkeypatch.setattr(batch_tiles, "run_on_processes", run)
    tallies = embed_by_workers(options_of(monkeypatch), 4, "local", Folders(tmp_path))
    assert tallies[4].kinds == {Kind.FAILED: 128, Kind.SEEN: 128}
    assert sum(tallies[4].reasons.values()) == 128
    found, complete = kept(tmp_path, 4)
    assert (found.kind == Kind.UNKNOWN).sum() == 128 and not complete


def test_a_worker_with_other_weights_is_refused(monkeypatch, tmp_path):
    options = options_of(monkeypatch)

    def run(shares, options, work, lost, size):
        yield [replace(done, digest="another") for done in work([shares[0]], options)]

    monkeypatch.setattr(batch_tiles, "run_on_processes", run)
    with pytest.raises(ArtifactError, match="other weights"):
        embed_by_workers(options, 4, "local", Folders(tmp_path))
    assert (kept(tmp_path, 4)[0].kind == Kind.UNKNOWN).all()


def test_workers_together_ask_a_server_no_faster_than_one(monkeypatch):
    record = replace(SYNTHETIC_RECORD, parallel=4)
    for workers, parallel in ((1, 4), (2, 2), (3, 1), (16, 1)):
        assert batch_tiles._SharedSource.of(SyntheticTiles(record=record), workers).record.parallel == parallel


@pytest.mark.parametrize(("change", "engine", "said"), [({"workers": 0}, "local", "0 workers"), ({}, "x", "no engine")])
def test_calls_that_make_no_sense(tmp_path, change, engine, said):
    with pytest.raises(InputError, match=said):
        embed_by_workers(replace(OPTIONS, **change), 4, engine, Folders(tmp_path))


def test_without_ray_the_sentence_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="Ray is not installed"):
        embed_by_workers(options_of(monkeypatch), 4, "ray", Folders(tmp_path))


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_keeps_what_one_process_keeps(tmp_path):
    pytest.importorskip("ray", reason="Ray, an optional extra, is not installed")
    options = replace(OPTIONS, factory="engine.testing.synthetic_tiles:make_source_and_encoders")
    tallies = embed_by_workers(options, 4, "ray", Folders(tmp_path / "ray"))
    assert tallies[4].encoded == 256
    embed_source(SyntheticTiles(), make_encoders(), 4, Folders(tmp_path / "one"))
    many, one = (
        tile_search(SyntheticTiles(), make_encoders(), Folders(tmp_path / name)).store(4).get(4, np.arange(256))
        for name in ("ray", "one")
    )
    np.testing.assert_array_equal(many.kind, one.kind)
    np.testing.assert_allclose(many.vector.astype(np.float32), one.vector.astype(np.float32), atol=2e-3)
