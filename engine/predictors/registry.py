"""Which predictors there are: an explicit list, in the order in which people see them."""

from engine.predictors.base import Predictor
from engine.predictors.scene_cues import SceneCues


def default_predictors() -> tuple[Predictor, ...]:
    """The predictors that answer with no download."""
    return (SceneCues(),)
