"""The deck.gl layers that both maps share, given by URL: nothing but place markers is ever written into the deck.

Three rules that the renderer never explains when broken (each seen in a browser):
URLs are `pydeck.types.String`, or pydeck turns them into expressions; full-globe images switch depth off and cull
backs, or they z-fight; colours live in images, not in accessors, or a click repaints what is not selected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pydeck
from pydeck.types import String

from dashboard.maps.markers import PLACES_LAYER_ID, PlaceMarker, marker_rows

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
# No depth test: layers are drawn in their order. Back faces are culled: the far side never shows through.
ON_SURFACE = {"depthCompare": "always", "cullMode": "back"}
# deck.gl winds icons that lie on the globe the other way round and turns them by 180 degrees (visgl/deck.gl#10519).
_LYING_ON_GLOBE = {"depthCompare": "always", "cullMode": "front"}
_FACING_VIEWER = {"depthCompare": "always", "cullMode": "none"}
_SMOOTH = {"minFilter": "linear", "magFilter": "linear"}
_CRISP = {"minFilter": "linear", "magFilter": "nearest"}


@dataclass(frozen=True)
class ImageLayer:
    """One picture on the map: equirectangular, its north row first, reaching exactly to `bounds`.

    `smooth` blends texels when magnified; switch it off where the edge of a cell is information.
    """

    id: str
    url: str
    opacity: float = 1.0
    bounds: Bounds = WORLD
    smooth: bool = True


@dataclass(frozen=True)
class MarkerAtlas:
    """Where the browser finds the marker pictures (`markers.atlas_png`) and their boxes (`atlas_mapping_json`)."""

    image_url: str
    mapping_url: str


def image_layer(image: ImageLayer, *, flat: bool) -> pydeck.Layer:
    """Return the picture as a layer; on the flat map the browser bends its rows to Mercator."""
    bending = {"_image_coordinate_system": String("lnglat")} if flat else {}
    return pydeck.Layer(
        "BitmapLayer",
        id=f"{'flat' if flat else 'globe'}-{image.id}",  # deck.gl would reuse the mesh of the other map
        image=String(image.url),
        bounds=list(image.bounds),
        opacity=image.opacity,
        pickable=False,
        parameters=ON_SURFACE,
        texture_parameters=_SMOOTH if image.smooth else _CRISP,
        **bending,
    )


def places_layer(places: Sequence[PlaceMarker], atlas: MarkerAtlas, *, flat: bool) -> pydeck.Layer:
    """Return the numbered markers; they lie on the surface of the globe, and face the viewer of the flat map."""
    return pydeck.Layer(
        "IconLayer",
        marker_rows(tuple(places)),
        id=PLACES_LAYER_ID,
        icon_atlas=String(atlas.image_url),
        icon_mapping=String(atlas.mapping_url),
        get_icon="icon",
        get_position="at",
        get_size=28 if flat else 34,
        size_units=String("pixels"),
        get_angle=0 if flat else 180,
        billboard=flat,
        pickable=True,
        parameters=_FACING_VIEWER if flat else _LYING_ON_GLOBE,
    )
