import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.partitions.overlay import Overlay, build_overlay
from engine.partitions.partition import NOWHERE, Partition
from engine.partitions.run_lengths import Fold
from engine.testing import make_overlay

GRID = Grid(36, 72)


def random_partitions(seed: int, labels: list[int], grid: Grid = GRID) -> list[Partition]:
    rng = np.random.default_rng(seed)
    return [
        Partition(f"p{n}", tuple(map(str, range(j))), grid, rng.integers(NOWHERE, j, grid.shape).astype(np.int16))
        for n, j in enumerate(labels)
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_every_pixel_keeps_its_label_in_every_partition(seed, labels):
    partitions = random_partitions(seed, labels)
    overlay = build_overlay(partitions)
    for partition, table in zip(partitions, overlay.tables, strict=True):
        assert np.array_equal(table.cell_label[overlay.pixel_cell], partition.raster)
        assert table.area_km2 == pytest.approx(partition.area_km2(), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 9), min_size=2, max_size=3))
def test_cells_are_the_distinct_combinations_and_cover_the_sphere(seed, labels):
    partitions = random_partitions(seed, labels)
    overlay = build_overlay(partitions)
    combinations = np.unique(np.stack([p.raster.reshape(-1) for p in partitions]), axis=1)
    assert overlay.cells == combinations.shape[1]
    assert overlay.area_km2.sum() == pytest.approx(EARTH_AREA_KM2, rel=1e-12)
    assert set(np.unique(overlay.pixel_cell)) == set(range(overlay.cells))


def test_a_single_partition_is_its_own_overlay():
    (partition,) = random_partitions(3, [5])
    overlay = build_overlay([partition])
    assert np.array_equal(overlay.tables[0].cell_label[overlay.pixel_cell], partition.raster)


def test_pixels_of_a_cell_are_all_of_its_pixels():
    overlay = make_overlay()
    for cell in range(0, overlay.cells, 97):
        assert np.array_equal(overlay.pixels_of(cell), np.flatnonzero(overlay.pixel_cell == cell))


def test_centers_are_the_mean_directions(overlay: Overlay):
    cell = 100
    pixels = overlay.pixels_of(cell)
    latitude, longitude = (np.radians(v) for v in overlay.grid.point_of(pixels))
    area = overlay.grid.area_of(pixels)
    x = (area * np.cos(latitude) * np.cos(longitude)).sum()
    z = (area * np.sin(latitude)).sum()
    assert overlay.center[cell, 0] == pytest.approx(x)
    assert overlay.center[cell, 2] == pytest.approx(z)
    assert np.linalg.norm(overlay.unit_center, axis=1) == pytest.approx(np.ones(overlay.cells))


def test_tiles_keep_every_cell_and_every_area(overlay: Overlay):
    assert set(overlay.tiles.cell) == set(range(overlay.cells))
    per_cell = np.bincount(overlay.tiles.cell, weights=overlay.tiles.area_km2, minlength=overlay.cells)
    assert per_cell == pytest.approx(overlay.area_km2, rel=1e-5)


def test_tiles_larger_than_a_pixel_show_the_best_of_their_cells():
    grid = Grid(2160, 4320)
    raster = np.zeros(grid.shape, np.int8)
    raster[7, 9] = 1
    tiny = build_overlay([Partition("tiny", ("rest", "pixel"), grid, raster)])
    cell = int(tiny.cell_at(*[float(v) for v in grid.point_of(7 * grid.columns + 9)]))
    rank = np.ones(tiny.cells, np.int32)
    rank[cell] = 0
    lowest = tiny.tiles.lowest(rank)
    assert lowest.shape == (1080, 2160)
    assert np.argwhere(lowest == 0).tolist() == [[3, 4]]


def test_mass_of_tiles_is_the_mass_of_cells(overlay: Overlay):
    density = np.random.default_rng(0).random(overlay.cells)
    assert overlay.tiles.total(density).sum() == pytest.approx(density @ overlay.area_km2, rel=1e-6)


def test_cells_at_poles_and_date_line(overlay: Overlay):
    assert overlay.cell_at(90, 0) == overlay.pixel_cell[0, 180]
    assert overlay.cell_at(-90, 0) == overlay.pixel_cell[-1, 180]
    assert overlay.cell_at(5, 180) == overlay.cell_at(5, -180)


@pytest.fixture(scope="module")
def overlay() -> Overlay:
    return make_overlay()


def test_refusals_are_sentences():
    first, second = random_partitions(1, [3, 4])
    with pytest.raises(InputError, match="give at least one"):
        build_overlay([])
    with pytest.raises(InputError, match="share a name"):
        build_overlay([first, first])
    with pytest.raises(InputError, match="different grids"):
        build_overlay([first, *random_partitions(1, [3], Grid(72, 144))[:0], _other_grid()])
    with pytest.raises(InputError, match="has no partition 'nothing'"):
        build_overlay([first, second]).table("nothing")


def _other_grid() -> Partition:
    grid = Grid(72, 144)
    return Partition("other", ("a",), grid, np.zeros(grid.shape, np.int8))


def test_progress_ends_at_one_and_can_cancel():
    shares: list[float] = []
    build_overlay(random_partitions(1, [3], Grid(180, 360)), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_overlay(random_partitions(1, [3]), cancel)


def test_a_layer_by_itself_shows_the_label_of_most_of_each_tile():
    grid = Grid(2160, 4320)
    rng = np.random.default_rng(5)
    raster = np.where(rng.random(grid.shape) < 0.3, NOWHERE, rng.integers(0, 3, grid.shape)).astype(np.int8)
    overlay = build_overlay([Partition("layer", ("a", "b", "c"), grid, raster)])
    shown = overlay.tiles.largest(overlay.tables[0].cell_label, 3)
    blocks = raster.reshape(1080, 2, 2160, 2)
    counts = np.stack([(blocks == label).sum((1, 3)) for label in range(3)])
    assert shown.shape == (1080, 2160)
    assert np.array_equal(shown == -1, counts.max(0) == 0)
    clear = np.sort(counts, axis=0)[-1] > np.sort(counts, axis=0)[-2]
    assert np.array_equal(shown[clear], counts.argmax(0)[clear])


def test_combinations_are_numbered_alike_with_a_table_and_with_a_list():
    rng = np.random.default_rng(5)
    table, sparse = Fold(50), Fold(50, largest_table=300)
    for _ in range(20):
        cells, labels = rng.integers(0, 40, 500), rng.integers(NOWHERE, 50, 500).astype(np.int16)
        ours, theirs = table.apply(cells, labels), sparse.apply(cells, labels)
        assert np.array_equal(ours[0], theirs[0])
        assert np.array_equal(ours[1], theirs[1])
    assert sparse.number is None
    assert np.array_equal(table.keys(), sparse.keys())
