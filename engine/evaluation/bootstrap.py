"""How far a figure may be off by chance: bootstrap intervals with a fixed seed, paired over ensembles.

The same resampled photos are used for every column, so the difference of two columns is a paired bootstrap.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from engine.typing import FloatArray

Interval = tuple[float, float]
RESAMPLES = 1000
LEVEL = 0.95
NOTHING: Interval = (float("nan"), float("nan"))


def resampled_means(values: npt.NDArray[np.floating], resamples: int = RESAMPLES, seed: int = 0) -> FloatArray:
    """``(resamples, columns)`` means of columns of ``(photos, columns)`` over photos drawn with replacement."""
    table = np.ascontiguousarray(values, np.float64)
    means = [counts @ table / len(table) for counts in _counts(len(table), resamples, seed)]
    return np.concatenate(means) if means else np.empty((0, table.shape[1]))


def _counts(photos: int, resamples: int, seed: int) -> Iterator[FloatArray]:
    """How often each photo is drawn, for blocks of resamples."""
    rng = np.random.default_rng(seed)
    block = max(1, 4_000_000 // max(photos, 1))
    for start in range(0, resamples, block):
        many = min(block, resamples - start)
        drawn = rng.integers(0, photos, (many, photos)) + np.arange(many)[:, None] * photos
        yield np.bincount(drawn.reshape(-1), minlength=many * photos).reshape(many, photos).astype(np.float64)


def intervals(means: FloatArray, level: float = LEVEL) -> FloatArray:
    """``(2, columns)`` percentile interval of resampled means."""
    tail = 100.0 * (1 - level) / 2
    return np.asarray(np.percentile(means, [tail, 100 - tail], axis=0), np.float64)


def mean_interval(hits: npt.ArrayLike, scale: float = 1.0, level: float = LEVEL) -> Interval:
    """Percentile bootstrap interval of a share of hits, exactly: a resampled count of hits is binomial."""
    from scipy import stats

    values = np.asarray(hits, np.float64)
    if values.size == 0:
        return NOTHING
    tail = (1 - level) / 2
    low, high = (float(stats.binom.ppf(p, values.size, float(values.mean()))) for p in (tail, 1 - tail))
    return scale * low / values.size, scale * high / values.size


def median_interval(values: FloatArray, level: float = LEVEL) -> Interval:
    """Interval of a median between two order statistics; holds whatever the distribution."""
    from scipy import stats

    if values.size == 0:
        return NOTHING
    ordered = np.sort(values)
    tail = (1 - level) / 2
    low, high = (int(stats.binom.ppf(p, values.size, 0.5)) for p in (tail, 1 - tail))
    return float(ordered[min(low, values.size - 1)]), float(ordered[min(high, values.size - 1)])


def share_interval(hits: int, photos: int, level: float = LEVEL) -> Interval:
    """Clopper-Pearson interval of a share; never too short."""
    from scipy import stats

    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(stats.beta.ppf(tail, hits, photos - hits + 1))
    high = 1.0 if hits == photos else float(stats.beta.ppf(1 - tail, hits + 1, photos - hits))
    return low, high


def paired_difference(
    a: FloatArray, b: FloatArray, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Mean of ``a - b`` per column and its interval ``(2, columns)``; both ``(photos, columns)`` of the same photos."""
    difference = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    return difference.mean(axis=0), intervals(resampled_means(difference, resamples, seed))
