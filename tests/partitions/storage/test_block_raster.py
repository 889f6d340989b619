import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ArtifactError
from engine.geometry.grid import Grid
from engine.partitions.overlay import build_overlay
from engine.partitions.run_lengths import bands
from engine.partitions.storage import block_raster, overlay_store
from engine.partitions.storage.block_raster import CellRaster, decode_block, encode_block
from engine.partitions.storage.block_writer import block_shape
from engine.partitions.storage.overlay_store import load_or_build
from engine.partitions.tile_index import TileIndexBuilder
from engine.testing import SMALL_GRID, box_partition, make_overlay, patchy_partition

GRID = Grid(2160, 4320)


def partitions(grid=SMALL_GRID):
    step = grid.rows // 36
    return [
        box_partition("blocks", grid, 3 * step, 3 * step),
        box_partition("cells", grid, step, step, hole=True),
        patchy_partition("population", ("a", "b"), grid, max(step // 5, 1), 1, sea=0.4),
    ]


def stored(folder, grid=SMALL_GRID, parts=None):
    def build(sink):
        return build_overlay(parts or partitions(grid), pixel_cell=sink), {"prior": np.arange(3.0)}

    return load_or_build(folder, build, grid, compressed=True)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The same overlay as blocks and as an array."""
    return stored(tmp_path_factory.mktemp("blocks") / "world", GRID).overlay, build_overlay(partitions(GRID))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(1, 80), st.sampled_from([1, 2, 200, 3000, 2**31 - 1]))
def test_a_block_is_read_as_it_was_written(seed, rows, columns, cells):
    rng = np.random.default_rng(seed)
    lowest = int(rng.integers(0, 2**31 - 1 - min(cells, 5000)))
    block = (lowest + rng.integers(0, min(cells, 5000), (rows, columns))).astype(np.int32)
    payload, size, only = encode_block(block)
    assert np.array_equal(decode_block(payload, size, only, block.shape), block)
    assert (len(payload) == 0) == (np.unique(block).size == 1)


def test_a_raster_in_blocks_is_the_array(pair):
    blocks, plain = pair
    assert isinstance(blocks.pixel_cell, CellRaster)
    assert np.array_equal(blocks.pixel_cell, plain.pixel_cell)
    assert blocks.pixel_cell.shape == plain.pixel_cell.shape
    assert blocks.pixel_cell.size == plain.pixel_cell.size
    assert np.asarray(blocks.pixel_cell, np.int64).dtype == np.int64
    assert np.array_equal(blocks.area_km2, plain.area_km2)
    assert np.array_equal(blocks.tiles.start, plain.tiles.start)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2160), st.integers(0, 2160), st.integers(0, 4320), st.integers(0, 4320))
def test_windows_are_those_of_the_array(pair, top, bottom, left, right):
    blocks, plain = pair
    window = slice(top, bottom), slice(left, right)
    assert np.array_equal(blocks.pixel_cell[window], plain.pixel_cell[window])
    assert np.array_equal(blocks.pixel_cell[top:bottom], plain.pixel_cell[top:bottom])


@pytest.mark.parametrize(
    "key",
    [
        (0, 0),
        (-1, 4319),
        (np.array([5, 2159, 0, 5]), np.array([7, -1, 4319, 7])),
        (np.array([], np.int64), np.array([], np.int64)),
        (np.arange(30)[:, None], np.arange(40)),
        (slice(0, 100, 7), slice(10, None, 501)),
        (slice(-20, None), slice(None)),
        (slice(9, 3), slice(None)),
    ],
)
def test_points_are_those_of_the_array(pair, key):
    blocks, plain = pair
    found = blocks.pixel_cell[key]
    assert np.array_equal(found, plain.pixel_cell[key])
    assert np.shape(found) == np.shape(plain.pixel_cell[key])


def test_an_overlay_in_blocks_answers_as_one_in_an_array(pair):
    blocks, plain = pair
    rng = np.random.default_rng(3)
    latitude, longitude = rng.uniform(-90, 90, 500), rng.uniform(-180, 180, 500)
    assert np.array_equal(blocks.cell_at(latitude, longitude), plain.cell_at(latitude, longitude))
    for cell in rng.integers(0, plain.cells, 20):
        assert np.array_equal(blocks.pixels_of(int(cell)), plain.pixels_of(int(cell)))


def test_few_blocks_stay_in_memory(pair, monkeypatch):
    blocks, plain = pair
    monkeypatch.setattr(block_raster, "CACHED_BLOCKS", 3)
    assert np.array_equal(blocks.pixel_cell, plain.pixel_cell)
    assert len(blocks.pixel_cell._cache) == 3


def test_a_decoded_block_cannot_be_spoilt(pair):
    window = pair[0].pixel_cell[0:10, 0:10]
    before = window.copy()
    window[:] = 0
    assert np.array_equal(pair[0].pixel_cell[0:10, 0:10], before)


class KilledError(Exception):
    pass


class Dying:
    """A partition whose rows cannot be drawn any more after some bands."""

    def __init__(self, partition, after):
        self.partition, self.after, self.drawn = partition, after, []
        self.name, self.labels, self.grid = partition.name, partition.labels, partition.grid
        self.owner = partition.owner

    def rows(self, start, stop):
        if start >= self.after:
            raise KilledError
        self.drawn.append(start)
        return self.partition.rows(start, stop)


@pytest.mark.parametrize("grid", [Grid(360, 720), Grid(2160, 4320)])
def test_a_killed_build_goes_on_where_it_stopped(tmp_path, grid):
    parts = partitions(grid)
    starts = [start for start, _ in bands(grid, max(grid.rows // 1080, 1))]
    dying = Dying(parts[1], starts[len(starts) // 2])
    with pytest.raises(KilledError):
        stored(tmp_path / "world", grid, [parts[0], dying, parts[2]])
    done = len(list((tmp_path / "world.building" / "bands").glob("*.npz")))
    assert 0 < done <= len(starts) // 2
    watched = Dying(parts[1], grid.rows)
    resumed = stored(tmp_path / "world", grid, [parts[0], watched, parts[2]])
    assert sorted(watched.drawn) == starts[done:]
    whole = stored(tmp_path / "other", grid, parts)
    assert np.array_equal(resumed.overlay.pixel_cell, whole.overlay.pixel_cell)
    assert np.array_equal(resumed.overlay.area_km2, whole.overlay.area_km2)
    assert np.array_equal(resumed.overlay.tiles.area_km2, whole.overlay.tiles.area_km2)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["other", "world"]


@pytest.mark.parametrize("damage", ["last band", "a band missing", "blocks cut", "another grid", "half a band"])
def test_damaged_leftovers_of_a_killed_build_are_built_again(tmp_path, damage):
    grid, parts = Grid(360, 720), partitions(Grid(360, 720))
    with pytest.raises(KilledError):
        stored(tmp_path / "world", grid, [parts[0], Dying(parts[1], 200), parts[2]])
    building = tmp_path / "world.building"
    files = sorted((building / "bands").glob("*.npz"))
    if damage == "last band":
        files[-1].write_bytes(files[-1].read_bytes()[:100])
    elif damage == "a band missing":
        files[2].unlink()
    elif damage == "blocks cut":
        blocks = building / "pixel_cell.blocks"
        blocks.write_bytes(blocks.read_bytes()[:-10])
    elif damage == "half a band":
        with (building / "pixel_cell.blocks").open("ab") as file:
            file.write(b"half of a block")
    else:
        (building / "plan.json").write_text("{}")
    resumed = stored(tmp_path / "world", grid, parts)
    assert np.array_equal(resumed.overlay.pixel_cell, build_overlay(parts).pixel_cell)


@pytest.mark.parametrize("damage", ["overlay.json", "pixel_cell.blocks", "tables.npz"])
def test_a_damaged_store_is_built_again(tmp_path, damage):
    before = stored(tmp_path / "world").overlay
    expected = np.asarray(before.pixel_cell)
    file = tmp_path / "world" / damage
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert np.array_equal(stored(tmp_path / "world").overlay.pixel_cell, expected)


def test_a_damaged_block_raises_a_clear_error(tmp_path):
    overlay = stored(tmp_path / "world").overlay
    overlay.pixel_cell.close()
    file = tmp_path / "world" / "pixel_cell.blocks"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match="delete that folder"):
        np.asarray(stored(tmp_path / "world").overlay.pixel_cell)


@pytest.mark.parametrize("shape", [(21600, 43200), (10800, 21600), (5400, 10800), (7200, 14400), (1, 1), (180, 360)])
def test_blocks_are_whole_tiles_and_fit_the_bands(shape):
    grid = Grid(*shape)
    tall, wide = block_shape(grid)
    tiles = TileIndexBuilder(grid)
    assert tall <= 256 >= wide
    assert shape[1] % wide == 0
    assert tall % tiles.tile_rows == wide % tiles.tile_columns == 0
    start, stop = bands(grid, tiles.tile_rows)[0]
    assert (stop - start) % tall == 0 or stop == shape[0]


def test_only_large_grids_are_stored_as_blocks():
    assert Grid().pixels < overlay_store.LARGEST_PLAIN_PIXELS < Grid(21600, 43200).pixels
    assert np.array_equal(make_overlay().pixel_cell, make_overlay().pixel_cell)


SLOW_BUILD = """
import sys, time
from pathlib import Path
import numpy as np
from engine.geometry.grid import Grid
from engine.partitions.overlay import build_overlay
from engine.partitions.storage.overlay_store import load_or_build
from engine.testing import box_partition

class Slow:
    def __init__(self, inner):
        self.name, self.labels, self.grid = inner.name, inner.labels, inner.grid
        self.owner, self.inner = inner.owner, inner

    def rows(self, start, stop):
        time.sleep(0.2)
        return self.inner.rows(start, stop)

grid = Grid(360, 720)
parts = [box_partition("blocks", grid, 30, 30), Slow(box_partition("cells", grid, 10, 10, hole=True))]
load_or_build(Path(sys.argv[1]), lambda sink: (build_overlay(parts, pixel_cell=sink, threads=2), {}), grid, True)
"""


def test_a_process_that_is_killed_loses_no_finished_band(tmp_path):
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen([sys.executable, "-c", SLOW_BUILD, str(tmp_path / "world")], cwd=root)
    bands_folder = tmp_path / "world.building" / "bands"
    deadline = time.monotonic() + 60
    while len(list(bands_folder.glob("*.npz"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    done = len(list(bands_folder.glob("*.npz")))
    assert 5 <= done < 30
    grid = Grid(360, 720)
    watched = Dying(box_partition("cells", grid, 10, 10, hole=True), grid.rows)
    resumed = stored(tmp_path / "world", grid, [box_partition("blocks", grid, 30, 30), watched])
    assert len(watched.drawn) == 30 - done
    whole = build_overlay([box_partition("blocks", grid, 30, 30), box_partition("cells", grid, 10, 10, hole=True)])
    assert np.array_equal(resumed.overlay.pixel_cell, whole.pixel_cell)
