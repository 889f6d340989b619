"""The frontier of a search on the map, over the imagery; and as a page that stands alone."""

import base64
from typing import Any, cast

import numpy as np
import streamlit as st

from dashboard.common import map_component, state
from dashboard.common.guard import keep_case
from dashboard.common.text import plain
from dashboard.maps.folium_map import CHOSEN_COLOUR, KEPT_COLOUR, PATH_COLOUR, Assets, Shown, search_map
from dashboard.maps.map_values import ImageOverlay, Look, MapView
from dashboard.maps.views import View, view_of_box
from dashboard.tile_search import reading
from dashboard.tile_search import sources as search_sources
from dashboard.tile_search.worker import Walk
from engine.geometry.web_mercator import Tile, boxes
from engine.layers.assets_folder import assets_path

HEIGHT = 560
DRAWN = 200
"""Tiles of the frontier that are drawn at most, the best ones."""
FRONTIER, CLOSEST = "Frontier", "Chosen tile"


@st.fragment  # what the map sends while it starts must not draw the page anew
@keep_case
def show(walk: Walk | None, chosen: Tile | None) -> None:
    """Draw the map, with a choice of what to look at once there is something."""
    kept = reading.kept_tiles(walk, DRAWN) if walk is not None else []
    look = _look() if kept and chosen is not None else FRONTIER
    frontier, path = _frontier(walk, kept, chosen), _path(walk, chosen)
    label = _label(walk, kept)
    tiles = (*path, *reversed(frontier))
    view = MapView(
        label=label,
        shapes=tuple(_outline(each, PATH_COLOUR) for each in path)
        + tuple(_outline(each) for each in reversed(frontier)),
        images=tuple(_picture(each) for each in tiles if each.picture is not None),
        camera=_camera(frontier, closest=look == CLOSEST),
        look=Look(base="satellite"),
        tools=("layers", "measure", "picture", "full"),
        height=HEIGHT,
    )
    map_component.show(view, "tile_search_map")
    st.caption(_legend(walk, kept))
    if kept:
        closest = look == CLOSEST
        st.download_button(
            "Download this map",
            lambda: search_map(_embedded(), frontier, path, label, closest=closest).encode(),
            file_name="tile-search.html",
            mime="text/html",
            icon=":material/download:",
            help="One HTML page that opens without this dashboard and asks no host for anything.",
            on_click="ignore",
        )


def _outline(shown: Shown, color: str | None = None) -> dict[str, Any]:
    """A tile as a GeoJSON feature, filled by its weight where it has no picture of its own."""
    west, south, east, north = _edges(shown.tile)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {
        "color": color or (CHOSEN_COLOUR if shown.chosen else KEPT_COLOUR),
        "opacity": 0.0 if shown.picture is not None or color else 0.05 + 0.45 * shown.weight,
        "width": 3.0 if shown.chosen else 1.3,
        "text": shown.text,
    }
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _picture(shown: Shown) -> ImageOverlay:
    return ImageOverlay(cast(bytes, shown.picture), *_edges(shown.tile))


def _edges(tile: Tile) -> tuple[float, float, float, float]:
    box = boxes(tile.z, np.array([tile.code]))
    return float(box.west[0]), float(box.south[0]), float(box.east[0]), float(box.north[0])


def _camera(frontier: list[Shown], *, closest: bool) -> View:
    """Over the chosen tile or the whole frontier; a new turn whenever that is another box."""
    tiles = [shown.tile for shown in frontier if shown.chosen or not closest]
    if not tiles:
        return View()
    edges = np.array([_edges(tile) for tile in tiles])
    box = (*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0))
    known, turn = st.session_state.get(state.SEARCH_CAMERA, (None, 0))
    turn = turn if known == box else turn + 1
    st.session_state[state.SEARCH_CAMERA] = box, turn
    return view_of_box(*map(float, box), pixels=HEIGHT * 3 // 4, turn=turn)


def _look() -> str:
    key = state.start_with(state.SEARCH_LOOK, FRONTIER)
    return str(
        st.segmented_control("Map view", [FRONTIER, CLOSEST], required=True, key=key, label_visibility="collapsed")
    )


def _embedded() -> Assets:
    """The parts of a page that stands alone, written into it."""

    def part(name: str, mimetype: str) -> str:
        return f"data:{mimetype};base64,{base64.b64encode(assets_path(name).read_bytes()).decode()}"

    picture = base64.b64encode(search_sources.base_picture()).decode()
    return Assets(
        part("web/leaflet.js", "text/javascript"),
        part("web/leaflet.css", "text/css"),
        f"data:image/jpeg;base64,{picture}",
        part("basemap/borders.geojson", "application/json"),
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
