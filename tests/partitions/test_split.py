"""Cells cut along shapes, against the same cut made on every pixel."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.geometry.grid import Grid
from engine.geometry.row_spans import Spans
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.partitions.overlay import build_overlay
from engine.partitions.partition import Partition
from engine.partitions.split import split
from engine.partitions.storage.block_raster import CellRaster
from engine.partitions.storage.overlay_store import load_or_build
from engine.testing import box_partition, patchy_partition

GRID = Grid(540, 1080)


def sources(grid):
    step = grid.rows // 36
    return [
        box_partition("boxes", grid, 3 * step, 3 * step, hole=True),
        patchy_partition("patches", ("a", "b", "c"), grid, step // 3, 3, sea=0.3),
    ]


def overlay_of(grid):
    return build_overlay(sources(grid))


@pytest.fixture(scope="module", params=[(1080, 2160), (90, 180)], ids=["one pixel a tile", "36 pixels a tile"])
def overlay(request):
    """An overlay with small tiles, and one with large ones, as fine grids have them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.partitions.tile_index.LATTICE_ROWS", request.param[0])
        patch.setattr("engine.partitions.tile_index.LATTICE_COLUMNS", request.param[1])
        yield overlay_of(GRID)


def disc(grid, row, column, radius):
    """Rows and stretches of a rough disc that may wrap around the date line."""
    rows = np.arange(max(row - radius, 0), min(row + radius + 1, grid.rows))
    half = np.sqrt(radius**2 - (rows - row) ** 2).astype(np.int64) + 1
    return Spans.of_rows(grid, rows, column - half, column + half)


def mask_of(spans):
    mask = np.zeros(spans.grid.pixels, bool)
    for start, stop in zip(spans.start, spans.stop, strict=True):
        mask[start:stop] = True
    return mask.reshape(spans.grid.shape)


def check(found, before, spans):
    """The cut overlay says of every pixel what a cut by pixels would say."""
    grid, mask = before.grid, mask_of(spans)
    was, cells = np.asarray(before.pixel_cell), np.asarray(found.overlay.pixel_cell)
    assert np.array_equal(found.parent[cells], was)
    assert np.array_equal(found.inside[cells], mask)
    met = np.bincount((was.astype(np.int64) * 2 + mask).reshape(-1)) > 0
    assert np.bincount(cells.reshape(-1)).astype(bool).sum() == found.overlay.cells == met.sum()
    area = np.bincount(cells.reshape(-1), np.repeat(grid.pixel_area_km2, grid.columns), found.overlay.cells)
    assert found.overlay.area_km2 == pytest.approx(area, rel=1e-9)
    assert found.overlay.area_km2.sum() == pytest.approx(EARTH_AREA_KM2, rel=1e-12)
    for table, old in zip(found.overlay.tables, before.tables, strict=True):
        assert np.array_equal(table.cell_label[cells], old.cell_label[was])
    check_tiles(found.overlay, cells)


def check_tiles(overlay, cells):
    tiles, grid = overlay.tiles, overlay.grid
    rows, columns = grid.rows // tiles.shape[0], grid.columns // tiles.shape[1]
    blocks = cells.reshape(tiles.shape[0], rows, tiles.shape[1], columns)
    rng = np.random.default_rng(0)
    rank = rng.permutation(overlay.cells).astype(np.int32)
    assert np.array_equal(tiles.lowest(rank), rank[blocks].min(axis=(1, 3)))
    density = rng.random(overlay.cells)
    assert tiles.total(density).sum() == pytest.approx(density @ overlay.area_km2, rel=1e-5)
    assert np.bincount(tiles.cell, tiles.area_km2, overlay.cells) == pytest.approx(overlay.area_km2, rel=1e-5)
    tile = (np.arange(grid.rows) // rows)[:, None] * tiles.shape[1] + np.arange(grid.columns) // columns
    first = np.diff(np.sort((tile * overlay.cells + cells).reshape(-1)), prepend=-1) > 0
    met = np.sort((tile * overlay.cells + cells).reshape(-1))[first] % overlay.cells
    assert np.array_equal(tiles.counts, np.bincount(met, minlength=overlay.cells))


def test_a_cut_is_exact_to_the_pixel(overlay):
    spans = disc(overlay.grid, 200, 15, 38)
    found = split(overlay, spans)
    check(found, overlay, spans)
    assert found.overlay.cells > overlay.cells


def test_cuts_may_follow_each_other(overlay):
    spans = [disc(overlay.grid, 200, x, 30) for x in (0, 21, 1075)]
    now = overlay
    for each in spans:
        found = split(now, each)
        check(found, now, each)
        now = found.overlay
    rng = np.random.default_rng(1)
    cells = np.asarray(now.pixel_cell).reshape(-1)
    for cell in [*rng.integers(0, overlay.cells, 20), *rng.integers(overlay.cells, now.cells, 20)]:
        assert np.array_equal(now.pixels_of(int(cell)), np.flatnonzero(cells == cell))


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(st.integers(0, 179), st.integers(-50, 400), st.integers(0, 90), st.integers(0, 2**32 - 1))
def test_any_disc_cuts_any_overlay(row, column, radius, seed):
    grid = Grid(180, 360)
    rng = np.random.default_rng(seed)
    raster = np.kron(rng.integers(-1, 6, (30, 60)), np.ones((6, 6), np.int64)).astype(np.int16)
    before = build_overlay([Partition("p", tuple("abcdef"), grid, raster), box_partition("boxes", grid, 15, 15)])
    spans = disc(grid, row, column, radius)
    check(split(before, spans), before, spans)


def test_a_shape_along_cell_borders_cuts_nothing(overlay):
    step = overlay.grid.rows // 12
    rows = np.arange(step, 2 * step)
    found = split(overlay, Spans.of_rows(overlay.grid, rows, np.full(step, step), np.full(step, 3 * step)))
    assert found.overlay is overlay
    assert found.inside.any()


def test_a_cut_of_a_stored_raster_in_blocks_is_the_same(tmp_path):
    plain = overlay_of(GRID)
    stored = load_or_build(
        tmp_path / "blocks", lambda sink: (build_overlay(sources(GRID), pixel_cell=sink), {}), GRID, compressed=True
    ).overlay
    assert isinstance(stored.pixel_cell, CellRaster)
    spans = disc(GRID, 175, 5, 25)
    ours, theirs = split(stored, spans).overlay, split(plain, spans).overlay
    assert np.array_equal(np.asarray(ours.pixel_cell), np.asarray(theirs.pixel_cell))
    twin = ours.cells - 1
    assert np.array_equal(ours.pixels_of(twin), theirs.pixels_of(twin))


def test_windows_and_points_of_a_cut_raster_agree(overlay):
    cut = split(overlay, disc(overlay.grid, 150, 5, 40)).overlay.pixel_cell
    whole = np.asarray(cut)
    assert np.array_equal(cut[120:190, 0:60], whole[120:190, 0:60])
    assert np.array_equal(cut[120:190], whole[120:190])
    rows, columns = np.array([150, -1]), np.array([3, -2])
    assert np.array_equal(cut[rows, columns], whole[rows, columns])
    assert cut[150, 3] == whole[150, 3]
    assert cut.shape == whole.shape
