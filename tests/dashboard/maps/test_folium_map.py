"""The page of the search map: asks nobody, tells the same map in the same words, puts tiles where they belong."""

import json
import re

import morecantile
import pytest

from dashboard.maps.folium_map import CHOSEN_COLOUR, KEPT_COLOUR, PATH_COLOUR, Assets, Shown, search_map
from engine.geometry.web_mercator import Tile

ASSETS = Assets("/media/leaflet.js", "/media/leaflet.css", "/media/base.jpg", "/media/borders.json")
FRONTIER = (
    Shown(Tile(8, 139, 88), "1: 8/139/88, 60 %", 1.0, b"\xff\xd8picture", chosen=True),
    Shown(Tile(8, 12, 200), "2: 8/12/200, 4 %", 0.1),
)
PATH = (Shown(Tile(4, 8, 5), "zoom 4"), Shown(Tile(6, 34, 22), "zoom 6"))


def rectangles(html):
    found = re.findall(r"L\.rectangle\(\s*(\[\[.*?\]\]),\s*(\{.*?\})\s*\)", html, re.DOTALL)
    return [(json.loads(bounds), json.loads(options)) for bounds, options in found]


def test_nothing_is_asked_of_another_host():
    html = search_map(ASSETS, FRONTIER, PATH, "A map")
    assert "//" not in re.sub(r"/\*.*?\*/", "", html.replace("<!DOCTYPE html>", ""), flags=re.DOTALL)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', html) + re.findall(r'L\.imageOverlay\(\s*"([^"]*)"', html)
    assert {address for address in addresses if not address.startswith("data:image/jpeg;base64,")} == {
        "/media/leaflet.js", "/media/leaflet.css", "/media/base.jpg",
    }  # fmt: skip


def test_equal_maps_are_equal_texts():
    assert search_map(ASSETS, FRONTIER, PATH, "A map") == search_map(ASSETS, FRONTIER, PATH, "A map")
    assert search_map(ASSETS, FRONTIER, (), "A map") != search_map(ASSETS, FRONTIER, PATH, "A map")


def test_squares_lie_where_morecantile_has_them():
    drawn = rectangles(search_map(ASSETS, FRONTIER, PATH, "A map"))
    order = [*PATH, *reversed(FRONTIER)]
    assert len(drawn) == len(order)
    web = morecantile.tms.get("WebMercatorQuad")
    for (corners, options), shown in zip(drawn, order, strict=True):
        box = web.bounds(morecantile.Tile(shown.tile.x, shown.tile.y, shown.tile.z))
        assert corners[0] == pytest.approx([box.bottom, box.left], abs=1e-6)
        assert corners[1] == pytest.approx([box.top, box.right], abs=1e-6)
        colour = PATH_COLOUR if shown in PATH else CHOSEN_COLOUR if shown.chosen else KEPT_COLOUR
        assert options["color"] == colour


def test_small_tiles_get_a_dot_and_large_ones_none():
    deep = [Shown(Tile(16, 35748, 22726), "here"), Shown(Tile(16, 100, 40000), "there")]
    assert search_map(ASSETS, deep, (), "A map").count("L.circleMarker(") == 2
    assert search_map(ASSETS, deep[:1], (), "A map").count("L.circleMarker(") == 0
    assert search_map(ASSETS, [Shown(Tile(4, 3, 3), "large")], (), "A map").count("L.circleMarker(") == 0


def test_the_name_of_a_map_cannot_become_a_script():
    html = search_map(ASSETS, (), (), '</script><img src=x onerror="alert(1)">')
    assert "<img" not in html and html.count("</script>") == html.count("<script")
