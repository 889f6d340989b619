"""A raster of class numbers brought exactly onto a grid, a band of rows at a time. Knows no class by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.earth.grid import FULL_COLUMNS, FULL_ROWS, Grid
from engine.earth.partition import NOWHERE
from engine.earth.sphere import FloatArray
from engine.errors import LayerError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

NO_DATA = 255
"""Value of a pixel that belongs to no class."""

BAND_PIXELS = 6_000_000
"""Source pixels held at once: some 6 MB of classes and 50 MB of votes, whatever the grid."""

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
    with _opened(path) as dataset:
        _check_lattice(dataset, path)
        size = (dataset.height, dataset.width)
        for rows in _bands(grid, size):
            top, bottom = _source_rows(rows, grid, size[0])
            source = dataset.read(1, window=((top, bottom), (0, size[1])))
            _check_values(source, classes, path)
            raster[rows] = _on_grid(source, rows, grid, size, classes)
    return raster


@contextmanager
def _opened(path: Path) -> "Iterator[DatasetReader]":
    """The open dataset; rasterio's errors, whether on opening or on reading, become a LayerError."""
    import rasterio
    from rasterio.errors import RasterioError

    if not path.is_file():
        raise LayerError(f"The layer {path.name} is missing; put the file there or install the project again.")
    try:
        with rasterio.open(path) as dataset:
            yield dataset
    except RasterioError as error:
        raise LayerError(
            f"The layer {path.name} is not a readable GeoTIFF; replace it with a good copy or install the project again."
        ) from error


def _check_lattice(dataset: "DatasetReader", path: Path) -> None:
    divides = FULL_ROWS % dataset.height == 0 and FULL_COLUMNS % dataset.width == 0
    whole = np.allclose(tuple(dataset.bounds), (-180.0, -90.0, 180.0, 90.0), atol=1e-6)
    if not (divides and whole and dataset.count == 1 and dataset.dtypes[0] == "uint8"):
        raise LayerError(
            f"The layer {path.name} has {dataset.height} x {dataset.width} pixels of {dataset.dtypes[0]} over "
            f"{tuple(dataset.bounds)}; it must cover the whole Earth in 8 bits and divide 21600 x 43200."
        )


def _check_values(source: Bytes, classes: int, path: Path) -> None:
    strange = source[(source >= classes) & (source != NO_DATA)]
    if strange.size:
        raise LayerError(
            f"The layer {path.name} holds the value {strange[0]}, expected were 0 to {classes - 1} and {NO_DATA}; "
            "replace it with a good copy."
        )


def _bands(grid: Grid, size: tuple[int, int]) -> Iterator[slice]:
    """Slices of grid rows that need at most about ``BAND_PIXELS`` source pixels and give as many grid pixels."""
    per_row = max(size[0] * size[1] // grid.rows, grid.columns)
    step = max(BAND_PIXELS // per_row, 1)
    for start in range(0, grid.rows, step):
        yield slice(start, min(start + step, grid.rows))


def _source_rows(rows: slice, grid: Grid, height: int) -> tuple[int, int]:
    """First source row that the grid rows touch, and the row after the last; in integers, so that it is exact."""
    return rows.start * height // grid.rows, -(-rows.stop * height // grid.rows)


def _on_grid(source: Bytes, rows: slice, grid: Grid, size: tuple[int, int], classes: int) -> Labels:
    """Classes of some grid rows from the source rows that they touch."""
    if grid.rows % size[0] == 0 and grid.columns % size[1] == 0:
        repeated = source.repeat(grid.rows // size[0], 0)
        skipped = rows.start - _source_rows(rows, grid, size[0])[0] * (grid.rows // size[0])
        repeated = repeated[skipped : skipped + rows.stop - rows.start].repeat(grid.columns // size[1], 1)
        return np.where(repeated == NO_DATA, NOWHERE, repeated).astype(np.int8)
    offset = _source_rows(rows, grid, size[0])[0]
    voted = [_vote_row(source, offset, row, grid, size, classes) for row in range(rows.start, rows.stop)]
    return np.stack(voted)


def _vote_row(source: Bytes, offset: int, row: int, grid: Grid, size: tuple[int, int], classes: int) -> Labels:
    """The class of the largest area in each pixel of one grid row; ``source`` starts at source row ``offset``."""
    top, bottom = _source_rows(slice(row, row + 1), grid, size[0])
    strips = source[top - offset : bottom - offset]
    weights = _strip_areas(row, top, bottom, grid, size[0])
    edges = np.arange(grid.columns + 1) * (size[1] / grid.columns)
    votes = np.stack([_covered((strips == label).T @ weights, edges) for label in range(classes)])
    # rounded, so that equal areas are equal whatever the order of summation and the lower class wins
    return np.where(votes.max(0) > 1e-9, np.round(votes, 9).argmax(0), NOWHERE).astype(np.int8)


def _strip_areas(row: int, top: int, bottom: int, grid: Grid, height: int) -> FloatArray:
    """Share of a grid row's area that lies in each of the source rows ``top`` to ``bottom``; sums to 1."""
    edges = np.arange(top, bottom + 1, dtype=np.float64) / height
    edges = np.clip(edges, row / grid.rows, (row + 1) / grid.rows)
    areas = np.diff(-np.sin(np.radians(90.0 - 180.0 * edges)))
    share: FloatArray = areas / areas.sum()
    return share


def _covered(weight: FloatArray, edges: FloatArray) -> FloatArray:
    """Sum of a piecewise constant ``weight`` between successive ``edges``, both in source columns."""
    running = np.concatenate([[0.0], np.cumsum(weight)])
    return np.diff(np.interp(edges, np.arange(running.size), running))
