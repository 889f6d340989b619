"""Photo pixels to what an encoder eats, in NumPy and Pillow. Knows no encoder: the record says what it wants.

Agrees with the hub's CLIP image processor: the short side to ``size`` (the long side cut to whole pixels, as the
processor does), bicubic with antialiasing on 8-bit values, the middle square, then mean and standard deviation.
Of a very long photo only the part that survives the crop is resampled, so that its memory stays small; Pillow may then
run its two passes in the other order, which differs where both round to 8 bits.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.artifacts.catalog import Preprocessing
from engine.errors import PhotoError

Pixels = npt.NDArray[np.uint8]
Prepared = npt.NDArray[np.float32]
LONGEST = 4
"""Up to this many times the crop's side, the resized photo is made as a whole."""
_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def prepare(pixels: Pixels, wanted: Preprocessing) -> Prepared:
    """The crops of one photo as an encoder wants them.

    Args:
        pixels: ``(H, W, 3)`` uint8, red green blue, upright.
        wanted: the encoder's record.

    Returns:
        ``(C, 3, S, S)`` float32, normalised; C is 5 for five crops (four corners, then the middle) and 1 otherwise.

    Raises:
        PhotoError: the pixels are not RGB or there are none.
    """
    scale = np.float32(1 / 255) / np.asarray(wanted.std, np.float32)
    offset = np.asarray(wanted.mean, np.float32) / np.asarray(wanted.std, np.float32)
    planes = np.ascontiguousarray(np.stack(list(crop(pixels, wanted))).transpose(0, 3, 1, 2))
    crops = np.empty(planes.shape, np.float32)
    np.multiply(planes, scale[:, None, None], out=crops)
    return np.subtract(crops, offset[:, None, None], out=crops)


def crop(pixels: Pixels, wanted: Preprocessing) -> Iterator[Pixels]:
    """The resampled crops of one photo before normalising, each ``(S, S, 3)`` uint8."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
        raise PhotoError(
            f"Pixels of shape {pixels.shape} and type {pixels.dtype} are not an RGB photo; open it with Photo first."
        )
    if wanted.crop == "squeeze":
        square = (wanted.size, wanted.size)
        yield np.asarray(Image.fromarray(pixels).resize(square, _FILTERS[wanted.interpolation], reducing_gap=3.0))
        return
    height, width = pixels.shape[:2]
    if wanted.crop == "square_first":
        pixels, height, width = _centre_square(pixels), min(height, width), min(height, width)
    tall, wide = resized_shape(height, width, wanted.resize or wanted.size)
    image, side, filter_ = Image.fromarray(pixels), wanted.size, _FILTERS[wanted.interpolation]
    if max(tall, wide) <= LONGEST * side:
        whole = np.asarray(image.resize((wide, tall), filter_), np.uint8)
        yield from (whole[top : top + side, left : left + side] for top, left in _corners(tall, wide, wanted))
        return
    for top, left in _corners(tall, wide, wanted):
        y, x = height / tall, width / wide
        box = (left * x, top * y, min((left + side) * x, width), min((top + side) * y, height))
        yield np.asarray(image.resize((side, side), filter_, box=box), np.uint8)


def resized_shape(height: int, width: int, short: int) -> tuple[int, int]:
    """Height and width after the short side became ``short``; the long side is cut to whole pixels."""
    if height <= width:
        return short, short * width // height
    return short * height // width, short


def _corners(tall: int, wide: int, wanted: Preprocessing) -> list[tuple[int, int]]:
    """Top and left of each crop in the resized photo."""
    down, right = tall - wanted.size, wide - wanted.size
    middle = (down // 2, right // 2)
    if wanted.crop == "five":
        return [(0, 0), (0, right), (down, 0), (down, right), (round(down / 2), round(right / 2))]
    return [middle]


def _centre_square(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])
