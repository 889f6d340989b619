import numpy as np
import rasterio

from engine.bench.layers import bench_layers
from engine.layers.attributes import LAND_COVER, POPULATION
from engine.layers.convert import ReadOptions
from engine.layers.user_layers import add_layer
from engine.testing.synthetic_layers import SEA, write_land_cover, write_population


def test_synthetic_rasters_have_the_published_format(tmp_path):
    write_population(tmp_path / "p.tif", 540)
    write_land_cover(tmp_path / "c.tif", 10800)
    with rasterio.open(tmp_path / "p.tif") as dataset:
        assert dataset.shape == (540, 1080)
        assert dataset.nodata == SEA
        assert (dataset.read(1) > 0).any()
    population = add_layer(tmp_path / "p.tif", POPULATION, ReadOptions(coarse=True))
    cover = add_layer(tmp_path / "c.tif", LAND_COVER, ReadOptions(coarse=True))
    assert min(population.land_shares) > 0
    assert min(cover.land_shares) > 0
    again = tmp_path / "again.tif"
    write_population(again, 540)
    with rasterio.open(again) as a, rasterio.open(tmp_path / "p.tif") as b:
        assert np.array_equal(a.read(1), b.read(1))


def test_the_benchmark_tells_time_and_memory_of_every_step():
    said = []
    figures = bench_layers((540, 1080, 180), lambda what, share: said.append(what))
    assert {"population_s", "land_cover_s", "build_s", "load_s", "build_peak_mb", "build_cells"} <= set(figures)
    assert figures["build_cells"] == figures["load_cells"] > 1000
    assert said == ["Make up", "Population", "Land cover", "Build", "Load"]
