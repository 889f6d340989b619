import numpy as np
import pytest
from scipy import stats

from engine.evaluation.bootstrap import (
    intervals,
    mean_interval,
    median_interval,
    paired_difference,
    resampled_means,
    share_interval,
)


def test_intervals_are_those_of_scipy():
    values = np.random.default_rng(0).gamma(2.0, size=400)
    ours = intervals(resampled_means(values[:, None], 4000))[:, 0]
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=4000, rng=1).confidence_interval
    assert ours == pytest.approx([theirs.low, theirs.high], abs=0.02)


def test_a_fixed_seed_gives_the_same_figures_and_columns_are_paired():
    values = np.random.default_rng(0).random((50, 1))
    both = resampled_means(np.concatenate([values, values], axis=1), 200, seed=7)
    assert (both[:, 0] == both[:, 1]).all()
    assert (both == resampled_means(np.concatenate([values, values], axis=1), 200, seed=7)).all()


def test_the_exact_interval_of_hits_is_the_resampled_one():
    hits = np.arange(500) < 130
    sampled = intervals(resampled_means(hits[:, None].astype(float), 6000))[:, 0]
    assert mean_interval(hits) == pytest.approx(sampled, abs=0.006)


def test_median_and_share_intervals_hold_what_they_promise():
    rng = np.random.default_rng(1)
    held = [low <= np.log(2) <= high for low, high in (median_interval(rng.exponential(size=75)) for _ in range(400))]
    assert 0.92 <= np.mean(held) <= 0.99
    for hits, photos in ((0, 10), (3, 10), (10, 10)):
        oracle = stats.binomtest(hits, photos).proportion_ci(method="exact")
        assert share_interval(hits, photos) == pytest.approx((oracle.low, oracle.high))


def test_a_difference_of_equals_is_nothing():
    values = np.random.default_rng(2).random((60, 3))
    mean, bounds = paired_difference(values, values, 50)
    assert not mean.any()
    assert not bounds.any()
    assert np.isnan(mean_interval([])).all()
