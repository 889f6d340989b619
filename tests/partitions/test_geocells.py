"""Geocells against the literal rule, and their masks against a search per pixel."""

from collections import Counter

import numpy as np
import pytest
import s2sphere
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.partitions.geocells import (
    Geocells,
    ancestors,
    blocks_partition,
    geocells_partition,
    grow,
    read_geoestimation_csv,
)
from engine.partitions.partition import NOWHERE, gather_on_owners

SMALL = Grid(180, 360)
HEADER = "class_label,hex_id,imgs_per_cell,latitude_mean,longitude_mean"
REMARKS = "num_images: 4723695\nmin_concept_probability: ---"
BODY = "0,8744,3376,39.28,-107.94\n1,364,2728,35.96,108.13\n2,89c6c74,235,39.98,-75.22"


def clustered_photos(count=3000, seed=0):
    """Photos around towns of very different size, at a pole and on the antimeridian among other places."""
    random = np.random.default_rng(seed)
    towns = np.array([(48.9, 2.3), (-16.8, 180.0), (89.9, 10.0), (-89.95, -70.0), (0.0, 0.0), (21.3, -157.8)])
    town = random.choice(len(towns), count, p=[0.5, 0.2, 0.1, 0.05, 0.1, 0.05])
    spread = np.where(random.random(count) < 0.3, 3.0, 0.05)[:, None]
    points = towns[town] + random.normal(0.0, 1.0, (count, 2)) * spread
    return np.clip(points[:, 0], -90.0, 90.0), (points[:, 1] + 180.0) % 360.0 - 180.0


def literal_rule(lat, lon, minimum, maximum, *, start=2, finest=30):
    """The rule photo by photo, on s2sphere: token -> photos."""
    leaves = [
        s2sphere.CellId.from_lat_lng(s2sphere.LatLng.from_degrees(*point))
        for point in zip(lat.tolist(), lon.tolist(), strict=True)
    ]
    cell = [leaf.parent(start) for leaf in leaves]
    count = Counter(cell)
    photos = [photo for photo in range(len(cell)) if count[cell[photo]] > minimum]
    for level in range(start + 1, finest + 1):
        count = Counter(cell[photo] for photo in photos)
        for photo in photos:
            if count[cell[photo]] > maximum:
                cell[photo] = leaves[photo].parent(level)
    count = Counter(cell[photo] for photo in photos)
    return {key.to_token(): [photo for photo in photos if cell[photo] == key] for key in count if count[key] > minimum}


def made_of(*tokens, name="made"):
    ids = s2.from_tokens(tokens)
    lat, lon = s2.cell_centers(ids)
    return Geocells(name, ids, np.arange(1, ids.size + 1), lat, lon)


def lost(partition):
    return np.flatnonzero(partition.owner != np.arange(len(partition.labels)))


def assert_every_label_has_ground(partition):
    assert (partition.owner[partition.owner] == partition.owner).all()
    assert (partition.area_km2()[partition.owner] > 0.0).all()


@pytest.mark.parametrize(
    ("minimum", "maximum", "start", "finest"), [(0, 20, 2, 30), (1, 40, 2, 30), (5, 100, 3, 9), (0, 1, 2, 12)]
)
def test_grown_cells_follow_the_literal_rule(minimum, maximum, start, finest):
    lat, lon = clustered_photos()
    cells = grow(lat, lon, minimum, maximum, start_level=start, finest_level=finest)
    expected = literal_rule(lat, lon, minimum, maximum, start=start, finest=finest)
    assert dict(zip(cells.tokens, cells.photo_count.tolist(), strict=True)) == {
        token: len(photos) for token, photos in expected.items()
    }
    for label, token in enumerate(cells.tokens):
        assert cells.mean_latitude[label] == pytest.approx(lat[expected[token]].mean(), abs=1e-9)
        assert cells.mean_longitude[label] == pytest.approx(lon[expected[token]].mean(), abs=1e-9)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-18, 18)), min_size=1, max_size=60),
    st.integers(0, 2),
    st.integers(2, 6),
)
def test_any_photos_follow_the_literal_rule(points, minimum, maximum):
    lat, lon = np.array(points, np.float64).T * 10.0
    expected = literal_rule(lat, lon, minimum, maximum)
    if not expected:
        with pytest.raises(InputError, match="No cell holds more than"):
            grow(lat, lon, minimum, maximum)
        return
    cells = grow(lat, lon, minimum, maximum)
    assert sorted(cells.tokens) == sorted(expected)
    assert cells.photo_count.sum() == sum(len(photos) for photos in expected.values())


