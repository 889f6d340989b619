"""The table of a batch as Parquet, CSV or GeoJSON: one row per photo, the same columns whatever happened to it."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.errors import ExportError
from engine.export.texts import csv_cell
from engine.files import atomic_path

TEXT = ("photo", "path", "sha256", "status", "error", "notes", "places", "region_sha256", "region_geojson")
NUMBERS = (
    "lat", "lon", "place_probability", "region_area_km2", "region_probability", "region_parts", "budget_km2",
    "mass", "hit_rate", "hit_rate_low", "hit_rate_high", "nats",
)  # fmt: skip
COLUMNS = (
    "photo", "status", "error", "lat", "lon", "place_probability", "region_area_km2", "region_probability",
    "region_parts", "hit_rate", "hit_rate_low", "hit_rate_high", "budget_km2", "mass", "nats", "places", "notes",
    "path", "sha256", "region_sha256", "region_geojson",
)  # fmt: skip

Row = Mapping[str, Any]


def write_table(rows: Sequence[Row], out: Path) -> None:
    """Write rows whole or not at all; the ending decides the format.

    Raises:
        ExportError: the file cannot be written.
    """
    try:
        with atomic_path(out) as temporary:
            FORMATS[out.suffix.lower()]([_flat(row) for row in rows], temporary)
    except OSError as error:
        raise ExportError(
            f"{out} could not be written ({error.strerror}); choose a folder that you may write."
        ) from error


def _flat(row: Row) -> dict[str, Any]:
    """A row with every column; the best place in columns of its own, lists as JSON."""
    best = row["places"][0] if row.get("places") else {}
    told = {
        **row,
        "lat": best.get("lat"),
        "lon": best.get("lon"),
        "place_probability": best.get("probability"),
        "places": json.dumps(row.get("places", [])),
        "notes": " ".join(row.get("notes", [])),
    }
    return {name: _encodable(told.get(name)) for name in COLUMNS}


def _encodable(value: Any) -> Any:
    """A text that can be written: what a file's name has besides UTF-8 is spelled out, with a backslash."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _write_parquet(rows: Sequence[Row], path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {**dict.fromkeys(TEXT, pa.string()), **dict.fromkeys(NUMBERS, pa.float64())}
    columns = {name: pa.array([row[name] for row in rows], kinds[name]) for name in COLUMNS}
    parquet.write_table(pa.table(columns), path, compression="zstd")


def _write_csv(rows: Sequence[Row], path: Path) -> None:
    text = io.StringIO()
    names = [name for name in COLUMNS if name != "region_geojson"]
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(row[name]) for name in names} for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def _harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    return csv_cell(value) if isinstance(value, str) else value


def _write_geojson(rows: Sequence[Row], path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(row["region_geojson"]) if row["region_geojson"] else None,
            "properties": {
                **{name: row[name] for name in COLUMNS if name != "region_geojson"},
                "places": json.loads(row["places"]),
            },
        }
        for row in rows
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, allow_nan=False, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


FORMATS: dict[str, Callable[[Sequence[Row], Path], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".geojson": _write_geojson,
}
