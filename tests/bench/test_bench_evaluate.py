import pytest

from engine.bench.evaluate import bench_evaluate, peak_megabytes


def test_the_benchmark_reports_its_figures_and_both_ways_agree(world, tmp_path):
    told = []
    figures = bench_evaluate(world, photos=300, report=lambda what, share: told.append((what, share)), folder=tmp_path)
    assert {"photos_per_s", "ratio", "peak_mb"} <= set(figures)
    assert figures["photos"] == 300
    assert figures["photos_per_s"] > 0
    assert figures["ratio"] == pytest.approx(figures["raster_ms_per_photo"] * figures["photos_per_s"] / 1000)
    assert figures["max_relative_area_error"] < 1e-9
    assert list(tmp_path.iterdir()) == []
    assert told[-1] == ("Measuring photos", 1.0)
    assert peak_megabytes() > 10
