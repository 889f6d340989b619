"""The flat map, for zooms at which the globe has nothing more to show: Mercator, north up, vector borders."""

from collections.abc import Sequence

import pydeck

from dashboard.maps.deck import assemble_deck
from dashboard.maps.layers import ON_SURFACE, ImageLayer, MarkerAtlas, image_layer, places_layer
from dashboard.maps.markers import PlaceMarker
from dashboard.maps.views import View, flat_view_state

_BORDER_COLOUR = [255, 255, 255, 170]


def flat_deck(
    base_url: str,
    layers: Sequence[ImageLayer],
    borders_url: str | None,
    places: Sequence[PlaceMarker],
    view: View,
    *,
    atlas: MarkerAtlas | None = None,
) -> pydeck.Deck:
    """Return the flat map: base picture, `layers` from bottom to top, borders, then the places.

    A layer may cover the world or only its own bounds: a detail patch around the view is one more `ImageLayer`.
    """
    drawn = [image_layer(picture, flat=True) for picture in (ImageLayer("base", base_url), *layers)]
    if borders_url is not None:
        drawn.append(_borders_layer(borders_url))
    if atlas is not None:
        drawn.append(places_layer(places, atlas, flat=True))
    return assemble_deck(drawn, _mercator_view(), flat_view_state(view))


def _mercator_view() -> pydeck.View:
    """Return a view whose map repeats eastwards and westwards, so that no region is cut at 180 degrees.

    It may not clear its background: deck.gl would clear once for each copy of the world and keep the last copy only.
    """
    return pydeck.View(type="MapView", controller=True, repeat=True)


def _borders_layer(url: str) -> pydeck.Layer:
    return pydeck.Layer(
        "GeoJsonLayer",
        url,
        id="borders",
        filled=False,
        stroked=True,
        get_line_color=_BORDER_COLOUR,
        get_line_width=1,
        line_width_min_pixels=1,
        line_width_max_pixels=2,
        pickable=False,
        parameters={"depthCompare": ON_SURFACE["depthCompare"]},
    )
