"""Describes one change of a case: ``"added: Cars drive on the left"``, ``"area budget: 250,000 km2"``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.cases.case import Case
from engine.cases.parts import CaseClaim, CaseRegion
from engine.evidence.statements.evidence import Evidence
from engine.search_planning.plan import SearchPlan, Segment


@dataclass(frozen=True)
class Step:
    """A case and how it came to be.

    Attributes:
        case: after the change.
        sentence: what was changed, for people; empty for a beginning.
        about: what a run of equal changes is about, for instance ``"weight scene"``; empty for a step of its own.
    """

    case: Case
    sentence: str = ""
    about: str = ""


def step_between(before: Case, after: Case) -> Step | None:
    """The step from one case to another, or None where nothing that can be undone differs.

    Steps that are about one thing that is moved (a weight, a strength, a budget) carry it in ``about``; what is added,
    removed or switched is a step of its own.
    """
    changes = list(_changes(before, after))
    if not changes:
        return None
    if len(changes) == 1:
        return Step(after, *changes[0])
    return Step(after, f"{len(changes)} changes: {changes[0][0]}, ...")


Change = tuple[str, str]
"""Sentence, and what it is about."""


def _changes(before: Case, after: Case) -> Iterator[Change]:
    yield from _of_evidence(before.evidence, after.evidence)
    yield from _of_numbers("weight of", before.settings.weights, after.settings.weights)
    yield from _of_numbers("floor of", before.settings.floors, after.settings.floors)
    yield from _of_settings(before, after)
    if before.region != after.region:
        yield region_words(after.region), "region"
    if before.places.top_k != after.places.top_k:
        yield f"places: {after.places.top_k}", "top_k"
    if before.places.separation_km != after.places.separation_km:
        yield f"places at least {after.places.separation_km:,.10g} km apart", "separation"
    if before.claim != after.claim:
        yield claim_words(after.claim), ""
    if before.plan != after.plan:
        yield from plan_changes(before.plan or SearchPlan(), after.plan or SearchPlan())
    if before.grid != after.grid:
        yield f"grid: {after.grid}", ""


def _of_evidence(before: tuple[Evidence, ...], after: tuple[Evidence, ...]) -> Iterator[Change]:
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    for each in after:
        if each.id not in old:
            yield f"added: {each.sentence()}", ""
        elif old[each.id] != each:
            yield _of_statement(old[each.id], each)
    for each in before:
        if each.id not in new:
            yield f"removed: {each.sentence()}", ""
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield "put the statements in another order", "order"


def _of_statement(before: Evidence, after: Evidence) -> Change:
    if replace(before, on=after.on) == after:
        return f"switched {'on' if after.on else 'off'}: {after.sentence()}", ""
    if replace(before, probability=after.probability) == after:
        return f"{after.sentence()}: {after.strength}", f"strength {after.id}"
    if replace(before, photo=after.photo) == after:
        return f"{after.sentence()}: about {'one photo' if after.photo else 'the whole case'}", f"subject {after.id}"
    sure = f" - {after.strength}" if before.probability != after.probability else ""
    return f"changed: {after.sentence()}{sure}", ""  # edited and saved: a step of its own, however many follow


def _of_numbers(what: str, before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            value = after.get(name)
            yield f"{what} {name}: {'its own' if value is None else f'{value:.4g}'}", f"{what} {name}"


def _of_settings(before: Case, after: Case) -> Iterator[Change]:
    old, new = before.settings, after.settings
    if old.prior_weight != new.prior_weight:
        yield f"weight of the photo prior: {new.prior_weight:.4g}", "prior"
    if old.pooling != new.pooling:
        yield f"pooling: {new.pooling}", ""
    if old.dependence != new.dependence:
        yield dependence_words(new.dependence), "dependence" if None not in (old.dependence, new.dependence) else ""
    for name in sorted({*old.declared, *new.declared}):
        if old.declared.get(name) != new.declared.get(name):
            yield f"stated: {name}", f"stated {name}"


def plan_changes(before: SearchPlan, after: SearchPlan) -> Iterator[Change]:
    """What differs between two search plans."""
    if before.point != after.point:
        point = after.point
        words = "removed" if point is None else f"{point.latitude:.5f}, {point.longitude:.5f}"
        yield f"last known point: {words}", ""
    if before.distances != after.distances:
        yield f"subject: {after.distances.title if after.distances is not None else 'none'}", ""
    if (before.spread, before.ground) != (after.spread, after.ground):
        yield f"spread: {after.spread}, ground: {after.ground}", ""
    old, new = ({each.name: each for each in plan.segments} for plan in (before, after))
    added, removed = ([name for name in a if name not in b] for a, b in ((new, old), (old, new)))
    if added or removed:
        yield _segment_words(added, removed), ""
    for name in new.keys() & old.keys():
        if new[name] != old[name]:
            yield _segment_change(old[name], new[name])
    if before.effort != after.effort:
        yield f"effort: {after.effort.hours:g} team-hours", "effort"


def _segment_words(added: list[str], removed: list[str]) -> str:
    told = [f"{word} segment{'s' if len(names) > 1 else ''} {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
            for word, names in (("added", added), ("removed", removed)) if names]  # fmt: skip
    return " and ".join(told)


def _segment_change(before: Segment, after: Segment) -> Change:
    if before.pods != after.pods:
        return f"POD of segment {after.name}: {100 * after.cumulative_pod:.3g} % in all", ""
    return f"boundary of segment {after.name}", ""


def dependence_words(value: float | None) -> str:
    """What a dependence means, in words."""
    return "each photo by itself" if value is None else f"all photos show one place, dependence {value:.4g}"


def region_words(region: CaseRegion) -> str:
    """What is asked of the region, in words."""
    if region.budget_km2 is not None:
        return f"area budget: {region.budget_km2:,.10g} km2"
    return f"probability to hold: {100 * (region.mass or 0.0):.10g} %"


def claim_words(claim: CaseClaim | None) -> str:
    """A claimed place in words."""
    return "claimed place removed" if claim is None else f"claimed place: {claim.latitude:.5f}, {claim.longitude:.5f}"
