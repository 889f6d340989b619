"""A flat map of the claim and the region, fitted to both: relief, the region in blue, the claim with its mark."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from engine.inference.region import Region
from engine.layers.assets_folder import assets_path
from engine.typing import FloatArray

WIDTH, HEIGHT = 1000, 560
LEAST_DEGREES = 6.0
"""The map is at least so high; finer, the relief is only blur."""
MARGIN = 0.15
REGION_COLOR, CLAIM_COLOR, INK = (0, 110, 200), (200, 20, 90), (20, 30, 40)
_REGION_ALPHA, _OUTER_SHARE = 0.75, 0.02

Box = tuple[float, float, float, float]
"""South, west, north, east in degrees; east may exceed 180."""


def verdict_map_jpeg(region: Region, latitude: float, longitude: float) -> bytes:
    """The picture as JPEG; north up, the longitude of its edges scaled to its middle.

    Args:
        region: the search region.
        latitude: of the claimed place, degrees.
        longitude: of the claimed place, degrees.
    """
    box = fitted_box(region, latitude, longitude)
    south, west, north, east = box
    latitudes = north - (np.arange(HEIGHT) + 0.5) / HEIGHT * (north - south)
    longitudes = (west + (np.arange(WIDTH) + 0.5) / WIDTH * (east - west) + 180.0) % 360.0 - 180.0
    picture = _relief(latitudes, longitudes)
    inside = ndimage.binary_dilation(_inside(region, latitudes, longitudes))  # so that small parts can be seen
    picture[inside] = picture[inside] * (1 - _REGION_ALPHA) + np.array(REGION_COLOR) * _REGION_ALPHA
    image = Image.fromarray(picture.astype(np.uint8))
    x = ((longitude - west) % 360.0) / (east - west) * WIDTH
    y = (north - latitude) / (north - south) * HEIGHT
    _draw_claim(ImageDraw.Draw(image), x, y)
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=88)
    return sink.getvalue()


def fitted_box(region: Region, latitude: float, longitude: float) -> Box:
    """The smallest box with the shape of the picture around the claim and all but 2 % of the region's probability."""
    search_map = region.search_map
    cells = search_map.order[: max(region.whole_cells, 1)]
    weights = search_map.probability[cells]
    x, y, z = np.asarray(region.overlay.unit_center[cells], np.float64).T
    north = np.degrees(np.arcsin(z.clip(-1, 1)))
    east = (np.degrees(np.arctan2(y, x)) - longitude + 180.0) % 360.0 - 180.0  # beside the claim
    low_lat, high_lat = _range_with(north, weights, latitude)
    low_lon, high_lon = _range_with(east, weights, 0.0)
    tall = max((high_lat - low_lat) * (1 + 2 * MARGIN), LEAST_DEGREES)
    middle_lat, middle_lon = (low_lat + high_lat) / 2, longitude + (low_lon + high_lon) / 2
    stretch = 1.0 / max(np.cos(np.radians(middle_lat)), 0.2)
    wide = max((high_lon - low_lon) * (1 + 2 * MARGIN), tall * WIDTH / HEIGHT * stretch)
    wide = min(wide, 360.0)
    tall = min(max(tall, wide * HEIGHT / WIDTH / stretch), 180.0)
    south = min(max(middle_lat - tall / 2, -90.0), 90.0 - tall)
    return float(south), float(middle_lon - wide / 2), float(south + tall), float(middle_lon + wide / 2)


def _range_with(values: FloatArray, weights: FloatArray, value: float) -> tuple[float, float]:
    """Where all but 2 % of the weight lies to each side, widened to hold a value."""
    low, high = (_quantile(values, weights, share) for share in (_OUTER_SHARE, 1.0 - _OUTER_SHARE))
    return min(low, value), max(high, value)


def _quantile(values: FloatArray, weights: FloatArray, share: float) -> float:
    order = np.argsort(values)
    upto = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(upto, share * upto[-1]), values.size - 1)])


def _relief(latitudes: FloatArray, longitudes: FloatArray) -> npt.NDArray[np.float64]:
    with Image.open(assets_path("map/relief_light.webp")) as picture:
        base = np.asarray(picture.convert("RGB"))
    rows = ((90.0 - latitudes) / 180.0 * base.shape[0]).astype(int).clip(0, base.shape[0] - 1)
    columns = ((longitudes + 180.0) / 360.0 * base.shape[1]).astype(int).clip(0, base.shape[1] - 1)
    return base[np.ix_(rows, columns)].astype(np.float64)


def _inside(region: Region, latitudes: FloatArray, longitudes: FloatArray) -> npt.NDArray[np.bool_]:
    grid = region.overlay.grid
    rows = ((90.0 - latitudes) / 180.0 * grid.rows).astype(int).clip(0, grid.rows - 1)
    columns = ((longitudes + 180.0) / 360.0 * grid.columns).astype(int).clip(0, grid.columns - 1)
    pixels = rows[:, None] * grid.columns + columns[None, :]
    cells = np.asarray(region.overlay.pixel_cell)[np.ix_(rows, columns)]
    whole = region.search_map.rank[cells] < region.whole_cells
    return np.asarray(whole | np.isin(pixels, region.cut_pixels), np.bool_)


def _draw_claim(pen: ImageDraw.ImageDraw, x: float, y: float) -> None:
    pen.ellipse((x - 13, y - 13, x + 13, y + 13), fill=CLAIM_COLOR, outline="white", width=3)
    pen.text((x, y), "?", fill="white", anchor="mm", font=ImageFont.load_default(size=17))
