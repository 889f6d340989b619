import numpy as np
import pytest

from engine.tile_search.calibration import CalibrationExample, fit_temperature, loss


def examples(temperature, count=800, candidates=40, seed=0):
    """Photos whose truth is drawn from a softmax at a known temperature."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(count):
        base, cosine = rng.normal(0, 1, candidates), rng.normal(0.2, 0.05, candidates)
        logits = base + cosine / temperature
        p = np.exp(logits - logits.max())
        made.append(CalibrationExample(base, cosine, int(rng.choice(candidates, p=p / p.sum()))))
    return made


@pytest.mark.parametrize("temperature", [0.01, 0.05, 0.3])
def test_the_temperature_that_made_the_answers_is_found(temperature):
    assert fit_temperature(examples(temperature), 1.0) == pytest.approx(temperature, rel=0.25)


def test_a_level_that_knows_nothing_becomes_flat():
    rng = np.random.default_rng(0)
    blind = [CalibrationExample(np.zeros(30), rng.normal(0.2, 0.05, 30), int(rng.integers(30))) for _ in range(2000)]
    assert fit_temperature(blind, 0.01) > 0.2
    assert loss(1 / fit_temperature(blind, 0.01), blind) <= loss(20.0, blind)


def test_nothing_to_fit_on_keeps_the_fallback():
    assert fit_temperature([], 0.07) == 0.07
