"""The globe as a picture: an orthographic view with the heat of a map, its region and its places.

Colours are the dashboard's: inferno from dark to light, the region in cyan, places in amber.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from engine.geometry.sphere import unit_vectors
from engine.inference.ranking import Ranking
from engine.inference.region import Region
from engine.layers.assets_folder import assets_path
from engine.typing import FloatArray

INFERNO = (
    (66, 10, 104), (106, 23, 110), (147, 38, 103), (188, 55, 84), (221, 81, 58), (243, 120, 25), (252, 165, 10),
    (246, 215, 70), (252, 255, 164),
)  # fmt: skip
"""Anchors of the heat, dark to light; matplotlib's published map (CC0)."""
REGION, AMBER, INK = (0, 229, 255), (255, 191, 0), (9, 12, 24)
REGION_ALPHA = 0.27
LEAST_HEAT = 0.995
"""What lies outside the smallest area that holds this share is not coloured."""
FINER = 2
"""The picture is drawn so many times larger, then made smaller, so that edges are smooth."""

Pixels = npt.NDArray[np.float32]
Value = TypeVar("Value", bound=np.generic)


def globe_jpeg(
    region: Region, latitude: float, longitude: float, places: Sequence[tuple[int, float, float]] = (), side: int = 560
) -> bytes:
    """The Earth as seen from far above a point, on white.

    Args:
        region: drawn in cyan, with an outline around it so that small parts can be seen.
        latitude: of the middle of the picture in degrees.
        longitude: of the middle of the picture in degrees.
        places: rank, latitude and longitude of the places to mark; those on the far side are left out.
        side: of the picture in pixels.
    """
    size = side * FINER
    seen, (at_latitude, at_longitude), height = _projected(latitude, longitude, size)
    colours = _sampled(_earth(), at_latitude, at_longitude).astype(np.float32)
    colours = _with_heat(colours, _sampled(_shade(region.search_map), at_latitude, at_longitude))
    inside = np.zeros((size, size), bool)
    inside[seen] = _sampled(region.tile_mask, at_latitude, at_longitude)
    picture = np.full((size, size, 3), 255.0, np.float32)
    picture[seen] = colours * (0.55 + 0.45 * np.sqrt(height, dtype=np.float32)[:, None])
    _draw_region(picture, inside, seen)
    image = Image.fromarray(picture.astype(np.uint8)).resize((side, side), Image.Resampling.LANCZOS)
    _draw_places(image, _on_picture(latitude, longitude, places, side))
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=88, subsampling=0)
    return sink.getvalue()


def _axes(latitude: float, longitude: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unit vectors to the right, up and towards the viewer who looks at a point."""
    towards = unit_vectors(np.asarray(latitude), np.asarray(longitude))
    turn = np.radians(longitude)
    right = np.array([-np.sin(turn), np.cos(turn), 0.0])
    return right, np.cross(towards, right), towards


def _projected(
    latitude: float, longitude: float, size: int
) -> tuple[npt.NDArray[np.bool_], tuple[FloatArray, FloatArray], FloatArray]:
    """Which pixels show the Earth, their latitudes and longitudes, and how much they face the viewer, 0 to 1."""
    line = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    across, up = line[None, :] * 1.01, -line[:, None] * 1.01
    square = across**2 + up**2
    seen = square < 1.0
    height = np.sqrt(1.0 - square[seen])
    axes = np.stack(_axes(latitude, longitude))
    plane = [np.broadcast_to(side, seen.shape)[seen] for side in (across, up)]
    points = np.stack([*plane, height]).T @ axes
    where = np.degrees(np.arcsin(points[:, 2].clip(-1, 1))), np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    return seen, where, height


def _sampled(raster: npt.NDArray[Value], latitude: FloatArray, longitude: FloatArray) -> npt.NDArray[Value]:
    """The nearest pixel of a raster of the whole Earth, row 0 north, column 0 at 180 W."""
    rows, columns = raster.shape[:2]
    row = ((90.0 - latitude) / 180.0 * rows).astype(np.int64).clip(0, rows - 1)
    column = ((longitude + 180.0) / 360.0 * columns).astype(np.int64).clip(0, columns - 1)
    return np.asarray(raster[row, column])


@cache
def _earth() -> npt.NDArray[np.uint8]:
    """The base picture, a little brighter, since the edge of the globe is shaded."""
    with Image.open(assets_path("basemap/blue_marble.webp")) as picture:
        small = picture.convert("RGB").resize((2048, 1024))
    return np.asarray(np.clip(np.asarray(small) * 1.1, 0, 255), np.uint8)


def _shade(search_map: Ranking) -> npt.NDArray[np.uint8]:
    """Heat of each tile in 256 steps: how much probability lies in places less dense."""
    denser = search_map.probability_up_to[search_map.tile_rank]
    return np.ceil(255.0 * (1.0 - denser / LEAST_HEAT)).clip(0, 255).astype(np.uint8)


def _with_heat(colours: Pixels, shade: npt.NDArray[np.uint8]) -> Pixels:
    """Colours under a heat of 256 steps; 0 lets the Earth through."""
    steps = np.linspace(0, 1, 256)
    ramp = np.stack([np.interp(steps, np.linspace(0, 1, len(INFERNO)), side) for side in np.array(INFERNO).T], axis=1)
    alpha = np.where(steps > 0, 0.12 + 0.8 * steps, 0.0)[:, None]
    return colours * (1 - alpha).astype(np.float32)[shade] + (ramp * alpha).astype(np.float32)[shade]


def _draw_region(picture: Pixels, inside: npt.NDArray[np.bool_], seen: npt.NDArray[np.bool_]) -> None:
    """Fill the region and draw a line around it, outside of it."""
    picture[inside] = picture[inside] * (1 - REGION_ALPHA) + np.array(REGION, np.float32) * REGION_ALPHA
    line = ndimage.binary_dilation(inside, iterations=FINER + 1) & ~inside & seen
    picture[line] = REGION


def _on_picture(
    latitude: float, longitude: float, places: Sequence[tuple[int, float, float]], side: int
) -> list[tuple[int, float, float]]:
    """Rank and pixel of each place on the near side."""
    axes = np.stack(_axes(latitude, longitude))
    found = []
    for rank, north, east in places:
        right, up, towards = axes @ unit_vectors(np.asarray(north), np.asarray(east))
        if towards > 0.05:
            found.append((rank, (right / 1.01 + 1) / 2 * side, (1 - up / 1.01) / 2 * side))
    return found


def _draw_places(image: Image.Image, places: Sequence[tuple[int, float, float]]) -> None:
    """Numbered discs, the first on top."""
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=12)
    for rank, x, y in sorted(places, reverse=True):
        draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=AMBER, outline=INK, width=2)
        draw.text((x, y), str(rank), fill=INK, font=font, anchor="mm")
