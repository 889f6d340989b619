import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.majority import majority
from engine.layers.raster import NO_DATA, RasterRows, cover_on_grid, labels_at, read_on_grid
from engine.partitions.partition import NOWHERE


def classes_of(seed, shape, smooth=1, holes=0.2, classes=5):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, classes, (-(-shape[0] // smooth), -(-shape[1] // smooth))).astype(np.uint8)
    coarse[rng.random(coarse.shape) < holes] = NO_DATA
    return np.kron(coarse, np.ones((smooth, smooth), np.uint8))[: shape[0], : shape[1]]


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    factor=st.sampled_from([(1, 1), (1, 3), (2, 1), (3, 3), (4, 4), (12, 12), (5, 2)]),
    smooth=st.sampled_from([1, 2, 7]),
    equal=st.booleans(),
)
def test_majority_is_the_class_of_the_largest_area(seed, factor, smooth, equal):
    tall, wide = factor
    source = classes_of(seed, (4 * tall, 9 * wide), smooth)
    weights = np.full((4, tall), 1 / tall) if equal else np.random.default_rng(seed).dirichlet(np.ones(tall), 4)
    got = majority(source, weights, wide, 5)
    blocks = source.reshape(4, tall, 9, wide)
    area = np.stack([((blocks == label) * weights[:, :, None, None]).sum((1, 3)) for label in range(5)])
    expected = np.where(area.max(0) > 0, np.round(area, 9).argmax(0), NOWHERE)
    assert np.array_equal(got, expected)


def test_a_raster_finer_than_every_grid_is_read_by_area(tmp_path, rasters):
    """64800 rows in small: three times as many as the grid, as ESA-CCI is to 30 arc-seconds."""
    source = classes_of(1, (540, 1080), 4)
    path = rasters.write(tmp_path / "fine.tif", source, nodata=NO_DATA)
    grid = Grid(180, 360)
    cover = np.concatenate([cover_on_grid(path, grid, 5, slice(top, top + 60)) for top in (0, 60, 120)], axis=1)
    assert cover.shape == (5, 180, 360)
    assert cover.max() <= 1 + 1e-6
    drawn = read_on_grid(path, grid, 5)
    known = cover.sum(0) > 1e-6
    assert np.array_equal(drawn != NOWHERE, known)
    chosen = np.take_along_axis(cover, np.maximum(drawn, 0)[None].astype(np.int64), 0)[0]
    assert chosen[known] == pytest.approx(cover.max(0)[known], abs=1e-6)
    whole = (source != NO_DATA).reshape(180, 3, 360, 3).all((1, 3))
    assert cover.sum(0)[whole] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("size", [(180, 360), (540, 1080), (1080, 2160), (432, 864)])
@pytest.mark.parametrize("grid", [Grid(180, 360), Grid(540, 1080), Grid(720, 720)])
def test_rows_are_those_of_the_whole(tmp_path, rasters, size, grid):
    path = rasters.write(tmp_path / "layer.tif", classes_of(2, size, 5), tiled=True, blockxsize=240, blockysize=240)
    source = RasterRows("x", tuple("abcde"), grid, path)
    whole = read_on_grid(path, grid, 5)
    for start, stop in [(0, 60), (60, 120), (100, 101), (0, grid.rows), (grid.rows - 7, grid.rows)]:
        assert np.array_equal(source.rows(start, stop), whole[start:stop])
    assert source.owner.tolist() == [0, 1, 2, 3, 4]


def test_rows_may_be_asked_for_by_several_threads():
    grid = Grid(1080, 2160)
    path = builtin.layer_path("land_cover")
    source = RasterRows("land_cover", tuple("abcdefg"), grid, path)
    whole, wrong = read_on_grid(path, grid, 7), []

    def draw(offset):
        tops = range(offset, 1080, 240)
        wrong.extend(top for top in tops if not np.array_equal(source.rows(top, top + 60), whole[top : top + 60]))

    threads = [threading.Thread(target=draw, args=(60 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_labels_at_a_place_are_the_files_own_pixels(tmp_path, rasters):
    source = classes_of(3, (540, 1080), 2)
    path = rasters.write(tmp_path / "layer.tif", source, nodata=NO_DATA, tiled=True, blockxsize=240, blockysize=240)
    rng = np.random.default_rng(0)
    latitude = np.concatenate([rng.uniform(-90, 90, 400), [90, -90, 0, 0]])
    longitude = np.concatenate([rng.uniform(-180, 180, 400), [0, 0, 180, -180]])
    row = np.clip(np.floor((90 - latitude) * 3), 0, 539).astype(int)
    column = np.floor((longitude + 180) * 3).astype(int) % 1080
    expected = source[row, column].view(np.int8)
    assert np.array_equal(labels_at(path, 5, latitude, longitude), expected)
    assert labels_at(path, 5, np.empty(0), np.empty(0)).size == 0
    with pytest.raises(LayerError, match="the value"):
        labels_at(path, 2, latitude, longitude)
