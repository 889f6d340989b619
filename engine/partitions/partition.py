"""A partition: labelled, disjoint masks on a grid (``M_f`` of Bianco et al. 2024, section 3.2)."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.typing import FloatArray

NOWHERE = -1
"""Raster value of a pixel without a label."""

LabelRaster = npt.NDArray[np.int16] | npt.NDArray[np.int32] | npt.NDArray[np.int8]


class RowSource(Protocol):
    """Labelled disjoint masks drawn in bands of rows, so that memory does not limit the grid; see ``Partition``.

    ``rows`` is called from several threads at once, each row once per overlay, in bands from north to south.
    """

    @property
    def name(self) -> str:
        """As in ``Partition``."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """As in ``Partition``."""
        ...

    @property
    def grid(self) -> Grid:
        """As in ``Partition``."""
        ...

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """As in ``Partition``; available before any row is drawn."""
        ...

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Label index per pixel of rows ``start`` to ``stop - 1``; ``(stop - start, columns)``, signed integers."""
        ...


@dataclass(frozen=True, eq=False)
class Partition:
    """Disjoint masks on a grid, one per label.

    Attributes:
        name: for instance ``"geocells_fine"``; unique within an overlay.
        labels: one text per label, in the order of the probabilities of a prediction.
        grid: the grid that the masks are drawn on.
        raster: label index per pixel, ``(rows, columns)``, signed integers, ``NOWHERE`` where no label owns it.
        owner: ``(J,)``; the label that holds the probability of each label. A label owns itself unless it is
            smaller than a pixel and owns none: then it is owned by the label of the pixel at its centre,
            so that no probability is lost.
    """

    name: str
    labels: tuple[str, ...]
    grid: Grid
    raster: LabelRaster
    owner: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        if self.raster.shape != self.grid.shape:
            raise InputError(
                f"Partition {self.name!r} has a raster of {self.raster.shape}, its grid is {self.grid.shape}; "
                "draw the masks on the grid that the partition names."
            )
        if self.owner.size == 0:
            object.__setattr__(self, "owner", np.arange(len(self.labels), dtype=np.int64))
        if self.owner.shape != (len(self.labels),):
            raise InputError(
                f"Partition {self.name!r} has {len(self.labels)} labels and owners of shape {self.owner.shape}; "
                "give one owner per label."
            )
        self.raster.setflags(write=False)
        self.owner.setflags(write=False)

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Label index per pixel of rows ``start`` to ``stop - 1``; a view: a partition is a ``RowSource``."""
        return self.raster[start:stop]

    def area_km2(self) -> FloatArray:
        """Area of each label's mask in km2; shape ``(J,)``; 0 for a label whose owner is another."""
        area = np.zeros(len(self.labels) + 1)
        for row, pixel_area in enumerate(self.grid.pixel_area_km2):
            area += pixel_area * np.bincount(self.raster[row].astype(np.int64) + 1, minlength=area.size)
        return area[1:]

    def label_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Label index at each point in degrees, ``NOWHERE`` outside every mask."""
        pixel = self.grid.pixel_of(latitude, longitude)
        return np.asarray(self.raster.reshape(-1)[pixel], dtype=np.int64)


def gather_on_owners(probability: FloatArray, owner: npt.NDArray[np.int64]) -> FloatArray:
    """Probabilities ``(J,)`` or ``(B, J)`` moved onto the labels that own pixels; the sum along J stays the same."""
    flat = np.atleast_2d(probability)
    moved = np.zeros_like(flat)
    for row, source in enumerate(flat):
        moved[row] = np.bincount(owner, weights=source, minlength=owner.size)
    return moved.reshape(probability.shape)
