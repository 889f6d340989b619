"""Weighs a claimed place clue by clue: expected there, observed, and the likelihood ratio of the place to elsewhere.

``LR = P(clue | claimed place) / P(clue | elsewhere)``, where elsewhere is the baseline map without the place's own
cell. The ratio of a source is that of the product of its clues, place by place: clues that say the same are not counted
as if they were different places' worth of evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.claims.clues import MODEL, Agreement, ClaimTable, Clue, Source
from engine.claims.expected import PlaceFacts, clue_name, expected_there, observed_words
from engine.claims.headline import analyst_sentence, headline
from engine.claims.next_steps import next_steps
from engine.claims.strength import ratio_words
from engine.claims.sun_check import expected_words, sun_at
from engine.claims.sun_check import observed_words as sun_words
from engine.errors import InputError
from engine.evidence.statements import sentences
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.evidence.statements.evidence import EVIDENCE_PREFIX, SIGN_PREFIX, Evidence
from engine.evidence.statements.likelihood import ZONES
from engine.evidence.statements.sun import SunSeen
from engine.geometry.sphere import check_point
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling, log_evidence, log_mask_density
from engine.inference.search_map import SearchMap
from engine.layers.builtin import CLASSES
from engine.layers.shipped import shipped_partitions
from engine.locate.maps import prior_map
from engine.locate.result import Answer
from engine.predictors.base import Prediction
from engine.typing import FloatArray

_BAND = re.compile(r"(-?\d+)_(\d+)_(k?m)")
DOUBTFUL_ERRORS, INCONSISTENT_ERRORS = 2.0, 3.0
"""Standard errors from which a measurement fits poorly, and from which it contradicts the place."""
POSITIVE = 3.0
"""Ratio from which a model's row agrees or does not (Kass and Raftery 1995: positive evidence)."""


@dataclass(frozen=True, eq=False)
class _Term:
    """A row before its ratio: the log-likelihood of its clue on every cell, and where it comes from."""

    source: Source
    log_likelihood: FloatArray


def claim_table(answer: Answer, latitude: float, longitude: float) -> ClaimTable:
    """Everything that speaks for or against a place in degrees, with the verdict.

    Raises:
        InputError: the point is not on the globe.
    """
    point = check_point(latitude, longitude)
    place = PlaceFacts(answer.world.overlay, *point)
    before = baseline_map(answer)
    clues: list[Clue] = []
    totals: dict[Source, FloatArray] = {}
    for outcome in answer.outcomes:
        if not outcome.contributes or answer.weight_of(outcome.record) <= 0:
            continue
        for term, clue in _rows(answer, outcome, place, before):
            clues.append(clue)
            added = totals.get(term.source)
            totals[term.source] = term.log_likelihood if added is None else added + term.log_likelihood
    by_source = [(source, log10_ratio(totals[source], before, place.cell)) for source in Source if source in totals]
    baseline = _baseline_clue(answer, before, place)
    if baseline is not None:
        clues.append(baseline)
        by_source.append((Source.BASELINE, baseline.log10_ratio))
    order = list(Source)
    rows = tuple(sorted(clues, key=lambda each: (order.index(each.source), -abs(each.log10_ratio))))
    table = ClaimTable(*point, rows, tuple(by_source))
    return replace(
        table, headline=headline(table), analyst=analyst_sentence(table), next_steps=next_steps(answer, place)
    )


def baseline_map(answer: Answer) -> SearchMap:
    """The map without predictors: the prior's, or a uniform Earth under the product of experts."""
    if answer.settings.pooling is Pooling.PRODUCT:
        overlay = answer.world.overlay
        return SearchMap.from_log_weights(overlay, np.zeros(overlay.cells))
    return prior_map(answer.world, answer.settings.prior_weight)


