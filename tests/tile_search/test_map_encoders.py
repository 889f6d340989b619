"""Training of map encoders: what moves, what stays, and going on after a stop."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import ArtifactError, InputError
from engine.testing.synthetic_tiles import SyntheticTiles, make_encoders
from engine.tile_search.imagery import SourceRecord, TileError
from engine.tile_search.tile_encoders import RECORD_FILE, last_blocks, load_encoders, load_trained
from engine.training.map_encoders import train_map_encoders
from engine.training.zoom_training import STATE_FILE, TrainSettings

ROOT = Path(__file__).resolve().parents[2]
QUICK = TrainSettings(zooms=(14, 16), epochs=2, learning_rate=1e-3, save_every=1)


class StopError(Exception):
    """Stands for a killed process: nothing after it runs."""


@pytest.fixture(scope="module")
def pairs(known_pairs_of):
    return known_pairs_of(photos=240)


def test_training_lowers_the_loss_at_every_zoom(trained):
    assert set(trained.record["zooms"]) == {"4", "6", "8", "10", "12", "14", "16"}
    for entry in trained.record["zooms"].values():
        losses = [row["train_loss"] for row in entry["history"]]
        assert losses[-1] < losses[0]
        assert 0 < entry["temperature"] < 1
    assert trained.record["source"]["attribution"] == "Nobody"
    finest = trained.record["zooms"]["16"]["test"]
    assert finest["photos"] == len(trained.seeds) and finest["tiles"] > 30
    assert finest["share_right"] > 0.9


def test_without_a_photo_to_calibrate_on_no_temperature_is_made_up(known_pairs_of, tmp_path):
    few = known_pairs_of(photos=40)
    few = replace(few, side=np.zeros_like(few.side))
    record = train_map_encoders(few, SyntheticTiles(), make_encoders(), tmp_path, TrainSettings(zooms=(16,), epochs=1))
    assert "temperature" not in record["zooms"]["16"] and record["zooms"]["16"]["validation_loss"] is None
    assert not load_trained(make_encoders(), tmp_path).is_calibrated(16)


def test_only_the_last_blocks_move_and_the_photo_encoder_stays(trained):
    plain, photo = make_encoders(), trained.photo(0)
    np.testing.assert_array_equal(trained.encoders.photo(photo), plain.photo(photo))
    prepared = np.random.default_rng(0).normal(size=(3, 3, 32, 32)).astype(np.float32)
    before = plain.tiles(16, prepared)
    assert not np.allclose(trained.encoders.tiles(16, prepared), before)
    assert not np.allclose(trained.encoders.tiles(16, prepared), trained.encoders.tiles(4, prepared))
    np.testing.assert_array_equal(trained.encoders.photo(photo), plain.photo(photo))  # the plain blocks are back
    assert trained.encoders.digest(16) != trained.encoders.digest(4) != plain.digest(4)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(pairs, tmp_path):
    whole = train_map_encoders(pairs, SyntheticTiles(), make_encoders(), tmp_path / "whole", QUICK)
    shares = iter([0.3, 0.8, 2.0])
    until = next(shares)

    def report(what, share):
        if share > until:
            raise StopError

    for _ in range(3):
        try:
            record = train_map_encoders(pairs, SyntheticTiles(), make_encoders(), tmp_path / "parts", QUICK, report)
        except StopError:
            assert (tmp_path / "parts" / STATE_FILE).is_file()
            until = next(shares)
    for zoom, entry in whole["zooms"].items():
        assert entry["sha256"] == record["zooms"][zoom]["sha256"]
        assert entry["history"] == record["zooms"][zoom]["history"]
    assert not (tmp_path / "parts" / STATE_FILE).exists()


def test_two_processes_give_what_one_gives(pairs, tmp_path):
    code = """
import sys
from pathlib import Path
import numpy as np, torch
torch.set_num_threads(1)
from engine.testing.synthetic_tiles import SyntheticTiles, make_encoders
from engine.training.distributed import join_group
from engine.training.map_encoders import train_map_encoders
from engine.training.tile_pairs import Pairs
from engine.training.zoom_training import TrainSettings
found = np.load(sys.argv[1])
pairs = Pairs(found["embedding"], found["latitude"], found["longitude"], found["side"])
with join_group("cpu") as group:
    settings = TrainSettings(zooms=(16,), epochs=2, learning_rate=1e-3)
    train_map_encoders(pairs, SyntheticTiles(), make_encoders(), Path(sys.argv[2]), settings, group=group)
