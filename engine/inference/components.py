"""Connected components of a region, as a search planner counts separate areas.

Pieces closer than about half a degree (touching tiles of a 30 arc-minute lattice) count as one component, because one
team would search them together. Components continue across the antimeridian and the poles.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.partitions.tile_index import largest_divisor

COMPONENT_ROWS, COMPONENT_COLUMNS = 360, 720
"""Largest lattice on which components are separated: 30 arc-minutes."""

EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class ComponentMap:
    """Components of a region on the component lattice.

    Attributes:
        piece: ``(rows, columns)`` int32, 0 outside, else 1.. for pieces, which end at the antimeridian.
        component_of_piece: ``(pieces + 1,)`` int64, the component 0.. of each piece; entry 0 is -1.
        count: number of components.
    """

    piece: npt.NDArray[np.int32]
    component_of_piece: npt.NDArray[np.int64]
    count: int


def component_lattice(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the component lattice over a display lattice."""
    return largest_divisor(shape[0], COMPONENT_ROWS), largest_divisor(shape[1], COMPONENT_COLUMNS)


def lowest_in_blocks(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Lowest value of the display lattice in each block of the component lattice."""
    rows, columns = component_lattice(values.shape)
    lowest: npt.NDArray[np.int32] = values.reshape(rows, values.shape[0] // rows, columns, -1).min(axis=(1, 3))
    return lowest


def find_components(blocks: npt.NDArray[np.bool_]) -> ComponentMap:
    """Components of a mask on the component lattice; ``(rows, columns)`` bool, row 0 north."""
    labelled, pieces = ndimage.label(blocks, structure=EIGHT_NEIGHBOURS)
    piece = labelled.astype(np.int32)
    if pieces == 0:
        return ComponentMap(piece, np.array([-1]), 0)
    left, right = _touching_pairs(piece)
    links = coo_array((np.ones(left.size), (left - 1, right - 1)), shape=(pieces, pieces))
    count, component = connected_components(links, directed=False)
    return ComponentMap(piece, np.concatenate([[-1], component.astype(np.int64)]), int(count))


def _touching_pairs(piece: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Pairs of pieces that touch across the antimeridian (diagonals included) or at a pole."""
    west, east = piece[:, 0], piece[:, -1]
    pairs = [np.stack([west, east]), np.stack([west[1:], east[:-1]]), np.stack([west[:-1], east[1:]])]
    for row in (piece[0], piece[-1]):
        around = row[row > 0]
        pairs.append(np.stack([around[:-1], around[1:]]))
    both = np.concatenate(pairs, axis=1)
    both = both[:, (both > 0).all(axis=0)]
    return both[0], both[1]
