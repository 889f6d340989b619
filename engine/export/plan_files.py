"""The formats that a search plan can be written in, as one table, and its table of segments as CSV."""

import csv
import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from engine.errors import ExportError, InputError
from engine.export.plan_contents import PlanContents
from engine.export.plan_geojson import write_plan_geojson
from engine.export.plan_gpx import write_plan_gpx
from engine.export.plan_kml import write_plan_kml


def write_plan_csv(contents: PlanContents, path: Path) -> None:
    """The table, densest segment first, with the rest of the world last."""
    periods = range(1, contents.plan.periods + 1)
    heads = (
        "segment",
        "area_km2",
        "initial_poa_percent",
        "poa_percent",
        *(f"pod_{n}" for n in periods),
        "cumulative_pod_percent",
        "pos_percent",
        "density_percent_per_km2",
        "density_rank",
        "next_team_hours",
        "next_expected_pod_percent",
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    for _, row, given in sorted(contents.rows(), key=lambda each: each[1].rank):
        pods = [f"{100 * row.pods[n - 1]:g}" if n <= len(row.pods) else "" for n in periods]
        following = ("", "") if given is None else (f"{given.hours:.2f}", f"{100 * given.pod:.1f}")
        name = f"'{row.name}" if row.name[:1] in "=+-@\t" else row.name  # no formula for a spreadsheet
        writer.writerow(
            (
                name,
                f"{row.area_km2:.4f}",
                f"{100 * row.initial_poa:.4f}",
                f"{100 * row.poa:.4f}",
                *pods,
                f"{100 * row.cumulative_pod:.2f}",
                f"{100 * row.pos:.4f}",
                f"{100 * row.density:.5f}",
                row.rank,
                *following,
            )
        )
    rest = ("Rest of the world", "", f"{100 * contents.table.initial_rest:.4f}", f"{100 * contents.table.rest:.4f}")
    writer.writerow((*rest, *[""] * (len(heads) - len(rest))))
    path.write_text(text.getvalue(), "utf-8-sig", newline="")


@dataclass(frozen=True)
class PlanExport:
    """One format.

    Attributes:
        suffix: of its files, with the dot.
        title: its name as people say it.
        media_type: for a browser.
        write: writes contents to a path.
    """

    suffix: str
    title: str
    media_type: str
    write: Callable[[PlanContents, Path], None]


PLAN_EXPORTS: Mapping[str, PlanExport] = MappingProxyType(
    {
        each.suffix: each
        for each in (
            PlanExport(".kml", "KML", "application/vnd.google-earth.kml+xml", write_plan_kml),
            PlanExport(".geojson", "GeoJSON", "application/geo+json", write_plan_geojson),
            PlanExport(".gpx", "GPX", "application/gpx+xml", write_plan_gpx),
            PlanExport(".csv", "CSV table", "text/csv", write_plan_csv),
        )
    }
)
"""Every format by the suffix of its files."""


def write_plan(contents: PlanContents, path: Path) -> Path:
    """Write a file in the format of its suffix.

    Raises:
        InputError: the suffix names no format.
        ExportError: the file cannot be written.
    """
    export = PLAN_EXPORTS.get({".json": ".geojson"}.get(path.suffix.lower(), path.suffix.lower()))
    if export is None:
        raise InputError(f"{path.name!r} ends in no format of a plan; end it in {', '.join(PLAN_EXPORTS)}.")
    try:
        export.write(contents, path)
    except OSError as error:
        told = f"{path} could not be written ({error.strerror or error}); choose a folder that you may write."
        raise ExportError(told) from error
    return path


def plan_bytes(contents: PlanContents, export: PlanExport) -> bytes:
    """A file as bytes, for a download.

    Raises:
        ExportError: it cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix="hereabouts-") as folder:
        path = Path(folder) / f"plan{export.suffix}"
        return write_plan(contents, path).read_bytes()
