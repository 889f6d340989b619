"""The separate areas of a region, as a search planner counts them.

Pieces that are closer than about half a degree (two tiles of a 30 arc-minute lattice that touch) count as one part:
a planner sends one team there. The date line and the poles join what they join on the globe.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.partitions.tile_index import largest_divisor

PART_ROWS, PART_COLUMNS = 360, 720
"""Largest lattice on which parts are told apart: 30 arc-minutes."""

EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class PartMap:
    """Parts of a region on the part lattice.

    Attributes:
        piece: ``(rows, columns)`` int32, 0 outside, else 1.. for pieces that do not cross the date line.
        part_of_piece: ``(pieces + 1,)`` int64, the part 0.. of each piece; entry 0 is -1.
        count: number of parts.
    """

    piece: npt.NDArray[np.int32]
    part_of_piece: npt.NDArray[np.int64]
    count: int


def part_lattice(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the part lattice over a display lattice."""
    return largest_divisor(shape[0], PART_ROWS), largest_divisor(shape[1], PART_COLUMNS)


def lowest_in_blocks(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Lowest value of the display lattice in each block of the part lattice."""
    rows, columns = part_lattice(values.shape)
    lowest: npt.NDArray[np.int32] = values.reshape(rows, values.shape[0] // rows, columns, -1).min(axis=(1, 3))
    return lowest


def connected_parts(blocks: npt.NDArray[np.bool_]) -> PartMap:
    """Parts of a mask on the part lattice; ``(rows, columns)`` bool, row 0 north."""
    labelled, pieces = ndimage.label(blocks, structure=EIGHT_NEIGHBOURS)
    piece = labelled.astype(np.int32)
    if pieces == 0:
        return PartMap(piece, np.array([-1]), 0)
    left, right = _touching_around_the_globe(piece)
    links = coo_array((np.ones(left.size), (left - 1, right - 1)), shape=(pieces, pieces))
    count, part = connected_components(links, directed=False)
    return PartMap(piece, np.concatenate([[-1], part.astype(np.int64)]), int(count))


def _touching_around_the_globe(piece: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Pairs of pieces that meet across the date line (diagonals included) or at a pole."""
    west, east = piece[:, 0], piece[:, -1]
    pairs = [np.stack([west, east]), np.stack([west[1:], east[:-1]]), np.stack([west[:-1], east[1:]])]
    for row in (piece[0], piece[-1]):
        around = row[row > 0]
        pairs.append(np.stack([around[:-1], around[1:]]))
    both = np.concatenate(pairs, axis=1)
    both = both[:, (both > 0).all(axis=0)]
    return both[0], both[1]
