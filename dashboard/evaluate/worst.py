"""The photos whose true place took the largest area, each with its map."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pydeck
import streamlit as st
from PIL import Image

from dashboard.common import legend, map_component, media, services, state
from dashboard.common.guard import keep_case
from dashboard.common.text import plain
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import Results
from dashboard.maps.map_values import Look, MapView, Marker, RankedLayer, RegionRequest, ShownRegion
from dashboard.maps.palettes import Legend
from dashboard.maps.pydeck_layers import shapes_of
from dashboard.maps.views import HOME_ZOOM, View
from engine.errors import HereaboutsError
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.photos.photo import open_photo

MANY = 25
HEIGHT = 520
POOLED = "pooled"
"""Name of the layer that is the map of the photo."""
THUMBNAIL_PIXELS = 480
MARKERS = Legend(
    "Locations", "", (((134, 239, 172, 255), "1: true location"), ((255, 255, 255, 255), "2: top candidate"))
)


def show(found: Results) -> None:
    """Draw the list on the left, one photo with its map on the right."""
    if st.session_state.get(state.EVALUATE_WORST) not in found.names:
        st.session_state[state.EVALUATE_WORST] = found.best
    name = st.selectbox("Ensemble", found.names, key=state.EVALUATE_WORST)
    worst = evaluate_results.worst(found, name, MANY)
    left, right = st.columns([4, 5], gap="medium")
    with left:
        number = _choose_photo(found, worst)
        _facts(found, name, number)
        _photo(found.paths[number])
        evaluate_tables.show(_table(found, name, worst), "evaluate_worst_table")
    with right:
        _map(found, name, number)


def _choose_photo(found: Results, worst: Sequence[int]) -> int:
    if st.session_state.get(state.EVALUATE_PHOTO) not in worst:
        st.session_state[state.EVALUATE_PHOTO] = worst[0]
    return st.selectbox(
        f"Photo ({len(worst)} worst, worst first)", worst, key=state.EVALUATE_PHOTO, format_func=found.ids.__getitem__
    )


def _facts(found: Results, name: str, number: int) -> None:
    one = found.named(name)
    st.markdown(
        f"True location {found.latitude[number]:.2f}, {found.longitude[number]:.2f}: rank after "
        f"**{one.scores.reach_km2[number]:,.0f} km²**; the top candidate is **{one.error_km[number]:,.0f} km** away."
    )


def _table(found: Results, name: str, worst: Sequence[int]) -> evaluate_tables.Table:
    one = found.named(name)
    return [
        {
            "photo": found.ids[n],
            "searched, km²": round(float(one.scores.reach_km2[n])),
            "error, km": round(float(one.error_km[n])),
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
    st.image(media.data_url(sink.getvalue()), alt=photo.name)


@st.fragment  # what the map sends while it starts must not draw the page anew
@keep_case
def _map(found: Results, name: str, number: int) -> None:
    """The map over the true place: heat and the area that just reaches it, where they can be had."""
    pooled = evaluate_results.photo_map(found, name, number, services.locator())
    reach_km2 = min(max(float(found.named(name).scores.reach_km2[number]), 1.0), EARTH_AREA_KM2)
    view = MapView(
        label=f"Map with the true location of {found.ids[number]}",
        title=found.ids[number],
        markers=_markers(found, name, number),
        shapes=shapes_of([_error_arc(found, name, number)]),
        camera=View(float(found.latitude[number]), float(found.longitude[number]), HOME_ZOOM, number + 1),
        budget=False,
        height=HEIGHT,
    )
    if isinstance(pooled, str):
        map_component.show(view, "evaluate_map")
        st.caption(plain(pooled))
    else:
        services.prepare_cells(pooled.overlay)
        layer, region = RankedLayer(POOLED, name, lambda: pooled), ShownRegion(RegionRequest(reach_km2), number + 1)
        shown = replace(view, layers=(layer,), main=POOLED, region=region, look=Look(under=POOLED))
        map_component.show(shown, "evaluate_map")
    legend.show(MARKERS)


def _error_arc(found: Results, name: str, number: int) -> pydeck.Layer:
    """The way from the true place to the densest one, along the great circle."""
    top = [float(found.top_longitude[name][number]), float(found.top_latitude[name][number])]
    row = {
        "true": [float(found.longitude[number]), float(found.latitude[number])],
        "top": top,
        "text": f"off by {found.named(name).error_km[number]:,.0f} km",
    }
    ends = {"get_source_position": "true", "get_target_position": "top"}
    return pydeck.Layer("ArcLayer", [row], **ends, get_source_color=[255, 191, 0], get_width=2)


def _markers(found: Results, name: str, number: int) -> tuple[Marker, ...]:
    top = float(found.top_latitude[name][number]), float(found.top_longitude[name][number])
    return (
        Marker(float(found.latitude[number]), float(found.longitude[number]), "1", "True location", "truth"),
        Marker(*top, "2", "Top candidate"),
    )
