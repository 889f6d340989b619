import pytest

from engine.bench.search import bench_search, paper_encodes, peak_mb
from engine.testing.synthetic_tiles import make_encoders


def test_the_papers_count():
    assert [paper_encodes(k) for k in (16, 32, 64)] == [1792, 3328, 6400]


def test_figures_of_a_small_search():
    figures = bench_search(k=2, encoders=make_encoders())
    assert figures["encodes"] == 3 * 32 + 16
    assert figures["encode_share"] == figures["encodes"] / figures["paper_encodes"] <= 0.6
    assert figures["warm_s"] > 0
    share = figures["cold_tiles_per_s"] / figures["bare_tiles_per_s"]
    assert figures["cold_encoder_share"] == pytest.approx(share) and share > 0
    assert 50 < figures["peak_mb"] <= peak_mb()
