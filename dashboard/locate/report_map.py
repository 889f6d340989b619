"""The map inside a report: satellite pictures under the region, as one HTML page that carries its own libraries.

Only the pictures come from the network, from one host. OpenStreetMap's own server refuses pages that are opened from a
disk, so the openly licensed mosaic of the tile search lies underneath.
"""

from typing import cast
from urllib.parse import urlsplit

import folium
from branca.element import Element, Figure

from engine.export.vector import region_geojson
from engine.inference.candidates import Candidate
from engine.inference.region import Region
from engine.layers.assets_folder import assets_path
from engine.tile_search.sources.opening import catalogue

IMAGERY = "s2cloudless_2016"
REGION, AMBER, INK = "#00e5ff", "#ffbf00", "#091018"


def page(region: Region, places: tuple[Candidate, ...]) -> tuple[str, tuple[str, ...]]:
    """The page, and the hosts that it asks for pictures."""
    imagery = catalogue()[IMAGERY]
    drawn = folium.Map(location=[20.0, 0.0], zoom_start=2, tiles=None)
    drawn.default_js, drawn.default_css = [], []
    folium.TileLayer(
        imagery.template, attr=imagery.record.attribution, max_native_zoom=imagery.record.max_zoom, max_zoom=18
    ).add_to(drawn)
    shape = {"type": "FeatureCollection", "features": region_geojson(region)["features"]}
    folium.GeoJson(shape, style_function=lambda _: {"color": REGION, "weight": 1, "fillOpacity": 0.2}).add_to(drawn)
    for place in reversed(places):
        folium.CircleMarker(
            [place.latitude, place.longitude], radius=8, color=INK, weight=1, fill=True, fill_color=AMBER,
            fill_opacity=0.9, tooltip=f"Candidate {place.rank}",
        ).add_to(drawn)  # fmt: skip
    if places:
        drawn.location, drawn.options["zoom"] = [places[0].latitude, places[0].longitude], 5
    return _with_leaflet(drawn), (f"https://{urlsplit(imagery.template).hostname}",)


def _with_leaflet(drawn: folium.Map) -> str:
    """The page with the Leaflet that ships with the project written into its head, before the scripts that use it."""
    root = cast(Figure, drawn.get_root())
    style, script = (assets_path(f"web/leaflet.{kind}").read_text("utf-8") for kind in ("css", "js"))
    root.header.add_child(Element(f"<style>{style}</style><script>{script}</script>"), name="leaflet", index=0)
    return str(root.render())
