"""The likelihood of true places as a function of the exponents of a pool, and its maximum.

Log-densities are linear in the exponents and normalised, an exponential family: minus the log-likelihood is convex, its
slope is a difference of means and its curvature a covariance, and Newton's method finds the maximum in a few steps.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.evaluation.ensembles import Ensemble
from engine.evaluation.evidence import Positions
from engine.evaluation.recall_area import CHUNK, Bench, ChunkPool
from engine.inference.pooling import Pooling
from engine.typing import FloatArray

NEWTON_STEPS = 12
TOLERANCE = 1e-5
HIGHEST = 5.0
PRIOR_HIGHEST = 2.0


def predictors_of(bench: Bench) -> dict[str, list[str]]:
    """Pieces of evidence of each predictor."""
    found: dict[str, list[str]] = {}
    for name in bench.evidence:
        found.setdefault(name.split(":")[0], []).append(name)
    return found


@dataclass(frozen=True, eq=False)
class Found:
    """Exponents ``(K,)`` of the maximum, and the penalised loss there, nats per photo."""

    exponents: FloatArray
    loss: float


class Family:
    """Mean of minus the log-density at the truth, with slope and curvature, as a function of the exponents.

    Exponents are ``[prior, predictor 1, predictor 2, ...]``; features are log(prior / flat) and log-ratios.
    """

    def __init__(self, bench: Bench, positions: Positions, floor: float) -> None:
        """Keep what does not depend on the exponents."""
        self.bench, self.positions = bench, positions
        self.groups = list(predictors_of(bench).values())
        floors = dict.fromkeys(bench.evidence, floor)
        self.everything = Ensemble("", dict.fromkeys(bench.evidence, 1.0), 1.0, Pooling.CORRECTED, floors=floors)
        self.size = 1 + len(self.groups)
        prior = bench.world.prior
        self.flat = prior.log_density(0.0)
        self.popular = prior.log_density(1.0) - self.flat

    def loss(self, exponents: FloatArray) -> float:
        """Mean of minus the log-density at the truth, nats per photo."""
        return self.derivatives(exponents)[0]

    def derivatives(self, exponents: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Mean loss, slope ``(K,)`` and curvature ``(K, K)``."""
        starts = range(0, self.positions.size, CHUNK)
        with ThreadPoolExecutor(2) as workers:
            parts = list(workers.map(lambda s: self._chunk(exponents, self.positions[s : s + CHUNK]), starts))
        loss, slope, curve = (sum(part[n] for part in parts) / self.positions.size for n in range(3))
        return float(loss), np.asarray(slope), np.asarray(curve)

    def _chunk(self, exponents: FloatArray, positions: Positions) -> tuple[float, FloatArray, FloatArray]:
        pool = ChunkPool(self.bench, [self.everything], positions)
        area, cells = self.bench.world.overlay.area_km2, self.flat.size
        features = np.empty((self.size, cells))
        features[0] = self.popular
        loss, slope, curve = 0.0, np.zeros(self.size), np.zeros((self.size, self.size))
        for number, position in enumerate(positions):
            pool.gather(number)
            self._fill(features, pool)
            truth = int(self.bench.truth_cell[position])
            total = np.einsum("k,kc->c", exponents, features)
            total += self.flat
            at_truth, top = total[truth], total.max()
            total -= top
            np.exp(total, out=total)
            total *= area
            mass = total.sum()
            total /= mass
            mean = np.einsum("kc,c->k", features, total)
            loss += float(top + np.log(mass) - at_truth)
            slope += mean - features[:, truth]
            curve += np.einsum("kc,lc,c->kl", features, features, total, optimize=False) - np.outer(mean, mean)
        return loss, slope, curve

    def _fill(self, features: FloatArray, pool: ChunkPool) -> None:
        for row, names in enumerate(self.groups, start=1):
            features[row] = pool.value(self.everything, names[0])
            for name in names[1:]:
                features[row] += pool.value(self.everything, name)


def _penalty(exponents: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Distance from the plain product up to a common temperature, of that from 1 and of the prior's weight from 1."""
    free = exponents[1:]
    scale = (free.sum() + 1.0) / (free.size + 1.0)
    value = float(((free - scale) ** 2).sum() + (scale - 1.0) ** 2 + (exponents[0] - 1.0) ** 2)
    slope = 2.0 * np.concatenate([[exponents[0] - 1.0], free - scale])
    curve = np.zeros((exponents.size, exponents.size))
    curve[0, 0] = 2.0
    curve[1:, 1:] = 2.0 * (np.eye(free.size) - 1.0 / (free.size + 1.0))
    return value, slope, curve


def newton(family: Family, ridge: float, advance: Callable[[], None], start: FloatArray | None = None) -> Found:
    """Newton's method inside the box of allowed exponents; steps are halved while they do not help."""
    exponents = np.ones(family.size) if start is None else start.copy()
    upper = np.append(PRIOR_HIGHEST, np.full(family.size - 1, HIGHEST))

    def at(point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        loss, pull = family.derivatives(point), _penalty(point)
        return loss[0] + ridge * pull[0], loss[1] + ridge * pull[1], loss[2] + ridge * pull[2]

    value, slope, curve = at(exponents)
    for _ in range(NEWTON_STEPS):
        step = _step(exponents, slope, curve, upper)
        taken, found = 1.0, at(np.clip(exponents + step, 0.0, upper))
        while found[0] > value and taken > 0.05:
            taken /= 2
            found = at(np.clip(exponents + taken * step, 0.0, upper))
        gain = value - found[0]
        if gain <= 0:
            break
        exponents = np.clip(exponents + taken * step, 0.0, upper)
        value, slope, curve = found
        if gain < TOLERANCE:
            break
    advance()
    return Found(exponents, value)


def _step(exponents: FloatArray, slope: FloatArray, curve: FloatArray, upper: FloatArray) -> FloatArray:
    """Newton step in the exponents that are not held at a bound."""
    held = ((exponents <= 0) & (slope > 0)) | ((exponents >= upper) & (slope < 0))
    free = np.flatnonzero(~held)
    step = np.zeros_like(exponents)
    inner = curve[np.ix_(free, free)] + 1e-9 * np.eye(free.size)
    step[free] = -np.linalg.solve(inner, slope[free])
    return step
