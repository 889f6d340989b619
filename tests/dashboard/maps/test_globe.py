"""What the decks say to the browser, read as JSON."""

import io
import json

import numpy as np
import pydeck
import pytest
from PIL import Image

from dashboard.maps.deck import TOOLTIP, assemble_deck
from dashboard.maps.flat import flat_deck
from dashboard.maps.globe import globe_deck
from dashboard.maps.layers import ImageLayer, MarkerAtlas
from dashboard.maps.markers import (
    CLAIMED,
    MAX_PLACES,
    PlaceMarker,
    atlas_mapping_json,
    atlas_png,
    icon_name,
    marker_rows,
)
from dashboard.maps.views import FLAT_MIN_ZOOM, View, fly_to_zoom, globe_view_state
from engine.errors import InputError

ATLAS = MarkerAtlas("/media/atlas.png", "/media/boxes.json")
PLACES = tuple(PlaceMarker(rank, rank - 25.0, 3.0 * rank, f"place {rank}") for rank in range(1, MAX_PLACES + 1))
LAYERS = (ImageLayer("heat", "/media/heat.png", 0.7), ImageLayer("region", "/media/region.png", smooth=False))
BUILDERS = (globe_deck, flat_deck)


def as_json(deck: pydeck.Deck) -> dict:
    return json.loads(deck.to_json())


@pytest.mark.parametrize("build", BUILDERS)
def test_nothing_is_inlined_but_the_places(build) -> None:
    deck = build("/media/base.webp", LAYERS, "/media/lines", PLACES, View(), atlas=ATLAS)
    inlined = [layer["id"] for layer in as_json(deck)["layers"] if isinstance(layer.get("data"), list)]
    assert inlined == ["places"]
    assert len(deck.to_json()) < 20_000


@pytest.mark.parametrize("build", BUILDERS)
def test_urls_are_strings_and_not_expressions(build) -> None:
    text = build("/media/base.webp", LAYERS, "/media/lines", PLACES, View(), atlas=ATLAS).to_json()
    assert text.count("/media/") == 6
    assert "@@=/" not in text
    assert "data:" not in text


def test_globe_pictures_cover_the_earth_without_depth_and_without_backs() -> None:
    deck = as_json(globe_deck("/b", LAYERS, "/l", (), View()))
    assert [layer["id"] for layer in deck["layers"]] == ["globe-base", "globe-heat", "globe-region", "globe-lines"]
    for layer in deck["layers"]:
        assert layer["parameters"] == {"depthCompare": "always", "cullMode": "back"}
        assert layer["bounds"] == [-180, -90, 180, 90]
        assert layer["pickable"] is False


def test_flat_pictures_are_bent_to_mercator_and_may_have_their_own_bounds() -> None:
    patch = ImageLayer("patch", "/p", bounds=(-160, 20, -155, 23))
    layers = as_json(flat_deck("/b", [patch], "/borders", (), View()))["layers"]
    assert [layer["id"] for layer in layers] == ["flat-base", "flat-patch", "borders"]
    assert all(layer["_imageCoordinateSystem"] == "lnglat" for layer in layers[:2])
    assert layers[1]["bounds"] == [-160, 20, -155, 23]


@pytest.mark.parametrize("build", BUILDERS)
def test_no_provider_brings_a_map_from_elsewhere(build) -> None:
    deck = as_json(build("/b", (), None, (), View()))
    assert "mapProvider" not in deck
    assert deck["mapStyle"] == "__MAP_STYLE__"  # anything else falsy would make Streamlit ask Carto


@pytest.mark.parametrize("build", BUILDERS)
def test_markers_have_no_colour_that_a_click_could_repaint(build) -> None:
    places = as_json(build("/b", LAYERS, None, PLACES, View(), atlas=ATLAS))["layers"][-1]
    assert places["pickable"] is True
    assert not [name for name in places if "olor" in name]


def test_markers_turn_their_backs_on_the_globe_only() -> None:
    on_globe, on_flat = (
        as_json(build("/b", (), None, PLACES, View(), atlas=ATLAS))["layers"][-1] for build in BUILDERS
    )
    assert (on_globe["billboard"], on_globe["parameters"]["cullMode"]) == (False, "front")
    assert (on_flat["billboard"], on_flat["parameters"]["cullMode"]) == (True, "none")


def test_assembled_deck_equals_one_made_by_pydeck() -> None:
    layers = [pydeck.Layer("BitmapLayer", id="a", bounds=[0, 0, 1, 1])]
    view, camera = pydeck.View(type="_GlobeView", controller=True), globe_view_state(View())
    usual = pydeck.Deck(layers, views=[view], initial_view_state=camera, map_provider=None, tooltip=TOOLTIP)
    ours = assemble_deck(layers, view, camera)
    assert ours.to_json() == usual.to_json()
    assert ours._tooltip == usual._tooltip


def test_same_turn_keeps_the_camera_and_the_next_moves_every_entry() -> None:
    still, again, next_flight = (vars(globe_view_state(View(10, 20, 3, turn))) for turn in (1, 1, 2))
    assert still == again
    for name in ("latitude", "longitude", "zoom", "transitionDuration"):
        assert still[name] != next_flight[name]
        assert still[name] == pytest.approx(next_flight[name], rel=2e-3)


def test_zoom_takes_back_the_magnification_of_high_latitudes() -> None:
    assert fly_to_zoom(0, 3) == 3
    assert fly_to_zoom(60, 3) == pytest.approx(2)
    assert fly_to_zoom(90, 3) == fly_to_zoom(-85, 3)


def test_flat_camera_never_shows_more_than_the_world() -> None:
    assert as_json(flat_deck("/b", (), None, (), View(85, 0, 1)))["initialViewState"]["zoom"] == FLAT_MIN_ZOOM


def test_a_claimed_place_has_an_icon_of_its_own_and_no_rank() -> None:
    (row,) = marker_rows((PlaceMarker(CLAIMED, 22.2, -159.4, "here"),))
    box = json.loads(atlas_mapping_json())[str(row["icon"])]
    pixels = np.asarray(Image.open(io.BytesIO(atlas_png())))[box["y"] : box["y"] + box["height"], box["x"] :]
    assert row["icon"] == "?" and row["rank"] == "Claimed location"
    assert pixels[box["height"] // 2, 10, 3] == 255


def test_atlas_holds_every_icon_inside_the_picture() -> None:
    boxes = json.loads(atlas_mapping_json())
    alpha = np.asarray(Image.open(io.BytesIO(atlas_png())))[..., 3]
    for rank in range(1, MAX_PLACES + 1):
        for chosen in (False, True):
            box = boxes[icon_name(rank, chosen=chosen)]
            cell = alpha[box["y"] : box["y"] + box["height"], box["x"] : box["x"] + box["width"]]
            assert cell.shape == (64, 64)
            assert cell[32, 6] == 255  # the disc reaches its rim
            assert cell[0, 0] == 0


@pytest.mark.parametrize("rank", [0, 51, -1])
def test_rank_without_a_marker_is_refused(rank: int) -> None:
    with pytest.raises(InputError, match="1 to 50"):
        PlaceMarker(rank, 0, 0)
