"""S2 geocells in bulk: points to 64-bit cell ids and ids to parents, corners and areas.

S2 (https://s2geometry.io/devguide/s2cell_hierarchy) projects the sphere onto the six faces of a cube with the quadratic
projection, cuts each face into 2**30 x 2**30 leaf cells (i, j), and numbers them along a Hilbert curve. An id holds 3
bits of face, two bits per level and a closing 1; a parent keeps a prefix of its children's bits.

The order of the arithmetic is that of s2sphere 0.2.5 (``sphere.py``, ``CellId``), so ids are equal to the last bit.
Lattices of latitudes x longitudes have a faster path with the same results in ``engine.geometry.s2.lattice``.
"""

import math
import re
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.s2 import hilbert
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.typing import FloatArray, IntArray

LEAF_LEVEL = 30
"""Finest level of S2; a leaf cell is about 1 cm wide."""

LEAVES_PER_EDGE = 1 << LEAF_LEVEL

IdArray = npt.NDArray[np.uint64]
AnyIntArray = npt.NDArray[np.int64] | npt.NDArray[np.int32] | npt.NDArray[np.int8]

_LEVEL_BITS = np.uint64(0x1555555555555555)  # where the closing 1 of a valid id may stand
_TOKEN = re.compile(r"[0-9a-fA-F]{1,16}")


# --- points to cells ---------------------------------------------------------------------------------------------


def cell_ids(latitude: npt.ArrayLike, longitude: npt.ArrayLike, level: int) -> IdArray:
    """Ids of the cells of one level that hold the points; degrees in, broadcast shape out.

    Raises:
        InputError: ``level`` is outside 0 to 30, or a coordinate is invalid.
    """
    return ids_from_face_ij(*leaf_face_ij(latitude, longitude), level)


