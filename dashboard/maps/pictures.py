"""Colors of the classes of a layer, and photos side by side."""

import io
from collections.abc import Sequence

from PIL import Image

from dashboard.maps.palettes import RGBA
from engine.layers.in_use import LayerInUse

CLASS_ALPHA = 200


def class_palette(layer: LayerInUse) -> tuple[RGBA, ...]:
    """The colors of its classes, in the order of its labels."""
    return tuple(_rgba(entry.colour) for entry in layer.classes)


def _rgba(colour: str) -> RGBA:
    """``#rrggbb`` as a colour that lets the base map through a little."""
    red, green, blue = bytes.fromhex(colour.lstrip("#"))
    return red, green, blue, CLASS_ALPHA


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
