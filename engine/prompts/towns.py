"""A list of towns with coordinates, from a table that somebody supplies. Knows no photo."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.earth.sphere import FloatArray, check_point
from engine.errors import InputError

COLUMNS = ("town", "region", "country", "latitude", "longitude")


@dataclass(frozen=True, eq=False)
class Towns:
    """Towns with coordinates.

    Attributes:
        town, region, country: names, ``(P,)`` each; a region may be empty.
        latitude, longitude: ``(P,)`` degrees.
    """

    town: tuple[str, ...]
    region: tuple[str, ...]
    country: tuple[str, ...]
    latitude: FloatArray
    longitude: FloatArray

    def __len__(self) -> int:
        """Number of towns."""
        return len(self.town)


def read_towns_csv(path: Path) -> Towns:
    """Towns of a CSV file with the columns town, region, country, latitude, longitude.

    Raises:
        InputError: the file cannot be read, has other columns, no town, or a town off the globe.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        columns = [[row[name] for row in rows] for name in COLUMNS]
        points = [check_point(float(lat), float(lon)) for lat, lon in zip(columns[3], columns[4], strict=True)]
    except InputError:
        raise
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{path.name} cannot be read as towns; give columns {', '.join(COLUMNS)}.") from error
    if not rows:
        raise InputError(f"{path.name} names no town; give at least one.")
    latitude, longitude = np.array(points, np.float64).T
    return Towns(tuple(columns[0]), tuple(columns[1]), tuple(columns[2]), latitude, longitude)
