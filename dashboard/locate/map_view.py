"""The globe or the flat map with a heat layer, the region and the ranked places."""

from dataclasses import dataclass

import pydeck
import streamlit as st

from dashboard.common import state
from dashboard.common.media import asset_url, media_url
from dashboard.locate import candidates_list
from dashboard.maps.flat import flat_deck
from dashboard.maps.globe import globe_deck
from dashboard.maps.layers import ImageLayer, MarkerAtlas
from dashboard.maps.markers import CLAIMED, PLACES_LAYER_ID, PlaceMarker, atlas_mapping_json, atlas_png
from dashboard.maps.pictures import patch_bounds, patch_picture, place_markers, region_picture
from engine.inference.candidates import Candidate
from engine.inference.region import Region

GLOBE, FLAT = "Globe", "Flat map"
KEY = "map"
HEIGHT = 620

Markers = tuple[PlaceMarker, ...]


def choose_kind() -> bool:
    """Draw the choice between globe and flat map; whether it is the flat one."""
    kind = st.segmented_control(
        "Map", [GLOBE, FLAT], required=True, key=state.start_with(state.MAP_KIND, GLOBE), label_visibility="collapsed"
    )
    return kind == FLAT


@dataclass(frozen=True)
class Sources:
    """URLs of what never changes: registered in every full run of the page, not in every slider tick."""

    base: str
    lines: str
    borders: str
    atlas: MarkerAtlas


def sources() -> Sources:
    """Register the base map and the marker pictures."""
    return Sources(
        asset_url("basemap/blue_marble.webp"),
        asset_url("basemap/lines.png"),
        asset_url("basemap/borders.geojson"),
        MarkerAtlas(
            media_url(atlas_png(), "image/png", "atlas"),
            media_url(atlas_mapping_json(), "application/json", "atlas_boxes"),
        ),
    )


def show(
    region: Region,
    places: tuple[Candidate, ...],
    picture: bytes | None,
    fixed: Sources,
    *,
    flat: bool,
    claim: tuple[float, float] | None = None,
) -> None:
    """Draw the map, a picture under the region and a claimed place marked; a click on a place flies there."""
    heat = [ImageLayer("heat", media_url(picture, "image/png", "heat"))] if picture is not None else []
    markers = place_markers(places, state.chosen_place())
    if claim is not None:
        markers = (*markers, PlaceMarker(CLAIMED, *claim, f"{claim[0]:.4f}, {claim[1]:.4f}"))
    deck = (_flat if flat else _globe)(region, markers, heat, fixed)
    alt = f"Map of the search region: {region.area_km2:,.0f} km² in {region.components} parts"
    st.pydeck_chart(deck, key=KEY, height=HEIGHT, on_select=_clicked, alt=alt)


def _globe(region: Region, markers: Markers, heat: list[ImageLayer], fixed: Sources) -> pydeck.Deck:
    shown = ImageLayer("region", media_url(region_picture(region), "image/png", "region"), smooth=False)
    return globe_deck(fixed.base, [*heat, shown], fixed.lines, markers, state.view(), atlas=fixed.atlas)


def _flat(region: Region, markers: Markers, heat: list[ImageLayer], fixed: Sources) -> pydeck.Deck:
    """The flat map has the full resolution of the grid around the place that the camera was sent to."""
    view = state.view()
    bounds = patch_bounds(region, view.latitude, view.longitude)
    around = ImageLayer("region", media_url(region_picture(region, bounds), "image/png", "around"), smooth=False)
    patch = media_url(patch_picture(region, bounds), "image/png", "patch")
    detail = ImageLayer("patch", patch, bounds=bounds, smooth=False)
    return flat_deck(fixed.base, [*heat, around, detail], fixed.borders, markers, view, atlas=fixed.atlas)


def _clicked() -> None:
    """A marker was clicked: choose its place. A click beside all markers keeps what was chosen."""
    hit = st.session_state[KEY]["selection"]["objects"].get(PLACES_LAYER_ID, [])
    for place in st.session_state[state.SHOWN_PLACES]:
        if hit and place.rank == hit[0]["rank"]:
            candidates_list.choose(place)
