"""The session as a case, and a case as the session: what is saved, opened, linked to, undone and redone."""

from dataclasses import replace
from typing import cast

import streamlit as st

from dashboard import state
from dashboard.components import map_view, region_controls
from dashboard.maps.markers import MAX_PLACES
from dashboard.maps.views import View
from engine.cases.case import Case
from engine.cases.history import History, begun, changed, redone, undone
from engine.cases.making import case_settings, made_with
from engine.cases.parts import CaseClaim, CasePhoto, CasePlaces, CaseRegion, CaseView, Made
from engine.earth.sphere import parse_point
from engine.errors import InputError
from engine.pipeline import Locator, Settings

GLOBE, FLAT = "globe", "flat"


def current(locator: Locator, settings: Settings) -> Case:
    """What the session shows, as a case.

    Args:
        locator: that answers.
        settings: in effect, fitted weights included.
    """
    there = [CasePhoto.of(entry.photo) for entry in state.photos().values()]
    here = {photo.sha256: photo for photo in there}
    absent = [photo for photo in _missing() if photo.sha256 not in here]
    grid = locator.world.overlay.grid
    return Case(
        photos=(*here.values(), *absent),
        evidence=settings.evidence,
        settings=case_settings(locator, settings, dependence()),
        grid=f"{grid.rows}x{grid.columns}",
        region=cast(CaseRegion, st.session_state.get(state.ASKED, CaseRegion(region_controls.DEFAULT_BUDGET))),
        places=CasePlaces(state.top_k(), float(st.session_state.get(state.SEPARATION, 100))),
        claim=_claim(),
        view=_view(),
        title=str(st.session_state.get(state.CASE_TITLE, "")).strip(),
        notes=str(st.session_state.get(state.CASE_NOTES, "")),
        made=_made(locator),
    )


def dependence() -> float | None:
    """How alike the errors of the photos are, where all show one place; None where each is answered by itself."""
    together = bool(st.session_state.get(state.TOGETHER)) and len(state.photos()) > 1
    return float(st.session_state.get(state.DEPENDENCE, 50)) / 100 if together else None


def record(case: Case) -> History:
    """Remember the case as it is now; a change is a step that can be undone."""
    known = cast(History | None, st.session_state.get(state.HISTORY))
    new = begun(case) if known is None else changed(known, case)
    st.session_state[state.HISTORY] = new
    return new


def undo() -> None:
    """One step back; for a button's callback, before anything is drawn."""
    _move(undone(st.session_state[state.HISTORY]))


def redo() -> None:
    """One step forward again; likewise."""
    _move(redone(st.session_state[state.HISTORY]))


def open_case(case: Case) -> None:
    """Take a case into the session; before anything is drawn."""
    st.session_state[state.MISSING] = case.photos
    st.session_state[state.CASE_TITLE], st.session_state[state.CASE_NOTES] = case.title, case.notes
    _show_view(case.view)
    restore(case)
    st.session_state[state.HISTORY] = None


def missing() -> tuple[CasePhoto, ...]:
    """Photos of the opened case that nobody has dropped here yet."""
    here = {entry.photo.sha256 for entry in state.photos().values()}
    return tuple(photo for photo in _missing() if photo.sha256 not in here)


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
        session[state.DEPENDENCE] = round(100 * chosen.dependence)
    _ask(case.region)
    session[state.TOP_K], session[state.SEPARATION] = min(case.places.top_k, MAX_PLACES), _round(case.places)
    session[state.CLAIM] = "" if case.claim is None else f"{case.claim.latitude:.6f}, {case.claim.longitude:.6f}"


def _round(places: CasePlaces) -> float:
    """The distance as the slider has it: whole kilometres as whole numbers."""
    km = places.separation_km
    return int(km) if km == int(km) else km


def _move(history: History) -> None:
    restore(history.present)
    st.session_state[state.HISTORY] = history


def _ask(region: CaseRegion) -> None:
    session = st.session_state
    session[state.ASKED] = region
    if region.coverage is not None:
        session[state.MODE], session[state.COVERAGE] = region_controls.COVERAGE, 100 * region.coverage
    elif region.budget_km2 is not None:
        session[state.MODE], session[state.BUDGET] = region_controls.AREA, region.budget_km2
        region_controls.follow()


def _missing() -> tuple[CasePhoto, ...]:
    return cast(tuple[CasePhoto, ...], st.session_state.get(state.MISSING, ()))


def _claim() -> CaseClaim | None:
    try:
        return CaseClaim(*parse_point(str(st.session_state.get(state.CLAIM) or "")))
    except InputError:
        return None


def _view() -> CaseView:
    view, entry = state.view(), state.chosen_photo()
    flat = st.session_state.get(state.MAP_KIND) == map_view.FLAT
    layer = st.session_state.get(state.LAYER, "ensemble")
    return CaseView(
        map=FLAT if flat else GLOBE,
        latitude=view.latitude,
        longitude=view.longitude,
        zoom=view.zoom,
        layer=layer or "",
        photo=entry.photo.sha256 if entry is not None else "",
    )


def _show_view(view: CaseView) -> None:
    session = st.session_state
    session[state.MAP_KIND] = map_view.FLAT if view.map == FLAT else map_view.GLOBE
    session[state.VIEW] = View(view.latitude, view.longitude, view.zoom, state.view().turn + 1)
    session[state.LOOKED_AT] = view.photo  # the camera stays where the case had it
    session[state.LAYER] = view.layer or None
    chosen = [key for key, entry in state.photos().items() if entry.photo.sha256 == view.photo]
    if chosen:
        session[state.CHOSEN] = chosen[0]


def _made(locator: Locator) -> Made:
    """What the case is made with; the digest of the map is computed once."""
    key = "case_made_with"
    known = st.session_state.get(key)
    if known is None or known[0] is not locator:
        known = st.session_state[key] = (locator, made_with(locator))
    return cast(Made, known[1])


def with_region(case: Case, name: str, sha256: str) -> Case:
    """The case with the digest of the region that came out, so that whoever opens it can compare."""
    return replace(case, made=replace(case.made, regions={**case.made.regions, name: sha256}))
