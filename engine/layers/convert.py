"""A published raster, read by window and never whole, into a compact raster of class numbers at its own resolution."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.errors import LayerError
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.layers.attributes import Attribute, LogBuckets, Values
from engine.layers.checks import check_raster
from engine.layers.classify import STRANGE, Bytes, Classifier, Numbers, Range, checked_range, classifier_of
from engine.layers.guard import open_dataset
from engine.layers.mosaic import Mosaic
from engine.layers.raster import NO_DATA
from engine.progress import Part, Report
from engine.typing import FloatArray

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

TILE = 240
"""Pixels along the edge of a tile of the result: it divides every lattice and the bands that an overlay is built in."""

WINDOW_PIXELS = 32_000_000
"""Source pixels read at once, or one row of the source's tiles if that is more."""

LARGEST_WINDOW_PIXELS = 300_000_000
"""A source whose row of tiles is larger is read in parts."""

SAMPLE = (180, 360)
"""Rows and columns of the sample that tells whether the Earth lies the right way."""


@dataclass(frozen=True)
class ReadOptions:
    """How to read a raster.

    Attributes:
        no_data: its no-data value, where the file does not name it or names another.
        coarse: take a copy of lower resolution, too.
        per_pixel: values are people per pixel and are divided by its area; Bianco et al. 2024 use them as they are.
    """

    no_data: float | None = None
    coarse: bool = False
    per_pixel: bool = False


@dataclass(frozen=True, eq=False)
class Converted:
    """What a conversion found out.

    Attributes:
        rows, columns: of the raster.
        edges: least value of each class but the first; empty where classes go by whole number.
        land_shares: percent per class of the area that has data and is not water, by area on the sphere.
        covered: percent of the Earth that has data.
        sample: ``(180, 360)`` uint8 class numbers, or of no size where the raster is coarser.
    """

    rows: int
    columns: int
    edges: tuple[float, ...]
    land_shares: tuple[float, ...]
    covered: float
    sample: Bytes


def convert(
    source: Path, attribute: Attribute, target: Path, options: ReadOptions, report: Report | None = None
) -> Converted:
    """Classify a raster into a tiled GeoTIFF of 8 bits; 255 is no data.

    Raises:
        LayerError: the raster does not fit its description, or is damaged.
    """
    with open_dataset(source, attribute.variable, quiet=True) as dataset:
        return convert_open(dataset, source.name, attribute, target, options, report)


def convert_open(
    dataset: "DatasetReader | Mosaic",
    name: str,
    attribute: Attribute,
    target: Path,
    options: ReadOptions,
    report: Report | None = None,
) -> Converted:
    """The same for a raster that is open, or for tiles that lie side by side; ``name`` is for the messages.

    Raises:
        LayerError: the raster does not fit its description, or is damaged.
    """
    check_raster(dataset, name, attribute, options.coarse)
    no_data = _no_data(dataset, name, attribute, options)
    edges = _edges(dataset, name, attribute, no_data, options, report)
    classify = classifier_of(attribute, edges, options.per_pixel)
    with _created(target, dataset.height, dataset.width) as result:
        return _classify_bands(dataset, name, attribute, no_data, classify, edges, result, report)


def _no_data(dataset: "DatasetReader | Mosaic", name: str, attribute: Attribute, options: ReadOptions) -> float | None:
    """The no-data value; only rasters whose rule names the values without a class can do without."""
    value = options.no_data if options.no_data is not None else dataset.nodata
    if value is None and not (isinstance(attribute.rule, Values) and attribute.rule.nowhere):
        raise LayerError(
            f"The raster {name} has no no-data value, so that sea and land cannot be distinguished; "
            "name the value of the sea, for instance with --no-data -2147483647."
        )
    return None if value is None else float(value)


def _edges(
    dataset: "DatasetReader | Mosaic",
    name: str,
    attribute: Attribute,
    no_data: float | None,
    options: ReadOptions,
    report: Report | None,
) -> tuple[float, ...]:
    """Edges of the classes; those of logarithmic buckets take one reading of the raster."""
    if not isinstance(attribute.rule, LogBuckets):
        return getattr(attribute.rule, "edges", ())
    found, progress = Range(), Part(report, "Reading the range of values", 0.0, 0.4)
    for top, values in _windows(dataset):
        area = pixel_areas(dataset.height, dataset.width)[top : top + values.shape[0]]
        found = found.with_values(
            values, _data_mask(values, no_data), area if options.per_pixel else np.ones_like(area)
        )
        progress((top + values.shape[0]) / dataset.height)
    return checked_range(found, name).log_edges(len(attribute.classes))


