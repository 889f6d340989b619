import threading

import numpy as np
import pytest

from engine.errors import ArtifactError
from engine.partitions.overlay import build_overlay
from engine.partitions.storage import overlay_store
from engine.partitions.storage.overlay_store import load_or_build
from engine.testing import SMALL_GRID, box_partition, make_overlay


class Builder:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, raster):
        self.calls += 1
        boxes = [box_partition("blocks", SMALL_GRID, 30, 30), box_partition("cells", SMALL_GRID, 5, 5, hole=True)]
        return build_overlay(boxes, pixel_cell=raster), {"prior": np.arange(3.0)}


def test_what_is_read_back_is_what_was_built(tmp_path):
    build = Builder()
    load_or_build(tmp_path / "world", build, SMALL_GRID)
    stored = load_or_build(tmp_path / "world", build, SMALL_GRID)
    fresh, _ = Builder()(np.empty(SMALL_GRID.shape, np.int32))
    assert build.calls == 1
    assert np.array_equal(stored.overlay.pixel_cell, fresh.pixel_cell)
    assert np.array_equal(stored.overlay.tiles.cell, fresh.tiles.cell)
    assert stored.overlay.tiles.shape == fresh.tiles.shape
    assert stored.overlay.grid == SMALL_GRID
    for ours, theirs in zip(stored.overlay.tables, fresh.tables, strict=True):
        assert (ours.name, ours.labels) == (theirs.name, theirs.labels)
        assert np.array_equal(ours.owner, theirs.owner)
        assert np.array_equal(ours.cell_label, theirs.cell_label)
        assert np.array_equal(ours.area_km2, theirs.area_km2)
    assert stored.extra["prior"].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("damage", ["overlay.json", "pixel_cell.npy", "tables.npz"])
@pytest.mark.parametrize("how", ["truncated", "missing", "rubbish"])
def test_a_damaged_folder_is_built_again(tmp_path, damage, how):
    build = Builder()
    load_or_build(tmp_path / "world", build, SMALL_GRID)
    file = tmp_path / "world" / damage
    content = file.read_bytes()
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if how == "truncated" else b"rubbish")
    stored = load_or_build(tmp_path / "world", build, SMALL_GRID)
    assert build.calls == 2
    assert stored.overlay.cells > 0


def test_an_older_format_is_built_again(tmp_path, monkeypatch):
    build = Builder()
    load_or_build(tmp_path / "world", build, SMALL_GRID)
    monkeypatch.setattr(overlay_store, "FORMAT", overlay_store.FORMAT + 1)
    load_or_build(tmp_path / "world", build, SMALL_GRID)
    assert build.calls == 2


def test_a_failed_build_leaves_nothing_and_orphans_are_swept(tmp_path):
    def fail(raster):
        raise MemoryError

    with pytest.raises(MemoryError):
        load_or_build(tmp_path / "world", fail, SMALL_GRID)
    (tmp_path / "world.part-killed").mkdir()
    load_or_build(tmp_path / "world", Builder(), SMALL_GRID)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["world"]


def test_those_who_come_at_once_wait_for_one_build(tmp_path):
    build = Builder()
    threads = [threading.Thread(target=load_or_build, args=(tmp_path / "world", build, SMALL_GRID)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert build.calls == 1


def test_an_unwritable_cache_raises_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArtifactError, match="HEREABOUTS_CACHE"):
        load_or_build(tmp_path / "file" / "world", Builder(), SMALL_GRID)


def test_the_synthetic_overlay_is_deterministic():
    assert np.array_equal(make_overlay().pixel_cell, make_overlay().pixel_cell)
