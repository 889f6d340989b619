"""Photos that show the same: a difference hash of 64 bits, and pairs of hashes that differ in a few bits.

The hash (dHash) says for 8 x 8 neighbouring pairs of a 9 x 8 grey thumbnail which is brighter; it survives scaling,
recompression and small changes of light. Knows no place and no label.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.networks.preprocessing import Pixels

NEAR_BITS = 3
"""Hashes that differ in this many bits or fewer are of the same picture; one of four bands of 16 bits is then equal."""
FLATTEST = 1.5
"""Standard deviation of the grey thumbnail, 0 to 255, under which a picture is blank and its hash says nothing."""
Pairs = npt.NDArray[np.int64]
_BANDS = 4


def difference_hash(pixels: Pixels) -> str:
    """Hash of a photo ``(H, W, 3)`` as 16 hexadecimal digits; empty for a blank picture."""
    small = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX, reducing_gap=3.0)
    grey = np.asarray(small, np.int16)
    if float(grey.std()) < FLATTEST:
        return ""
    return np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes().hex()


def near_pairs(hashes: Sequence[str], most_bits: int = NEAR_BITS) -> Pairs:
    """Pairs of positions whose hashes differ in at most ``most_bits`` (0 to 3) bits.

    Equal hashes are chained (each with the next) rather than paired with all others.

    Returns:
        ``(pairs, 2)``; positions with an empty hash are in none.
    """
    known = np.array([n for n, text in enumerate(hashes) if text], np.int64)
    if known.size == 0:
        return np.empty((0, 2), np.int64)
    values = np.array([int(hashes[int(n)], 16) for n in known], np.uint64)
    unique, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    same = inverse[order][1:] == inverse[order][:-1]
    chains = np.stack([known[order[:-1][same]], known[order[1:][same]]], axis=1)
    near = [known[first[pair]] for pair in _near_in_bands(unique, most_bits)]
    return np.concatenate([chains, *near]) if near else chains


def duplicate_groups(count: int, pairs: Pairs) -> list[list[int]]:
    """Positions that hang together by pairs, groups of two or more, the largest first."""
    label = components(count, pairs)
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return sorted((part.tolist() for part in parts if part.size > 1), key=len, reverse=True)


def components(count: int, pairs: Pairs) -> npt.NDArray[np.int64]:
    """``(count,)`` number of the connected part that each position belongs to."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _near_in_bands(unique: npt.NDArray[np.uint64], most_bits: int) -> list[Pairs]:
    """Pairs of positions in ``unique`` that share a band of 16 bits and differ in few bits in all."""
    found: list[Pairs] = []
    for band in range(_BANDS):
        key = (unique >> np.uint64(16 * band)) & np.uint64(0xFFFF)
        order = np.argsort(key, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
            for place, one in enumerate(part[:-1]):
                others = part[place + 1 :]
                close = np.bitwise_count(unique[others] ^ unique[one]) <= most_bits
                found.extend([np.stack([np.full(int(close.sum()), one), others[close]], axis=1)] if close.any() else [])
    return found
