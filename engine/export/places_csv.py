"""The ranked places as CSV, one a row, safe to open in a spreadsheet."""

import csv
from pathlib import Path
from typing import Any

from engine.export.contents import Contents
from engine.export.texts import csv_cell

COLUMNS = ("rank", "latitude", "longitude", "probability", "area_km2", "name", "photo", "photo_sha256")


def write_places_csv(contents: Contents, path: Path) -> None:
    """UTF-8, comma, a header; a text that could be a formula has an apostrophe in front."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        rows.writerows(_row(place, contents) for place in contents.places)


def _row(place: Any, contents: Contents) -> list[object]:
    numbers = [place["rank"], place["lat"], place["lon"], place["probability"], place["area_km2"]]
    texts = [place.get("name", ""), contents.photo.get("name", ""), contents.photo.get("sha256", "")]
    return [*numbers, *(csv_cell(str(text)) for text in texts)]
