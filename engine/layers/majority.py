"""The class that covers most of each pixel where pixels are whole blocks of a finer raster.

Most blocks are of one class and are known at a glance; only the others are counted.
"""

import numpy as np
import numpy.typing as npt

from engine.typing import FloatArray

_AT_ONCE = 200_000  # source pixels of mixed blocks that are counted at once

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int8]


def majority(source: Bytes, weights: FloatArray, wide: int, classes: int) -> Labels:
    """The class of the largest area in each block, the lower one on a tie, -1 where a block has no data at all.

    Args:
        source: ``(rows * tall, columns * wide)`` class numbers; ``classes`` and above are no data.
        weights: ``(rows, tall)`` share of a block's area in each of its source rows; each row sums to 1.
        wide: source columns of a block.
        classes: number of classes.

    Returns:
        ``(rows, columns)`` int8.
    """
    rows, tall = weights.shape
    result = np.empty((rows, source.shape[1] // wide), np.int8)
    for row in range(rows):
        strips = source[row * tall : (row + 1) * tall]
        first = strips[0, ::wide]
        mixed = np.flatnonzero(_differs(strips, wide))
        result[row] = np.where(first < classes, first, np.uint8(255)).view(np.int8)
        step = max(_AT_ONCE // (tall * wide), 1)
        for some in (mixed[at : at + step] for at in range(0, mixed.size, step)):
            blocks = strips.reshape(tall, -1, wide)[:, some].transpose(0, 2, 1)
            result[row, some] = _counted(np.ascontiguousarray(blocks), weights[row], classes)
    return result


def _differs(strips: Bytes, wide: int) -> npt.NDArray[np.bool_]:
    """Which blocks of some strips are of more than one class."""
    changes = (strips[1:] != strips[:1]).any(axis=0) if strips.shape[0] > 1 else np.zeros(strips.shape[1], bool)
    changes[1:] |= strips[0, 1:] != strips[0, :-1]
    changes[::wide] = (strips[1:, ::wide] != strips[:1, ::wide]).any(axis=0)
    return np.asarray(changes.reshape(-1, wide).any(axis=1), np.bool_)


def _counted(blocks: Bytes, weights: FloatArray, classes: int) -> Labels:
    """The class of the largest area of each block of ``(tall, wide, blocks)``.

    Rows of a block differ little in area, so a class of more pixels nearly always wins; what is close is measured.
    """
    planes = blocks.reshape(-1, blocks.shape[2])
    best = np.zeros(blocks.shape[2], np.uint8 if planes.shape[0] < 256 else np.uint16)
    second, label = best.copy(), np.full(best.size, -1, np.int8)
    for number in range(classes):
        count = np.add.reduce(planes == number, axis=0, dtype=best.dtype)
        second = np.maximum(second, np.minimum(best, count))
        label[count > best] = number
        best = np.maximum(best, count)
    close = np.flatnonzero(best * weights.min() <= second * weights.max() * (1 + 1e-9))
    label[close] = _class_by_area(blocks[:, :, close], weights, classes)
    return label


def _class_by_area(blocks: Bytes, weights: FloatArray, classes: int) -> Labels:
    """The same by area, for any weights."""
    best, label = np.full(blocks.shape[2], 1e-9), np.full(blocks.shape[2], -1, np.int8)
    for number in range(classes):
        # rounded, so that equal areas are equal whatever the order of summation, and the lower class wins
        area = np.round(weights @ np.add.reduce(blocks == number, axis=1, dtype=np.uint16), 9)
        better = area > best
        best[better], label[better] = area[better], number
    return label
