"""The session as a case, and a case as the session: what is saved, opened, linked to, undone and redone."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypedDict, cast

import streamlit as st

from dashboard.common import state
from dashboard.locate import region_controls
from dashboard.maps.map_values import MAX_PLACES
from dashboard.maps.views import View
from dashboard.sar import plan_state
from engine.cases.answering import EVIDENCE, TOGETHER
from engine.cases.case import NOTES_LIMIT, TITLE_LIMIT, Case
from engine.cases.history import History, record_change, redo_step, start_history, undo_step
from engine.cases.parts import CaseClaim, CasePhoto, CasePlaces, CaseRegion, CaseView, Provenance
from engine.cases.provenance import case_settings, describe_provenance, differences, local_settings, newer_note
from engine.cases.writing import case_to_json
from engine.errors import ContradictionError, InputError
from engine.geometry.point_text import parse_point
from engine.locate.locator import Locator
from engine.locate.result import Answer
from engine.locate.settings import Settings

GLOBE = "globe"
"""The one kind of map; older cases may say ``flat``."""


def current(locator: Locator, settings: Settings) -> Case:
    """What the session shows, as a case.

    Args:
        locator: that answers.
        settings: in effect, fitted weights included.
    """
    there = [CasePhoto.of(entry.photo) for entry in state.photos().values()]
    here = {photo.sha256: photo for photo in there}
    absent = [photo for photo in _missing_photos() if photo.sha256 not in here]
    grid = locator.world.overlay.grid
    opened = _opened_case()
    known = Case() if opened is None else opened
    return Case(
        photos=(*here.values(), *absent),
        evidence=settings.evidence,
        settings=case_settings(locator, settings, dependence()),
        grid=f"{grid.rows}x{grid.columns}",
        **_map_request(),
        title=str(st.session_state.get(state.CASE_TITLE, "")).strip()[:TITLE_LIMIT],
        notes=str(st.session_state.get(state.CASE_NOTES, ""))[:NOTES_LIMIT],
        made=_provenance(locator),
        plan=plan_state.for_case(),
        version=known.version,
        unknown_fields=known.unknown_fields,
    )


class _MapRequest(TypedDict):
    """What is asked of the map, and how it is looked at."""

    region: CaseRegion
    places: CasePlaces
    claim: CaseClaim | None
    view: CaseView


def _map_request() -> _MapRequest:
    return _MapRequest(
        region=cast(CaseRegion, st.session_state.get(state.ASKED, CaseRegion(region_controls.DEFAULT_BUDGET))),
        places=CasePlaces(state.top_k(), float(st.session_state.get(state.SEPARATION, 100))),
        claim=_claim(),
        view=_view(),
    )


def follow() -> None:
    """Remember what was asked of the map since the page was drawn: the map reruns by itself, without the page."""
    known = cast(History | None, st.session_state.get(state.HISTORY))
    if known is not None:
        st.session_state[state.HISTORY] = record_change(known, replace(known.present, **_map_request()))


def dependence() -> float | None:
    """How alike the errors of the photos are, where all show one place; None where each is answered by itself."""
    if not st.session_state.get(state.TOGETHER) or len(state.photos()) < 2:
        return None
    percent, exact = st.session_state.get(state.DEPENDENCE, 50), st.session_state.get(state.EXACT_DEPENDENCE)
    return exact if exact is not None and round(100 * exact) == percent else float(percent) / 100


def record(case: Case) -> History:
    """Remember the case as it is now; a change is a step that can be undone."""
    known = cast(History | None, st.session_state.get(state.HISTORY))
    new = start_history(case) if known is None else record_change(known, case)
    st.session_state[state.HISTORY] = new
    return new


def undo() -> str:
    """One step back, for a button's callback, before anything is drawn; what was taken back, or an empty text."""
    history = cast(History | None, st.session_state.get(state.HISTORY))
    return "" if history is None else _restore_step(undo_step(history), history.undoes)


def redo() -> str:
    """One step forward again; likewise."""
    history = cast(History | None, st.session_state.get(state.HISTORY))
    return "" if history is None else _restore_step(redo_step(history), history.redoes)


def open_case(case: Case, locator: Locator) -> None:
    """Take a case into the session; before anything is drawn.

    Raises:
        InputError: the map of this machine cannot answer it; the session is as it was.
    """
    settings = local_settings(case, locator)
    try:
        with suppress(ContradictionError):  # a case may be about that
            locator.pooled((), replace(settings, evidence=()))
    except InputError as error:
        raise InputError(f"The case cannot be answered here. {error}") from error
    session = st.session_state
    session[state.MISSING], session[state.OPENED] = case.photos, case
    session[state.CASE_TITLE], session[state.CASE_NOTES] = case.title, case.notes
    _show_view(case.view)
    restore(replace(case, settings=replace(case.settings, weights=settings.weights)))
    session[state.HISTORY] = None