def log10_ratio(log_likelihood: FloatArray, before: SearchMap, cell: int) -> float:
    """Decimal logarithm of the likelihood on a cell over its mean on the rest of a map; ``-inf`` excludes the cell."""
    here = float(log_likelihood[cell])
    weights = before.probability.copy()
    weights[cell] = 0.0
    if weights.sum() <= 0.0 or not np.isfinite(here):
        return 0.0 if np.isfinite(here) else -np.inf
    highest = float(log_likelihood[weights > 0].max())
    if not np.isfinite(highest):
        return np.inf
    mean = float((weights * np.exp(log_likelihood - highest)).sum() / weights.sum())
    return float((here - highest - np.log(mean)) / np.log(10.0))


def _rows(answer: Answer, outcome: Outcome, place: PlaceFacts, before: SearchMap) -> list[tuple[_Term, Clue]]:
    """One row per prediction of a model, or the row of a statement."""
    weight = answer.weight_of(outcome.record)
    found = []
    for prediction in outcome.predictions:
        source = Source.ANALYST if outcome.record.name == DECLARED.name else Source.IMAGE
        term = _Term(source, weight * _log_evidence(answer, prediction))
        found.append(
            (term, _model_clue(prediction, place, source, log10_ratio(term.log_likelihood, before, place.cell)))
        )
    by_name = {EVIDENCE_PREFIX + each.id: each for each in answer.settings.evidence}
    for likelihood in outcome.likelihoods:
        evidence = by_name.get(outcome.record.name)
        term = _Term(source_of(evidence), weight * likelihood.log_likelihood)
        ratio = log10_ratio(term.log_likelihood, before, place.cell)
        found.append((term, _statement_clue(evidence, place, term, ratio, outcome.record.title)))
    return found


def source_of(evidence: Evidence | None) -> Source:
    """Where a statement comes from: measurements in the photo and text read from it are image evidence."""
    measured = evidence is not None and isinstance(evidence.statement, SunSeen)
    read = evidence is not None and evidence.id.startswith(SIGN_PREFIX)
    return Source.IMAGE if measured or read else Source.ANALYST


def _log_evidence(answer: Answer, prediction: Prediction) -> FloatArray:
    if answer.settings.pooling is Pooling.PRODUCT:
        return log_mask_density(answer.world.overlay, prediction)
    floor = answer.settings.floors.get(prediction.predictor.name)
    return log_evidence(answer.world.overlay, prediction, answer.world.prior, floor)


def _statement_clue(evidence: Evidence | None, place: PlaceFacts, term: _Term, ratio: float, title: str) -> Clue:
    if evidence is None:
        return Clue("Statement", term.source, "", title, _agreement_of(ratio), ratio)
    statement, strength = evidence.statement, evidence.strength
    if isinstance(statement, SunSeen):
        seen = statement.observation
        there = sun_at(seen, place.latitude, place.longitude, place.label(ZONES))
        return Clue(
            "Sun", term.source, expected_words(there, seen), sun_words(seen), _measured(there.misfit), ratio,
            strength, there.misfit,
        )  # fmt: skip
    share = _share_there(term.log_likelihood, place.cell)
    expected = expected_there(statement, place, share >= 0.5)
    read = evidence.id.startswith(SIGN_PREFIX)
    observed = observed_words(statement)
    if read:
        observed = observed.removesuffix(" stated") + " read in the photo"
    agreement = Agreement.CONSISTENT if share >= 0.5 else Agreement.DOUBTFUL if share > 0.02 else Agreement.INCONSISTENT
    return Clue(clue_name(statement), term.source, expected, observed, agreement, ratio, strength)


def _share_there(log_likelihood: FloatArray, cell: int) -> float:
    """The likelihood on a cell between the least and the greatest on the map, 0 to 1."""
    low, high = float(log_likelihood.min()), float(log_likelihood.max())
    if high - low < 1e-9:
        return 1.0
    least = np.exp(low - high)
    return float((np.exp(log_likelihood[cell] - high) - least) / (1.0 - least))