"""
    np.savez(tmp_path / "pairs.npz", embedding=pairs.embedding, latitude=pairs.latitude,
             longitude=pairs.longitude, side=pairs.side)  # fmt: skip
    (tmp_path / "run.py").write_text(code)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
               tmp_path / "run.py", tmp_path / "pairs.npz", tmp_path / "two"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
                          env={**__import__("os").environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    one = TrainSettings(zooms=(16,), epochs=2, learning_rate=1e-3)
    alone = train_map_encoders(pairs, SyntheticTiles(), make_encoders(), tmp_path / "one", one)
    both = json.loads((tmp_path / "two" / RECORD_FILE).read_text())
    for mine, theirs in zip(alone["zooms"]["16"]["history"], both["zooms"]["16"]["history"], strict=True):
        assert mine["train_loss"] == pytest.approx(theirs["train_loss"], rel=1e-3)


def test_another_training_is_not_mixed_into_a_folder(pairs, tmp_path):
    settings = TrainSettings(zooms=(16,), epochs=1)
    train_map_encoders(pairs, SyntheticTiles(), make_encoders(), tmp_path, settings)
    with pytest.raises(InputError, match="other photos or settings"):
        train_map_encoders(pairs, SyntheticTiles(), make_encoders(), tmp_path, TrainSettings(zooms=(16,), epochs=2))
    shallow = SyntheticTiles(record=SourceRecord("a", "A", "", "", max_zoom=3))
    with pytest.raises(InputError, match="none of the zooms"):
        train_map_encoders(pairs, shallow, make_encoders(), tmp_path / "b", settings)


def test_tiles_that_cannot_be_had_are_left_out(pairs, tmp_path):
    def broken(tile):
        if tile.x % 3 == 0:
            raise TileError("gone")
        return tile.x % 3 == 1

    settings = TrainSettings(zooms=(16,), epochs=1)
    record = train_map_encoders(pairs, SyntheticTiles(broken=broken), make_encoders(), tmp_path, settings)
    assert record["zooms"]["16"]["history"][0]["train_loss"] > 0


def test_damaged_map_encoders_are_refused(trained, tmp_path):
    for name in (RECORD_FILE, "blocks-z16.safetensors"):
        (tmp_path / name).write_bytes((trained.folder / name).read_bytes())
    facts = json.loads((tmp_path / RECORD_FILE).read_text())
    facts["zooms"] = {"16": facts["zooms"]["16"]}
    (tmp_path / RECORD_FILE).write_text(json.dumps(facts))
    assert load_trained(make_encoders(), tmp_path).temperature(16) == facts["zooms"]["16"]["temperature"]
    (tmp_path / "blocks-z16.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(ArtifactError, match="missing or damaged"):
        load_trained(make_encoders(), tmp_path)
    facts["zooms"]["16"]["file"] = "../outside.safetensors"
    (tmp_path / RECORD_FILE).write_text(json.dumps(facts))
    with pytest.raises(ArtifactError, match="outside its folder"):
        load_trained(make_encoders(), tmp_path)
    with pytest.raises(ArtifactError, match="holds no map encoders"):
        load_trained(make_encoders(), tmp_path / "nowhere")


def test_the_true_architecture_has_two_blocks_to_train():
    encoders = load_encoders(random_weights=0, device="cpu", to_train=True)
    blocks = last_blocks(encoders.encoder.backbone.module)
    assert len(blocks) == 2
    assert sum(values.numel() for block in blocks for values in block.parameters()) == pytest.approx(14.2e6, rel=0.01)
    assert encoders.dimension == 512
    found = encoders.tiles(4, np.zeros((2, 3, 224, 224), np.float32))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert not any(values.requires_grad for values in encoders.encoder.backbone.module.parameters())
    assert torch.is_tensor(next(iter(blocks[0].parameters())))


def test_packed_layers_give_the_same_embeddings():
    tiles = np.random.default_rng(0).normal(size=(3, 3, 224, 224)).astype(np.float32)
    plain = load_encoders(random_weights=1, device="cpu", to_train=True)
    quick = load_encoders(random_weights=1, device="cpu")
    assert quick.tiles(10, tiles) == pytest.approx(plain.tiles(10, tiles), abs=1e-5)
    assert quick.digest(10) == plain.digest(10)
