"""Pooling: many predictions and one prior become one search map.

Two rules. ``corrected`` (the default) counts the prior of where people take photos once,

    log density(c) = log(prior(c) / area(c)) + sum_k w_k [log p_k(label_k(c)) - log prior_k(label_k(c))],

so that the pool of one predictor is its own posterior, and an uninformative predictor changes nothing. ``product`` is
Algorithm 2 of Bianco et al. 2024 (Eq. 2): the product over predictors of p_k / area of the mask, with no prior.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from engine.errors import InputError, PredictorError
from engine.inference.prior import Prior
from engine.inference.search_map import SearchMap
from engine.partitions.overlay import Overlay, PartitionTable
from engine.partitions.partition import gather_on_owners
from engine.predictors.base import CellLikelihood, Prediction
from engine.typing import FloatArray


class Pooling(StrEnum):
    """How predictions are put together."""

    CORRECTED = "corrected"
    PRODUCT = "product"


def pool(
    overlay: Overlay,
    predictions: Sequence[Prediction],
    prior: Prior,
    weights: Mapping[str, float] | None = None,
    prior_weight: float = 1.0,
    pooling: Pooling | str = Pooling.CORRECTED,
    floors: Mapping[str, float] | None = None,
    likelihoods: Sequence[CellLikelihood] = (),
) -> SearchMap:
    """One search map from predictions and evidence.

    Args:
        overlay: has every partition that a prediction uses.
        predictions: any number; none gives the prior back (``corrected``) or a flat Earth (``product``).
        prior: the photo prior on this overlay.
        weights: exponent per predictor name, 0 or more; a missing name has its record's weight.
        prior_weight: 1 trusts the prior, 0 takes every km2 of land alike; ``corrected`` only.
        pooling: the rule.
        floors: floor per predictor name, 0 to below 1; a missing name has its record's. ``corrected`` only.
        likelihoods: evidence per cell; added under either rule.

    Raises:
        InputError: a weight is negative or not finite, or the rule is unknown.
        PredictorError: a prediction does not fit its partition.
        ContradictionError: nothing is left possible.
    """
    rule = _rule(pooling)
    weights = weights or {}
    check_weights(weights, prior_weight)
    product = rule is Pooling.PRODUCT
    total = np.zeros(overlay.cells) if product else prior.log_density(prior_weight)
    for prediction in predictions:
        exponent = weights.get(prediction.predictor.name, prediction.predictor.weight)
        if exponent > 0:
            floor = (floors or {}).get(prediction.predictor.name)
            total += exponent * (
                log_mask_density(overlay, prediction) if product else log_evidence(overlay, prediction, prior, floor)
            )
    for each in likelihoods:
        add_likelihood(total, each, weights)
    return SearchMap.from_log_weights(overlay, total)


def add_likelihood(total: FloatArray, likelihood: CellLikelihood, weights: Mapping[str, float]) -> None:
    """Add evidence per cell to unnormalised log-densities, in place.

    Raises:
        PredictorError: it was made for another overlay.
    """
    if likelihood.log_likelihood.shape != total.shape:
        raise PredictorError(
            f"Evidence {likelihood.predictor.name!r} speaks of {likelihood.log_likelihood.size} cells and the map has "
            f"{total.size}; weigh it on the overlay that it is pooled on."
        )
    exponent = weights.get(likelihood.predictor.name, likelihood.predictor.weight)
    if exponent == 1:
        total += likelihood.log_likelihood
    elif exponent > 0:
        total += exponent * likelihood.log_likelihood


def log_mask_density(overlay: Overlay, prediction: Prediction) -> FloatArray:
    """Bianco et al. 2024, Algorithm 1, on the overlay: log(p_j / area(m_j)) per cell, ``-inf`` outside every mask."""
    table = _table(overlay, prediction)
    mass = gather_on_owners(prediction.probability, table.owner)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_label = np.where(mass > 0, np.log(mass / table.area_km2), -np.inf)
    return np.asarray(np.append(by_label, -np.inf)[table.cell_label], np.float64)


def log_evidence(overlay: Overlay, prediction: Prediction, prior: Prior, floor: float | None = None) -> FloatArray:
    """Log of how much more likely a prediction makes each cell than the prior it contains; ``(cells,)``.

    The floor (the record's unless given) is the chance that the predictor is simply wrong: that share is the prior's
    own, ratio 1, so that evidence is bounded and no place is excluded. Where the prediction has a confusion, a label's
    ratio is the mean of the ratios of what may be true there.
    """
    table = _table(overlay, prediction)
    mass = gather_on_owners(prediction.probability, table.owner)
    of_photos = prior.on(table)
    base = of_photos if prediction.label_prior is None else gather_on_owners(prediction.label_prior, table.owner)
    ratio = np.divide(mass, base, out=np.zeros_like(mass), where=base > 0)
    if prediction.confusion is not None:
        ratio = np.asarray(prediction.confusion @ ratio, np.float64)
    # A model that divides out a prior of its own never learnt locations outside its labels: there it is neutral,
    # with its average ratio. A model of photos as they are taken treats them as rare.
    neutral = float((ratio * of_photos).sum()) / max(float(of_photos.sum()), 1e-300)
    outside = 0.0 if prediction.label_prior is None else neutral
    floor = prediction.predictor.floor if floor is None else floor
    with np.errstate(divide="ignore"):
        by_label = np.log((1 - floor) * np.append(ratio, outside) + floor)
    return np.asarray(by_label[table.cell_label], np.float64)


def information_nats(search_map: SearchMap, prior_map: SearchMap) -> float:
    """Kullback-Leibler divergence of a map from the prior's map in nats; 0 if the photo is uninformative."""
    mass = search_map.probability
    here = mass > 0
    gain = search_map.log_density[here] - prior_map.log_density[here]
    return max(0.0, float((mass[here] * gain).sum()))


def _rule(pooling: Pooling | str) -> Pooling:
    try:
        return Pooling(pooling)
    except ValueError as error:
        raise InputError(f"There is no pooling {str(pooling)!r}; use 'corrected' or 'product'.") from error


def check_weights(weights: Mapping[str, float], prior_weight: float) -> None:
    """Check the ranges of weights, whether or not their predictor has a prediction.

    Raises:
        InputError: a predictor's weight is outside 0 to 10 or the prior's outside 0 to 2.
    """
    if not 0.0 <= prior_weight <= 2.0:
        raise InputError(f"The prior's weight {prior_weight:g} is outside 0 to 2; 1 trusts it, 0 leaves it out.")
    for name, weight in weights.items():
        if not 0.0 <= weight <= 10.0:
            raise InputError(f"The weight {weight:g} of {name!r} is outside 0 to 10; 1 is plain, 0 switches it off.")


def _table(overlay: Overlay, prediction: Prediction) -> PartitionTable:
    table = overlay.table(prediction.partition)
    if prediction.probability.size != len(table.labels):
        raise PredictorError(
            f"Predictor {prediction.predictor.name!r} gave {prediction.probability.size} probabilities for the "
            f"{len(table.labels)} labels of {prediction.partition!r}; use the partition that it was made for."
        )
    return table