def leaf_face_ij(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> tuple[IntArray, IntArray, IntArray]:
    """Face (0..5) and leaf coordinates i, j (0..2**30 - 1) of points in degrees; broadcast shape.

    Raises:
        InputError: a coordinate is not finite or a latitude leaves [-90, 90].
    """
    phi, theta = np.broadcast_arrays(*checked_radians(latitude, longitude))
    cos_phi = libm(math.cos, phi)
    x, y = libm(math.cos, theta) * cos_phi, libm(math.sin, theta) * cos_phi
    return face_ij_of_vectors(x, y, libm(math.sin, phi))


def checked_radians(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Degrees as radians, checked to be coordinates.

    Raises:
        InputError: a coordinate is not finite or a latitude leaves [-90, 90].
    """
    lat, lon = np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    if not (np.isfinite(lat).all() and np.isfinite(lon).all() and (np.abs(lat) <= 90.0).all()):
        raise InputError(
            "A coordinate is not a number or its latitude is outside -90 to 90; give latitudes, then longitudes, in "
            "degrees."
        )
    return np.radians(lat), np.radians(lon)


def libm(function: Callable[[float], float], values: FloatArray) -> FloatArray:
    """A function of ``math`` on every value.

    NumPy's vector sine may differ from the C library's in the last bit on some processors; on a face edge that bit
    decides the face, so that ids would depend on the machine.
    """
    flat = np.fromiter(map(function, values.ravel().tolist()), np.float64, count=values.size)
    return flat.reshape(values.shape)


def face_ij_of_vectors(x: FloatArray, y: FloatArray, z: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Face, i and j of unit vectors of one shape; ties between components go to the later axis, as in S2."""
    size_x, size_y, size_z = np.abs(x), np.abs(y), np.abs(z)
    axis = np.where(size_x > size_y, np.where(size_x > size_z, 0, 2), np.where(size_y > size_z, 1, 2))
    towards = np.choose(axis, (x, y, z))
    first, second = np.choose(axis, (y, -x, -x)) / towards, np.choose(axis, (z, z, -y)) / towards
    behind = towards < 0.0  # faces 3, 4, 5 look the other way and swap u and v
    i, j = leaf_index(np.where(behind, second, first)), leaf_index(np.where(behind, first, second))
    return axis + 3 * behind, i.astype(np.int64), j.astype(np.int64)


def leaf_index(u: FloatArray) -> npt.NDArray[np.int32]:
    """Leaf coordinate of cube-face coordinate u in [-1, 1] (quadratic projection, S2's ``UVtoST`` and ``STtoIJ``).

    S2 takes ``s = r`` for u >= 0 and ``1 - r`` for u < 0 with ``r = sqrt(1 + 3|u|) / 2``. As r - 0.5 is exact
    (Sterbenz), ``0.5 +- (r - 0.5)`` rounds as those two do, without a branch.
    """
    s = np.asarray(np.abs(u))
    s *= 3.0
    s += 1.0
    np.sqrt(s, out=s)
    s *= 0.5
    s -= 0.5
    np.copysign(s, u, out=s)
    s += 0.5
    s *= LEAVES_PER_EDGE
    np.minimum(s, LEAVES_PER_EDGE - 1, out=s)
    return s.astype(np.int32)


def ids_from_face_ij(face: AnyIntArray, i: AnyIntArray, j: AnyIntArray, level: int) -> IdArray:
    """Ids of the cells of one level that hold leaf cells (face, i, j); arrays of one shape.

    Raises:
        InputError: ``level`` is outside 0 to 30.
    """
    closing = _closing_bit(level)
    rounds = max(0, level + 5) // hilbert.BITS  # the first round reads 2 bits, the others 4
    position, orientation = np.zeros(face.shape, np.int64), (face & hilbert.SWAP).astype(np.int64)
    for shift in range(28, 28 - 4 * rounds, -4):
        bits = (((i >> shift) & 15) << 6) | (((j >> shift) & 15) << 2) | orientation
        found = hilbert.TO_POSITION[bits]
        orientation = found & 3
        position = (position << 8) | (found >> 2)
    ids = (face.astype(np.uint64) << np.uint64(61)) | (position << (65 - 8 * rounds)).astype(np.uint64)
    return np.asarray((ids & ~(closing - np.uint64(1))) | closing, np.uint64)


# --- the hierarchy -----------------------------------------------------------------------------------------------


def _closing_bit(level: int) -> np.uint64:
    """The closing 1 of the ids of a level (S2's ``lsb_for_level``)."""
    if not 0 <= level <= LEAF_LEVEL:
        raise InputError(f"S2 level {level} is outside 0 to {LEAF_LEVEL}; give a level in that range.")
    return np.uint64(1 << (2 * (LEAF_LEVEL - level)))


def _closing_bits(ids: IdArray) -> IdArray:
    """The closing 1 of each id (S2's ``lsb``)."""
    flat = ids.reshape(-1)  # a vector wraps around at 0 without a warning, a scalar does not
    return (flat & (~flat + np.uint64(1))).reshape(ids.shape)


def is_valid(ids: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether each number is the id of a cell: a face below 6 and a closing 1 at an even bit."""
    array = np.asarray(ids, np.uint64)
    return np.asarray((array >> np.uint64(61) < 6) & ((_closing_bits(array) & _LEVEL_BITS) != 0), np.bool_)


def level_of(ids: npt.ArrayLike) -> IntArray:
    """Level (0..30) of each id."""
    _, exponent = np.frexp(_closing_bits(np.asarray(ids, np.uint64)).astype(np.float64))  # exact: a power of two
    return LEAF_LEVEL - (exponent.astype(np.int64) - 1) // 2


def parent(ids: npt.ArrayLike, level: int) -> IdArray:
    """The cell of ``level`` around each cell; a cell is its own parent at its own level.

    Raises:
        InputError: a cell is coarser than ``level``.
    """
    array, closing = np.asarray(ids, np.uint64), _closing_bit(level)
    if (_closing_bits(array) > closing).any():
        raise InputError(f"A cell coarser than level {level} has no parent there; ask for a coarser level.")
    return np.asarray((array & ~(closing - np.uint64(1))) | closing, np.uint64)


def children(ids: npt.ArrayLike) -> IdArray:
    """The four cells of the next level in each cell, in Hilbert order; shape ``(..., 4)``.

    Raises:
        InputError: a cell is a leaf.
    """
    array = np.asarray(ids, np.uint64)
    closing = _closing_bits(array)
    if (closing == 1).any():
        raise InputError(f"A leaf cell (level {LEAF_LEVEL}) has no children; ask for those of coarser cells.")
    quarter = (closing >> np.uint64(2))[..., None]
    steps = np.arange(1, 8, 2, dtype=np.uint64) * quarter
    return (array - closing)[..., None] + steps


def range_min(ids: npt.ArrayLike) -> IdArray:
    """The first leaf cell in each cell."""
    array = np.asarray(ids, np.uint64)
    return array - (_closing_bits(array) - np.uint64(1))


def range_max(ids: npt.ArrayLike) -> IdArray:
    """The last leaf cell in each cell."""
    array = np.asarray(ids, np.uint64)
    return array + (_closing_bits(array) - np.uint64(1))


def all_cells(level: int) -> IdArray:
    """Every cell of a level in Hilbert order; ``6 * 4**level`` ids that cover the sphere."""
    closing = _closing_bit(level)
    return (np.arange(6 * 4**level, dtype=np.uint64) * np.uint64(2) + np.uint64(1)) * closing


# --- tokens ------------------------------------------------------------------------------------------------------


def token(cell_id: int) -> str:
    """The id in hexadecimal without its trailing zeros, S2's short text for a cell."""
    return f"{int(cell_id):016x}".rstrip("0")


def tokens(ids: npt.ArrayLike) -> tuple[str, ...]:
    """The token of each id of a vector."""
    return tuple(token(cell_id) for cell_id in np.asarray(ids, np.uint64).tolist())


def from_token(text: str) -> int:
    """The id of a token.

    Raises:
        InputError: the text is not the token of an S2 cell.
    """
    cell_id = int(text.ljust(16, "0"), 16) if _TOKEN.fullmatch(text) else 0
    if not is_valid(cell_id):
        raise InputError(f"{text!r} is not the token of an S2 cell; give up to 16 hexadecimal digits such as '47e66e'.")
    return cell_id


def from_tokens(texts: Iterable[str]) -> IdArray:
    """The ids of tokens; InputError names the first that is not one."""
    return np.fromiter((from_token(text) for text in texts), np.uint64)


# --- the shape of cells ------------------------------------------------------------------------------------------


def cell_face_ij(ids: npt.ArrayLike) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Face, the lowest leaf i and j, and the width in leaves of each cell; four arrays of one shape."""
    array = np.asarray(ids, np.uint64)
    face = (array >> np.uint64(61)).astype(np.int64)
    position = ((array >> np.uint64(1)) & np.uint64((1 << 60) - 1)).astype(np.int64)
    size = np.left_shift(np.int64(1), LEAF_LEVEL - level_of(array))
    i, j, orientation = np.zeros_like(face), np.zeros_like(face), face & hilbert.SWAP
    for shift in range(56, -1, -8):
        found = hilbert.TO_IJ[((position >> shift & (15 if shift == 56 else 255)) << 2) | orientation]
        i, j, orientation = (i << 4) | (found >> 6), (j << 4) | (found >> 2 & 15), found & 3
    return face, i & -size, j & -size, size


def _face_coordinate(s: FloatArray) -> FloatArray:
    """Cube-face coordinate u in [-1, 1] of the fraction s in [0, 1] along a face (S2's ``STtoUV``)."""
    u = np.where(s >= 0.5, 4.0 * s * s - 1.0, 1.0 - 4.0 * (1.0 - s) * (1.0 - s))
    return np.asarray((1.0 / 3.0) * u, np.float64)


def _points(face: IntArray, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes in degrees of face coordinates; arrays of one shape."""
    one = np.ones_like(u)
    x = np.choose(face, (one, -u, -u, -one, v, v))
    y = np.choose(face, (u, one, -v, -v, -one, u))
    z = np.choose(face, (v, v, one, -u, -u, -one))
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def cell_centers(ids: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes in degrees of the cell centres (centre in face coordinates, as S2 defines it)."""
    face, i, j, size = cell_face_ij(ids)
    s, t = (i + 0.5 * size) / LEAVES_PER_EDGE, (j + 0.5 * size) / LEAVES_PER_EDGE
    return _points(face, _face_coordinate(s), _face_coordinate(t))


def cell_vertices(ids: npt.ArrayLike) -> FloatArray:
    """Corners of the cells, counter-clockwise from outside; ``(..., 4, 2)`` latitude, longitude in degrees.

    Edges are great circles. The longitude of a corner on a pole is 0, on the antimeridian it is 180 or -180.
    """
    face, i, j, size = cell_face_ij(ids)
    i = i[..., None] + size[..., None] * np.array([0, 1, 1, 0])
    j = j[..., None] + size[..., None] * np.array([0, 0, 1, 1])
    u, v = _face_coordinate(i / LEAVES_PER_EDGE), _face_coordinate(j / LEAVES_PER_EDGE)
    return np.stack(_points(np.broadcast_to(face[..., None], u.shape), u, v), axis=-1)


def cell_area_km2(ids: npt.ArrayLike) -> FloatArray:
    """Exact spherical area of each cell in km2, to about 1e-15 relative at every level.

    Two triangles by ``tan(E / 2) = det / (abc + (a.b)c + (b.c)a + (c.a)b)`` (van Oosterom and Strackee 1983). On the
    unnormalised corners (1, u, v) the determinant is the width times the height of the cell, free of cancellation.
    """
    _, i, j, size = cell_face_ij(ids)
    (u0, u1, width), (v0, v1, height) = _edges(i, size), _edges(j, size)
    lower = _triangle_excess(width * height, (u0, v0), (u1, v0), (u1, v1))
    upper = _triangle_excess(width * height, (u0, v0), (u1, v1), (u0, v1))
    return EARTH_RADIUS_KM**2 * (lower + upper)


def _edges(low: IntArray, size: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Face coordinates of the low and high edge, and their difference without cancellation."""
    s0, s1 = low / LEAVES_PER_EDGE, (low + size) / LEAVES_PER_EDGE
    slope = np.where(s0 >= 0.5, s0 + s1, np.where(s1 <= 0.5, 2.0 - s0 - s1, 1.5))  # 1.5: a whole face, width 2
    return _face_coordinate(s0), _face_coordinate(s1), (4.0 / 3.0) * (s1 - s0) * slope


Corner = tuple[FloatArray, FloatArray]


def _triangle_excess(determinant: FloatArray, a: Corner, b: Corner, c: Corner) -> FloatArray:
    """Spherical excess in steradians of triangles whose corners are the directions (1, u, v)."""

    def dot(p: Corner, q: Corner) -> FloatArray:
        return np.asarray(1.0 + p[0] * q[0] + p[1] * q[1], np.float64)

    length_a, length_b, length_c = np.sqrt(dot(a, a)), np.sqrt(dot(b, b)), np.sqrt(dot(c, c))
    denominator = length_a * length_b * length_c + dot(a, b) * length_c + dot(b, c) * length_a + dot(c, a) * length_b
    return np.asarray(2.0 * np.arctan2(determinant, denominator), np.float64)
