"""Checks a claimed location against a map: its rank, what supports or contradicts it, and where to look instead.

The result never calls a claim true or false: the models compare kinds of places and cannot support such a verdict.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from engine.claims.clues import ClaimTable
from engine.claims.nearest import NearestPoint, nearest_among
from engine.claims.place_names import place_name
from engine.claims.sentences import support_sentence, verdict
from engine.claims.table import baseline_map, claim_table
from engine.claims.values import BETTER, ClaimCheck, ReferencePhotos, Support
from engine.errors import InputError
from engine.evaluation.calibration import Calibration
from engine.geometry.sphere import EARTH_AREA_KM2, check_point
from engine.inference.pooling import Pooling
from engine.inference.search_map import SearchMap
from engine.locate.attribution import contributions_at
from engine.locate.result import Answer
from engine.partitions.partition import NOWHERE
from engine.predictors.base import Record
from engine.typing import FloatArray

PlaceNamer = Callable[[float, float], str]
"""Gives ``"near Lund, Sweden"`` for a point in degrees, or an empty text."""


def check_claim(
    answer: Answer,
    latitude: float,
    longitude: float,
    calibration: Calibration | None = None,
    name: PlaceNamer = place_name,
) -> ClaimCheck:
    """Compare a claimed location with an answer.

    Args:
        answer: of one photo, or ``JointAnswer.answer`` of several.
        latitude: degrees.
        longitude: degrees.
        calibration: the one that fits the answer's map, if one is stored (``engine.evaluation.stored_fits``).
        name: names points.

    Raises:
        InputError: the point is not on the globe.
    """
    point = check_point(latitude, longitude)
    search_map, overlay = answer.search_map, answer.world.overlay
    cell = int(overlay.cell_at(*point))
    value = float(search_map.log_density[cell])
    denser = float(search_map.probability_up_to[search_map.count_denser(value)])
    better, before = _better(answer, point, value), baseline_map(answer)
    found = ClaimCheck(
        *point,
        name=name(*point),
        area_to_reach_km2=search_map.area_to_reach(*point),
        denser_probability=denser,
        less_likely_land=_less_likely_land(answer, value),
        on_land=_on_land(answer, cell),
        ground_km2=float(overlay.area_km2[cell]),
        factor=float(np.exp(value - before.log_density[cell])),
        prior_factor=_prior_factor(answer, before, cell),
        supports=_supports(answer, before, *point),
        better=better,
        better_name=name(better.latitude, better.longitude) if better is not None else "",
        reference_photos=_reference_photos(calibration, denser),
    )
    found = replace(found, table=claim_table(answer, *point))
    if found.on_land is False:
        land = _nearest_land(answer, point)
        named = name(land.latitude, land.longitude) if land is not None else ""
        found = replace(found, nearest_land=land, nearest_land_name=named)
    return replace(found, verdict=verdict(found))


def claim_facts(check: ClaimCheck) -> dict[str, Any]:
    """A claim check as plain values for JSON; ``factor`` of an excluded place is 0."""
    better = check.better
    return {
        "lat": check.latitude,
        "lon": check.longitude,
        "name": check.name,
        "area_to_reach_km2": check.area_to_reach_km2,
        "denser_probability": check.denser_probability,
        "less_likely_land": check.less_likely_land,
        "on_land": check.on_land,
        "judgement": str(check.judgement),
        "factor": check.factor,
        "prior_factor": check.prior_factor,
        "predictors": [
            {
                "name": support.record.name,
                "factor": support.factor,
                "judgement": str(support.judgement),
                "sentence": support_sentence(support),
            }
            for support in check.supports
        ],
        "better": None
        if better is None
        else {
            "lat": better.latitude,
            "lon": better.longitude,
            "name": check.better_name,
            "distance_km": better.distance_km,
            "bearing_degrees": better.bearing_degrees,
        },
        "verdict": list(check.verdict),
        "table": None if check.table is None else table_facts(check.table),
    }


def table_facts(table: ClaimTable) -> dict[str, Any]:
    """A claim's table as plain values for JSON; the ratio of an excluded place is None, its strength says so."""
    return {
        "headline": table.headline,
        "analyst": table.analyst,
        "next": list(table.next_steps),
        "log10_by_source": {str(source): _finite(value) for source, value in table.log10_by_source},
        "clues": [
            {
                "name": clue.name,
                "source": str(clue.source),
                "expected": clue.expected,
                "observed": clue.observed,
                "verdict": str(clue.agreement),
                "log10_ratio": _finite(clue.log10_ratio),
                "strength": clue.strength_text,
                "confidence": clue.confidence,
                "standard_errors": clue.misfit,
                "sentence": clue.sentence(),
            }
            for clue in table.clues
        ],
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _nearest_land(answer: Answer, point: tuple[float, float]) -> NearestPoint | None:
    """The nearest land pixel of the map; None for a world without land."""
    land = _land(answer)
    if land is None or not land.any():
        return None
    ranked = SearchMap.from_log_weights(answer.world.overlay, np.where(land, 0.0, -50.0))
    return nearest_among(ranked, *point, int(land.sum()))


def _better(answer: Answer, point: tuple[float, float], value: float) -> NearestPoint | None:
    """The nearest ground that is ``BETTER`` times as dense as the log-density given."""
    search_map = answer.search_map
    found = search_map.count_at_least(value + np.log(BETTER)) if np.isfinite(value) else search_map.count_denser(value)
    return nearest_among(search_map, *point, int(found))


def _land(answer: Answer) -> np.ndarray | None:
    """``(cells,)`` true on land, by the population layer; None for a world without one."""
    try:
        return np.asarray(answer.world.overlay.table("population").cell_label != NOWHERE)
    except InputError:
        return None


def _on_land(answer: Answer, cell: int) -> bool | None:
    land = _land(answer)
    return None if land is None else bool(land[cell])


def _less_likely_land(answer: Answer, value: float) -> float:
    """Share of the land (of the Earth, where the world has no population layer) below a log-density."""
    land, area = _land(answer), answer.world.overlay.area_km2
    area = area if land is None else np.where(land, area, 0.0)
    less = np.ones(area.size, bool)
    less[answer.search_map.order[: int(answer.search_map.count_at_least(value))]] = False
    return float(area[less].sum() / max(float(area.sum()), 1e-300))


def _prior_factor(answer: Answer, before: SearchMap, cell: int) -> float | None:
    """Photos taken at a cell over those on an average km2 of land, by the photo prior as it was weighted."""
    if answer.settings.pooling is Pooling.PRODUCT or answer.settings.prior_weight == 0:
        return None
    known, area = _land(answer), answer.world.overlay.area_km2
    land = np.ones(area.size, bool) if known is None else known
    average = float(before.probability[land].sum() / max(float(area[land].sum()), 1e-300))
    return float(np.exp(before.log_density[cell]) / average) if average > 0 else None


def _supports(answer: Answer, before: SearchMap, latitude: float, longitude: float) -> tuple[Support, ...]:
    """Every predictor and statement that counts, the largest effect first."""
    terms = contributions_at(answer, latitude, longitude).predictors
    supports = [
        Support(term.record, float(np.exp(term.nats - _neutral_term(answer, before, term.record)))) for term in terms
    ]
    return tuple(sorted(supports, key=lambda support: -abs(np.log(max(support.factor, 1e-300)))))


def _neutral_term(answer: Answer, before: SearchMap, record: Record) -> float:
    """The term of a neutral predictor in nats, so that a factor compares probabilities of the place.

    A predictor's evidence is already relative to the prior. Under the product of experts its terms are densities, and
    the neutral one is that of a uniform Earth. Of a statement's likelihood only ratios count: to its mean on the map.
    """
    outcomes = [one for one in answer.outcomes if one.record.name == record.name]
    weight = answer.weight_of(record)
    masks = sum(len(one.predictions) for one in outcomes) if answer.settings.pooling is Pooling.PRODUCT else 0
    stated = [weight * each.log_likelihood for one in outcomes for each in one.likelihoods]
    means = sum(_log_mean(before, each) for each in stated)
    return means - weight * masks * float(np.log(EARTH_AREA_KM2))


def _log_mean(before: SearchMap, log_likelihood: FloatArray) -> float:
    """Log of the mean of a likelihood over a map, without overflow."""
    highest = float(log_likelihood.max())
    return highest + float(np.log((before.probability * np.exp(log_likelihood - highest)).sum()))


def _reference_photos(calibration: Calibration | None, denser: float) -> ReferencePhotos | None:
    if calibration is None or calibration.photos == 0:
        return None
    share, interval = calibration.hit_rate(denser)
    return ReferencePhotos(calibration.photos, share, *interval)
