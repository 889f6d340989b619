"""A raster of class numbers brought exactly onto a grid, one band of rows at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.errors import LayerError
from engine.geometry.grid import FULL_COLUMNS, FULL_ROWS, Grid
from engine.layers.guard import open_dataset
from engine.layers.majority import majority
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

NO_DATA = 255
"""Value of a pixel that belongs to no class."""

BAND_PIXELS = 6_000_000
"""Source pixels held at once, or one row of the file's tiles if that is more: at most 31 MB for ESA-CCI."""

FINE_FACTOR = 3
"""The finest raster has three times the rows and columns of the finest grid."""

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int8]


def read_on_grid(path: Path, grid: Grid, classes: int) -> Labels:
    """Class numbers of a whole-Earth GeoTIFF on ``grid``, ``NOWHERE`` where the file has no data.

    A grid pixel inside one source pixel takes its class. A larger one takes the class that covers most of its area
    with data, the lower number on a tie, and is ``NOWHERE`` only when nothing of it has data.

    Args:
        path: one band of 8 bits, EPSG:4326, 180 W to 180 E and 90 N to 90 S, its size a divisor of 21600 x 43200.
        grid: the grid wanted; shape of the answer.
        classes: values 0 to ``classes - 1`` are classes, 255 is no data, others are an error.

    Raises:
        LayerError: the file is missing, damaged or not such a raster.
    """
    raster = np.empty(grid.shape, np.int8)
    with open_dataset(path) as dataset:
        for rows, classes_there in _draw_rows(dataset, path, grid, (0, grid.rows), classes):
            raster[rows] = classes_there
    return raster


