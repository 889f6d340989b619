"""Engine values as pictures for the two maps. Knows no Streamlit; numbers in, PNG bytes out."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from dashboard.maps.layers import Bounds
from dashboard.maps.markers import PlaceMarker
from dashboard.maps.palettes import REGION_COLOUR, REGION_OUTLINE, RGBA, Legend, class_legend, heat_legend, ramp_palette
from dashboard.maps.rasters import class_png, grown, heat_png, outlined_png
from engine.inference.candidates import Candidate
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.layers.in_use import LayerInUse
from engine.partitions.overlay import Overlay

LEAST_HEAT = 0.995
"""What lies outside the smallest area that holds this share is not coloured: the base map shows through."""
CLASS_ALPHA = 200
LARGEST_PICTURE = 36_000
"""Bytes of a region's picture on a slider tick; a region that is more ragged is drawn at half the resolution."""
PATCH_TILES = 96
"""Width and height of the detail patch in tiles of the display lattice: 16 degrees."""
HEAT_LABELS = ("densest", "25 %", "50 %", "75 %", "99 %")


def heat_picture(search_map: SearchMap) -> bytes:
    """A map as heat: each tile by how much probability lies in places denser than its densest cell.

    Tiles glow onto their four neighbours, so that a single hot one can be seen on the whole globe.
    """
    denser = search_map.probability_up_to[search_map.tile_rank]
    shade = np.ceil(255.0 * (1.0 - denser / LEAST_HEAT)).clip(0, 255).astype(np.uint8)
    return heat_png(grown(shade), ramp_palette())


def heat_picture_legend(title: str) -> Legend:
    """What the heat means."""
    return heat_legend(title, HEAT_LABELS, unit="cumulative probability, highest-probability areas first")


def class_picture(overlay: Overlay, layer: LayerInUse) -> bytes:
    """A satellite layer by itself: each tile in the colour of the class that covers most of it."""
    table = overlay.table(layer.name)
    labels = overlay.tiles.largest(table.cell_label, len(table.labels))
    return class_png(labels.astype(np.int8), [_rgba(entry.colour) for entry in layer.classes])


def class_picture_legend(layer: LayerInUse) -> Legend:
    """What its colours mean, and whether it is an approximation."""
    titles = tuple(entry.title for entry in layer.classes)
    return class_legend(layer.title, titles, tuple(_rgba(entry.colour) for entry in layer.classes), unit=layer.caveat)


def class_palette(layer: LayerInUse) -> tuple[RGBA, ...]:
    """The colors of its classes, in the order of its labels."""
    return tuple(_rgba(entry.colour) for entry in layer.classes)


def _rgba(colour: str) -> RGBA:
    """``#rrggbb`` as a colour that lets the base map through a little."""
    red, green, blue = bytes.fromhex(colour.lstrip("#"))
    return red, green, blue, CLASS_ALPHA


def region_picture(region: Region, hole: Bounds | None = None) -> bytes:
    """A region on the display lattice; ``hole`` is left out, for the detail patch that is drawn there."""
    mask = region.tile_mask
    if hole is not None:
        rows, columns = tile_window(region, hole)
        mask = mask.copy()
        mask[rows, columns] = False
    picture = outlined_png(mask, REGION_COLOUR, REGION_OUTLINE)
    if len(picture) > LARGEST_PICTURE:
        coarse = np.asarray(mask.reshape(mask.shape[0] // 2, 2, mask.shape[1] // 2, 2).any(axis=(1, 3)))
        picture = outlined_png(coarse, REGION_COLOUR, REGION_OUTLINE)
    return picture


def patch_bounds(region: Region, latitude: float, longitude: float) -> Bounds:
    """A window of whole tiles around a point, kept inside the globe; west, south, east, north in degrees."""
    height, width = region.overlay.tiles.shape
    rows, columns = min(PATCH_TILES, height), min(PATCH_TILES, width)
    top = int(np.clip((90 - latitude) / 180 * height - rows / 2, 0, height - rows))
    left = int(np.clip((longitude + 180) / 360 * width - columns / 2, 0, width - columns))
    north, south = 90 - top * 180 / height, 90 - (top + rows) * 180 / height
    return -180 + left * 360 / width, south, -180 + (left + columns) * 360 / width, north


def tile_window(region: Region, bounds: Bounds) -> tuple[slice, slice]:
    """Rows and columns of the display lattice inside bounds that follow its tiles."""
    return _window(region.overlay.tiles.shape, bounds)


def patch_picture(region: Region, bounds: Bounds) -> bytes:
    """The region inside bounds at the full resolution of the grid."""
    mask = region.mask(*_window(region.overlay.grid.shape, bounds))
    return outlined_png(mask, REGION_COLOUR, REGION_OUTLINE)


def _window(shape: tuple[int, int], bounds: Bounds) -> tuple[slice, slice]:
    west, south, east, north = bounds
    rows = [round((90 - latitude) / 180 * shape[0]) for latitude in (north, south)]
    columns = [round((longitude + 180) / 360 * shape[1]) for longitude in (west, east)]
    return slice(*rows), slice(*columns)


def place_markers(places: tuple[Candidate, ...], chosen: int | None) -> tuple[PlaceMarker, ...]:
    """Ranked places as markers; ``chosen`` is the rank that is drawn in amber."""
    return tuple(
        PlaceMarker(
            place.rank,
            place.latitude,
            place.longitude,
            f"{place.latitude:.2f}, {place.longitude:.2f} - {place.probability:.1%} on {place.area_km2:,.0f} km²",
            chosen=place.rank == chosen,
        )
        for place in places
    )


def beside(thumbnails: Sequence[bytes], columns: int = 3, side: int = 240) -> bytes:
    """Small photos as one JPEG, in rows from left to right; a single one as it is."""
    if len(thumbnails) == 1:
        return thumbnails[0]
    rows = -(-len(thumbnails) // columns)
    sheet = Image.new("RGB", (min(columns, len(thumbnails)) * side, rows * side), "white")
    for number, data in enumerate(thumbnails):
        with Image.open(io.BytesIO(data)) as image:
            image.thumbnail((side - 8, side - 8))
            sheet.paste(image, (number % columns * side, number // columns * side))
    sink = io.BytesIO()
    sheet.save(sink, "JPEG", quality=85)
    return sink.getvalue()
