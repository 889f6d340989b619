"""The map as a cloud-optimised GeoTIFF, read back by rasterio and by its own bytes."""

import logging
import struct
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from engine.errors import InputError
from engine.export.files import write_export
from engine.export.geotiff import BLOCK, WINDOW, _windows, mass_to_reach
from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.search_map import SearchMap
from engine.testing import make_overlay

GDAL_LOGGERS = ("rasterio", "rasterio._env", "rasterio._err", "rasterio._io")


@pytest.fixture(scope="module")
def large(contents):
    """The answer on a grid of more than one tile; the map is drawn at random and excludes some places."""
    overlay = make_overlay(Grid(1080, 2160))
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 3, overlay.cells)
    weights[rng.random(overlay.cells) < 0.1] = -np.inf
    return replace(contents, region=SearchMap.from_log_weights(overlay, weights).region(budget_km2=3e6))


@pytest.fixture
def tif(large, tmp_path):
    return write_export(large, tmp_path / "map.tif")


def test_gdal_reads_both_bands_without_a_warning(large, tif, caplog):
    with caplog.at_level(logging.WARNING), rasterio.open(tif) as raster:
        density, reach = raster.read()
        assert raster.crs.to_epsg() == 4326
        assert raster.bounds == (-180, -90, 180, 90)
        assert raster.dtypes == ("float32", "float32")
        assert raster.units == ("1/km2", "1")
        assert all(raster.descriptions)
        assert np.isnan(raster.nodata)
        assert raster.tags()["HEREABOUTS_REGION_SHA256"] == large.region.sha256
    assert [record for record in caplog.records if record.name in GDAL_LOGGERS] == []
    grid, search_map = large.region.overlay.grid, large.region.search_map
    assert float(density.sum(axis=1, dtype=np.float64) @ grid.pixel_area_km2) == pytest.approx(1.0, rel=1e-5)
    cells = large.region.overlay.pixel_cell
    np.testing.assert_allclose(density, search_map.density[cells], rtol=1e-6)
    assert np.array_equal(np.isnan(reach), search_map.density[cells] == 0)


@pytest.mark.parametrize("mass", [0.1, 0.5, 0.9])
def test_the_second_band_draws_the_region_of_every_mass(large, tif, mass):
    region = large.region.search_map.region(mass=mass)
    with rasterio.open(tif) as raster:
        reached = raster.read(2) <= mass * (1 + 1e-6)
    whole = large.region.search_map.rank[large.region.overlay.pixel_cell] < region.whole_cells
    assert np.array_equal(reached, whole)


def test_ties_are_reached_together(world):
    flat = SearchMap.from_log_weights(world.overlay, np.zeros(world.overlay.cells))
    assert np.allclose(mass_to_reach(flat), 1.0)
    assert flat.density[0] == pytest.approx(1 / EARTH_AREA_KM2)


def test_the_layout_is_cloud_optimised(tif):
    with rasterio.open(tif) as raster:
        assert raster.block_shapes == [(BLOCK, BLOCK)] * 2
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.overviews(1) == [2, 4, 8][: len(raster.overviews(1))]
        assert raster.overviews(1) and raster.height / raster.overviews(1)[-1] <= BLOCK
    header = tif.read_bytes()[:400].decode("latin-1")
    assert "LAYOUT=IFDS_BEFORE_DATA" in header
    directories, first_tiles = read_directories(tif.read_bytes())
    assert directories == sorted(directories)
    assert max(directories) < min(first_tiles)
    assert first_tiles == sorted(first_tiles, reverse=True)  # small overviews first, the full picture last


def read_directories(data: bytes) -> tuple[list[int], list[int]]:
    """Where each directory of a classic TIFF lies, and where the first tile of each lies."""
    assert data[:4] == b"II*\0"
    (at,) = struct.unpack_from("<I", data, 4)
    directories, tiles = [], []
    while at:
        directories.append(at)
        (entries,) = struct.unpack_from("<H", data, at)
        for number in range(entries):
            tag, _, count, value = struct.unpack_from("<HHII", data, at + 2 + 12 * number)
            if tag == 324:  # TileOffsets
                tiles.append(value if count == 1 else struct.unpack_from("<I", data, value)[0])
        (at,) = struct.unpack_from("<I", data, at + 2 + 12 * entries)
    return directories, tiles


def test_a_smaller_raster_keeps_the_mass_and_the_soonest_reach(large, tmp_path):
    with rasterio.open(write_export(replace(large, raster_step=3), tmp_path / "small.tif")) as raster:
        density, reach = raster.read()
    assert density.shape == (360, 720)
    assert float(density.sum(axis=1, dtype=np.float64) @ Grid(360, 720).pixel_area_km2) == pytest.approx(1, rel=1e-5)
    full = mass_to_reach(large.region.search_map)[large.region.overlay.pixel_cell]
    lowest = np.where(np.isnan(full), np.inf, full).reshape(360, 3, 720, 3).min(axis=(1, 3))
    np.testing.assert_allclose(np.where(np.isnan(reach), np.inf, reach), lowest, rtol=1e-6)


def test_a_step_that_does_not_fit_is_refused(large):
    with pytest.raises(InputError, match="does not divide"):
        replace(large, raster_step=7)


def test_no_window_grows_with_the_grid():
    windows = list(_windows(21600, 43200))
    assert max(window.width * window.height for window in windows) <= BLOCK * WINDOW
    assert sum(window.width * window.height for window in windows) == 21600 * 43200