@dataclass(frozen=True, eq=False)
class RasterRows:
    """A raster of class numbers as a ``RowSource``: ``read_on_grid`` by rows, for several threads at once.

    Attributes:
        name, labels, grid, owner: as in ``Partition``.
        path: as in ``read_on_grid``.
    """

    name: str
    labels: tuple[str, ...]
    grid: Grid
    path: Path

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Every label owns itself."""
        return np.arange(len(self.labels))

    def rows(self, start: int, stop: int) -> Labels:
        """Class numbers of some rows of the grid, ``NOWHERE`` where the file has no data.

        Raises:
            LayerError: the file is missing, damaged or not such a raster.
        """
        block = np.empty((stop - start, self.grid.columns), np.int8)
        with open_dataset(self.path) as dataset:
            for rows, classes in _draw_rows(dataset, self.path, self.grid, (start, stop), len(self.labels)):
                block[rows.start - start : rows.stop - start] = classes
        return block


def cover_on_grid(
    path: Path, grid: Grid, classes: int, rows: slice, only: Sequence[int] | None = None
) -> npt.NDArray[np.float32]:
    """Share of each pixel's area that each class covers, for some rows of a grid.

    Args:
        path: as in ``read_on_grid``.
        grid: the grid.
        classes: as in ``read_on_grid``.
        rows: which rows.
        only: the class numbers wanted; all unless given.

    Returns:
        ``(classes wanted, rows, columns)`` float32, 0 to 1; what is missing to 1 has no data.

    Raises:
        LayerError: the file is missing, damaged or not such a raster.
    """
    wanted = range(classes) if only is None else only
    cover = np.empty((len(wanted), rows.stop - rows.start, grid.columns), np.float32)
    with open_dataset(path) as dataset:
        _check_lattice(dataset, path)
        size = (dataset.height, dataset.width)
        edges = np.arange(grid.columns + 1) * (size[1] / grid.columns)
        for place, row in enumerate(range(rows.start, rows.stop)):
            top, bottom = _source_rows(slice(row, row + 1), grid, size[0])
            source = dataset.read(1, window=((top, bottom), (0, size[1])))
            _check_values(source, classes, path)
            weights = _strip_areas(row, top, bottom, grid, size[0])
            for number, label in enumerate(wanted):
                cover[number, place] = _covered(source == label, weights, edges) / np.diff(edges)
    return cover


def labels_at(path: Path, classes: int, latitude: FloatArray, longitude: FloatArray) -> Labels:
    """Class number of the pixel of the file itself at each point in degrees, ``NOWHERE`` where it has no data.

    Bianco et al. 2024, section 5.1: labels of photos are the nearest pixel's at the layer's own resolution.

    Args:
        path: as in ``read_on_grid``.
        classes: as in ``read_on_grid``.
        latitude: ``(n,)`` degrees on the globe.
        longitude: ``(n,)`` degrees.

    Raises:
        LayerError: the file is missing, damaged or not such a raster.
    """
    with open_dataset(path) as dataset:
        _check_lattice(dataset, path)
        found = pixels_at(dataset, latitude, longitude)
    _check_values(found, classes, path)
    return found.astype(np.uint8).view(np.int8)  # 255, no data, is -1


def pixels_at(dataset: "DatasetReader", latitude: FloatArray, longitude: FloatArray) -> npt.NDArray[Any]:
    """Values of the pixels of a whole-Earth raster at points ``(n,)`` in degrees; each block is read once."""
    row = np.clip(((90.0 - latitude) / 180.0 * dataset.height).astype(np.int64), 0, dataset.height - 1)
    column = ((longitude + 180.0) / 360.0 * dataset.width).astype(np.int64) % dataset.width
    tall, wide = dataset.block_shapes[0]
    block = row // tall * (dataset.width // wide + 1) + column // wide
    order = np.argsort(block, kind="stable")
    found = np.empty(row.size, np.dtype(dataset.dtypes[0]))
    for some in np.split(order, np.flatnonzero(np.diff(block[order])) + 1) if order.size else []:
        top, left = int(row[some[0]]) // tall * tall, int(column[some[0]]) // wide * wide
        window = ((top, min(top + tall, dataset.height)), (left, min(left + wide, dataset.width)))
        found[some] = dataset.read(1, window=window)[row[some] - top, column[some] - left]
    return found


def _draw_rows(
    dataset: "DatasetReader", path: Path, grid: Grid, rows: tuple[int, int], classes: int
) -> Iterator[tuple[slice, Labels]]:
    """Grid rows and their classes, some at a time."""
    _check_lattice(dataset, path)
    size = (dataset.height, dataset.width)
    for some in _bands(grid, size, rows, dataset.block_shapes[0][0]):
        top, bottom = _source_rows(some, grid, size[0])
        source = dataset.read(1, window=((top, bottom), (0, size[1])))
        _check_values(source, classes, path)
        yield some, _on_grid(source, some, grid, size, classes)


def _check_lattice(dataset: "DatasetReader", path: Path) -> None:
    divides = FINE_FACTOR * FULL_ROWS % dataset.height == 0 and FINE_FACTOR * FULL_COLUMNS % dataset.width == 0
    whole = np.allclose(tuple(dataset.bounds), (-180.0, -90.0, 180.0, 90.0), atol=1e-6)
    if not (divides and whole and dataset.count == 1 and dataset.dtypes[0] == "uint8"):
        raise LayerError(
            f"The layer {path.name} has {dataset.height} x {dataset.width} pixels of {dataset.dtypes[0]} over "
            f"{tuple(dataset.bounds)}; it must cover the whole Earth in 8 bits and divide 21600 x 43200 "
            "or 64800 x 129600."
        )


def _check_values(source: Bytes, classes: int, path: Path) -> None:
    if source.size and int((source + np.uint8(1)).max()) <= classes:  # no data wraps around to 0
        return
    strange = source[(source >= classes) & (source != NO_DATA)]
    if strange.size:
        raise LayerError(
            f"The layer {path.name} holds the value {strange[0]}, expected were 0 to {classes - 1} and {NO_DATA}; "
            "replace it with a good copy."
        )


def _bands(grid: Grid, size: tuple[int, int], rows: tuple[int, int], tile_rows: int) -> Iterator[slice]:
    """Slices of grid rows that need about ``BAND_PIXELS`` source pixels, or a row of tiles, and give as many pixels."""
    per_row = max(size[0] * size[1] // grid.rows, grid.columns)
    step = max(BAND_PIXELS // per_row, min(tile_rows, 512) * grid.rows // size[0] if grid.rows <= size[0] else 1, 1)
    for start in range(rows[0], rows[1], step):
        yield slice(start, min(start + step, rows[1]))


def _source_rows(rows: slice, grid: Grid, height: int) -> tuple[int, int]:
    """First source row that the grid rows touch, and the row after the last; in integers, so that it is exact."""
    return rows.start * height // grid.rows, -(-rows.stop * height // grid.rows)


def _on_grid(source: Bytes, rows: slice, grid: Grid, size: tuple[int, int], classes: int) -> Labels:
    """Classes of some grid rows from the source rows that they touch."""
    if grid.rows % size[0] == 0 and grid.columns % size[1] == 0:
        return _repeat_pixels(source, rows, grid, size)
    if size[0] % grid.rows == 0 and size[1] % grid.columns == 0:
        tall, some = size[0] // grid.rows, range(rows.start, rows.stop)
        areas = np.stack([_strip_areas(row, row * tall, (row + 1) * tall, grid, size[0]) for row in some])
        return majority(source, areas, size[1] // grid.columns, classes)
    first = _source_rows(rows, grid, size[0])[0]
    voted = []
    for row in range(rows.start, rows.stop):
        top, bottom = _source_rows(slice(row, row + 1), grid, size[0])
        weights = _strip_areas(row, top, bottom, grid, size[0])
        voted.append(_vote(source[top - first : bottom - first], weights, grid.columns, classes))
    return np.stack(voted)


def _repeat_pixels(source: Bytes, rows: slice, grid: Grid, size: tuple[int, int]) -> Labels:
    """Every source pixel as a block of grid pixels, cut to the grid rows asked for."""
    tall, wide = grid.rows // size[0], grid.columns // size[1]
    skipped = rows.start % tall
    block = source.repeat(tall, 0)[skipped : skipped + rows.stop - rows.start].repeat(wide, 1)
    return block.view(np.int8)  # 255 is -1, which is NOWHERE


def _strip_areas(row: int, top: int, bottom: int, grid: Grid, height: int) -> FloatArray:
    """Share of a grid row's area that lies in each of the source rows ``top`` to ``bottom``; sums to 1."""
    edges = np.arange(top, bottom + 1, dtype=np.float64) / height
    edges = np.clip(edges, row / grid.rows, (row + 1) / grid.rows)
    areas = np.diff(-np.sin(np.radians(90.0 - 180.0 * edges)))
    return np.asarray(areas / areas.sum(), np.float64)


def _vote(strips: Bytes, weights: FloatArray, columns: int, classes: int) -> Labels:
    """The class of the largest area in each pixel of one grid row, from its source rows and their weights."""
    edges = np.arange(columns + 1) * (strips.shape[1] / columns)
    votes = np.stack([_covered(strips == label, weights, edges) for label in range(classes)])
    # rounded, so that equal areas are equal whatever the order of summation, and the lower class wins
    return np.where(votes.max(0) > 1e-9, np.round(votes, 9).argmax(0), NOWHERE).astype(np.int8)


def _covered(mask: npt.NDArray[np.bool_], weights: FloatArray, edges: FloatArray) -> FloatArray:
    """Weighted area of a mask between successive ``edges``, which are counted in source columns."""
    running = np.concatenate([[0.0], np.cumsum(weights @ mask)])
    return np.asarray(np.diff(np.interp(edges, np.arange(running.size), running)), np.float64)
