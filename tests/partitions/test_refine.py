"""A refined overlay is the overlay of all partitions together, and knows where its cells came from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.s2.cells import all_cells, cell_ids, tokens
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.partitions.cell_raster import draw_cells
from engine.partitions.overlay import build_overlay
from engine.partitions.partition import Partition
from engine.partitions.refine import MOST_COMBINATIONS, ChildBlocks, join_sources, refine, share_of_parent

GRID = Grid(90, 180)


def random_partition(name, seed, labels):
    raster = np.random.default_rng(seed).integers(-1, labels, GRID.shape).astype(np.int16)
    return Partition(name, tuple(map(str, range(labels))), GRID, raster)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 6), min_size=3, max_size=5))
def test_refining_is_laying_all_partitions_over_each_other(seed, labels):
    partitions = [random_partition(f"p{n}", seed + n, count) for n, count in enumerate(labels)]
    base = build_overlay(partitions[:2])
    refined = refine(base, partitions[2:-1], helpers=partitions[-1:])
    whole, finer = build_overlay(partitions), refined.overlay
    assert finer.cells == whole.cells
    assert np.array_equal(refined.parent[finer.pixel_cell], base.pixel_cell)
    assert [table.name for table in finer.tables] == [p.name for p in partitions[:-1]]
    for table, partition in zip(finer.tables, partitions, strict=False):
        assert np.array_equal(table.cell_label[finer.pixel_cell], partition.raster)
        assert table.area_km2 == pytest.approx(partition.area_km2(), rel=1e-9)
    assert finer.area_km2.sum() == pytest.approx(EARTH_AREA_KM2, rel=1e-12)
    assert np.bincount(refined.parent, finer.area_km2) == pytest.approx(base.area_km2, rel=1e-9)
    assert np.bincount(refined.parent, share_of_parent(finer.area_km2, refined.parent)) == pytest.approx(1.0)


def test_numbers_within_ancestors_cut_as_the_blocks_themselves_do():
    ancestors = all_cells(2)
    base = build_overlay([draw_cells("s2_level_2", ancestors, tokens(ancestors), GRID)])
    refined = refine(base, [], helpers=[ChildBlocks.of(GRID, 4, 2)])
    latitude, longitude = np.meshgrid(GRID.latitudes, GRID.longitudes, indexing="ij")
    blocks = np.unique(cell_ids(latitude, longitude, 4), return_inverse=True)[1].reshape(GRID.shape)
    pairs = np.unique(refined.overlay.pixel_cell.astype(np.int64) * blocks.max() * 2 + blocks)
    assert pairs.size == refined.overlay.cells == blocks.max() + 1


def test_names_and_grids_are_checked():
    base = build_overlay([random_partition("a", 1, 3), random_partition("b", 2, 3)])
    with pytest.raises(InputError, match="share a name"):
        refine(base, [random_partition("c", 1, 3), random_partition("c", 1, 3)])


def test_partitions_of_few_labels_are_numbered_together():
    parts = [
        random_partition(name, seed, count)
        for seed, (name, count) in enumerate({"many": 200, "some": 12, "few": 5, "two": 2}.items())
    ]
    joint = join_sources(parts)
    assert [[part.name for part in each.parts] for each in joint] == [["many"], ["some", "few"], ["two"]]
    assert all(len(each.labels) <= MOST_COMBINATIONS for each in joint[1:])
    together, apart = build_overlay(joint), build_overlay(parts)
    found = {table.name: table for each in joint for table in each.split(together)}
    assert together.cells == apart.cells
    for part in parts:
        plain = apart.table(part.name)
        assert found[part.name].labels == plain.labels
        assert found[part.name].area_km2 == pytest.approx(plain.area_km2)
        drawn = found[part.name].cell_label[together.pixel_cell]
        assert np.array_equal(drawn, plain.cell_label[apart.pixel_cell])