def test_photos_at_one_point_end_at_the_finest_level():
    cells = grow(np.full(50, 48.85), np.full(50, 2.35), 0, 10)
    assert len(cells) == 1
    assert s2.level_of(cells.ids).tolist() == [30]


def test_grown_cells_do_not_depend_on_the_order_of_photos():
    lat, lon = clustered_photos()
    shuffled = np.random.default_rng(5).permutation(lat.size)
    np.testing.assert_array_equal(grow(lat, lon, 1, 20).ids, grow(lat[shuffled], lon[shuffled], 1, 20).ids)


def test_label_at_finds_the_cell_of_every_photo():
    lat, lon = clustered_photos()
    cells = grow(lat, lon, 0, 20)
    assert np.bincount(cells.label_at(lat, lon), minlength=len(cells)).tolist() == cells.photo_count.tolist()
    assert cells.label_at(-40.0, 100.0) == NOWHERE
    np.testing.assert_array_equal(cells.label_of_leaf(cells.ids), np.arange(len(cells)))


@pytest.mark.parametrize(
    "numbers", [{"minimum": -1}, {"minimum": 30}, {"start_level": 0}, {"finest_level": 31}, {"finest_level": 1}]
)
def test_numbers_out_of_range_are_refused(numbers):
    with pytest.raises(InputError, match="are out of range"):
        grow([1.0, 2.0], [3.0, 4.0], **({"minimum": 0, "maximum": 20} | numbers))


def test_cells_that_overlap_are_refused():
    with pytest.raises(InputError, match=r"overlap: 47 and 47e4"):
        made_of("47e4", "47")
    with pytest.raises(InputError, match="overlap"):
        made_of("47", "47")


def test_arrays_of_different_length_are_refused():
    with pytest.raises(InputError, match="one id, count and mean point"):
        Geocells("odd", s2.all_cells(0), np.ones(5, np.int64), np.zeros(6), np.zeros(6))


def test_numbers_that_are_no_cells_are_refused():
    with pytest.raises(InputError, match="not an S2 cell id"):
        Geocells("odd", np.array([2], np.uint64), np.ones(1, np.int64), np.zeros(1), np.zeros(1))


def test_every_fine_cell_has_the_coarse_cell_around_it():
    lat, lon = clustered_photos()
    fine, coarse = grow(lat, lon, 0, 20), grow(lat, lon, 0, 100)
    label = ancestors(fine, coarse)
    assert (label != NOWHERE).all()
    level = s2.level_of(coarse.ids)[label]
    for cell, around, at in zip(fine.ids, coarse.ids[label], level, strict=True):
        assert s2.parent(cell, int(at)) == around


def test_a_cell_outside_or_around_coarse_cells_has_no_ancestor():
    coarse = made_of("89c6c74", "4794")
    assert ancestors(made_of("89c", "4794", "0c"), coarse).tolist() == [NOWHERE, 1, NOWHERE]


# --- masks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grid", [SMALL, Grid(90, 100), Grid(4, 12), Grid(1, 1)], ids=lambda grid: f"{grid.shape}")
def test_a_pixel_belongs_to_the_cell_of_its_centre(grid):
    lat, lon = clustered_photos()
    cells = grow(lat, lon, 0, 20)
    partition = geocells_partition(cells, grid)
    searched = cells.label_at(grid.latitudes[:, None], grid.longitudes)
    different = np.flatnonzero((partition.raster != searched).ravel())
    assert (searched.ravel()[different] == NOWHERE).all()
    homes = grid.pixel_of(*s2.cell_centers(cells.ids))
    for pixel in different:  # taken by a cell that owns no pixel centre and has its own centre here
        label = partition.raster.ravel()[pixel]
        assert homes[label] == pixel
        assert not (searched == label).any()
    assert_every_label_has_ground(partition)


def test_no_probability_is_lost_when_cells_are_smaller_than_a_pixel():
    cells = grow(*clustered_photos(), 0, 3)
    partition = geocells_partition(cells, SMALL)
    assert lost(partition).size > 100
    probability = np.random.default_rng(0).dirichlet(np.ones(len(cells)), size=3)
    moved = gather_on_owners(probability, partition.owner)
    np.testing.assert_allclose(moved.sum(axis=1), 1.0, rtol=1e-12)
    assert (moved[:, partition.area_km2() == 0.0] == 0.0).all()


def test_a_tiny_cell_takes_a_free_pixel_and_a_second_one_yields_to_it():
    near = s2.tokens(s2.children(s2.cell_ids(10.2, 20.2, 20)))
    partition = geocells_partition(made_of(*near[:2], "47"), SMALL)
    pixel = SMALL.pixel_of(10.2, 20.2)
    assert partition.raster.ravel()[pixel] == 0
    assert partition.owner.tolist() == [0, 0, 2]


