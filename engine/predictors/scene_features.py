"""What a person would point at in a photo, as numbers: greenery, snow, sand, water, sky, asphalt, straight edges.

Knows no place and no model. Every feature is a share of the picture or a plain statistic in [0, 1], computed on the
photo scaled down to 256 pixels, so that it can be read, doubted and drawn. Colours are judged in HSV: hue in turns
(0 red, 1/3 green, 2/3 blue), saturation and value in [0, 1].
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from engine.typing import BoolArray, FloatArray

WORKING_SIDE_PIXELS = 256
"""Longer side of the copy that the features are computed on."""

STRONG_EDGE = 0.08
"""Sobel gradient (change of luminance per pixel, luminance in [0, 1]) from which a pixel counts as an edge."""

SAME_SKY = 0.15
"""Distance in RGB (each channel in [0, 1]) up to which a pixel counts as the sky seen elsewhere in the photo."""

RUN_PIXELS = 13
"""Length from which aligned edge pixels count as a straight line: 5 % of the longer side."""

FEATURES: dict[str, str] = {
    "sky": "share of the picture that is sky: smooth, blue or bright, connected to the upper edge",
    "blue_sky": "share of the picture that is sky and blue",
    "upper_vegetation": "green share of the upper half (trees, slopes)",
    "lower_vegetation": "green share of the lower half (grass, crops, undergrowth)",
    "dark_vegetation": "share that is green and dark (canopy, conifers, shade)",
    "straw": "share below the sky in yellow and straw colours with texture (ripe crops, dry grass)",
    "bare_ground": "share below the sky in smooth sand, ochre or brown (sand, soil)",
    "snow": "share below the sky that is bright and without colour, or bright and bluish, and smooth",
    "water": "share of the picture that is blue or cyan, below the sky and below the middle",
    "grey": "share below the sky of grey without colour and without much texture (asphalt, concrete, rock)",
    "brick": "share below the sky in brick and roof-tile reds",
    "vertical_lines": "share of all edge pixels that lie on long vertical lines",
    "horizontal_lines": "share of all edge pixels that lie on long horizontal lines",
    "edge_density": "share of all pixels that are edges",
    "upper_detail": "share of edge pixels in the upper third (houses and trees fill it, open land leaves it empty)",
    "fine_texture": "mean local contrast over three pixels, five-fold and capped at 1",
    "brightness": "mean luminance",
    "contrast": "standard deviation of luminance, doubled",
    "saturation": "mean saturation",
    "darkness": "share of nearly black pixels (night, interior)",
    "warm_cast": "how far red exceeds blue on average, clipped to [0, 1] (lamps, dusk)",
}
"""Name and meaning of each feature, in order; all in [0, 1]."""

FEATURE_NAMES: tuple[str, ...] = tuple(FEATURES)


@dataclass(frozen=True, eq=False)
class _Picture:
    """The scaled photo in the forms that the features need; every array ``(rows, columns)``."""

    red: FloatArray
    green: FloatArray
    blue: FloatArray
    hue: FloatArray
    saturation: FloatArray
    value: FloatArray
    luminance: FloatArray
    across: FloatArray  # gradient along a row: large at vertical edges
    down: FloatArray  # gradient along a column: large at horizontal edges
    roughness: FloatArray  # local standard deviation of luminance over 3 x 3 pixels

    @property
    def edges(self) -> BoolArray:
        return np.hypot(self.across, self.down) > STRONG_EDGE


def scene_features(pixels: npt.NDArray[np.uint8]) -> FloatArray:
    """The features of a photo, in the order of ``FEATURE_NAMES``.

    Args:
        pixels: ``(rows, columns, 3)`` uint8, RGB, upright, at least one pixel.

    Returns:
        ``(F,)`` float64, finite, every value in [0, 1].
    """
    picture = _picture(_shrunk(pixels))
    sky = _sky(picture)
    found = _colour_features(picture, sky) | _line_features(picture) | _light_features(picture)
    return np.clip([found[name] for name in FEATURE_NAMES], 0.0, 1.0)


def _shrunk(pixels: npt.NDArray[np.uint8]) -> FloatArray:
    """The photo as floats in [0, 1], area-averaged to at most ``WORKING_SIDE_PIXELS`` a side."""
    scale = min(1.0, WORKING_SIDE_PIXELS / max(pixels.shape[:2]))
    rows, row_counts = _blocks(pixels.shape[0], scale)
    columns, column_counts = _blocks(pixels.shape[1], scale)
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, axis=0, dtype=np.uint32), columns, axis=1)
    shrunk: FloatArray = sums / (255.0 * row_counts[:, None, None] * column_counts[:, None])
    return shrunk


def _blocks(size: int, scale: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First index and length of each of the blocks that are averaged along an axis."""
    target = max(1, round(size * scale))
    starts = np.arange(target, dtype=np.int64) * size // target
    return starts, np.diff(np.append(starts, size))


def _picture(rgb: FloatArray) -> _Picture:
    """Colours, gradients and texture of the scaled photo."""
    red, green, blue = np.moveaxis(rgb, 2, 0)
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    smooth = ndimage.gaussian_filter(luminance, 0.8, mode="nearest")
    mean = ndimage.uniform_filter(luminance, 3, mode="nearest")
    spread = ndimage.uniform_filter(luminance**2, 3, mode="nearest") - mean**2
    return _Picture(
        red,
        green,
        blue,
        *_hue_saturation_value(rgb),
        luminance,
        ndimage.sobel(smooth, axis=1, mode="nearest") / 8.0,
        ndimage.sobel(smooth, axis=0, mode="nearest") / 8.0,
        np.sqrt(np.maximum(spread, 0.0)),
    )


