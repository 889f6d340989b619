"""The frontier of a search on a flat map over the imagery."""

import streamlit as st

from dashboard.common import state
from dashboard.common.media import asset_url, media_url
from dashboard.common.text import plain
from dashboard.maps.folium_map import Assets, Shown, search_map
from dashboard.tile_search import reading
from dashboard.tile_search import sources as search_sources
from dashboard.tile_search.worker import Walk
from engine.geometry.web_mercator import Tile

HEIGHT = 460
DRAWN = 200
"""Tiles of the frontier that are drawn at most, the best ones."""
FRONTIER, CLOSEST = "Frontier", "Chosen tile"


def show(walk: Walk | None, chosen: Tile | None) -> None:
    """Draw the map, with a choice of what to look at once there is something."""
    kept = reading.kept_tiles(walk, DRAWN) if walk is not None else []
    look = _look() if kept and chosen is not None else FRONTIER
    frontier, path = _frontier(walk, kept, chosen), _path(walk, chosen)
    label = _label(walk, kept)
    st.iframe(search_map(_assets(), frontier, path, label, closest=look == CLOSEST), height=HEIGHT, alt=label)
    st.caption(_legend(walk, kept))


def _look() -> str:
    key = state.start_with(state.SEARCH_LOOK, FRONTIER)
    return str(
        st.segmented_control("Map view", [FRONTIER, CLOSEST], required=True, key=key, label_visibility="collapsed")
    )


def _assets() -> Assets:
    """Everything from this machine; registered in every run, so that it stays."""
    return Assets(
        asset_url("web/leaflet.js"),
        asset_url("web/leaflet.css"),
        media_url(search_sources.base_picture(), "image/jpeg", "tile_base"),
        asset_url("basemap/borders.geojson"),
    )


def _frontier(walk: Walk | None, kept: list[tuple[Tile, float]], chosen: Tile | None) -> list[Shown]:
    if walk is None or not kept:
        return []
    most = kept[0][1] or 1.0
    return [
        Shown(
            tile,
            f"{number}: {tile.path}, {100 * probability:.2g} %",
            probability / most,
            walk.pictures.get(tile),
            chosen=tile == chosen,
        )
        for number, (tile, probability) in enumerate(kept, 1)
    ]


def _path(walk: Walk | None, chosen: Tile | None) -> list[Shown]:
    if walk is None or chosen is None:
        return []
    steps = reading.steps_to(walk, chosen)[:-1]
    return [Shown(step.tile, f"zoom {step.tile.z}", picture=walk.pictures.get(step.tile)) for step in steps]


def _label(walk: Walk | None, kept: list[tuple[Tile, float]]) -> str:
    if walk is None or not kept:
        return "Map of the Earth, before a search"
    best = kept[0][0]
    latitude, longitude = best.center
    return (
        f"Map of the {len(kept):,} best tiles of zoom {best.z}; the best lies at {latitude:.2f}, {longitude:.2f} "
        "(latitude, longitude)"
    )


def _legend(walk: Walk | None, kept: list[tuple[Tile, float]]) -> str:
    base = "Base map: NASA Blue Marble, built in."
    if walk is None or not kept or walk.record is None:
        return f"{base} The tiles that a search keeps appear here."
    return (
        f"Cyan: the {len(kept):,} best tiles of zoom {kept[0][0].z}. Amber: the chosen one. White: the tiles on the "
        f"way to it. Imagery: {plain(walk.record.attribution)}. {base}"
    )
