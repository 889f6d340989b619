"""Classifies values of a raster by the rule of an attribute."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import LayerError
from engine.layers.attributes import Attribute, Bands, Values
from engine.layers.raster import NO_DATA
from engine.typing import FloatArray

STRANGE = 254
"""Class number of a value that no class names; an error where it is met."""

Numbers = npt.NDArray[np.number]
Bytes = npt.NDArray[np.uint8]


class Classifier(Protocol):
    """Gives class numbers to values."""

    def __call__(self, values: Numbers, known: npt.NDArray[np.bool_] | None, area_km2: FloatArray) -> Bytes:
        """Class numbers, ``NO_DATA`` where not ``known``, ``STRANGE`` where no class names the value.

        Args:
            values: ``(rows, columns)`` of the raster.
            known: the same shape, false where there is no data; None where all is known.
            area_km2: ``(rows,)`` area of a pixel of each row.
        """
        ...


@dataclass(frozen=True)
class Thresholds:
    """Classes by rising value.

    Attributes:
        edges: least value of each class but the first, rising.
        per_pixel: whether a value counts people in a pixel and is divided by its area first.
    """

    edges: tuple[float, ...]
    per_pixel: bool = False

    def __call__(self, values: Numbers, known: npt.NDArray[np.bool_] | None, area_km2: FloatArray) -> Bytes:
        """See ``Classifier``."""
        numbers = np.zeros(values.shape, np.uint8)
        for edge in self.edges:
            numbers += values >= (edge * area_km2[:, None] if self.per_pixel else edge)
        if known is not None:
            numbers[~known] = NO_DATA
        return numbers


@dataclass(frozen=True, eq=False)
class LookUp:
    """Classes by whole number.

    Attributes:
        table: ``(65536,)`` uint8 class number of each value.
    """

    table: Bytes

    def __call__(self, values: Numbers, known: npt.NDArray[np.bool_] | None, area_km2: FloatArray) -> Bytes:
        """See ``Classifier``."""
        del area_km2
        if values.dtype.itemsize == 1:  # NetCDF's bytes may be signed; 190 is then -66
            numbers: Bytes = self.table[:256][values.view(np.uint8)]
        else:
            outside = (values < 0) | (values >= self.table.size)
            numbers = self.table[np.where(outside, 0, values).astype(np.int64)]
            numbers[outside] = STRANGE
        if known is not None:
            numbers[~known] = NO_DATA
        return numbers


@dataclass(frozen=True)
class Range:
    """Least and largest positive value of a raster, and whether any is below 0."""

    lowest: float = np.inf
    highest: float = 0.0
    below_zero: float = 0.0

    def with_values(self, values: Numbers, known: npt.NDArray[np.bool_] | None, area_km2: FloatArray) -> "Range":
        """The range with more values in it; they are divided by ``area_km2`` ``(rows,)``."""
        usable = (values > 0) if known is None else (values > 0) & known
        least = float(np.min(values, initial=0, where=True if known is None else known))
        if not usable.any():
            return Range(self.lowest, self.highest, min(self.below_zero, least))
        lowest = np.min(values, axis=1, initial=_largest(values), where=usable) / area_km2
        highest = np.max(values, axis=1, initial=0, where=usable) / area_km2
        rows = usable.any(axis=1)
        return Range(
            min(self.lowest, float(lowest[rows].min())),
            max(self.highest, float(highest[rows].max())),
            min(self.below_zero, least),
        )

    def log_edges(self, classes: int) -> tuple[float, ...]:
        """Edges of so many classes of equal width in log10 (Bianco et al. 2024, section 5.1)."""
        start, stop = np.log10(self.lowest), np.log10(self.highest)
        return tuple(float(10.0 ** (start + (stop - start) * k / classes)) for k in range(1, classes))


def _largest(values: Numbers) -> Any:
    """The largest value of the type, in the type."""
    kind: Any = values.dtype
    return np.iinfo(kind).max if np.issubdtype(kind, np.integer) else np.finfo(kind).max


def classifier_of(attribute: Attribute, edges: tuple[float, ...], per_pixel: bool = False) -> Classifier:
    """The classifier of an attribute; ``edges`` are those of ``LogBuckets``."""
    if isinstance(attribute.rule, Values):
        table = np.full(65536, STRANGE, np.uint8)
        table[list(attribute.rule.nowhere)] = NO_DATA
        for number, values in enumerate(attribute.rule.of_class):
            table[list(values)] = number
        return LookUp(table)
    if isinstance(attribute.rule, Bands):
        return Thresholds(attribute.rule.edges)
    return Thresholds(edges, per_pixel)


def checked_range(found: Range, file_name: str) -> Range:
    """A range that four buckets can be made of.

    Raises:
        LayerError: there is no positive value, only one, or a negative one.
    """
    if found.below_zero < 0:
        raise LayerError(
            f"The raster {file_name} holds {found.below_zero:g} where it claims data, expected was 0 or more; "
            "name its no-data value with --no-data."
        )
    if not found.highest > found.lowest:
        raise LayerError(
            f"The raster {file_name} holds no two different positive values, expected were densities; "
            "give the data itself."
        )
    return found
