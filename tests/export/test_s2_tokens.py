"""Coverings by S2 cells contain their region and are not much larger; checked with s2sphere's own cells."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import s2sphere

from engine.errors import InputError
from engine.export.files import write_export
from engine.export.s2_tokens import FINEST_LEVEL, MOST_CELLS, USUAL_CELLS, s2_covering, usual_level
from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import EARTH_AREA_KM2

NAMES = ("north_pole", "south_pole", "date_line", "fiji", "chukotka", "origin", "antarctica")


def ids_of(latitude, longitude, level):
    point = s2sphere.LatLng.from_degrees(float(latitude), float(longitude))
    return s2sphere.CellId.from_lat_lng(point).parent(level).id()


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_contain_every_point_of_the_region(regions, name):
    region = regions[f"{name}-3e+06"]
    level = 5
    cells = set(s2_covering(region, level).tolist())
    grid = region.overlay.grid
    inside = np.flatnonzero(region.mask(slice(0, grid.rows), slice(0, grid.columns)))
    latitude, longitude = grid.point_of(inside)
    half = 0.499 * np.array([grid.latitude_step, grid.longitude_step])
    for north, east in ((0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):  # the middle and the corners of each pixel
        points = zip(latitude + north * half[0], longitude + east * half[1], strict=True)
        assert {ids_of(*point, level) for point in points} <= cells


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_are_larger_by_their_border_only_and_shrink_with_the_level(regions, name):
    region = regions[f"{name}-3e+06"]
    areas = [float(s2.cell_area_km2(s2_covering(region, level)).sum()) for level in (4, 5, 6)]
    assert areas[0] >= areas[1] >= areas[2] >= region.area_km2
    assert areas[2] < 1.5 * region.area_km2


def test_the_level_is_chosen_by_the_area(regions):
    region = regions["brisbane-3e+06"]
    cells = s2_covering(region)
    assert set(s2.level_of(cells).tolist()) == {usual_level(region.area_km2)}
    assert USUAL_CELLS <= cells.size < 8 * USUAL_CELLS
    assert usual_level(EARTH_AREA_KM2) == 3 and usual_level(1e-9) == FINEST_LEVEL


def test_a_level_too_fine_or_out_of_range_is_refused_with_one_that_fits(regions):
    region = regions["brisbane-9e+07"]
    with pytest.raises(InputError, match=f"more than {MOST_CELLS:,} cells; give a level up to {usual_level(9e7)}"):
        s2_covering(region, 9)
    with pytest.raises(InputError, match="The S2 level is 15; give a level from 0 to 14"):
        s2_covering(region, 15)


def test_the_file_has_a_token_a_level_and_an_area_in_each_row(contents, tmp_path):
    path = write_export(replace(contents, s2_level=4), tmp_path / "region.s2")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = s2_covering(contents.region, 4)
    assert [row["token"] for row in rows] == list(s2.tokens(cells))
    assert {row["level"] for row in rows} == {"4"}
    first = s2sphere.Cell(s2sphere.CellId.from_token(rows[0]["token"]))
    assert float(rows[0]["area_km2"]) == pytest.approx(first.exact_area() * 6371.0088**2, rel=1e-5)
