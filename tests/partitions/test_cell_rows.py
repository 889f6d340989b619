import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.partitions.cell_raster import draw_cells
from engine.partitions.cell_rows import SharedLattice, cell_rows
from engine.partitions.geocells import grow


def in_bands(rows, step):
    grid = rows.grid
    return np.concatenate([rows.rows(top, min(top + step, grid.rows)) for top in range(0, grid.rows, step)])


def same(ids, grid, step=37):
    labels = s2.tokens(ids)
    drawn, lazy = draw_cells("cells", ids, labels, grid), cell_rows("cells", ids, labels, SharedLattice.of(grid))
    assert np.array_equal(in_bands(lazy, step), drawn.raster)
    assert np.array_equal(lazy.owner, drawn.owner)
    assert lazy.labels == drawn.labels
    assert lazy.rows(0, 1).dtype == drawn.raster.dtype


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from([(36, 72), (90, 180), (180, 360), (135, 90), (1, 1), (216, 432)]),
    maximum=st.integers(1, 30),
    polar=st.booleans(),
)
def test_rows_are_those_of_the_whole_raster(seed, shape, maximum, polar):
    rng = np.random.default_rng(seed)
    clumps = rng.uniform([-89, -180], [89, 180], (12, 2))
    clumps[:2] = [[89.9, 10], [-89.9, 170]] if polar else [[0.01, 179.99], [45, -45]]
    points = clumps[rng.integers(0, 12, 600)] + rng.normal(0, 0.3, (600, 2))
    latitude = np.clip(points[:, 0], -90, 90)
    longitude = (points[:, 1] + 180) % 360 - 180
    same(grow(latitude, longitude, 0, maximum, start_level=3).ids, Grid(*shape))


@pytest.mark.parametrize("level", [0, 1, 4])
def test_blocks_cover_the_earth_by_rows(level):
    same(s2.all_cells(level), Grid(180, 360), 50)


def test_real_geocells_by_rows_are_those_of_the_raster():
    from engine.partitions.photo_locations import default_geocells

    same(default_geocells("fine").ids, Grid(1080, 2160), 100)


def test_several_sets_share_one_lattice_and_threads_do_not_disturb_each_other():
    grid = Grid(180, 360)
    lattice = SharedLattice.of(grid)
    ids = [s2.all_cells(3), s2.all_cells(5)]
    sources = [cell_rows(f"level{n}", cells, s2.tokens(cells), lattice) for n, cells in enumerate(ids)]
    whole = [draw_cells("x", cells, s2.tokens(cells), grid).raster for cells in ids]
    wrong = []

    def draw(offset):
        for top in range(offset, 170, 7):
            for source, raster in zip(sources, whole, strict=True):
                if not np.array_equal(source.rows(top, top + 5), raster[top : top + 5]):
                    wrong.append(top)

    threads = [threading.Thread(target=draw, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
