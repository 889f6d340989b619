"""The runs behind Tables 1 and 2 of Bianco et al. 2024, from the user's own copies of the photos."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from engine.errors import InputError
from engine.evaluation.columns import ID_NAMES, LATITUDE_NAMES, LONGITUDE_NAMES, read_csv
from engine.evaluation.manifest import AUTHOR_NAMES
from engine.evaluation.records import write_text
from engine.photos.photo import ENDINGS

TITLES = {"geoclip": "GeoCLIP", "geoestimation": "GeoEst.", "cells": "GeoEst.", "cell_classifier": "GeoEst."}
"""Base of the paper that a predictor or a set of points stands for, by the start of its name."""


def prepared_manifest(source: Path, target: Path) -> Path:
    """A manifest from a folder of photos with one metadata CSV (``IMG_ID, LAT, LON[, AUTHOR]``); a manifest as it is.

    Raises:
        InputError: the folder has no photo or not exactly one CSV file with coordinates.
        ExportError: the manifest cannot be written.
    """
    if source.is_file():
        return source
    tables = sorted(source.glob("*.csv")) if source.is_dir() else []
    if len(tables) != 1:
        raise InputError(
            f"{source} holds {len(tables)} CSV files; give the folder of the photos with the one metadata file "
            "(IMG_ID, LAT, LON, AUTHOR) in it, or a manifest."
        )
    photos = {path.name: path for path in sorted(source.rglob("*")) if path.suffix.lower() in ENDINGS}
    if not photos:
        raise InputError(f"{source} holds no photo; give the folder that the photos were unpacked into.")
    table = read_csv(tables[0])
    columns = [
        table.need(n, w) for n, w in ((ID_NAMES, "id"), (LATITUDE_NAMES, "latitude"), (LONGITUDE_NAMES, "longitude"))
    ]
    author = table.find(AUTHOR_NAMES)
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["id", "path", "lat", "lon", "author"])
    for row in table.rows:
        photo, latitude, longitude = (row[column].strip() for column in columns)
        found = photos.get(Path(photo).name) or photos.get(f"{Path(photo).name}.jpg")
        path = (found or source / photo).resolve()
        writer.writerow([photo, path, latitude, longitude, row[author].strip() if author is not None else ""])
    write_text(target, lines.getvalue())
    return target


def paper_rows(names: Iterable[str]) -> dict[str, str]:
    """Row of the paper for each of our ensembles that has one: same base, same attributes, the paper's product."""
    rows = {}
    for name in names:
        if not name.endswith(", product"):
            continue
        base, _, variant = name.removesuffix(", product").partition(" ")
        title = next((title for start, title in TITLES.items() if base.lower().startswith(start)), None)
        if title is not None:
            rows[name] = f"{title} {variant}".strip()
    return rows
