"""The hand-written PNGs, read back by an independent decoder."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from scipy import ndimage

from dashboard.maps.palettes import INFERNO, REGION_COLOUR, VIRIDIS, class_colours, ramp_palette
from dashboard.maps.rasters import class_png, heat_png, mask_png, outlined_png

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=40)


def rgba(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png))
    image.load()
    return np.asarray(image.convert("RGBA"))


@given(arrays(np.bool_, SHAPES))
def test_mask_is_coloured_where_true_and_transparent_elsewhere(mask: np.ndarray) -> None:
    pixels = rgba(mask_png(mask, REGION_COLOUR))
    assert pixels.shape == (*mask.shape, 4)
    assert np.array_equal(pixels[..., 3], np.where(mask, REGION_COLOUR[3], 0))
    assert (pixels[..., :3] == REGION_COLOUR[:3]).all()  # the same hue under alpha 0: no fringe


@given(arrays(np.bool_, SHAPES))
def test_outline_surrounds_the_fill_and_leaves_it_exact(mask: np.ndarray) -> None:
    fill, outline = (0, 229, 255, 70), (0, 229, 255, 235)
    alpha = rgba(outlined_png(mask, fill, outline))[..., 3]
    touching = ndimage.binary_dilation(mask, ndimage.generate_binary_structure(2, 1)) & ~mask
    assert np.array_equal(alpha == fill[3], mask)
    assert np.array_equal(alpha == outline[3], touching)


@given(arrays(np.uint8, SHAPES))
def test_heat_is_the_palette_at_each_rank(rank: np.ndarray) -> None:
    palette = ramp_palette()
    assert np.array_equal(rgba(heat_png(rank, palette)), palette[rank])


@given(arrays(np.int8, SHAPES, elements=st.integers(-1, 6)))
def test_class_is_its_colour_and_no_class_is_transparent(labels: np.ndarray) -> None:
    colours = class_colours(7)
    pixels = rgba(class_png(labels, colours))
    expected = np.array([*colours, (0, 0, 0, 0)], np.uint8)[labels]
    assert np.array_equal(pixels, expected)


def test_files_are_palette_images_of_the_smallest_depth() -> None:
    mask = mask_png(np.ones((9, 17), bool), REGION_COLOUR)
    heat = heat_png(np.zeros((9, 17), np.uint8), ramp_palette())
    assert (mask[24], mask[25]) == (1, 3)  # IHDR: bits a pixel, colour type "palette"
    assert (heat[24], heat[25]) == (8, 3)


def test_a_region_of_blobs_costs_a_few_kilobytes() -> None:
    latitude, longitude = np.ogrid[90:-90:1080j, -180:180:2160j]
    mask = np.zeros((1080, 2160), bool)
    for row in range(-60, 70, 10):
        mask |= np.hypot(latitude - row, longitude - 3 * row) < 4
    assert len(mask_png(mask, REGION_COLOUR)) < 10_000


@pytest.mark.parametrize("anchors", [INFERNO, VIRIDIS])
def test_ramp_grows_lighter_and_more_opaque_with_rank(anchors: tuple[tuple[int, int, int], ...]) -> None:
    palette = ramp_palette(anchors).astype(int)
    luminance = palette[1:, :3] @ (0.2126, 0.7152, 0.0722)
    assert palette[0, 3] == 0
    assert (np.diff(luminance) > -1.5).all()
    assert (np.diff(palette[1:, 3]) >= 0).all()


def test_class_colours_are_all_different() -> None:
    assert len(set(class_colours(16))) == 16
