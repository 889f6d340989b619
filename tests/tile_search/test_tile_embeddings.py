"""What is kept survives whatever happens to the process or the file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ArtifactError, PredictorError
from engine.tile_search.tile_embeddings import EmbeddingStore, Kind

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys, numpy as np
from pathlib import Path
from engine.tile_search.tile_embeddings import EmbeddingStore
store = EmbeddingStore(Path(sys.argv[1]), "s", "d", 64)
start = int(sys.argv[2])
print("go", flush=True)
for at in range(start, 65536, 16):
    codes = np.arange(at, at + 16)
    vectors = np.repeat((codes % 1000 / 1000.0)[:, None], 64, axis=1).astype(np.float32)
    store.put(8, codes, np.ones(16, np.uint8), vectors)
"""


def test_killed_at_any_moment(tmp_path):
    rng, here = np.random.default_rng(0), 0
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, str(here)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        time.sleep(float(rng.uniform(0.05, 0.3)))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        store = EmbeddingStore(tmp_path, "s", "d", 64)
        found = store.get(8, np.arange(65536))
        known = np.flatnonzero(found.kind == Kind.SEEN)
        assert known.size % 16 == 0 and known.size > here  # batches whole or not at all, nothing lost
        np.testing.assert_allclose(found.vector[known, 5], known % 1000 / 1000.0, atol=1e-3)
        here = known.size
        store.close()


def test_two_processes_write_at_once(tmp_path):
    code = WRITER.replace("65536", "20000")
    commands = [[sys.executable, "-c", code, tmp_path, str(19000 - 480 * n)] for n in range(2)]
    writers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for command in commands]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = EmbeddingStore(tmp_path, "s", "d", 64)
    assert store.count(8) == 1488  # of 18,520 to 20,008
    store.close()


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty"])
def test_a_damaged_file_is_set_aside_and_filled_anew(tmp_path, damage, caplog):
    store = EmbeddingStore(tmp_path, "s", "d", 8)
    codes = np.arange(3000)
    vectors = np.full((3000, 8), 0.5, np.float32)
    store.put(8, codes, np.ones(3000, np.uint8), vectors)
    store.close()
    whole = store.path.read_bytes()
    store.path.write_bytes({"garbage": b"x" * 9000, "truncated": whole[: len(whole) // 2], "empty": b""}[damage])
    again = EmbeddingStore(tmp_path, "s", "d", 8)
    kinds = again.get(8, codes).kind
    assert set(kinds.tolist()) <= {Kind.UNKNOWN, Kind.SEEN}
    again.put(8, codes, np.ones(3000, np.uint8), vectors)
    assert (again.get(8, codes).kind == Kind.SEEN).all()
    again.close()


def test_rows_of_another_length_are_as_good_as_none(tmp_path):
    store = EmbeddingStore(tmp_path, "s", "d", 8)
    store.put(4, np.arange(2), np.ones(2, np.uint8), np.ones((2, 8), np.float32))
    store._connection.execute("UPDATE tile SET vector = x'00' WHERE key = ?", ((4 << 48) + 1,))
    store._connection.commit()
    assert store.get(4, np.arange(2)).kind.tolist() == [Kind.SEEN, Kind.UNKNOWN]
    store.close()


def test_a_whole_zoom_in_memory_is_the_same(tmp_path):
    store, rng = EmbeddingStore(tmp_path, "s", "d", 8), np.random.default_rng(0)
    vectors = rng.normal(size=(256, 8)).astype(np.float32)
    store.put(4, np.arange(256), np.ones(256, np.uint8), vectors)
    assert store.complete_zooms() == frozenset()
    store.mark_complete(4, 256)
    assert store.complete_zooms() == {4}
    before = store.get(4, np.array([9, 200]))
    store.load_whole(4)
    np.testing.assert_array_equal(store.get(4, np.array([9, 200])).vector, before.vector)
    store.put(4, np.array([9]), np.ones(1, np.uint8), np.zeros((1, 8), np.float32))
    assert not store.get(4, np.array([9])).vector.any()
    store.close()


def test_numbers_that_are_none_and_folders_that_cannot_be_written(tmp_path):
    store = EmbeddingStore(tmp_path, "s", "d", 2)
    with pytest.raises(PredictorError, match="not finite"):
        store.put(4, np.arange(1), np.ones(1, np.uint8), np.array([[np.nan, 1]], np.float32))
    (tmp_path / "file").write_text("")
    blocked = EmbeddingStore(tmp_path / "file", "s", "d", 2)
    assert blocked.complete_zooms() == frozenset() and blocked.count(4) == 0
    with pytest.raises(ArtifactError, match="HEREABOUTS_CACHE"):
        blocked.get(4, np.arange(1))
