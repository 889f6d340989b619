"""The browser's modules agree with the engine: cells under points, budgets, shares, areas to reach, overview tiles."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from dashboard.maps.cell_containers import cell_containers
from dashboard.maps.ranked_tables import ranked_table
from engine.evidence.shapes.raster import spans_of
from engine.evidence.statements.areas import Circle
from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.search_map import SearchMap
from engine.partitions.split import split
from engine.testing import make_overlay

ROOT = Path(__file__).parents[3]
WEB = ROOT / "dashboard/maps/web"
HERE = Path(__file__).parent / "web"
BUDGETS = 200


def needs_node() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine: install Debian's `nodejs` to run the browser's modules")
    return node


def some_map(overlay, seed: int = 0) -> SearchMap:
    """A map with ties and with cells that are excluded."""
    rng = np.random.default_rng(seed)
    weights = np.round(rng.normal(0, 3, overlay.cells), 1)
    weights[rng.random(overlay.cells) < 0.1] = -np.inf
    return SearchMap.from_log_weights(overlay, weights)


def answers(search_map: SearchMap, folder: Path, points, tiles) -> dict:
    found, table = cell_containers(search_map.overlay), ranked_table(search_map)
    written = {"root": found.root, "table": table} | ({"patch": found.patch} if found.patch else {})
    for name, container in written.items():
        (folder / name).write_bytes(container.data)
    address = {name: {"url": str(folder / name), "head": container.head} for name, container in written.items()}
    questions = {
        "web": str(WEB),
        "cells": {name: address[name] for name in ("root", "patch") if name in address},
        "table": address["table"],
        "areas": list(budgets()),
        "shares": list(shares()),
        "points": [list(point) for point in points],
        "tiles": [int(tile) for tile in tiles],
    }
    (folder / "questions.json").write_text(json.dumps(questions))
    command = [needs_node(), str(HERE / "answer.mjs"), str(folder / "questions.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def budgets():
    return np.geomspace(10, EARTH_AREA_KM2, BUDGETS)


def shares():
    return np.linspace(0.005, 1.0, 150)


@pytest.fixture(scope="module")
def overlay():
    return make_overlay()


@pytest.fixture(scope="module")
def cut_overlay(overlay):
    once = split(overlay, spans_of(Circle(10.0, 178.0, 1500.0), overlay.grid)).overlay  # crosses the date line
    return split(once, spans_of(Circle(86.0, 30.0, 900.0), overlay.grid)).overlay  # around the pole


@pytest.mark.parametrize("which", ["overlay", "cut_overlay"])
def test_the_browser_agrees_with_the_engine(which, request, tmp_path):
    cells = request.getfixturevalue(which)
    search_map = some_map(cells)
    rng = np.random.default_rng(1)
    points = np.stack([rng.uniform(-90, 90, 300), rng.uniform(-200, 200, 300)], axis=1)
    points = np.concatenate([points, [[90, 0], [-90, 10], [0, 180], [0, -180], [86, 30], [10, 178], [10, -179]]])
    tiles = np.arange(cells.tiles.shape[0] * cells.tiles.shape[1])
    found = answers(search_map, tmp_path, points, tiles)

    regions = [search_map.region(budget_km2=min(float(km2), EARTH_AREA_KM2)) for km2 in budgets()]
    assert [n for n, _, _ in found["areas"]] == [region.whole_cells for region in regions]
    areas = np.array([area for _, area, _ in found["areas"]])
    assert (areas == search_map.area_up_to[[region.whole_cells for region in regions]]).all()  # to the last bit
    pixel = float(cells.grid.pixel_area_km2.max())
    for (_, _, probability), region, km2 in zip(found["areas"], regions, budgets(), strict=True):
        density = search_map.density[search_map.order[min(region.whole_cells, cells.cells - 1)]]
        assert probability == pytest.approx(region.probability, abs=density * pixel + 1e-8), km2

    for (n, area), share in zip(found["shares"], shares(), strict=True):
        region = search_map.region(mass=float(share))
        assert n == region.whole_cells, share
        assert area == pytest.approx(region.area_km2, abs=2 * pixel), share

    latitude, longitude = points.T
    cell = cells.cell_at(latitude, longitude)
    assert found["cells"] == cell.tolist()
    assert found["reach"] == [search_map.area_to_reach(a, (b + 180) % 360 - 180) for a, b in points]
    seen = np.array([each if each is not None else -np.inf for each in found["density"]])
    known = search_map.log_density[cell]
    finite = known > known.max() - 12
    assert seen[finite] == pytest.approx(known[finite], abs=0.05)  # for colors, not for numbers
    assert found["tiles"] == search_map.tile_rank.reshape(-1).tolist()
    height, width = (a // b for a, b in zip(cells.grid.shape, cells.tiles.shape, strict=True))
    centers = np.asarray(cells.pixel_cell[height // 2 :: height, :])[:, width // 2 :: width]
    assert found["centers"] == centers.reshape(-1).tolist()


def test_a_grid_that_no_tile_divides_works(tmp_path):
    overlay = make_overlay(Grid(864, 1728))  # tiles of 540 pixels end inside the last ones
    search_map = some_map(overlay)
    rng = np.random.default_rng(2)
    points = np.stack([rng.uniform(-90, 90, 300), rng.uniform(-180, 180, 300)], axis=1)
    found = answers(search_map, tmp_path, points, [0, 5])
    assert found["cells"] == overlay.cell_at(*points.T).tolist()


def test_the_default_grid_stays_small_on_the_wire(real_world):
    table = ranked_table(some_map(real_world.overlay))
    assert len(table.data) < 600_000


def test_equal_maps_give_equal_bytes_and_other_maps_other_digests(overlay):
    first, again, other = (ranked_table(some_map(overlay, seed)).data for seed in (0, 0, 1))
    assert first == again
    assert first != other
    assert first[:400] != other[:400]  # Streamlit tells large files apart by their first bytes
