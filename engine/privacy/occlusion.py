"""Finds the parts of a photo that reveal its place, by occlusion sensitivity: hide each part, predict, compare maps.

A strong blur with soft edges hides a part, and not a grey box: a box is a new object that a model reacts to, while a
blur keeps the colours and removes the detail (Zeiler and Fergus 2014). The method misses what several parts show alike:
hiding one of them leaves the others.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import InputError
from engine.inference.search_map import SearchMap
from engine.locate.locator import Locator
from engine.locate.result import Answer
from engine.photos.photo import Photo
from engine.progress import Report

PARTS = (4, 4)
"""Rows and columns of parts."""
MOST_PARTS = 400
_DETAIL = 2
"""Pixels to which each side of a part is reduced."""
_SOFT = 0.15
"""Width of the soft edge of the blur, as a share of a part's side."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PartEffect:
    """What hiding one part of the photo changes.

    Attributes:
        top, left, bottom, right: of the part, as shares of the photo's height and width in [0, 1].
        area_km2: km2 of the smallest region that holds each mass, with the part hidden.
        grows: that area over the area of the whole photo, as a geometric mean over the masses; above 1 the part
            narrows the search.
        shift: share of the probability in [0, 1] that lies elsewhere (total variation).
    """

    top: float
    left: float
    bottom: float
    right: float
    area_km2: tuple[float, ...]
    grows: float
    shift: float

    @property
    def where(self) -> str:
        """The part in words: ``"top left"``, ``"centre"``."""
        across = _third((self.left + self.right) / 2, "left", "", "right")
        down = _third((self.top + self.bottom) / 2, "top", "centre", "bottom")
        return (f"{down} {across}" if down != "centre" else across or "centre").strip()


def part_effects(
    locator: Locator,
    answer: Answer,
    masses: Sequence[float],
    parts: tuple[int, int] = PARTS,
    report: Report | None = None,
) -> tuple[PartEffect, ...]:
    """What hiding each part of an answer's photo changes, those that narrow the search most first.

    Args:
        locator: that gave the answer; asked once per part, so that a large model takes its time each time.
        answer: of the whole photo.
        masses: shares of the probability in (0, 1] whose areas are compared.
        parts: rows and columns.
        report: receives the progress after each part; raising from it cancels.

    Raises:
        InputError: the photo is cut into fewer than 2 or more than ``MOST_PARTS`` parts.
    """
    rows, columns = parts
    if rows < 1 or columns < 1 or not 2 <= rows * columns <= MOST_PARTS:
        raise InputError(
            f"{rows} x {columns} parts are out of range; give 2 to {MOST_PARTS} parts, for instance 4 x 4."
        )
    blur = blur_parts(answer.photo.pixels, rows, columns)
    areas = areas_of(answer.search_map, masses)
    found = []
    for number in range(rows * columns):
        if report is not None:
            report("Hiding parts of the photo", number / (rows * columns))
        hidden = hide(answer.photo, blur, number, parts)
        without = locator.answer(hidden, locator.read(hidden), answer.settings).search_map
        found.append(_effect(answer.search_map, without, areas, masses, number, parts))
    return tuple(sorted(found, key=lambda one: -one.grows))


def areas_of(search_map: SearchMap, masses: Sequence[float]) -> tuple[float, ...]:
    """Km2 of the smallest region of a map that holds each mass."""
    return tuple(search_map.region(mass=mass).area_km2 for mass in masses)


def blur_parts(pixels: Pixels, rows: int, columns: int) -> Pixels:
    """The photo with no more than two by two spots of colour left in each part; same shape."""
    image = Image.fromarray(pixels)
    spots = image.resize((_DETAIL * columns, _DETAIL * rows), Image.Resampling.BOX)
    return np.asarray(spots.resize(image.size, Image.Resampling.BICUBIC), np.uint8)


def hide(photo: Photo, blur: Pixels, number: int, parts: tuple[int, int]) -> Photo:
    """The photo with one part, counted row by row, replaced by its blur; under a digest of its own."""
    height, width = photo.pixels.shape[:2]
    row, column = divmod(number, parts[1])
    down, across = _weight(height, row, parts[0]), _weight(width, column, parts[1])
    top, bottom = np.flatnonzero(down)[[0, -1]] + [0, 1]
    left, right = np.flatnonzero(across)[[0, -1]] + [0, 1]
    window = slice(top, bottom), slice(left, right)
    weight = (down[top:bottom, None] * across[None, left:right])[..., None]
    pixels = photo.pixels.copy()
    mixed = (1 - weight) * photo.pixels[window] + weight * blur[window]
    pixels[window] = np.round(mixed).astype(np.uint8)
    digest = hashlib.sha256(f"{photo.sha256} without part {number} of {parts[0]}x{parts[1]}".encode()).hexdigest()
    return Photo(photo.name, digest, pixels, photo.width, photo.height)


def _weight(length: int, number: int, parts: int) -> npt.NDArray[np.float32]:
    """How much of the blur each row or column takes: 1 inside the part, soft towards other parts, 0 elsewhere."""
    size = length / parts
    soft = max(_SOFT * size, 0.5)
    at = np.arange(length, dtype=np.float32) + 0.5
    after = (at - number * size) / soft + 0.5 if number > 0 else np.full(length, 1.0)
    before = ((number + 1) * size - at) / soft + 0.5 if number < parts - 1 else np.full(length, 1.0)
    return np.asarray(np.clip(np.minimum(after, before), 0.0, 1.0), np.float32)


def _effect(
    whole: SearchMap,
    without: SearchMap,
    areas: tuple[float, ...],
    masses: Sequence[float],
    number: int,
    parts: tuple[int, int],
) -> PartEffect:
    row, column = divmod(number, parts[1])
    there = areas_of(without, masses)
    grows = float(np.exp(np.mean(np.log(np.divide(there, areas)))))
    shift = min(0.5 * float(np.abs(whole.probability - without.probability).sum()), 1.0)
    box = row / parts[0], column / parts[1], (row + 1) / parts[0], (column + 1) / parts[1]
    return PartEffect(*box, there, grows, shift)


def _third(share: float, first: str, second: str, third: str) -> str:
    return first if share < 1 / 3 else second if share <= 2 / 3 else third