def _classify_bands(
    dataset: "DatasetReader | Mosaic",
    name: str,
    attribute: Attribute,
    no_data: float | None,
    classify: Classifier,
    edges: tuple[float, ...],
    result: Any,
    report: Report | None,
) -> Converted:
    """Write the classes and measure them on the way."""
    areas, progress = pixel_areas(dataset.height, dataset.width), Part(report, "Sorting into classes", 0.4, 1.0)
    totals, land, samples = np.zeros(len(attribute.classes)), np.zeros(len(attribute.classes)), []
    writer = _TileWriter(result)
    for top, values in _windows(dataset):
        area = areas[top : top + values.shape[0]]
        numbers = classify(values, _data_mask(values, no_data), area)
        _refuse_strange(values, numbers, name)
        there = np.stack([area @ np.count_nonzero(numbers == label, axis=1) for label in range(totals.size)])
        totals, land = totals + there, land + there - _water(values, attribute, area)
        samples.append(_sample_land(numbers, top, dataset.height, dataset.width))
        writer.add(numbers)
        progress((top + values.shape[0]) / dataset.height)
    writer.finish()
    if not totals.sum() > 0:
        raise LayerError(f"The raster {name} has no data anywhere, expected was the Earth; give the data itself.")
    shares = tuple(float(share) for share in 100.0 * land / max(float(land.sum()), 1e-9))
    covered = float(100.0 * totals.sum() / (areas.sum() * dataset.width))
    return Converted(dataset.height, dataset.width, edges, shares, covered, np.concatenate(samples))


def _water(values: Numbers, attribute: Attribute, area_km2: FloatArray) -> FloatArray:
    """Area of water by the class that it counts to."""
    found, rule = np.zeros(len(attribute.classes)), attribute.rule
    if isinstance(rule, Values):
        for number in rule.water:
            wet = float(area_km2 @ np.count_nonzero(_unsigned(values) == number, axis=1))
            found[[place for place, some in enumerate(rule.of_class) if number in some]] += wet
    return found


def _unsigned(values: Numbers) -> Numbers:
    """NetCDF's bytes may be signed; 210 is then -46."""
    return values.view(np.uint8) if values.dtype == np.int8 else values


def pixel_areas(rows: int, columns: int) -> FloatArray:
    """``(rows,)`` area in km2 of one pixel of each row of a lattice over the whole Earth."""
    sines = np.sin(np.radians(90.0 - 180.0 * np.arange(rows + 1) / rows))
    return np.asarray(EARTH_RADIUS_KM**2 * np.radians(360.0 / columns) * (sines[:-1] - sines[1:]), np.float64)


def _windows(dataset: "DatasetReader | Mosaic") -> Iterator[tuple[int, Numbers]]:
    """First row and values of bands of whole rows of tiles, north to south."""
    tall = dataset.block_shapes[0][0]
    if tall * dataset.width > LARGEST_WINDOW_PIXELS:
        tall = max(LARGEST_WINDOW_PIXELS // dataset.width, 1)
    step = max(WINDOW_PIXELS // dataset.width // tall, 1) * tall
    for top in range(0, dataset.height, step):
        bottom = min(top + step, dataset.height)
        yield top, dataset.read(1, window=((top, bottom), (0, dataset.width)))


def _data_mask(values: Numbers, no_data: float | None) -> npt.NDArray[np.bool_] | None:
    """Where there is data; None where everywhere."""
    if np.issubdtype(values.dtype, np.floating):
        known = np.isfinite(values)
        return known if no_data is None or np.isnan(no_data) else known & (values != np.float64(no_data))
    return None if no_data is None else np.asarray(values != no_data, np.bool_)


def _refuse_strange(values: Numbers, numbers: Bytes, name: str) -> None:
    strange = numbers == STRANGE
    if strange.any():
        value = values[strange][0]
        raise LayerError(
            f"The raster {name} holds the value {value}, which no class names; give the published raster, "
            "or name the value in the attribute."
        )


def _sample_land(numbers: Bytes, top: int, rows: int, columns: int) -> Bytes:
    """The pixels of a band that lie at the sample's places."""
    if rows < SAMPLE[0] or columns < SAMPLE[1]:
        return np.empty((0, SAMPLE[1]), np.uint8)
    at = ((np.arange(SAMPLE[0]) + 0.5) * rows / SAMPLE[0]).astype(np.int64)
    across = ((np.arange(SAMPLE[1]) + 0.5) * columns / SAMPLE[1]).astype(np.int64)
    sample: Bytes = numbers[at[(at >= top) & (at < top + numbers.shape[0])] - top][:, across]
    return sample


def _created(target: Path, rows: int, columns: int) -> Any:
    """The GeoTIFF to write."""
    import rasterio
    from rasterio.transform import from_origin

    return rasterio.open(
        target,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=1,
        dtype="uint8",
        nodata=NO_DATA,
        crs="EPSG:4326",
        transform=from_origin(-180.0, 90.0, 360.0 / columns, 180.0 / rows),
        compress="deflate",
        num_threads="ALL_CPUS",
        bigtiff="IF_SAFER",
        **({"tiled": True, "blockxsize": TILE, "blockysize": TILE} if columns >= TILE else {}),
    )


class _TileWriter:
    """Writes whole rows of tiles, so that no tile is compressed twice."""

    def __init__(self, result: Any) -> None:
        self.result, self.waiting, self.top = result, np.empty((0, result.width), np.uint8), 0

    def add(self, numbers: Bytes) -> None:
        """Take the next rows."""
        rows = np.concatenate([self.waiting, numbers]) if self.waiting.size else numbers
        whole = rows.shape[0] // TILE * TILE
        self._write(rows[:whole])
        self.waiting = rows[whole:].copy()

    def finish(self) -> None:
        """Write what is left."""
        self._write(self.waiting)

    def _write(self, rows: Bytes) -> None:
        if rows.size:
            self.result.write(rows, 1, window=((self.top, self.top + rows.shape[0]), (0, rows.shape[1])))
            self.top += rows.shape[0]
