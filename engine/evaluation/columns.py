"""Reads CSV files from other sources: finds columns by name and checks numbers."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError

ID_NAMES = ("id", "img_id", "image_id", "photo_id", "image", "img", "photo", "filename", "file", "name", "path", "key")
LATITUDE_NAMES = ("lat", "latitude", "pred_lat", "predicted_lat", "lat_pred", "p_lat", "gt_lat")
LONGITUDE_NAMES = ("lon", "lng", "long", "longitude", "pred_lon", "pred_lng", "predicted_lon", "predicted_lng",
                   "lon_pred",
                   "p_lng", "p_lon", "gt_lon", "gt_lng")  # fmt: skip


@dataclass(frozen=True)
class CsvTable:
    """A CSV file as text.

    Attributes:
        path: where it was read from.
        header: column names as written, stripped.
        rows: one list of cells per row; short rows are padded with empty cells.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def find(self, names: Sequence[str]) -> int | None:
        """Position of the first of these columns that there is; case does not matter."""
        lower = [name.lower() for name in self.header]
        return next((lower.index(name) for name in names if name in lower), None)

    def need(self, names: Sequence[str], what: str) -> int:
        """Position of a column that must be there.

        Raises:
            InputError: it is not.
        """
        found = self.find(names)
        if found is None:
            raise InputError(
                f"{self.path.name} has no column for the {what}; it has {', '.join(self.header) or 'none'}. "
                f"Name the column {names[0]!r}."
            )
        return found

    def column(self, position: int) -> list[str]:
        """Stripped cells of one column."""
        return [row[position].strip() for row in self.rows]


def read_csv(path: Path) -> CsvTable:
    """A CSV file with a header line; commas, semicolons or tabs.

    Raises:
        InputError: it cannot be read, is not text, or has no row.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a CSV file.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 text; save it as a CSV file with a header line.") from error
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if line]
    except csv.Error as error:
        raise InputError(f"{path.name} is not a CSV file ({error}); save it with a header line and commas.") from error
    if len(lines) < 2:
        raise InputError(f"{path.name} holds no row; give a header line and one line per photo.")
    width = len(lines[0])
    rows = tuple((*line[:width], *("",) * (width - len(line))) for line in lines[1:])
    return CsvTable(path, tuple(name.strip() for name in lines[0]), rows)


def number(text: str) -> float:
    """The number in a cell; NaN where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def on_globe(latitude: float, longitude: float) -> bool:
    """Whether two numbers are a point in degrees; longitudes up to 360 are taken as written by some tools."""
    return math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and -180 <= longitude <= 360
