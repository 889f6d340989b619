from engine.bench.overlay import bench_overlay
from engine.testing import make_world


def test_both_ways_give_the_same_areas():
    said: list[str] = []
    figures = bench_overlay(make_world(), lambda what, share: said.append(what))
    assert {"grid", "overlay_cells", "raster_ms", "overlay_ms", "ratio", "max_relative_area_error"} <= set(figures)
    assert figures["grid"] == "180x360"
    assert figures["max_relative_area_error"] < 1e-9
    assert figures["ratio"] > 0
    assert said


def test_a_grid_too_large_for_the_raster_is_compared_with_the_default_one(monkeypatch):
    from engine.bench import overlay as bench
    from engine.inference.world import World

    monkeypatch.setattr(bench, "LARGEST_RASTER_PIXELS", 1)
    monkeypatch.setattr(bench, "REPEATS", 3)
    monkeypatch.setattr(World, "load", lambda **words: make_world())
    figures = bench.bench_overlay(make_world(seed=3))
    assert figures["ratio_to_default_grid"] > 0
    assert figures["overlay_ms"] == sum(figures["overlay_stages_ms"].values())
    assert "left out" in figures["raster"]
