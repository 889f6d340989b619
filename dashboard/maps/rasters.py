"""Rasters to PNG bytes, fast enough for a slider.

Palette PNGs written by hand: one bit or one byte a pixel, transparency in the palette, no filter and zlib's fastest
level. A 1080 x 2160 region costs a few milliseconds and a few kilobytes. Row 0 is north, as everywhere.
Knows neither the Earth nor the engine.
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.maps.palettes import RGBA

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE_COLOUR_TYPE = 3
_FILTER_UP = 2
# The bits of each byte, moved apart to the even places of two bytes: one plane of a two-bit image.
_SPREAD = np.array([sum((byte >> bit & 1) << 2 * bit for bit in range(8)) for byte in range(256)], np.uint16)


def mask_png(mask: NDArray[np.bool_], colour: RGBA) -> bytes:
    """Return a one-bit PNG: `colour` where `mask` (height, width) is true, transparent elsewhere."""
    palette = np.array([(*colour[:3], 0), colour], np.uint8)
    return _palette_png(np.packbits(mask, axis=1), mask.shape[1], 1, palette)


def outlined_png(mask: NDArray[np.bool_], fill: RGBA, outline: RGBA) -> bytes:
    """Return a two-bit PNG: `fill` where `mask` (height, width) is true, `outline` on the pixels that touch it outside.

    The outline makes a part of one pixel three pixels wide, so that it can be seen on the whole globe; what is filled
    stays exact. All of it is done on eight pixels a byte; rows are stored as differences and compressed as runs: a
    ragged region of a continent is 45 kB and takes three milliseconds.
    """
    filled = np.packbits(mask, axis=1)
    ring = _grown_bits(filled) & ~filled
    two_bits = (_SPREAD[ring] << 1 | _SPREAD[filled]).astype(">u2").view(np.uint8)
    palette = np.array([(*outline[:3], 0), fill, outline], np.uint8)
    rows = two_bits[:, : -(-mask.shape[1] // 4)]
    return _palette_png(rows, mask.shape[1], 2, palette, differences=True)


def _grown_bits(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a packed mask grown by one pixel to the north, south, west and east; rows are whole bytes."""
    grown_bits = (bits | bits >> 1 | bits << 1).astype(np.uint8)
    grown_bits[1:] |= bits[:-1]
    grown_bits[:-1] |= bits[1:]
    grown_bits[:, 1:] |= bits[:, :-1] << 7
    grown_bits[:, :-1] |= bits[:, 1:] >> 7
    return grown_bits


def grown(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the highest of each pixel and its neighbours to the north, south, west and east."""
    highest = values.copy()
    np.maximum(highest[1:], values[:-1], out=highest[1:])
    np.maximum(highest[:-1], values[1:], out=highest[:-1])
    np.maximum(highest[:, 1:], values[:, :-1], out=highest[:, 1:])
    np.maximum(highest[:, :-1], values[:, 1:], out=highest[:, :-1])
    return highest


def heat_png(density_rank: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Return an eight-bit PNG of ranks (height, width), 0..255, seen through a (256, 4) RGBA palette."""
    return _palette_png(density_rank, density_rank.shape[1], 8, palette)


def class_png(labels: NDArray[np.int8], colours: Sequence[RGBA]) -> bytes:
    """Return an eight-bit PNG of class labels (height, width); a negative label is transparent."""
    palette = np.array([(0, 0, 0, 0), *colours], np.uint8)
    indices = np.where(labels < 0, 0, labels + 1).astype(np.uint8)
    return _palette_png(indices, labels.shape[1], 8, palette)


def _palette_png(
    rows: NDArray[np.uint8], width: int, bits_per_pixel: int, palette: NDArray[np.uint8], *, differences: bool = False
) -> bytes:
    """Assemble the file; `rows` holds the packed bytes of each row, north first.

    With `differences` each row is stored as its difference from the one above (PNG filter 2) and compressed as runs:
    quick and small for a few large areas.
    """
    header = struct.pack(">IIBBBBB", width, rows.shape[0], bits_per_pixel, _PALETTE_COLOUR_TYPE, 0, 0, 0)
    scanlines = np.zeros((rows.shape[0], rows.shape[1] + 1), np.uint8)  # column 0: filter type 0, "none"
    scanlines[:, 1:] = rows
    if differences:
        scanlines[1:, 0] = _FILTER_UP
        scanlines[1:, 1:] -= rows[:-1]
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", _compressed(scanlines.tobytes(), zlib.Z_RLE if differences else zlib.Z_DEFAULT_STRATEGY)),
            _chunk(b"IEND", b""),
        )
    )


def _compressed(data: bytes, strategy: int) -> bytes:
    packer = zlib.compressobj(level=1, strategy=strategy)
    return packer.compress(data) + packer.flush()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