def opened_notes(locator: Locator) -> tuple[str, ...]:
    """Sentences on what is not as it was where the opened case was saved; none without one."""
    case, grid = _opened_case(), locator.world.overlay.grid
    if case is None:
        return ()
    here = f"{grid.rows}x{grid.columns}"
    other = (
        f"The case was saved on a {case.grid} grid and this dashboard runs on {here}, so the region differs slightly; "
        f"start hereabouts with --grid {case.grid} to reproduce it."
    )
    told = (newer_note(case), "" if case.grid == here else other, *differences(case, locator))
    return tuple(note for note in told if note)


def missing() -> tuple[CasePhoto, ...]:
    """Photos of the opened case that nobody has dropped here yet."""
    here = {entry.photo.sha256 for entry in state.photos().values()}
    return tuple(photo for photo in _missing_photos() if photo.sha256 not in here)


def restore(case: Case) -> None:
    """Put what can be undone back into the widgets: evidence, weights, region, places, claim."""
    session = st.session_state
    state.put_evidence(case.evidence)
    for each in case.evidence:
        session[f"on_statement_{each.id}"], session[f"sure_of_{each.id}"] = each.on, each.strength
    chosen = case.settings
    for name, weight in chosen.weights.items():
        session[state.on_key(name)] = weight > 0
        if weight > 0:
            session[state.weight_key(name)] = float(weight)
    session[state.PRIOR_WEIGHT], session[state.POOLING] = chosen.prior_weight, chosen.pooling
    session[state.DECLARED] = {name: dict(said) for name, said in chosen.declared.items()}
    session[state.FLOORS], session[state.USE_FITTED] = dict(chosen.floors), False
    session[state.TOGETHER] = chosen.dependence is not None
    if chosen.dependence is not None:
        session[state.DEPENDENCE], session[state.EXACT_DEPENDENCE] = round(100 * chosen.dependence), chosen.dependence
    if plan_state.for_case() != case.plan:
        plan_state.put(case.plan)
    _apply_region(case.region)
    session[state.TOP_K], session[state.SEPARATION] = min(case.places.top_k, MAX_PLACES), _slider_value(case.places)
    if _claim() != case.claim:  # else what was typed stays as it was typed, a slip that is no point included
        session[state.CLAIM] = "" if case.claim is None else f"{case.claim.latitude!r}, {case.claim.longitude!r}"


def _slider_value(places: CasePlaces) -> float:
    """The distance as the slider has it: whole kilometres as whole numbers."""
    km = places.separation_km
    return int(km) if km == int(km) else km


def _restore_step(history: History, sentence: str) -> str:
    restore(history.present)
    st.session_state[state.HISTORY] = history
    return sentence


def _opened_case() -> Case | None:
    """The case that was opened last."""
    return cast(Case | None, st.session_state.get(state.OPENED))


def _apply_region(region: CaseRegion) -> None:
    session = st.session_state
    session[state.ASKED] = region
    if region.mass is not None:
        session[state.MODE], session[state.MASS] = region_controls.MASS, 100 * region.mass
    elif region.budget_km2 is not None:
        session[state.MODE], session[state.BUDGET] = region_controls.AREA, region.budget_km2
        region_controls.follow()


def _missing_photos() -> tuple[CasePhoto, ...]:
    return cast(tuple[CasePhoto, ...], st.session_state.get(state.MISSING, ()))


def _claim() -> CaseClaim | None:
    try:
        return CaseClaim(*parse_point(str(st.session_state.get(state.CLAIM) or "")))
    except InputError:
        return None


def _view() -> CaseView:
    view, entry = state.view(), state.chosen_photo()
    layer = st.session_state.get(state.LAYER, "ensemble")
    return CaseView(
        map=GLOBE,
        latitude=view.latitude,
        longitude=view.longitude,
        zoom=view.zoom,
        layer=layer or "",
        photo=entry.photo.sha256 if entry is not None else "",
    )


def _show_view(view: CaseView) -> None:
    session = st.session_state
    session[state.VIEW] = View(view.latitude, view.longitude, view.zoom, state.view().turn + 1)
    session[state.LOOKED_AT] = view.photo  # the camera stays where the case had it
    session.pop(state.FOLLOWED, None)
    session[state.LAYER] = view.layer or None
    chosen = [key for key, entry in state.photos().items() if entry.photo.sha256 == view.photo]
    if chosen:
        session[state.CHOSEN] = chosen[0]


def _provenance(locator: Locator) -> Provenance:
    """What the case is made with; the digest of the map is computed once."""
    known = st.session_state.get(state.MADE_WITH)
    if known is None or known[0] is not locator:
        known = st.session_state[state.MADE_WITH] = (locator, describe_provenance(locator))
    return cast(Provenance, known[1])


@dataclass(eq=False)
class Saving:
    """A case on its way into a file: made when somebody saves it, after the page was drawn.

    Attributes:
        case: as the page shows it.
        answer: its map, as soon as there is one; with the digest of its region whoever opens the file can compare.
        together: whether it is that of all photos.
    """

    case: Case
    answer: Answer | None = None
    together: bool = False

    def text(self) -> str:
        """What stands in the file."""
        if self.answer is None:
            return case_to_json(self.case)
        name = TOGETHER if self.together else self.answer.photo.sha256 or EVIDENCE
        regions = {name: self.case.region.of(self.answer.search_map).sha256}
        return case_to_json(replace(self.case, made=replace(self.case.made, regions=regions)))
