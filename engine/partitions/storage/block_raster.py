"""The pixel raster as compressed blocks: 933 million pixels in a file of which only the needed blocks are read.

A block of about 240 x 240 pixels is a palette of the cells that it meets and one small number per pixel, deflated; a
block of a single cell takes no bytes. The file is memory-mapped; recently used blocks are cached decoded.
"""

import mmap
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError
from engine.typing import Int32Array, IntArray

CACHED_BLOCKS = 256
"""Decoded blocks in the cache: 59 MB."""
LARGEST_BLOCK = 256
"""Pixels along the edge of a block at most."""
_LEVEL = 1  # of deflate: three times faster than the default, a tenth larger

Key = slice | tuple[Any, Any]


@dataclass(frozen=True, eq=False)
class BlockIndex:
    """Where each block lies in the file and what it is made of; blocks are numbered row by row.

    Attributes:
        length: ``(blocks,)`` int64 bytes in the file; 0 for a block of a single cell.
        palette: ``(blocks,)`` int64 number of cells.
        only: ``(blocks,)`` int32 the cell of a block of a single cell.
    """

    length: IntArray
    palette: IntArray
    only: Int32Array


def encode_rows(cells: Int32Array, block_columns: int) -> tuple[list[bytes], BlockIndex]:
    """One row of blocks, ``(rows, columns)``, as bytes per block and their index."""
    blocks = [encode_block(cells[:, at : at + block_columns]) for at in range(0, cells.shape[1], block_columns)]
    payloads = [payload for payload, _, _ in blocks]
    lengths = np.array([len(payload) for payload in payloads], np.int64)
    sizes = np.array([size for _, size, _ in blocks], np.int64)
    return payloads, BlockIndex(lengths, sizes, np.array([only for _, _, only in blocks], np.int32))


def encode_block(cells: Int32Array) -> tuple[bytes, int, int]:
    """Bytes, number of cells and lowest cell of one block."""
    lowest = int(cells.min())
    shifted = cells - lowest
    present = np.zeros(int(shifted.max()) + 1, bool)
    present[shifted] = True
    palette = np.flatnonzero(present).astype(np.int32)
    if palette.size == 1:
        return b"", 1, lowest
    number = np.zeros(present.size, _number_type(palette.size))
    number[palette] = np.arange(palette.size)
    return zlib.compress((palette + lowest).tobytes() + number[shifted].tobytes(), _LEVEL), palette.size, lowest


def decode_block(payload: bytes, size: int, only: int, shape: tuple[int, int]) -> Int32Array:
    """The cells of one block.

    Raises:
        ValueError: the bytes are damaged.
    """
    if size == 1:
        return np.full(shape, only, np.int32)
    try:
        data = zlib.decompress(payload)
    except zlib.error as error:
        raise ValueError("block damaged") from error
    palette = np.frombuffer(data, np.int32, size)
    number = np.frombuffer(data, _number_type(size), offset=4 * size)
    return np.asarray(palette[number].reshape(shape), np.int32)


def _number_type(palette: int) -> type[np.uint8 | np.uint16]:
    return np.uint8 if palette <= 256 else np.uint16  # a block has at most 65,536 pixels


