"""A list of towns with coordinates: those of GeoNames that ship, or a table that somebody supplies. Knows no photo."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from engine.errors import InputError, LayerError
from engine.geometry.sphere import check_point
from engine.layers import builtin
from engine.typing import FloatArray

LEAST_PEOPLE = 100_000
"""People of the towns taken of GeoNames, some 6,000; a country that has none such gives its largest place."""
PLACES = "evidence_places"
"""Name on record of the file of GeoNames' places."""
POINTS_A_DEGREE = 1e5
"""Its coordinates are whole numbers of 1 / 100,000 degree."""
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


def shipped_towns(country_names: Mapping[str, str], least_people: int = LEAST_PEOPLE) -> Towns:
    """The larger towns of GeoNames, as they ship with the project, and the largest place of every other country.

    Args:
        country_names: by ISO 3166 alpha-2 code, as prompts want them; other countries are left out.
        least_people: number of people of a town.

    Raises:
        LayerError: the list of places is missing or damaged.
    """
    try:
        with builtin.layer_path(PLACES).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = file["names"].tobytes().decode().split("\n")
            codes, people = file["codes"].astype(str), file["population"].astype(np.int64)
            latitude, longitude = file["points"].T / POINTS_A_DEGREE
    except (OSError, BadZipFile, ValueError, KeyError) as error:
        raise LayerError(
            f"The list of places cannot be read ({type(error).__name__}); install the project again."
        ) from error
    order = np.argsort(-people, kind="stable")
    largest = order[np.unique(codes[order], return_index=True)[1]]
    wanted = np.union1d(np.flatnonzero(people >= least_people), largest)
    use = wanted[np.isin(codes[wanted], list(country_names))]
    return Towns(
        tuple(names[place] for place in use),
        ("",) * use.size,
        tuple(country_names[code] for code in codes[use].tolist()),
        latitude[use],
        longitude[use],
    )


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
