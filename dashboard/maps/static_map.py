"""A search map as one flat picture, for browsers without WebGL 2: relief, region, markers. Knows no Streamlit."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dashboard.maps.map_values import Marker
from engine.inference.region import Region

BASE = Path(__file__).parents[2] / "assets/map/relief_dark.webp"
WIDTH, HEIGHT = 2160, 1080
FILL, LINE = (0, 229, 255, 90), (0, 229, 255, 255)
COLORS = {"candidate": "#ffffff", "claim": "#f472b6", "truth": "#86efac"}


def static_map(region: Region | None, markers: Sequence[Marker]) -> bytes:
    """The picture as PNG, plate carree, north up.

    Args:
        region: drawn in cyan, its edge opaque.
        markers: best first; a better one is drawn over a worse one.
    """
    with Image.open(BASE) as base:
        picture = base.convert("RGBA").resize((WIDTH, HEIGHT))
    if region is not None:
        picture.alpha_composite(_region(region))
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(18)
    for marker in reversed(markers):
        x, y = (marker.longitude + 180) / 360 * WIDTH, (90 - marker.latitude) / 180 * HEIGHT
        pen.ellipse((x - 14, y - 14, x + 14, y + 14), fill=COLORS[marker.kind], outline="#0f172a", width=2)
        pen.text((x, y), marker.label, fill="#0f172a", anchor="mm", font=font)
    sink = io.BytesIO()
    picture.convert("RGB").save(sink, "PNG")
    return sink.getvalue()


def _region(region: Region) -> Image.Image:
    inside = np.asarray(Image.fromarray(region.tile_mask).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST))
    grown = inside.copy()
    for step in (-1, 1):
        grown |= np.roll(inside, step, axis=0) | np.roll(inside, step, axis=1)
    drawn = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    drawn[inside] = FILL
    drawn[grown & ~inside] = LINE
    return Image.fromarray(drawn)
