from engine.bench import bench_overlay
from engine.testing import known_world


def test_both_ways_give_the_same_areas():
    said: list[str] = []
    figures = bench_overlay(known_world(), lambda what, share: said.append(what))
    assert {"grid", "overlay_cells", "raster_ms", "overlay_ms", "ratio", "max_relative_area_error"} <= set(figures)
    assert figures["grid"] == "180x360"
    assert figures["max_relative_area_error"] < 1e-9
    assert figures["ratio"] > 0
    assert said
