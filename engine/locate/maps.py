"""Maps of a world: all outcomes pooled under some settings, the photo prior alone, one predictor alone."""

from collections.abc import Sequence

from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling, pool
from engine.inference.search_map import SearchMap
from engine.inference.world import World
from engine.locate.settings import Settings
from engine.predictors.base import Prediction


def pool_outcomes(world: World, outcomes: Sequence[Outcome], settings: Settings) -> SearchMap:
    """One map from all outcomes.

    Raises:
        ContradictionError: the product of experts leaves no place possible.
    """
    return pool(
        world.overlay,
        [prediction for outcome in outcomes for prediction in outcome.predictions],
        world.prior,
        weights=settings.weights,
        prior_weight=settings.prior_weight,
        pooling=settings.pooling,
        floors=settings.floors,
        likelihoods=[likelihood for outcome in outcomes for likelihood in outcome.likelihoods],
    )


def prior_map(world: World, weight: float = 1.0) -> SearchMap:
    """The map of the photo prior alone."""
    return pool(world.overlay, (), world.prior, prior_weight=weight)


def predictor_map(world: World, predictions: Sequence[Prediction]) -> SearchMap:
    """The map of one predictor alone, as in Bianco et al. 2024: their Algorithm 1, at weight 1 and without a prior."""
    weights = {prediction.predictor.name: 1.0 for prediction in predictions}
    return pool(world.overlay, predictions, world.prior, weights=weights, pooling=Pooling.PRODUCT)
