"""The common grid: a latitude-longitude lattice with the area of its pixels on the sphere (Bianco et al. 2024)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.sphere import EARTH_RADIUS_KM, wrap_longitude
from engine.typing import FloatArray, IntArray

FULL_ROWS, FULL_COLUMNS = 21600, 43200
"""LandScan's own lattice, 30 arc-seconds (Bianco et al. 2024, section 4.1.1); every grid divides it."""


@dataclass(frozen=True)
class Grid:
    """A lattice of ``rows`` x ``columns`` pixels over the whole Earth; row 0 north, column 0 at 180 W.

    The default, 5400 x 10800, is the grid of Bianco et al. 2024 (section 5.2), about 4 km.

    Raises:
        InputError: ``rows`` does not divide 21600 or ``columns`` does not divide 43200.
    """

    rows: int = 5400
    columns: int = 10800

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1 or FULL_ROWS % self.rows or FULL_COLUMNS % self.columns:
            raise InputError(
                f"A grid of {self.rows} x {self.columns} does not divide 21600 x 43200; give for instance 5400 x 10800."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, columns)``."""
        return self.rows, self.columns

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.rows * self.columns

    @property
    def latitude_step(self) -> float:
        """Height of a pixel in degrees."""
        return 180.0 / self.rows

    @property
    def longitude_step(self) -> float:
        """Width of a pixel in degrees."""
        return 360.0 / self.columns

    @cached_property
    def latitudes(self) -> FloatArray:
        """Latitude of the pixel centres of each row, degrees, north to south; shape ``(rows,)``."""
        return np.asarray(90.0 - (np.arange(self.rows) + 0.5) * self.latitude_step, np.float64)

    @cached_property
    def longitudes(self) -> FloatArray:
        """Longitude of the pixel centres of each column, degrees, west to east; shape ``(columns,)``."""
        return np.asarray(-180.0 + (np.arange(self.columns) + 0.5) * self.longitude_step, np.float64)

    @cached_property
    def pixel_area_km2(self) -> FloatArray:
        """Area of one pixel of each row, km2, exact on the sphere; shape ``(rows,)`` (``A_pix`` of Algorithm 3)."""
        sines = np.sin(np.radians(90.0 - np.arange(self.rows + 1) * self.latitude_step))
        area: FloatArray = EARTH_RADIUS_KM**2 * np.radians(self.longitude_step) * (sines[:-1] - sines[1:])
        area.setflags(write=False)
        return area

    def row_of(self, latitude: npt.ArrayLike) -> IntArray:
        """Row of each latitude in degrees; the south pole belongs to the last row."""
        row = np.floor((90.0 - np.asarray(latitude, np.float64)) / self.latitude_step).astype(np.int64)
        return np.clip(row, 0, self.rows - 1)

    def column_of(self, longitude: npt.ArrayLike) -> IntArray:
        """Column of each longitude in degrees; 180 and -180 are the same column."""
        column = np.floor((wrap_longitude(longitude) + 180.0) / self.longitude_step).astype(np.int64)
        return np.clip(column, 0, self.columns - 1)

    def pixel_of(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> IntArray:
        """Flat pixel index ``row * columns + column`` of each point in degrees."""
        return np.asarray(self.row_of(latitude) * self.columns + self.column_of(longitude), np.int64)

    def point_of(self, pixel: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes in degrees of the centres of flat pixel indices."""
        row, column = np.divmod(np.asarray(pixel, np.int64), self.columns)
        return self.latitudes[row], self.longitudes[column]

    def area_of(self, pixel: npt.ArrayLike) -> FloatArray:
        """Areas in km2 of flat pixel indices."""
        return self.pixel_area_km2[np.asarray(pixel, np.int64) // self.columns]
