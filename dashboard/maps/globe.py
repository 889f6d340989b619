"""The globe: full-Earth pictures on a sphere and ranked places on top."""

from collections.abc import Sequence

import pydeck

from dashboard.maps.deck import assemble_deck
from dashboard.maps.layers import ImageLayer, MarkerAtlas, image_layer, places_layer
from dashboard.maps.markers import PlaceMarker
from dashboard.maps.palettes import SPACE_COLOUR
from dashboard.maps.views import View, globe_view_state

MESH_DEGREES = 3  # pictures hang on a mesh: at 3 degrees it lies at most 2.2 km under the sphere


def globe_deck(
    base_url: str,
    layers: Sequence[ImageLayer],
    lines_url: str | None,
    places: Sequence[PlaceMarker],
    view: View,
    *,
    atlas: MarkerAtlas | None = None,
) -> pydeck.Deck:
    """Return the globe: base picture, `layers` from bottom to top, coasts and borders, then the places.

    Places need the `atlas`. The deck holds URLs, a camera and at most fifty places; its size does not depend on data.
    """
    pictures = [ImageLayer("base", base_url), *layers]
    if lines_url is not None:
        pictures.append(ImageLayer("lines", lines_url))
    drawn = [image_layer(picture, flat=False) for picture in pictures]
    if atlas is not None:
        drawn.append(places_layer(places, atlas, flat=False))
    return assemble_deck(drawn, _space_view("_GlobeView"), globe_view_state(view))


def _space_view(view_type: str) -> pydeck.View:
    """Return a view over dark space, which reads the same in the light theme and in the dark one."""
    return pydeck.View(
        type=view_type, controller=True, clear=True, clear_color=list(SPACE_COLOUR), resolution=MESH_DEGREES
    )