def _measured(misfit: float) -> Agreement:
    if misfit < DOUBTFUL_ERRORS:
        return Agreement.CONSISTENT
    return Agreement.DOUBTFUL if misfit < INCONSISTENT_ERRORS else Agreement.INCONSISTENT


def _agreement_of(ratio: float) -> Agreement:
    """Whether a model's answer agrees with a place; a model alone never contradicts one."""
    if abs(ratio) < np.log10(POSITIVE):
        return Agreement.NEUTRAL
    if ratio == -np.inf:
        return Agreement.INCONSISTENT
    return Agreement.CONSISTENT if ratio > 0 else Agreement.DOUBTFUL


def _model_clue(prediction: Prediction, place: PlaceFacts, source: Source, ratio: float) -> Clue:
    table = place.overlay.table(prediction.partition)
    number = int(table.cell_label[place.cell])
    titles = _titles(prediction.partition, table.labels)
    title = prediction.predictor.title
    if titles is None:
        rank = 1 + int((prediction.probability > prediction.probability[number]).sum()) if number >= 0 else 0
        here = f"rank {rank:,} of {len(table.labels):,}" if rank else "outside its areas"
        seen = "ranking of areas by the model"
        return Clue(f"{title}: areas", source, here, seen, _agreement_of(ratio), ratio, MODEL)
    best = int(np.argmax(prediction.probability))
    here = titles[number] if number >= 0 else "water"
    share = f" ({prediction.probability[number]:.0%})" if number >= 0 and number != best else ""
    seen = f"{titles[best]} ({prediction.probability[best]:.0%}) seen by the model"
    name = f"{title}: {_partition_title(prediction)}"
    return Clue(name, source, f"{here}{share}", seen, _agreement_of(ratio), ratio, MODEL)


def _titles(partition: str, labels: Sequence[str]) -> list[str] | None:
    """Words for labels, or None where they are numbers of cells that say nothing to people."""
    kind = "country" if partition == "countries" else partition
    words = [sentences.titles(kind, str(label)) for label in labels]
    if all(word == label for word, label in zip(words, labels, strict=True)) and len(labels) > 40:
        return None
    return [sentences.lower_initial(_readable_band(word)) if kind != "country" else word for word in words]


def _readable_band(label: str) -> str:
    """``"250_500_m"`` as ``"250 to 500 m"``, ``"above_250_km"`` as ``"above 250 km"``."""
    return _BAND.sub(r"\1 to \2 \3", label).replace("_", " ")


def _partition_title(prediction: Prediction) -> str:
    """What a prediction is about: ``"land cover"``; a model's own partitions bear its name, which is left out."""
    name = prediction.partition.removeprefix(f"{prediction.predictor.name}_")
    known = {each.name: each.title for each in shipped_partitions()}
    words = {"population": "population density", "land_cover": "land cover"} if name in CLASSES else known
    return sentences.lower_initial(words.get(name, name.replace("_", " ")))


def _baseline_clue(answer: Answer, before: SearchMap, place: PlaceFacts) -> Clue | None:
    """How often photos are taken there beside an average km2 of land; None where the baseline does not count."""
    if answer.settings.pooling is Pooling.PRODUCT or answer.settings.prior_weight == 0:
        return None
    area = answer.world.overlay.area_km2
    try:
        land = np.asarray(answer.world.overlay.table("population").cell_label >= 0)
    except InputError:
        land = np.ones(area.size, bool)
    average = float(before.probability[land].sum() / max(float(area[land].sum()), 1e-300))
    ratio = float((before.log_density[place.cell] - np.log(average)) / np.log(10.0))
    words = f"{ratio_words(ratio)} {'more' if ratio >= 0 else 'less'} often than on average land"
    return Clue(
        "Photos taken there", Source.BASELINE, words, "", Agreement.NEUTRAL,
        ratio, "not from this photo",
    )  # fmt: skip
