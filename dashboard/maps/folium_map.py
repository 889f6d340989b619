"""The flat map of a tile search: imagery and frontier as one HTML page. Numbers in, text out; knows no Streamlit.

Folium's own pages fetch Leaflet and six more libraries from three hosts. Here Leaflet comes from an address that the
caller gives, everything else is left out, and pictures are in the page itself: opening it asks no other host.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import folium
import numpy as np
from branca.element import MacroElement
from folium.template import Template

from engine.geometry.web_mercator import LATITUDE_LIMIT, Tile, boxes

PATH_COLOUR, KEPT_COLOUR, CHOSEN_COLOUR = "#ffffff", "#00e5ff", "#ffbf00"
"""White, cyan and amber: told apart by every reader on sea, forest and sand; the chosen one is thicker, too."""
DOT_BELOW = 1 / 60
"""Tiles narrower than this share of what is looked at get a dot as well, so that they can be seen."""
SHALLOWEST_VIEW, DEEPEST_VIEW = 0.5, 18
"""Zooms; at 0.5 the whole square fits the screen of a phone, and below that it only gets smaller."""


@dataclass(frozen=True)
class Assets:
    """Addresses on this machine of what the page is made of."""

    script: str
    style: str
    base: str
    borders: str


@dataclass(frozen=True)
class Shown:
    """A tile on the map.

    Attributes:
        tile: which one.
        text: what is said when it is pointed at.
        weight: 0 to 1, how strongly it is filled.
        picture: its imagery as JPEG, or None.
        chosen: whether it is the one that is looked at.
    """

    tile: Tile
    text: str
    weight: float = 0.0
    picture: bytes | None = None
    chosen: bool = False


def search_map(
    assets: Assets,
    frontier: Sequence[Shown],
    path: Sequence[Shown],
    label: str,
    *,
    closest: bool = False,
) -> str:
    """The page.

    Args:
        assets: where its parts are.
        frontier: the tiles that were kept, best first.
        path: what holds the chosen tile, coarsest first; drawn as nested squares under the frontier.
        label: what the map is, for screen readers.
        closest: look at the chosen tile and not at the whole frontier.
    """
    page = folium.Map(
        location=[20.0, 0.0], zoom_start=1, tiles=None, zoom_snap=0.25, attribution_control=False, max_bounds=True,
        min_lat=-LATITUDE_LIMIT, max_lat=LATITUDE_LIMIT, min_lon=-190, max_lon=190,
    )  # fmt: skip
    page.default_js, page.default_css = [("leaflet", assets.script)], [("leaflet_css", assets.style)]
    page.options |= {"min_zoom": SHALLOWEST_VIEW, "max_zoom": DEEPEST_VIEW}
    world = [[-LATITUDE_LIMIT, -180.0], [LATITUDE_LIMIT, 180.0]]
    _picture(page, assets.base, world)
    for shown in (*path, *reversed(frontier)):
        if shown.picture is not None:
            address = f"data:image/jpeg;base64,{base64.b64encode(shown.picture).decode()}"
            _picture(page, address, _bounds(shown.tile))
    _Extras(assets.borders, label).add_to(page)
    for shown in path:
        _square(page, shown, PATH_COLOUR, 1.2)
    view = _view(frontier, closest=closest)
    for shown in reversed(frontier):  # the best on top
        _square(page, shown, CHOSEN_COLOUR if shown.chosen else KEPT_COLOUR, 3.0 if shown.chosen else 1.2)
        if 360 / 2**shown.tile.z < DOT_BELOW * (view[1][1] - view[0][1]):
            _dot(page, shown)
    page.fit_bounds(view, padding=(12, 12))
    return _numbered(page.get_root().render()).replace("<html>", '<html lang="en">', 1)


def _picture(page: folium.Map, address: str, bounds: list[list[float]]) -> None:
    """A picture by its address. Folium itself would take an address without a host for the name of a file."""
    overlay = folium.raster_layers.ImageOverlay(np.zeros((1, 1, 3), np.uint8), bounds, pixelated=False, control=False)
    overlay.url = address
    overlay.add_to(page)


def _square(page: folium.Map, shown: Shown, colour: str, weight: float) -> None:
    folium.Rectangle(
        _bounds(shown.tile), color=colour, weight=weight, fill=True, fill_color=colour,
        fill_opacity=0.0 if shown.picture is not None else 0.05 + 0.45 * shown.weight, tooltip=shown.text or None,
    ).add_to(page)  # fmt: skip


def _dot(page: folium.Map, shown: Shown) -> None:
    colour = CHOSEN_COLOUR if shown.chosen else KEPT_COLOUR
    folium.CircleMarker(
        _middle(shown.tile), radius=7 if shown.chosen else 4, color="#0b1a2b", weight=1, fill=True, fill_color=colour,
        fill_opacity=0.35 + 0.6 * max(shown.weight, float(shown.chosen)), tooltip=shown.text or None,
    ).add_to(page)  # fmt: skip


def _bounds(tile: Tile) -> list[list[float]]:
    """South-west and north-east corner, latitude first as Leaflet wants them."""
    box = boxes(tile.z, np.array([tile.code]))
    return [[float(box.south[0]), float(box.west[0])], [float(box.north[0]), float(box.east[0])]]


def _middle(tile: Tile) -> list[float]:
    return list(tile.center)


def _view(frontier: Sequence[Shown], *, closest: bool) -> list[list[float]]:
    """Corners of what is looked at: the chosen tile, the frontier, or the inhabited Earth."""
    tiles = [shown.tile for shown in frontier if shown.chosen or not closest]
    if not tiles:
        return [[-50.0, -165.0], [68.0, 165.0]]
    corners = np.array([_bounds(tile) for tile in tiles])
    (south, west), (north, east) = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
    return [[float(south), float(west)], [float(north), float(east)]]


def _numbered(html: str) -> str:
    """The page with counted names in place of random ones: equal maps are equal texts, and are not drawn again."""
    names: dict[str, str] = {}
    return re.sub(r"_[0-9a-f]{32}\b", lambda found: names.setdefault(found[0], f"_{len(names)}"), html)


class _Extras(MacroElement):
    """What Folium has no words for: a name for screen readers, borders, colours of the page."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <style>
                .leaflet-container { background: #0b1a2b; font: 13px system-ui, sans-serif; }
                .leaflet-tooltip { white-space: nowrap; }
            </style>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            {{ this._parent.get_name() }}.getContainer().setAttribute("role", "application");
            {{ this._parent.get_name() }}.getContainer().setAttribute("aria-label", {{ this.label }});
            L.control.scale({ imperial: false }).addTo({{ this._parent.get_name() }});
            fetch({{ this.borders }}).then((answer) => answer.json()).then((lines) => {
                L.geoJSON(lines, {
                    interactive: false, style: { color: "#ffffff", weight: 0.6, opacity: 0.55, fill: false },
                }).addTo({{ this._parent.get_name() }}).bringToBack();
            });
        {% endmacro %}
        """
    )

    def __init__(self, borders: str, label: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Extras"
        self.borders, self.label = _script_text(borders), _script_text(label)


def _script_text(text: str) -> str:
    """Text as a value inside a script of a page."""
    return json.dumps(text).replace("<", "\\u003c")
