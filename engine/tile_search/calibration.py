"""One temperature per level, so that cosines of seven encoders become log-probabilities that can be added.

Fitted on photos with known places, coarse to fine: at each level the truth competes with the candidates that a walk
along the true path meets, and T_l is the value that makes the truth most likely given the levels above (maximum
likelihood, one number, concave in 1 / T).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from engine.tile_search.beam import log_sum_exp
from engine.typing import FloatArray

SHARPEST, FLATTEST = 1000.0, 1e-3
"""Largest and smallest 1 / T; CLIP's own factor is 100, and 0.001 says that the level knows nothing."""


@dataclass(frozen=True, eq=False)
class CalibrationExample:
    """One photo at one level.

    Attributes:
        base: ``(n,)`` log prior mass plus the evidence of the levels above, per candidate.
        cosine: ``(n,)`` with the photo.
        truth: position of the true tile.
    """

    base: FloatArray
    cosine: FloatArray
    truth: int


def loss(inverse: float, examples: Sequence[CalibrationExample]) -> float:
    """Mean negative log-likelihood of the truth, nats, at 1 / T."""
    total = 0.0
    for example in examples:
        logits = example.base + inverse * example.cosine
        total += log_sum_exp(logits) - float(logits[example.truth])
    return total / len(examples)


def fit_temperature(examples: Sequence[CalibrationExample], fallback: float) -> float:
    """The temperature of one level.

    Args:
        examples: photos at this level; those whose candidates lack the truth are the caller's to leave out.
        fallback: what to take where there are none.
    """
    if not examples:
        return fallback
    found = minimize_scalar(
        lambda log_inverse: loss(float(np.exp(log_inverse)), examples),
        bounds=(np.log(FLATTEST), np.log(SHARPEST)),
        method="bounded",
    )
    return float(np.exp(-found.x))
