"""Range of elevation around each pixel: measured where a fine elevation model is at hand, modelled elsewhere.

The GLOBE tile of 0 to 50 degrees north and 0 to 90 degrees east has a height for every 30 arc-seconds, about a
kilometre. Elsewhere the sources are the 5-arc-minute heights and Natural Earth's shaded relief of 2 arc-minutes, whose
texture shows what the mean heights hide. A quadratic regression, fitted on the tile, turns both into ranges. Knows no
class of relief: ``ground_partitions`` draws them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from evidence_earth import FINE, Fields, enlarged
from scipy import ndimage
from sources import COLUMNS, ROWS, Bytes, Floats, Mask

NEAR_KM, AROUND_KM = 2.3, 7.0
"""Half the side of the squares that ranges are taken over: what stands around a person, and the skyline. Kapos et al.
(2000, 'Developing a map of the world's mountain forests', UNEP-WCMC) look 7 km around too."""
TILE_ROWS, TILE_COLUMNS = slice(1200, 2700), slice(5400, 8100)
"""Rows and columns of the lattice that the GLOBE tile covers."""
FINE_KM = 111.195 / 120
PLAIN_GREY = 150.0
"""Shade of level ground in the shaded relief, 0 to 255."""
LEAST_DRY = 2
"""Subpixels of land, of 16, from which on a pixel is used for the fit."""
BAND_ROWS = 300

Wide = ("nearest", "wrap")
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ranges:
    """Metres between the highest and the lowest ground around each pixel, ``(ROWS, COLUMNS)`` each, 0 at sea.

    Attributes:
        near: within ``NEAR_KM``.
        around: within ``AROUND_KM``.
    """

    near: Floats
    around: Floats


def elevation_ranges(fields: Fields, land: Mask) -> Ranges:
    """Both ranges on the lattice; the tile's own where it has them."""
    near, around = tile_ranges(fields)
    weights = _fitted(fields, near, around)
    modelled = [np.zeros((ROWS, COLUMNS), np.float32) for _ in weights]
    for start in range(0, ROWS, BAND_ROWS):
        rows = slice(start, start + BAND_ROWS)
        here = land[rows]
        if here.any():
            design = _design(_features(fields, rows)[here])
            for field, weight in zip(modelled, weights, strict=True):
                field[rows][here] = np.expm1(np.clip(design @ weight, 0, 9))
    known = _dry(fields) > 0
    for field, measured in zip(modelled, (near, around), strict=True):
        field[TILE_ROWS, TILE_COLUMNS][known] = measured[known]
    return _with_depressions(fields, Ranges(*modelled), land)


def _with_depressions(fields: Fields, ranges: Ranges, land: Mask) -> Ranges:
    """Where ground lies below the sea, which the tile does not know, ranges are at least those of the mean heights."""
    height = enlarged(fields.signed_altitude_m)
    deep = land & ndimage.maximum_filter(height < 0, 7, mode=Wide)
    spans = [np.where(deep, _span(height, size), 0) for size in (3, 7)]
    return Ranges(np.maximum(ranges.near, spans[0]), np.maximum(ranges.around, spans[1]))


def tile_ranges(fields: Fields) -> tuple[Floats, Floats]:
    """The ranges on the tile's pixels: the mean over the land of the ranges around its 30-arc-second pixels."""
    heights, dry = fields.globe_tile, ~fields.sea[: FINE * ROWS // 2][_fine(TILE_ROWS), _fine(TILE_COLUMNS)]
    return _mean_range(heights, dry, NEAR_KM), _mean_range(heights, dry, AROUND_KM)


def out_of_sample(fields: Fields) -> tuple[Ranges, Mask]:
    """Modelled ranges on the tile, each quarter of it by the fit on the others, and the pixels that have them."""
    near, around = tile_ranges(fields)
    known = _dry(fields) >= LEAST_DRY
    rows, columns = np.indices(known.shape)
    quarter = 2 * (rows // 150 % 2) + columns // 150 % 2  # squares of 5 degrees
    features = _features(fields, TILE_ROWS)[:, TILE_COLUMNS]
    found = [np.zeros(known.shape, np.float32) for _ in range(2)]
    for number in range(4):
        used, asked = known & (quarter != number), known & (quarter == number)
        for field, measured in zip(found, (near, around), strict=True):
            weight = _least_squares(features[used], measured[used])
            field[asked] = np.expm1(np.clip(_design(features[asked]) @ weight, 0, 9))
    return Ranges(*found), known


def _fine(part: slice) -> slice:
    return slice(FINE * part.start, FINE * part.stop)


def _dry(fields: Fields) -> Bytes:
    return np.asarray(16 - fields.sea_subpixels[TILE_ROWS, TILE_COLUMNS], np.uint8)


def _mean_range(heights: npt.NDArray[np.int16], dry: Mask, half_km: float) -> Floats:
    rows, columns = heights.shape
    ranges = np.zeros((rows, columns), np.float32)
    tall = 2 * round(half_km / FINE_KM) + 1
    for start in range(0, rows, 500):
        top, bottom = max(start - tall, 0), min(start + 500 + tall, rows)
        latitude = 50 - (start + 250) / 120
        wide = 2 * round(half_km / FINE_KM / np.cos(np.radians(latitude))) + 1
        some = heights[top:bottom]
        span = ndimage.maximum_filter(some, (tall, wide), mode="nearest").astype(np.int32)
        span -= ndimage.minimum_filter(some, (tall, wide), mode="nearest")
        ranges[start : start + 500] = span[start - top : start - top + 500]
    blocks = np.where(dry, ranges, 0).reshape(rows // FINE, FINE, columns // FINE, FINE).sum((1, 3))
    count = dry.reshape(rows // FINE, FINE, columns // FINE, FINE).sum((1, 3))
    return np.asarray(blocks / np.maximum(count, 1), np.float32)


def _fitted(fields: Fields, near: Floats, around: Floats) -> list[Matrix]:
    """Weights of the regressions, from the pixels of the tile that have land."""
    used = _dry(fields) >= LEAST_DRY
    features = _features(fields, TILE_ROWS)[:, TILE_COLUMNS][used]
    return [_least_squares(features, measured[used]) for measured in (near, around)]


def _least_squares(features: Floats, metres: Floats) -> Matrix:
    design = _design(features)
    weight = np.linalg.solve(design.T @ design, design.T @ np.log1p(metres.astype(np.float64)))
    return np.asarray(weight, np.float64)


def _design(features: Floats) -> Matrix:
    """A constant, the features and their products."""
    columns = [np.ones(len(features)), *features.T]
    count = features.shape[1]
    columns += [features[:, one] * features[:, other] for one in range(count) for other in range(one, count)]
    return np.stack(columns, 1).astype(np.float64)


def _features(fields: Fields, rows: slice) -> Floats:
    """``(rows, COLUMNS, 10)``: what the regressions know of each pixel.

    Logarithms of spreads of shade and of height, height, how far the shade is from grey, how much sea there is, and the
    height of the land alone, since mean heights of a coast have the sea in them.
    """
    around = 12
    top, bottom = max(rows.start - around, 0), min(rows.stop + around, ROWS)
    inner = slice(rows.start - top, rows.start - top + rows.stop - rows.start)
    shade, height = (
        fields.land_shade[top:bottom].astype(np.float32),
        enlarged(fields.signed_altitude_m, slice(top, bottom)),
    )
    spreads = [np.log1p(_deviation(shade, size)[inner]) for size in (3, 5, 9)]
    spans = [np.log1p(field[inner]) for field in (_span(height, 7), _span(height, 12), _span(height, 3))]
    level = [np.log1p(np.maximum(height[inner], 0)), np.abs(shade[inner] - PLAIN_GREY) / 30]
    dry = ndimage.uniform_filter(1 - fields.sea_subpixels[top:bottom].astype(np.float32) / 16, 5, mode=Wide)[inner]
    coast = [1 - dry, np.log1p(np.maximum(height[inner], 0) / np.maximum(dry, 0.2))]
    return np.stack([*spreads, *spans, *level, *coast], -1).astype(np.float32)


def _deviation(field: Floats, size: int) -> Floats:
    mean, square = (ndimage.uniform_filter(each, size, mode=Wide) for each in (field, field * field))
    return np.sqrt(np.maximum(square - mean * mean, 0))


def _span(field: Floats, size: int) -> Floats:
    return np.asarray(
        ndimage.maximum_filter(field, size, mode=Wide) - ndimage.minimum_filter(field, size, mode=Wide), np.float32
    )
