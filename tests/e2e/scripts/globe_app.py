"""A tiny page with the two maps: four quadrants in known colours instead of the Earth, so that a flip shows.

The base map, lines and atlas are registered outside the fragment, the region inside: a tick must not lose the former.
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[3]))

from dashboard.common.media import media_url
from dashboard.maps.flat import flat_deck
from dashboard.maps.globe import globe_deck
from dashboard.maps.layers import ImageLayer, MarkerAtlas
from dashboard.maps.markers import PlaceMarker, atlas_mapping_json, atlas_png
from dashboard.maps.rasters import class_png, mask_png
from dashboard.maps.views import View

NORTH_WEST, NORTH_EAST, SOUTH_WEST, SOUTH_EAST = (200, 40, 40), (40, 170, 60), (40, 70, 200), (220, 200, 50)
COLOURS = tuple((*colour, 255) for colour in (NORTH_WEST, NORTH_EAST, SOUTH_WEST, SOUTH_EAST))
REGION, PATCH = (0, 229, 255, 255), (255, 0, 255, 255)
FLIGHTS = {
    "Origin": (0, 0, 1.7), "Antimeridian": (0, 180, 1.7), "North": (85, 0, 1.7), "Kauai": (22, -159.5, 6),
}  # fmt: skip
PLACES = (
    PlaceMarker(1, 0, 0, "origin"),
    PlaceMarker(2, 10, 170, "<img src=x onerror=alert(1)>", chosen=True),
    PlaceMarker(3, 22, -159.5, "Kauai"),
)


def quadrants() -> bytes:
    north = np.arange(512)[:, np.newaxis] < 256
    west = np.arange(1024) < 512
    return class_png(np.where(north, 0, 2).astype(np.int8) + np.where(west, 0, 1).astype(np.int8), COLOURS)


def region_mask(columns: int) -> np.ndarray:
    """A block from 60 to 45 degrees south, growing eastwards from 30 degrees west."""
    mask = np.zeros((1080, 2160), bool)
    mask[810:900, 900 : 900 + columns] = True
    return mask


st.set_page_config(layout="wide")
base_url = media_url(quadrants(), "image/png", "base")
lines_url = media_url(mask_png(np.zeros((4, 8), bool), REGION), "image/png", "lines")
borders_url = media_url(b'{"type": "FeatureCollection", "features": []}', "application/json", "borders")
atlas = MarkerAtlas(
    media_url(atlas_png(), "image/png", "atlas"), media_url(atlas_mapping_json(), "application/json", "atlas_boxes")
)


@st.fragment
def show_map() -> None:
    view = st.session_state.setdefault("view", View(0, 0, 1.7))
    for column, (name, target) in zip(st.columns(5), FLIGHTS.items(), strict=False):
        if column.button(name):
            st.session_state["view"] = view = View(*target, turn=view.turn + 1)
    is_flat = st.toggle("Flat")
    columns = st.slider("Columns", 0, 400, 100)
    layers = [ImageLayer("region", media_url(mask_png(region_mask(columns), REGION), "image/png", "region"))]
    if is_flat:
        patch = media_url(mask_png(np.ones((8, 8), bool), PATCH), "image/png", "patch")
        layers.append(ImageLayer("patch", patch, bounds=(-160.2, 22.2, -159.8, 22.6)))
    build = flat_deck if is_flat else globe_deck
    deck = build(base_url, layers, borders_url if is_flat else lines_url, PLACES, view, atlas=atlas)
    event = st.pydeck_chart(deck, key="map", height=560, on_select="rerun")
    chosen = [place["rank"] for place in event.selection["objects"].get("places", [])]
    st.text(f"columns {columns} chosen {chosen}")


show_map()
