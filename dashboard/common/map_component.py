"""The one map of the dashboard: from the globe to the street, in the browser, without a request to another host.

Streamlit components v2, no frame around it. The browser fetches what it needs as media files of this session; a
moving slider, a layer or a comparison asks the server for nothing. `dashboard/maps/map_values.py` says what goes in and
what comes out.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache, partial
from typing import Any

import streamlit as st

from dashboard.common import media
from dashboard.maps.cell_containers import cell_containers
from dashboard.maps.containers import Container
from dashboard.maps.map_values import (
    ClassLayer,
    ImageOverlay,
    Layer,
    Look,
    MapEvents,
    MapView,
    PointAction,
    RegionRequest,
    ShownRegion,
    cut_of,
)
from dashboard.maps.ranked_tables import class_table, ranked_table
from dashboard.maps.views import View
from engine.partitions.overlay import Overlay

HTML = '<div class="hb-map" role="region"></div>'
CSS = """.hb-map {
  height: var(--hb-height, 620px); background: var(--hb-back, #05080d); border-radius: var(--hb-radius, 10px);
}"""
JS = """
const modules = (globalThis.__hereaboutsModules ??= {});
export default function (component) {
  const url = new URL(component.data.assets.module, location.href).href;
  let leave = null, left = false;
  (modules[url] ??= import(url)).then(({mount}) => { if (!left) leave = mount(component); }, (error) => {
    delete modules[url];
    const place = component.parentElement.querySelector('.hb-map');
    place.textContent = `The map did not load; reload the page. ${error.message}`;
  });
  return () => { left = true; leave?.(); };
}
"""
BINARY = "application/zip"
"""Media of this type are served as they are; others would be compressed anew for every fetch."""
ATTRIBUTION = "Blue Marble: NASA"
STATES, TRIGGERS = ("camera", "region", "look", "wanted"), ("clicked", "marker", "action", "drawn")
STATIC = "static picture"
"""What a browser without WebGL 2 wants."""

Changed = Callable[[MapEvents], None]


def show(view: MapView, key: str, on_change: Changed | None = None) -> MapEvents:
    """Draw the map; what the user did.

    Args:
        view: everything that is on it.
        key: of the widget; the same key in every run keeps the map where the user left it.
        on_change: called before the next run is drawn, with the one thing that the user did; it may set the values of
            widgets, which code that runs later may not.
    """
    known = st.session_state.get(key, {})
    wanted = set(known.get("wanted") or ()) | {view.main, view.look.under, view.look.compare}
    wanted |= _layers_in(known.get("look"))
    callbacks: dict[str, Any] = {
        f"on_{name}_change": _nothing if on_change is None else partial(_handle_change, key, name, on_change)
        for name in (*STATES, *TRIGGERS)
    }
    found = _component()(
        key=key,
        data=_message(view, wanted, key),
        default=dict.fromkeys(STATES),
        height="content" if view.height == "fill" else view.height,
        **callbacks,
    )
    return _events({name: getattr(found, name) for name in (*STATES, *TRIGGERS)})


def _handle_change(key: str, name: str, on_change: Changed) -> None:
    value = st.session_state[key].get(name)
    if value is not None and name != "wanted":
        on_change(_events({name: value}))


def _layers_in(look: Mapping[str, Any] | None) -> set[str]:
    return {str(look[name]) for name in ("under", "compare") if look.get(name)} if look else set()


def _message(view: MapView, wanted: set[str], key: str) -> dict[str, Any]:
    """What goes to the browser: numbers, texts and addresses."""
    return {
        "assets": _assets(drawing=view.drawing is not None),
        "label": view.label,
        "title": view.title,
        "attribution": ATTRIBUTION,
        "theme": st.context.theme.type or "dark",
        "layers": [_layer(layer, layer.name in wanted, key) for layer in view.layers],
        "main": view.main,
        "region": _region(view.region),
        "budget": view.budget and bool(view.main),
        "markers": [asdict(marker) for marker in view.markers],
        "shapes": [dict(shape) for shape in view.shapes],
        "images": [_image(each, f"{key}.image{number}") for number, each in enumerate(view.images)],
        "camera": asdict(view.camera),
        "look": asdict(view.look),
        "look_turn": view.look_turn,
        "card": asdict(view.card) if view.card is not None else None,
        "actions": [asdict(action) for action in view.actions],
        "drawing": asdict(view.drawing) if view.drawing is not None else None,
        "tools": list(view.tools),
        "height": view.height,
        "fallback": _fallback(view, key) if STATIC in wanted else None,
        "testing": st.query_params.get("map_testing") == "1",
    }


def _image(overlay: ImageOverlay, coordinates: str) -> dict[str, Any]:
    """Where a picture is, and its corners as MapLibre wants them: longitude first, clockwise from the north-west."""
    west, south, east, north = overlay.west, overlay.south, overlay.east, overlay.north
    mimetype = "image/png" if overlay.image.startswith(b"\x89PNG") else "image/jpeg"
    corners = [[west, north], [east, north], [east, south], [west, south]]
    return {"url": media.media_url(overlay.image, mimetype, coordinates), "corners": corners}


def _fallback(view: MapView, key: str) -> str | None:
    return None if view.fallback is None else media.media_url(view.fallback(), "image/png", f"{key}.fallback")


def _assets(*, drawing: bool) -> dict[str, Any]:
    """Addresses of what never changes; registered in every run, so that it stays."""
    pictures = {
        "dark": "map/relief_dark.webp", "light": "map/relief_light.webp", "satellite": "basemap/blue_marble.webp",
    }  # fmt: skip
    return {
        "module": media.asset_url("map/map.js"),
        "worker": media.asset_url("map/worker.js"),
        "css": media.asset_url("map/map.css"),
        "draw": media.asset_url("map/draw.js") if drawing else None,
        "tiles": media.asset_url("map/base.pmtiles"),
        "pictures": {name: media.asset_url(path) for name, path in pictures.items()},
    }


def _layer(layer: Layer, wanted: bool, key: str) -> dict[str, Any]:
    """A layer, with the addresses of its data once somebody wants to see it."""
    kind = "classes" if isinstance(layer, ClassLayer) else "ranked"
    said: dict[str, Any] = {"name": layer.name, "title": layer.title, "kind": kind, "table": None}
    if not wanted:
        return said
    if isinstance(layer, ClassLayer):
        overlay, table = layer.overlay, class_table(layer.labels)
        said |= {"palette": [list(color) for color in layer.palette], "titles": list(layer.titles), "note": layer.note}
    else:
        search_map = layer.make()
        overlay, table = search_map.overlay, ranked_table(search_map)
    return said | {"table": _address(table, f"{key}.{layer.name}"), "grid": _grid(overlay, key)}


def _grid(overlay: Overlay, key: str) -> dict[str, Any]:
    found = cell_containers(overlay)
    said: dict[str, Any] = {"root": _address(found.root, f"{key}.cells.{found.root.head}")}
    return said if found.patch is None else said | {"patch": _address(found.patch, f"{key}.patch")}


def _address(container: Container, coordinates: str) -> dict[str, Any]:
    return {"url": media.media_url(container.data, BINARY, coordinates), "head": container.head}


def _region(shown: ShownRegion | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    request, region = shown.request, shown.region
    said: dict[str, Any] = {"turn": shown.turn}
    said |= {"km2": request.area_km2} if request.probability is None else {"probability": request.probability}
    if region is not None:
        said |= {"cut": cut_of(region), "area_km2": region.area_km2, "held": region.probability}
        said["parts"] = region.components
    return said


def _events(found: Mapping[str, Any]) -> MapEvents:
    """What the browser sent, as values."""
    camera, region, look, clicked = (found.get(name) for name in ("camera", "region", "look", "clicked"))
    marker, action = found.get("marker"), found.get("action")
    return MapEvents(
        camera=View(**{name: camera[name] for name in ("latitude", "longitude", "zoom", "turn")}) if camera else None,
        region=RegionRequest(region.get("km2"), region.get("probability")) if region else None,
        look=Look.of(look) if look else None,
        clicked=(float(clicked["latitude"]), float(clicked["longitude"])) if clicked else None,
        marker=marker["rank"] if marker else None,
        action=PointAction(str(action["name"]), float(action["latitude"]), float(action["longitude"]))
        if action
        else None,
        drawn=found.get("drawn"),
    )


@cache
def _component() -> Any:
    """Registered once a process: registering again under the same name is a warning."""
    return st.components.v2.component("hereabouts_map", html=HTML, css=CSS, js=JS)


def _nothing() -> None:
    """Streamlit keeps a state only where somebody listens; values are read where the map is drawn."""