def test_a_tiny_cell_in_a_pixel_of_another_yields_to_it():
    tiny, big = int(s2.cell_ids(10.2, 20.2, 28)), s2.cell_ids(10.5, 20.5, 14)
    partition = geocells_partition(made_of(s2.token(tiny), s2.token(int(big))), SMALL)
    assert partition.owner.tolist() == [1, 1]
    assert partition.label_at(10.2, 20.2) == 1


@pytest.mark.parametrize("place", [(90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0), (75.0, 180.0)])
@pytest.mark.parametrize("level", [2, 6, 7, 10, 11, 26, 30])
def test_cells_at_poles_and_the_antimeridian_have_ground(place, level):
    partition = geocells_partition(made_of(s2.token(int(s2.cell_ids(*place, level)))), SMALL)
    assert partition.area_km2()[0] > 0.0
    assert partition.label_at(*s2.cell_centers(s2.from_tokens(partition.labels)))[0] == 0


def test_progress_rises_to_one_and_threads_change_nothing():
    cells, seen = grow(*clustered_photos(), 0, 20), []
    grid = Grid(1350, 2700)
    one = geocells_partition(cells, grid, threads=1)
    two = geocells_partition(cells, grid, threads=2, progress=seen.append)
    np.testing.assert_array_equal(one.raster, two.raster)
    np.testing.assert_array_equal(one.owner, two.owner)
    assert len(seen) > 1
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("level", [0, 1, 4])
def test_blocks_cover_the_earth(level):
    partition = blocks_partition(SMALL, level)
    assert partition.labels == s2.tokens(s2.all_cells(level))
    assert partition.raster.min() == 0
    assert partition.raster.dtype == np.int16
    area = partition.area_km2()
    assert area.sum() == pytest.approx(EARTH_AREA_KM2, rel=1e-12)
    np.testing.assert_allclose(area, s2.cell_area_km2(s2.all_cells(level)), rtol=0.2)


def test_blocks_smaller_than_a_pixel_lose_no_probability():
    partition = blocks_partition(Grid(60, 120), 7)
    assert partition.raster.dtype == np.int32
    assert_every_label_has_ground(partition)
    assert lost(partition).size >= 6 * 4**7 - 60 * 120
    moved = gather_on_owners(np.full(6 * 4**7, 1.0 / (6 * 4**7)), partition.owner)
    assert moved.sum() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("level", [-1, 9])
def test_blocks_of_other_levels_are_refused(level):
    with pytest.raises(InputError, match="level from 0 to 8"):
        blocks_partition(SMALL, level)


# --- files -------------------------------------------------------------------------------------------------------


def written(folder, text):
    path = folder / "cells_50_5000.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [f"{REMARKS}\n{HEADER}\n{BODY}\n", f"{HEADER}\r\n{BODY}".replace("\n", "\r\n")])
def test_a_partition_file_keeps_its_labels(tmp_path, text):
    cells = read_geoestimation_csv(written(tmp_path, text))
    assert cells.name == "cells_50_5000"
    assert cells.tokens == ("8744", "364", "89c6c74")
    assert cells.photo_count.tolist() == [3376, 2728, 235]
    assert cells.label_at(39.98, -75.22) == 2
    assert cells.label_at(cells.mean_latitude, cells.mean_longitude).tolist() == [0, 1, 2]
    assert geocells_partition(cells, SMALL).labels == cells.tokens


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no line"),
        ("a,b\n1,2\n", "has no line"),
        (f"{REMARKS}\n{HEADER}\n", "cut off"),
        (f"{HEADER}\n{BODY}\n3,47", "cut off"),
        (f"{HEADER}\n0,8744,many,39.28,-107.94", "not a number"),
        (f"{HEADER}\n0,8744,99999999999999999999,39.28,-107.94", "not a number"),
        (f"{HEADER}\n0,8744,-1,39.28,-107.94", "off the globe"),
        (f"{HEADER}\n0,8744,1,99.28,-107.94", "off the globe"),
        (f"{HEADER}\n0,8744,1,nan,-107.94", "off the globe"),
        (f"{HEADER}\n1,8744,1,39.28,-107.94", "number its cells"),
        (f"{HEADER}\n0,xyz,1,39.28,-107.94", "not the token"),
        (f"{HEADER}\n0,8744,1,39.28,-107.94\n1,8744,1,39.28,-107.94", "overlap"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_geoestimation_csv(written(tmp_path, text))


def test_a_missing_or_binary_file_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_geoestimation_csv(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_geoestimation_csv(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match="cannot be read"):
        read_geoestimation_csv(tmp_path / "binary.csv")
