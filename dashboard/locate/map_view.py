"""The map of an answer: its region, the layers below it, candidates and the claimed place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from dashboard.cases import state as case_state
from dashboard.common import map_component, services, state
from dashboard.evidence.outlines import outlines
from dashboard.locate import camera, candidates_list, region_controls
from dashboard.maps.map_values import (
    Action,
    Card,
    ClassLayer,
    Layer,
    Look,
    MapEvents,
    MapView,
    Marker,
    RankedLayer,
    RegionRequest,
    ShownRegion,
)
from dashboard.maps.pictures import class_palette
from dashboard.maps.static_map import static_map
from engine.inference.candidates import Candidate
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.layers.in_use import LayerInUse
from engine.locate.result import Answer
from engine.partitions.overlay import Overlay

KEY = "map"
CLAIM = Action("claim", "Check as claimed location")
MAX_ROWS = 6
"""Predictors and statements on the card of a click."""

OwnMaps = Mapping[str, tuple[str, Answer]]
"""Titles and answers by the name of a map layer: the maps of single photos."""


@dataclass(frozen=True, eq=False)
class _Told:
    """What the browser was told last: Python counts up a turn when it says something else."""

    request: RegionRequest
    layer: str | None
    look: Look = field(default_factory=Look)
    region_turn: int = 0
    look_turn: int = 0


def show(
    answer: Answer,
    region: Region,
    places: tuple[Candidate, ...],
    own: OwnMaps,
    claim: tuple[float, float] | None = None,
) -> MapEvents:
    """Draw the map; a click on a candidate flies there, and the budget that is let go becomes that of the page.

    Args:
        answer: whose map is shown.
        region: the size that was asked for.
        places: candidates, best first.
        own: the maps of single photos.
        claim: latitude and longitude of a place to check.
    """
    services.prepare_cells(answer.world.overlay)
    told = _told(RegionRequest(region.budget_km2, region.mass), st.session_state.get(state.LAYER))
    markers = (*(_marker(place) for place in places), *(() if claim is None else (_claimed(*claim),)))
    view = MapView(
        label=f"Map of the search region: {region.area_km2:,.0f} km² in {region.components} areas",
        title=answer.photo.name,
        layers=layers(answer, own),
        main=services.ENSEMBLE,
        region=ShownRegion(told.request, told.region_turn, region),
        markers=markers,
        shapes=tuple(outlines(each for each in answer.settings.evidence if each.on)),
        card=_card(answer),
        actions=(CLAIM,),
        camera=state.view(),
        look=told.look,
        look_turn=told.look_turn,
        height="fill",
        fallback=lambda: static_map(region, markers),
    )
    return map_component.show(view, KEY, _changed)


def layers(answer: Answer, own: OwnMaps) -> tuple[Layer, ...]:
    """All that can be shown of an answer: its ensemble, maps of single photos, the prior, predictors, classes."""
    ranked = [
        RankedLayer(name, title, partial(_map_of, answer, own, name))
        for name, title in ranked_titles(answer, own).items()
    ]
    overlay = answer.world.overlay
    return (*ranked, *(_classes(each, overlay) for each in answer.world.layers))


def _classes(layer: LayerInUse, overlay: Overlay) -> ClassLayer:
    titles = tuple(each.title for each in layer.classes)
    labels = overlay.table(layer.name).cell_label
    return ClassLayer(layer.name, layer.title, overlay, labels, class_palette(layer), titles, layer.caveat)


def ranked_titles(answer: Answer, own: OwnMaps) -> dict[str, str]:
    """Titles of the layers that are search maps, by name."""
    titles = {services.ENSEMBLE: "Combined map of all photos" if own else "Combined map"}
    titles |= {name: title for name, (title, _) in own.items()} | {services.PRIOR: PRIOR_RECORD.title}
    return titles | {o.record.name: f"{o.record.title} (this clue only)" for o in answer.outcomes if o.contributes}


def _map_of(answer: Answer, own: OwnMaps, name: str) -> SearchMap:
    return own[name][1].search_map if name in own else services.layer_map(answer, name)


def _marker(place: Candidate) -> Marker:
    where = f"{place.latitude:.2f}, {place.longitude:.2f}"
    text = f"Candidate {place.rank}: {where}, {place.probability:.1%} on {place.area_km2:,.0f} km²"
    chosen = place.rank == state.chosen_place()
    return Marker(place.latitude, place.longitude, str(place.rank), text, "candidate", place.rank, chosen)


def _claimed(latitude: float, longitude: float) -> Marker:
    return Marker(latitude, longitude, "?", f"Claimed location: {latitude:.4f}, {longitude:.4f}", "claim")


def _card(answer: Answer) -> Card | None:
    """Who supports the point of the last click, for its card."""
    point = st.session_state.get(state.MAP_CLICK)
    if point is None:
        return None
    check = services.claim_check(answer, point, None)
    rows = [(each.record.title, f"{each.judgement.value}{_times(each.factor)}") for each in check.supports]
    return Card(point[0], point[1], tuple(rows[:MAX_ROWS]))


def _times(factor: float) -> str:
    """A factor beside its word: what rules a place out has none."""
    return "" if factor == 0.0 else f" (×{factor:.2g})"


def _told(request: RegionRequest, layer: str | None) -> _Told:
    """What the browser is told now; a new turn where it differs from what it knows already."""
    known = st.session_state.get(state.MAP_TOLD) or _Told(request, layer, Look(under=layer or ""))
    if request != known.request:
        known = replace(known, request=request, region_turn=known.region_turn + 1)
    if layer != known.layer:
        look = replace(known.look, under=layer or "")
        known = replace(known, layer=layer, look=look, look_turn=known.look_turn + 1)
    st.session_state[state.MAP_TOLD] = known
    return known


def _changed(events: MapEvents) -> None:
    """Take over what the user did on the map, before anything is drawn."""
    session = st.session_state
    known: _Told = session[state.MAP_TOLD]
    if events.region is not None:
        session[state.MAP_TOLD] = replace(known, request=events.region)
        region_controls.put(events.region)
    if events.look is not None:
        session[state.MAP_TOLD] = replace(known, layer=events.look.under or None, look=events.look)
        session[state.LAYER] = events.look.under or None
    if events.camera is not None and events.camera.turn == state.view().turn:
        camera.note_moved(events.camera)
        case_state.follow()
    if events.clicked is not None:
        session[state.MAP_CLICK] = events.clicked
    if events.action is not None and events.action.name == CLAIM.name:
        session[state.CLAIM] = f"{events.action.latitude:.5f}, {events.action.longitude:.5f}"
    if events.marker is not None:
        for place in session.get(state.SHOWN_PLACES, ()):
            if place.rank == events.marker:
                candidates_list.choose(place)
