"""Attribution: what each predictor contributes at a place, and what changes without it.

Log-linear pooling is a sum, so that the log-density at a place splits exactly into one term per predictor.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import ContradictionError, InputError
from engine.geometry.sphere import check_point
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling, log_evidence, log_mask_density
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.inference.search_map import SearchMap
from engine.locate.maps import pool_outcomes
from engine.locate.result import Answer
from engine.locate.settings import without_predictor
from engine.predictors.base import Record

MASSES = (0.5, 0.9)
"""Shares of the probability whose smallest regions are compared."""


@dataclass(frozen=True)
class Contribution:
    """One term of the log-density at a place.

    Attributes:
        record: of the predictor or statement.
        nats: added to the log-density per km2 there, weight included; -inf excludes the place. Under the rule
            ``corrected``, 0 leaves the place as likely as the prior has it.
    """

    record: Record
    nats: float

    @property
    def factor(self) -> float:
        """How many times likelier it makes the place."""
        return float(np.exp(self.nats))


@dataclass(frozen=True)
class PlaceContributions:
    """The log-density at a place, decomposed: ``log_density = prior + sum(predictors) + constant``.

    Attributes:
        latitude, longitude: degrees.
        log_density: natural log of the probability per km2 there.
        prior: the term of the photo prior, per km2; 0 under the product of experts.
        predictors: one per predictor that contributes and has a weight above 0.
        constant: normalises the probability to 1; the same at every place.
    """

    latitude: float
    longitude: float
    log_density: float
    prior: Contribution
    predictors: tuple[Contribution, ...]
    constant: float


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What one predictor changes.

    Attributes:
        record: of the predictor.
        masses: the shares that ``area_km2`` and ``area_without_km2`` are for.
        area_km2: km2 of the smallest region that holds each share, with it.
        area_without_km2: likewise, without it.
        shift: share of the probability in [0, 1] that lies elsewhere without it (total variation).
        without: the map without it; None where the others alone contradict each other.
    """

    record: Record
    masses: tuple[float, ...]
    area_km2: tuple[float, ...]
    area_without_km2: tuple[float, ...]
    shift: float
    without: SearchMap | None

    @property
    def shrinks(self) -> tuple[float, ...]:
        """Area with it over area without it, per share; below 1 it narrows the search."""
        return tuple(a / b for a, b in zip(self.area_km2, self.area_without_km2, strict=True))


def contributions_at(answer: Answer, latitude: float, longitude: float) -> PlaceContributions:
    """What the prior and each predictor contribute at a place in degrees.

    Raises:
        InputError: the point is not on the globe.
    """
    point = check_point(latitude, longitude)
    cell = int(answer.world.overlay.cell_at(*point))
    corrected = answer.settings.pooling is Pooling.CORRECTED
    prior = float(answer.world.prior.log_density(answer.settings.prior_weight)[cell]) if corrected else 0.0
    terms = tuple(Contribution(outcome.record, _term(answer, outcome, cell)) for outcome in _contributing(answer))
    log_density = float(answer.search_map.log_density[cell])
    total = prior + sum(term.nats for term in terms)
    constant = log_density - total if np.isfinite(total) else float("nan")
    return PlaceContributions(*point, log_density, Contribution(PRIOR_RECORD, prior), terms, constant)


def leave_one_out(answer: Answer, masses: Sequence[float] = MASSES) -> tuple[LeftOut, ...]:
    """What changes without each predictor that contributes and has a weight above 0.

    Args:
        answer: a pooled answer.
        masses: shares in (0, 1].
    """
    areas = _areas(answer.search_map, masses)
    return tuple(_leave_out(answer, outcome.record, tuple(masses), areas) for outcome in _contributing(answer))


def leave_out(answer: Answer, name: str, masses: Sequence[float] = MASSES) -> LeftOut:
    """What changes without one predictor.

    Raises:
        InputError: no predictor of this name contributed to the answer.
    """
    known = {outcome.record.name: outcome.record for outcome in _contributing(answer)}
    if name not in known:
        raise InputError(
            f"Predictor {name!r} contributed nothing to this answer; choose one of: {', '.join(known) or 'none'}."
        )
    return _leave_out(answer, known[name], tuple(masses), _areas(answer.search_map, masses))


def _contributing(answer: Answer) -> list[Outcome]:
    return [each for each in answer.outcomes if each.contributes and answer.weight_of(each.record) > 0]


def _term(answer: Answer, outcome: Outcome, cell: int) -> float:
    """The term of a predictor or statement on one cell, weight included."""
    weight, world = answer.weight_of(outcome.record), answer.world
    floor = answer.settings.floors.get(outcome.record.name)
    terms = (
        log_evidence(world.overlay, each, world.prior, floor)
        if answer.settings.pooling is Pooling.CORRECTED
        else log_mask_density(world.overlay, each)
        for each in outcome.predictions
    )
    stated = sum(float(each.log_likelihood[cell]) for each in outcome.likelihoods)
    return float(sum(weight * term[cell] for term in terms)) + weight * stated


def _areas(search_map: SearchMap, masses: Sequence[float]) -> tuple[float, ...]:
    return tuple(search_map.region(mass=mass).area_km2 for mass in masses)


def _leave_out(answer: Answer, record: Record, masses: tuple[float, ...], areas: tuple[float, ...]) -> LeftOut:
    try:
        rest = _pool_without(answer, record.name)
    except ContradictionError:
        return LeftOut(record, masses, areas, tuple(float("nan") for _ in masses), 1.0, None)
    shift = 0.5 * float(np.abs(answer.search_map.probability - rest.probability).sum())
    return LeftOut(record, masses, areas, _areas(rest, masses), min(shift, 1.0), rest)


def _pool_without(answer: Answer, name: str) -> SearchMap:
    """The map of the same predictions under the same settings with one predictor switched off."""
    settings = without_predictor(answer.settings, name)
    return pool_outcomes(answer.world, answer.outcomes, settings)
