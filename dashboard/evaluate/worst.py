"""The photos whose true place took the largest area, each with its map."""

import io
from collections.abc import Sequence

import streamlit as st
from PIL import Image

from dashboard.common import legend, services, state
from dashboard.common.media import media_url
from dashboard.common.text import plain
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import Results
from dashboard.locate import map_view
from dashboard.maps.globe import globe_deck
from dashboard.maps.layers import ImageLayer
from dashboard.maps.markers import PlaceMarker
from dashboard.maps.palettes import Legend, region_legend
from dashboard.maps.pictures import heat_picture, region_picture
from dashboard.maps.views import HOME_ZOOM, View
from engine.errors import HereaboutsError
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.search_map import SearchMap
from engine.photos.photo import open_photo

MANY = 25
HEIGHT = 520
THUMBNAIL_PIXELS = 480
MARKERS = Legend("Places", "", (((255, 191, 0, 255), "1: true place"), ((255, 255, 255, 255), "2: densest place")))


def show(found: Results) -> None:
    """Draw the list on the left, one photo with its map on the right."""
    if st.session_state.get(state.EVALUATE_WORST) not in found.names:
        st.session_state[state.EVALUATE_WORST] = found.best
    name = st.selectbox("Ensemble", found.names, key=state.EVALUATE_WORST)
    worst = evaluate_results.worst(found, name, MANY)
    left, right = st.columns([4, 5], gap="medium")
    with left:
        number = _chosen(found, worst)
        _facts(found, name, number)
        _photo(found.paths[number])
        evaluate_tables.show(_table(found, name, worst), "evaluate_worst_table")
    with right:
        _map(found, name, number)


def _chosen(found: Results, worst: Sequence[int]) -> int:
    if st.session_state.get(state.EVALUATE_PHOTO) not in worst:
        st.session_state[state.EVALUATE_PHOTO] = worst[0]
    return st.selectbox(
        f"Photo, the worst {len(worst)} first", worst, key=state.EVALUATE_PHOTO, format_func=found.ids.__getitem__
    )


def _facts(found: Results, name: str, number: int) -> None:
    one = found.named(name)
    st.markdown(
        f"**{one.scores.reach_km2[number]:,.0f} km²** are searched before the true place "
        f"({found.latitude[number]:.2f}, {found.longitude[number]:.2f}) is reached; the densest place of the map lies "
        f"**{one.error_km[number]:,.0f} km** from it."
    )


def _table(found: Results, name: str, worst: Sequence[int]) -> evaluate_tables.Table:
    one = found.named(name)
    return [
        {
            "photo": found.ids[n],
            "searched, km²": round(float(one.scores.reach_km2[n])),
            "off by, km": round(float(one.error_km[n])),
            "lat": float(found.latitude[n]),
            "lon": float(found.longitude[n]),
        }
        for n in worst
    ]


def _photo(path: str | None) -> None:
    """The photo itself where its file is still there; read as carefully as any other."""
    if path is None:
        return
    try:
        photo = open_photo(evaluate_results.folder_of(path))
    except HereaboutsError as error:
        st.caption(plain(str(error)))
        return
    small = Image.fromarray(photo.pixels)
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    sink = io.BytesIO()
    small.save(sink, "JPEG", quality=85)
    st.image(sink.getvalue(), alt=photo.name)


def _map(found: Results, name: str, number: int) -> None:
    """The globe over the true place: the map as heat and the area that just reaches it, where they can be had."""
    pooled = evaluate_results.photo_map(found, name, number, services.locator())
    layers = [] if isinstance(pooled, str) else _layers(pooled, float(found.named(name).scores.reach_km2[number]))
    fixed = map_view.sources()
    view = View(float(found.latitude[number]), float(found.longitude[number]), HOME_ZOOM, number + 1)
    deck = globe_deck(fixed.base, layers, fixed.lines, _markers(found, name, number), view, atlas=fixed.atlas)
    st.pydeck_chart(deck, key="evaluate_map", height=HEIGHT, alt=f"Globe with the true place of {found.ids[number]}")
    if isinstance(pooled, str):
        st.caption(plain(pooled))
    else:
        legend.show(region_legend("what is searched until the true place is reached"))
    legend.show(MARKERS)


def _layers(pooled: SearchMap, reach_km2: float) -> list[ImageLayer]:
    region = pooled.region(budget_km2=min(max(reach_km2, 1.0), EARTH_AREA_KM2))
    heat = ImageLayer("heat", media_url(heat_picture(pooled), "image/png", "evaluate_heat"))
    shown = media_url(region_picture(region), "image/png", "evaluate_region")
    return [heat, ImageLayer("region", shown, smooth=False)]


def _markers(found: Results, name: str, number: int) -> tuple[PlaceMarker, ...]:
    top = float(found.top_latitude[name][number]), float(found.top_longitude[name][number])
    return (
        PlaceMarker(1, float(found.latitude[number]), float(found.longitude[number]), "true place", chosen=True),
        PlaceMarker(2, *top, "densest place of the map"),
    )
