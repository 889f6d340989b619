"""How far the sea is, as bands of great-circle distance on both sides of the coast. Knows no country."""

import numpy as np
import numpy.typing as npt
from evidence_earth import FINE, Fields, Labels, arc_km, centres
from scipy.spatial import KDTree
from sources import COLUMNS, ROWS, Mask

EDGES_KM = (-2800.0, -250.0, -100.0, -25.0, -5.0, 0.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 2800.0)
"""Distance to the coast between neighbouring bands, negative at sea; the outermost are farther than any point is.

A pixel is up to 3.7 km wide, so bands narrower than 2 km would promise what the raster cannot hold.
"""
COARSE = 4
"""Pixels of the lattice in each direction that are first asked together."""
WITHIN_BLOCK_KM = 11.0
"""No pixel of such a block is farther than this from its middle."""

Distances = npt.NDArray[np.float64]


def draw_coast_distance(fields: Fields, land: Mask) -> Labels:
    """Band of each pixel's centre in ``EDGES_KM``; a pixel that holds both land and sea is in the first land band."""
    islands = np.nonzero(land & (fields.sea_subpixels == FINE * FINE))  # those that the mask does not know
    ashore = np.concatenate([_beside(~fields.sea), centres(*islands, (ROWS, COLUMNS))])
    shores = [KDTree(_beside(fields.sea)), KDTree(ashore)]
    blocks = [_rough(tree) for tree in shores]
    drawn = np.zeros((ROWS, COLUMNS), np.int16)
    for side, distance in enumerate(blocks):  # side 0: land, to the nearest sea; side 1: sea, to the nearest land
        sign = -1 if side else 1
        here = ~land if side else land
        sure = band(sign * np.maximum(distance - WITHIN_BLOCK_KM, 0)) == band(sign * (distance + WITHIN_BLOCK_KM))
        wide = band(sign * distance).repeat(COARSE, 0).repeat(COARSE, 1)
        drawn[here] = wide[here]
        uncertain = here & ~sure.repeat(COARSE, 0).repeat(COARSE, 1)
        rows, columns = np.nonzero(uncertain)
        drawn[rows, columns] = band(sign * _to(shores[side], rows, columns, (ROWS, COLUMNS)))
    drawn[land & (fields.sea_subpixels > 0)] = band(np.array([0.5]))[0]
    return drawn


def band(signed_km: Distances) -> Labels:
    """Index of the band that holds each distance; exactly on the coast counts as the side that its sign has."""
    inner = np.array(EDGES_KM[1:-1])
    low = np.searchsorted(inner, signed_km, side="right")
    at_sea = np.signbit(signed_km)
    return np.where(at_sea, np.minimum(low, EDGES_KM.index(0.0) - 1), np.maximum(low, EDGES_KM.index(0.0))).astype(
        np.int16
    )


def _rough(tree: KDTree) -> Distances:
    """Distance from the middles of blocks of ``COARSE`` x ``COARSE`` pixels."""
    size = (ROWS // COARSE, COLUMNS // COARSE)
    rows, columns = (axis.reshape(-1) for axis in np.indices(size))
    return _to(tree, rows, columns, size).reshape(size)


def _to(tree: KDTree, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], size: tuple[int, int]) -> Distances:
    """Great-circle distance from pixel centres to the nearest point of a tree."""
    found = np.empty(rows.size)
    for start in range(0, rows.size, 1_000_000):
        some = slice(start, start + 1_000_000)
        found[some] = tree.query(centres(rows[some], columns[some], size), workers=2)[0]
    return arc_km(found)


def _beside(mask: Mask) -> npt.NDArray[np.float32]:
    """Pixels of a mask with a neighbour in the four directions that is not in it."""
    touching = mask & ~(np.roll(mask, 1, 1) & np.roll(mask, -1, 1))
    touching[1:] |= mask[1:] & ~mask[:-1]
    touching[:-1] |= mask[:-1] & ~mask[1:]
    rows, columns = np.nonzero(touching)
    return centres(rows, columns, (FINE * ROWS, FINE * COLUMNS))
