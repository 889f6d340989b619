"""What the Tile search page reads off a search: why a branch was kept, what to draw, the evidence. Draws nothing."""

from dataclasses import dataclass

import numpy as np

from dashboard.tile_search.worker import Walk, path_to, tile_at
from engine.errors import InputError
from engine.geometry.web_mercator import Tile
from engine.predictors.base import Prediction
from engine.tile_search import evidence
from engine.tile_search.beam import Level, Method
from engine.tile_search.results import tile_width_km


@dataclass(frozen=True)
class Step:
    """One level on the way to a tile.

    Attributes:
        tile: the one that holds the place at this level.
        width_km: its width.
        cosine: with the photo; NaN where it has no picture.
        times: how many times likelier its own picture makes it than the middle tile looked at; NaN without a picture.
        probability: of the path to it.
        rank: its place among the tiles looked at, 1 is the best.
        among: how many were looked at.
        kept: how many of them were looked into.
    """

    tile: Tile
    width_km: float
    cosine: float
    times: float
    probability: float
    rank: int
    among: int
    kept: int


def steps_to(walk: Walk, tile: Tile) -> tuple[Step, ...]:
    """Why a tile's branch was kept: each level on the way to it, coarsest first."""
    if walk.so_far is None:
        return ()
    temperatures = walk.so_far.state.plan.temperatures
    return tuple(_step(*at, temperatures[number]) for number, at in enumerate(path_to(walk, tile)))


def _step(level: Level, place: int, temperature: float) -> Step:
    tile, probability = tile_at(level, place), float(level.log_probability[place])
    nats = (level.cosine[place] - np.nanmedian(level.cosine)) / temperature
    return Step(
        tile,
        tile_width_km(tile),
        float(level.cosine[place]),
        float(np.exp(nats)),
        float(np.exp(probability)),
        1 + int((level.log_probability > probability).sum()),
        level.codes.size,
        level.kept.size,
    )


def kept_tiles(walk: Walk, most: int) -> list[tuple[Tile, float]]:
    """The best tiles of the last level that was judged with their probabilities, best first, so many at most."""
    if not walk.levels_done or walk.so_far is None:
        return []
    level = walk.so_far.state.done[-1]
    return [(tile_at(level, int(at)), float(np.exp(level.log_probability[at]))) for at in level.kept[:most]]


def counts_as_evidence(walk: Walk) -> bool:
    """Whether its scores can be pooled: by path, over the whole map."""
    whole = walk.prior is not None and walk.prior.region is None
    return whole and walk.levels_done > 0 and walk.request.settings.method is Method.PATH


def prediction(walk: Walk) -> Prediction:
    """What the search says, as one more predictor.

    Raises:
        InputError: it cannot be pooled.
    """
    if walk.prior is None or walk.so_far is None:
        raise InputError(
            "Only a search that started from the photo's map gives evidence; search again with the map as the prior."
        )
    return evidence.as_prediction(walk.so_far.state, walk.prior)
