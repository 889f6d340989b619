"""What goes into the map and comes out of it: cameras over boxes, the cell that is cut, looks from the browser."""

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.maps.map_values import Look, Marker, cut_of
from dashboard.maps.static_map import static_map
from dashboard.maps.views import view_of_box
from engine.geometry.sphere import unit_vectors
from engine.inference.search_map import SearchMap
from engine.testing import make_overlay


@pytest.fixture(scope="module")
def search_map() -> SearchMap:
    overlay = make_overlay()
    return SearchMap.from_log_weights(overlay, np.random.default_rng(3).normal(0, 3, overlay.cells))


@pytest.mark.parametrize("whole", [0, 60, 2000])
def test_the_cut_takes_the_pixels_that_the_engine_takes(search_map, whole):
    area = search_map.area_up_to
    large = whole + int(np.argmax(np.diff(area[whole : whole + 40])))  # a cell of several pixels
    region = search_map.region(budget_km2=0.4 * area[large] + 0.6 * area[large + 1])
    cut = cut_of(region)
    cell = int(search_map.order[region.whole_cells])
    pixels = search_map.overlay.pixels_of(cell)
    away = np.linalg.norm(unit_vectors(*search_map.overlay.grid.point_of(pixels)) - cut["middle"], axis=-1)
    taken = set(pixels[away <= cut["chord"]].tolist())
    assert set(region.cut_pixels.tolist()) <= taken
    assert len(taken) - region.cut_pixels.size <= 3  # pixels exactly as far as the last one
    assert cut["cells"] == region.whole_cells == large


def test_a_region_of_whole_cells_has_no_cut(search_map):
    assert cut_of(search_map.region(budget_km2=float(search_map.area_up_to[40]))) is None


def test_the_camera_over_a_box_shows_it():
    camera = view_of_box(-10.0, 40.0, 10.0, 50.0, pixels=512)
    assert (camera.latitude, camera.longitude) == (45.0, 0.0)
    assert 4.0 < camera.zoom < 5.5
    assert view_of_box(0, 0, 1e-9, 1e-9).zoom == 18.0
    assert view_of_box(-180, -90, 180, 90).zoom == 0.5
    assert view_of_box(0, 0, 1, 1, turn=3).turn == 3


def test_a_look_from_the_browser_keeps_what_it_knows_and_ignores_the_rest():
    assert Look.of({"base": "satellite", "unheard": 1}) == Look(base="satellite")


def test_the_static_picture_has_region_and_markers(search_map):
    marker = Marker(0.0, 0.0, "1", "Candidate 1")
    bare, drawn = (
        np.asarray(Image.open(io.BytesIO(static_map(region, markers))).convert("RGB"), int)
        for region, markers in ((None, ()), (search_map.region(budget_km2=5e6), (marker,)))
    )
    assert drawn.shape == (1080, 2160, 3)
    assert (np.abs(drawn - bare).max(axis=2) > 60).mean() > 0.005
    assert drawn[540 - 9, 1080].tolist() == [255, 255, 255]