def _hue_saturation_value(rgb: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """HSV (Smith 1978); hue in turns in [0, 1), 0 where there is no colour."""
    red, green, blue = np.moveaxis(rgb, 2, 0)
    value, low = rgb.max(axis=2), rgb.min(axis=2)
    chroma = value - low
    safe = np.where(chroma > 0.0, chroma, 1.0)
    sector = np.select(
        [chroma == 0.0, value == red, value == green],
        [0.0, (green - blue) / safe % 6.0, (blue - red) / safe + 2.0],
        (red - green) / safe + 4.0,
    )
    return sector / 6.0 % 1.0, chroma / np.where(value > 0.0, value, 1.0), value


def _between(values: FloatArray, low: float, high: float) -> BoolArray:
    return (values >= low) & (values < high)


def _sky(picture: _Picture) -> BoolArray:
    """Smooth blue or bright pixels in an unbroken run from the upper edge of their column, and what looks like them.

    The second half finds the sky behind a mast or under a bridge; a sea is darker than its sky and stays out.
    """
    blue = _between(picture.hue, 0.50, 0.72) & (picture.saturation > 0.12) & (picture.value > 0.35)
    pale = (picture.saturation < 0.22) & (picture.value > 0.62)
    smooth = ndimage.uniform_filter(picture.roughness, 5, mode="nearest") < 0.05
    run = np.logical_and.accumulate((blue | pale) & smooth, axis=0)
    if not run.any():
        return run
    channels = (picture.red, picture.green, picture.blue)
    squared = [(channel - channel[run].mean()) ** 2 for channel in channels]
    return np.asarray(run | ((blue | pale) & smooth & (np.sqrt(sum(squared)) < SAME_SKY)))


def _colour_features(picture: _Picture, sky: BoolArray) -> dict[str, float]:
    """Shares of the picture by colour; ground features never count a pixel of sky."""
    hue, saturation, value, ground = picture.hue, picture.saturation, picture.value, ~sky
    rough = ndimage.uniform_filter(picture.roughness, 7, mode="nearest")
    green = ground & _between(hue, 0.17, 0.45) & (saturation > 0.15) & (value > 0.08)
    earthy = ground & _between(hue, 0.03, 0.17) & _between(saturation, 0.15, 0.75) & (value > 0.25)
    pale = (saturation < 0.12) | (_between(hue, 0.5, 0.72) & (saturation < 0.25))
    snow = ground & pale & (value > 0.68) & (rough < 0.06)
    water = ground & _between(hue, 0.45, 0.72) & (saturation > 0.2) & (value > 0.15)
    half = max(1, len(hue) // 2)
    water[:half] = False  # blue above the middle is sky behind a branch or a mast far more often than water
    return {
        "sky": float(sky.mean()),
        "blue_sky": float((sky & (saturation > 0.18)).mean()),
        "upper_vegetation": float(green[:half].mean()),
        "lower_vegetation": float(green[-half:].mean()),
        "dark_vegetation": float((green & (value < 0.35)).mean()),
        "straw": float((earthy & _between(hue, 0.09, 0.17) & (rough > 0.025)).mean()),
        "bare_ground": float((earthy & (rough <= 0.025)).mean()),
        "snow": float(snow.mean()),
        "water": float(water.mean()),
        "grey": float((ground & (saturation < 0.18) & _between(value, 0.18, 0.68) & (rough < 0.05)).mean()),
        "brick": float(
            (ground & ((hue < 0.06) | (hue > 0.95)) & _between(saturation, 0.3, 0.85) & (value > 0.2)).mean()
        ),
    }


def _line_features(picture: _Picture) -> dict[str, float]:
    """Straight lines: edge pixels whose gradient is level or upright, in runs of at least ``RUN_PIXELS``."""
    edges, across, down = picture.edges, np.abs(picture.across), np.abs(picture.down)
    vertical = ndimage.binary_opening(edges & (across > 4.0 * down), np.ones((RUN_PIXELS, 1), np.bool_))
    horizontal = ndimage.binary_opening(edges & (down > 4.0 * across), np.ones((1, RUN_PIXELS), np.bool_))
    total = max(float(edges.sum()), 0.02 * edges.size)  # in a picture without edges a single line means little
    return {
        "vertical_lines": float(vertical.sum()) / total,
        "horizontal_lines": float(horizontal.sum()) / total,
        "edge_density": float(edges.mean()),
        "upper_detail": float(edges[: max(1, len(edges) // 3)].mean()),
        "fine_texture": 5.0 * float(picture.roughness.mean()),
    }


def _light_features(picture: _Picture) -> dict[str, float]:
    """Brightness and colour of the light."""
    return {
        "brightness": float(picture.luminance.mean()),
        "contrast": 2.0 * float(picture.luminance.std()),
        "saturation": float(picture.saturation.mean()),
        "darkness": float((picture.value < 0.12).mean()),
        "warm_cast": float(picture.red.mean() - picture.blue.mean()),
    }
