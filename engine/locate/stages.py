"""Whose knowledge a region rests on: the same region under the baseline, with the photo, and with the evidence.

Pooling is a product of terms. Leaving out the analyst's terms gives the map of the photo; leaving out those of the
models as well gives the baseline. The product of experts (Bianco et al. 2024) has no baseline: nothing but models and
statements speaks there, so that only the stages with a term are listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import ContradictionError
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling, information_nats
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.locate.maps import pool_outcomes
from engine.locate.result import SILENT_NATS, Pooled


class Source(StrEnum):
    """Whose knowledge a stage adds."""

    BASELINE = "baseline"
    PHOTO = "photo"
    ANALYST = "analyst"


@dataclass(frozen=True, eq=False)
class StageMap:
    """The map once a source is counted, and all before it.

    Attributes:
        source: that is added last.
        search_map: the map then.
        nats: how far the source moved the map before it (Kullback-Leibler); 0 for the first stage.
    """

    source: Source
    search_map: SearchMap
    nats: float

    @property
    def is_silent(self) -> bool:
        """Whether the source moved the map by next to nothing."""
        return self.source is not Source.BASELINE and self.nats < SILENT_NATS


@dataclass(frozen=True)
class Stage:
    """What a region is worth once a source is counted.

    Attributes:
        source: that is added last.
        probability: mass in [0, 1] inside the region under the map of this stage.
        area_km2: km2 of the smallest region of this stage's map that holds as much as the region of the answer.
        is_silent: whether the source moved the map by next to nothing.
    """

    source: Source
    probability: float
    area_km2: float
    is_silent: bool


def stage_maps(answer: Pooled) -> tuple[StageMap, ...]:
    """The maps of an answer, source by source; the last is the answer's own map.

    Args:
        answer: with or without a photo.
    """
    of_photo = [each for each in answer.outcomes if _counts(answer, each) and not _is_of_analyst(each)]
    of_analyst = [each for each in answer.outcomes if _counts(answer, each) and _is_of_analyst(each)]
    steps: list[tuple[Source, Sequence[Outcome]]] = []
    if answer.settings.pooling is Pooling.CORRECTED:
        steps.append((Source.BASELINE, ()))
    if of_photo:
        steps.append((Source.PHOTO, of_photo))
    if of_analyst:
        steps.append((Source.ANALYST, (*of_photo, *of_analyst)))
    found: list[StageMap] = []
    for source, outcomes in steps:
        is_last = source is steps[-1][0]
        search_map = answer.search_map if is_last else _pooled(answer, outcomes)
        if search_map is None:  # the models alone contradict each other; only the whole is a map
            continue
        nats = information_nats(search_map, found[-1].search_map) if found else 0.0
        found.append(StageMap(source, search_map, nats))
    return tuple(found)


def stages(maps: Sequence[StageMap], region: Region) -> tuple[Stage, ...]:
    """What a region of the last map is worth under each of them.

    Args:
        maps: as ``stage_maps`` gives them.
        region: of the last map.
    """
    return tuple(_stage(each, region) for each in maps)


def mass_inside(search_map: SearchMap, region: Region) -> float:
    """The mass in [0, 1] that a map has inside a region of another map on the same cells."""
    order, whole = region.search_map.order, region.whole_cells
    inside = float(search_map.probability[order[:whole]].sum())
    if whole < order.size and region.area_km2 > 0:
        cut = int(order[whole])
        taken = region.area_km2 - float(region.overlay.area_km2[order[:whole]].sum())
        inside += float(search_map.probability[cut]) * min(max(taken / float(region.overlay.area_km2[cut]), 0.0), 1.0)
    return min(inside, 1.0)


def _stage(stage: StageMap, region: Region) -> Stage:
    is_answer = stage.search_map is region.search_map
    inside = region.probability if is_answer else mass_inside(stage.search_map, region)
    area = region.area_km2 if is_answer else stage.search_map.region(mass=max(region.probability, 1e-9)).area_km2
    return Stage(stage.source, inside, area, stage.is_silent)


def _counts(answer: Pooled, outcome: Outcome) -> bool:
    return outcome.contributes and answer.weight_of(outcome.record) > 0


def _is_of_analyst(outcome: Outcome) -> bool:
    return bool(outcome.likelihoods) or outcome.record == DECLARED


def _pooled(answer: Pooled, outcomes: Sequence[Outcome]) -> SearchMap | None:
    try:
        return pool_outcomes(answer.world, outcomes, answer.settings)
    except ContradictionError:
        return None