class CellRaster:
    """``Overlay.pixel_cell`` on a large grid: an array of ``(rows, columns)`` int32 in a file.

    Supports windows ``raster[rows, columns]`` and ``raster[rows]`` of slices, and points ``raster[rows, columns]``
    of integers or integer arrays; negative numbers count from the end. Safe to read from several threads.

    Raises:
        ValueError: the file is shorter than its index requires.
    """

    dtype = np.dtype(np.int32)
    ndim = 2

    def __init__(self, path: Path, shape: tuple[int, int], block: tuple[int, int], index: BlockIndex) -> None:
        self.path, self.shape, self.block, self.index = path, shape, block, index
        self.block_columns = -(-shape[1] // block[1])
        self._end = np.cumsum(index.length)
        blocks = -(-shape[0] // block[0]) * self.block_columns
        size = path.stat().st_size
        if {index.length.size, index.palette.size, index.only.size} != {blocks} or size < int(self._end[-1]):
            raise ValueError("the blocks do not fit their index")
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        self._cache: OrderedDict[int, Int32Array] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Number of pixels."""
        return self.shape[0] * self.shape[1]

    def close(self) -> None:
        """Close the file; arrays that were read stay valid."""
        if isinstance(self._bytes, mmap.mmap):
            self._bytes.close()

    def __getitem__(self, key: Key) -> Int32Array:
        """A window or single points; see the class."""
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(rows, slice) and isinstance(columns, slice):
            return self._window(rows.indices(self.shape[0]), columns.indices(self.shape[1]))
        row, column = np.broadcast_arrays(np.asarray(rows, np.int64), np.asarray(columns, np.int64))
        found = self._points(row.reshape(-1) % self.shape[0], column.reshape(-1) % self.shape[1])
        return found.reshape(row.shape)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All pixels; for small grids."""
        del copy
        whole = self[:, :]
        return whole if dtype is None else whole.astype(dtype)

    def find(self, cell: int, pixels: IntArray) -> IntArray:
        """Flat pixels of a cell in all blocks that hold one of the flat ``pixels``, ascending."""
        row, column = np.divmod(pixels, self.shape[1])
        numbers = np.unique(row // self.block[0] * self.block_columns + column // self.block[1])
        found = [self._find_in_block(cell, int(number)) for number in numbers]
        return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)

    def _find_in_block(self, cell: int, number: int) -> IntArray:
        top, left = self._corner(number)
        row, column = np.nonzero(self._block(number) == cell)
        return np.asarray((row + top) * self.shape[1] + column + left, np.int64)

    def _window(self, rows: tuple[int, int, int], columns: tuple[int, int, int]) -> Int32Array:
        (top, bottom, row_step), (left, right, column_step) = rows, columns
        if row_step != 1 or column_step != 1:
            return self[np.arange(*rows)[:, None], np.arange(*columns)]
        window = np.empty((max(bottom - top, 0), max(right - left, 0)), np.int32)
        if window.size:
            for block_row in range(top // self.block[0], (bottom - 1) // self.block[0] + 1):
                for block_column in range(left // self.block[1], (right - 1) // self.block[1] + 1):
                    self._paste(window, top, left, block_row * self.block_columns + block_column)
        return window

    def _paste(self, window: Int32Array, top: int, left: int, number: int) -> None:
        """Copy the overlap of a block with a window whose corner is given."""
        block, (block_top, block_left) = self._block(number), self._corner(number)
        first, last = max(top, block_top), min(top + window.shape[0], block_top + block.shape[0])
        west, east = max(left, block_left), min(left + window.shape[1], block_left + block.shape[1])
        part = block[first - block_top : last - block_top, west - block_left : east - block_left]
        window[first - top : last - top, west - left : east - left] = part

    def _points(self, row: IntArray, column: IntArray) -> Int32Array:
        number = row // self.block[0] * self.block_columns + column // self.block[1]
        found = np.empty(row.size, np.int32)
        order = np.argsort(number, kind="stable")
        edges = np.flatnonzero(np.diff(number[order])) + 1
        for some in np.split(order, edges) if row.size else []:
            block = self._block(int(number[some[0]]))
            found[some] = block[row[some] % self.block[0], column[some] % self.block[1]]
        return found

    def _corner(self, number: int) -> tuple[int, int]:
        block_row, block_column = divmod(number, self.block_columns)
        return block_row * self.block[0], block_column * self.block[1]

    def _block(self, number: int) -> Int32Array:
        with self._lock:
            if number in self._cache:
                self._cache.move_to_end(number)
                return self._cache[number]
        block = self._read_block(number)
        with self._lock:
            self._cache[number] = block
            while len(self._cache) > CACHED_BLOCKS:
                self._cache.popitem(last=False)
        return block

    def _read_block(self, number: int) -> Int32Array:
        top, left = self._corner(number)
        shape = min(self.block[0], self.shape[0] - top), min(self.block[1], self.shape[1] - left)
        stop, length = int(self._end[number]), int(self.index.length[number])
        size, only = int(self.index.palette[number]), int(self.index.only[number])
        try:
            block = decode_block(self._bytes[stop - length : stop], size, only, shape)
        except ValueError as error:
            raise ArtifactError(
                f"The map data in {self.path.parent} is damaged; delete that folder and start again."
            ) from error
        block.setflags(write=False)
        return block
