"""What the search needs of imagery: a source that gives the pixels of a tile. Knows no encoder and no network.

Tile pictures come from strangers, so decoding is narrow: three formats by content, small sizes, every failure one
sentence.
"""

import io
import math
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import InputError, LayerError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import LATITUDE_LIMIT, LEVELS, MAX_ZOOM, Tile
from engine.typing import IntArray

Pixels = npt.NDArray[np.uint8]
FORMATS = ("PNG", "JPEG", "WEBP")
"""What a tile may be; every other decoder stays shut."""
LARGEST_SIDE = 2048
"""Pixels; tiles are 256 or 512, with high-density ones 1024."""
LARGEST_BYTES = 8_000_000
"""A tile file above this is refused unread."""
FIRST_LEVEL_TILES = 70_000
"""So many tiles may be looked at unpruned: all of zoom 8."""
DECODING = threading.Lock()
"""Held while filters of Python's warnings are changed: they belong to the whole process."""


class TileError(LayerError):
    """One tile could not be had, though the source says that it is there; others may still come."""


class SourceDown(LayerError):  # noqa: N818 - it says what is so
    """A source answers no longer; asking for more tiles would only wait."""


@dataclass(frozen=True)
class Bounds:
    """Where a source has imagery, degrees; ``west > east`` crosses the antimeridian."""

    south: float = -LATITUDE_LIMIT
    west: float = -180.0
    north: float = LATITUDE_LIMIT
    east: float = 180.0

    def __post_init__(self) -> None:
        numbers = (self.south, self.west, self.north, self.east)
        if not all(map(math.isfinite, numbers)) or self.south >= self.north or max(abs(n) for n in numbers) > 180.001:
            raise InputError(f"The bounds {numbers} are not south, west, north, east in degrees; correct the source.")


@dataclass(frozen=True)
class SourceRecord:
    """What a source says of itself; shown wherever its imagery is.

    Attributes:
        name: short and unique, file-name safe: embeddings and cached tiles are kept under it.
        title: the name that people read.
        attribution: the words that must stand beside the imagery.
        terms: under what conditions it may be used, one sentence.
        min_zoom, max_zoom: zooms that it has.
        bounds: where it has imagery.
        homepage: where to read more, or empty.
        parallel: how many tiles may be asked for at once.
        note: a sentence for the user, for instance on resolution, or empty.
    """

    name: str
    title: str
    attribution: str
    terms: str
    min_zoom: int = 0
    max_zoom: int = 16
    bounds: Bounds = Bounds()
    homepage: str = ""
    parallel: int = 4
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.min_zoom <= self.max_zoom <= MAX_ZOOM:
            raise InputError(
                f"{self.title} names zooms {self.min_zoom} to {self.max_zoom}; they must rise within 0 to {MAX_ZOOM}."
            )


class TileSource(Protocol):
    """Pixels of tiles. Called by the search, from several threads at once; whoever opens it closes it."""

    @property
    def record(self) -> SourceRecord:
        """What this source says of itself."""
        ...

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile, ``(H, W, 3)`` uint8 of any size, or None where the source has none.

        Raises:
            TileError: this tile cannot be had; others may.
            SourceDown: the source answers no longer.
        """
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...


def decode_tile(data: bytes, where: str) -> Pixels:
    """The pixels of a tile file, transparency laid over white.

    Args:
        data: PNG, JPEG or WebP, decided by content.
        where: the tile in words, for the message.

    Raises:
        TileError: it is none of these, damaged, or larger than a tile.
    """
    if len(data) > LARGEST_BYTES:
        raise TileError(f"{where} has {len(data):,} bytes, too many for a tile; use another source.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.size, where)
            return _rgb(image)
    except TileError:
        raise
    except Exception as error:  # a decoder fed with hostile bytes may raise anything
        raise TileError(f"{where} is not a picture (PNG, JPEG or WebP) or is damaged; it was left out.") from error


def _check_size(size: tuple[int, int], where: str) -> None:
    """Refuse by the size in the header, before a pixel is decoded."""
    if max(size) > LARGEST_SIDE or min(size) < 1:
        raise TileError(f"{where} is {size[0]} x {size[1]} pixels, not a tile; use another source.")


def _rgb(image: Image.Image) -> Pixels:
    """Any mode of Pillow as RGB."""
    if image.mode == "RGB":
        return np.array(image, np.uint8)
    with DECODING, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd palettes; they decode all the same
        if image.has_transparency_data:
            rgba = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
        return np.array(image.convert("RGB"), np.uint8)


def is_blank(pixels: Pixels) -> bool:
    """Whether a tile is all one colour."""
    first = pixels[0, 0]
    return bool((pixels[0] == first).all()) and bool((pixels == first).all())


def levels_of(record: SourceRecord, wanted: Sequence[int] = LEVELS) -> tuple[int, ...]:
    """The stages of the search that a source has imagery for.

    Raises:
        InputError: none, or the coarsest of them has too many tiles to look at all of them.
    """
    levels = tuple(zoom for zoom in wanted if record.min_zoom <= zoom <= record.max_zoom)
    if not levels:
        raise InputError(
            f"{record.title} has zooms {record.min_zoom} to {record.max_zoom} and none of "
            f"{', '.join(map(str, wanted))}; use a source that has some of them."
        )
    first_codes(record, levels[0])
    return levels


def first_codes(record: SourceRecord, zoom: int) -> IntArray:
    """Every tile of a zoom inside the bounds of a source.

    Raises:
        InputError: they are too many to be looked at.
    """
    box = record.bounds
    return web_mercator.codes_in_box(zoom, box.south, box.west, box.north, box.east, FIRST_LEVEL_TILES)
