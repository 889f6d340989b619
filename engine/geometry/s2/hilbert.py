"""The Hilbert curve of an S2 face as two tables, four levels at a time.

S2 orders the cells of each face along a Hilbert curve whose orientation changes from level to level: bit 0 swaps i and
j, bit 1 inverts both. The tables are those of S2's ``s2cell_id.cc`` (``kLookupPos``, ``kLookupIJ``).
"""

import numpy as np
import numpy.typing as npt

BITS = 4
"""Levels that one look-up covers."""

SWAP, INVERT = 1, 2
"""The two bits of an orientation."""

_POSITION_TO_IJ = ((0, 1, 3, 2), (0, 2, 3, 1), (3, 2, 0, 1), (3, 1, 0, 2))
_POSITION_TO_ORIENTATION = (SWAP, 0, 0, INVERT | SWAP)

Table = npt.NDArray[np.int64]


def _tables() -> tuple[Table, Table]:
    to_position, to_ij = np.zeros(1024, np.int64), np.zeros(1024, np.int64)
    for start in range(4):
        for position in range(256):
            i, j, orientation = _follow_curve(start, position)
            to_position[i << 6 | j << 2 | start] = position << 2 | orientation
            to_ij[position << 2 | start] = i << 6 | j << 2 | orientation
    for table in (to_position, to_ij):
        table.setflags(write=False)
    return to_position, to_ij


def _follow_curve(orientation: int, position: int) -> tuple[int, int, int]:
    """The state after four steps along the curve: i, j and orientation."""
    i = j = 0
    for shift in (6, 4, 2, 0):
        step = position >> shift & 3
        corner = _POSITION_TO_IJ[orientation][step]
        i, j, orientation = 2 * i + (corner >> 1), 2 * j + (corner & 1), orientation ^ _POSITION_TO_ORIENTATION[step]
    return i, j, orientation


TO_POSITION, TO_IJ = _tables()
"""``(i4 << 6 | j4 << 2 | orientation)`` -> ``(position << 2 | orientation)``, and the inverse; ``(1024,)`` each."""
