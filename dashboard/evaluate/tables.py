"""Tables of an evaluation on the page and as CSV. Text of others is shown in cells, never as Markdown."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from engine.evaluation.recall_area import CAPS_KM
from engine.export.texts import csv_cell

Table = list[dict[str, Any]]
"""Rows with equal columns; None is an empty cell."""
MOST_AT_ONCE = 24
"""Rows that a table shows without scrolling."""
SHARE = "share of log area"
WHOLE = ("median km²", "median km", "photos", "searched, km²", "error, km")


def show(rows: Table, key: str) -> None:
    """Draw a table; percentages with one decimal, areas and distances with thousands apart."""
    import pyarrow as pa

    columns = {name: _column(name) for row in rows[:1] for name, value in row.items() if not isinstance(value, str)}
    first = {name: st.column_config.TextColumn(pinned=True) for name in list(rows[0])[:1]} if rows else {}
    st.dataframe(
        pa.Table.from_pylist(rows), hide_index=True, width="stretch", column_config={**columns, **first}, key=key,
        height="content" if len(rows) <= MOST_AT_ONCE else "auto",
    )  # fmt: skip


def _column(name: str) -> Any:
    if name in WHOLE:
        return st.column_config.NumberColumn(format="localized")
    return st.column_config.NumberColumn(format="%.3f" if name == SHARE else "%.1f")


def ensembles(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Tables 1 and 2 of Bianco et al. 2024: recall at the cap areas, top-1 distance within the radii, medians."""
    return [_ensemble(row) for row in rows]


def _ensemble(row: Mapping[str, Any]) -> dict[str, Any]:
    rva = {f"RvA {cap} km": _number(row["rva"][str(cap)]) for cap in CAPS_KM}
    gcd = {f"GCD {cap} km": _number(row["gcd"][str(cap)]) for cap in CAPS_KM}
    more = {
        "median km²": _whole(row["median_area_km2"]),
        "median km": _whole(row["median_km"]),
        SHARE: _number(row["area_under_curve"]),
        "photos": int(row["photos"]),
    }
    return {"ensemble": str(row["name"]), **rva, **gcd, **more}


def intervals(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Recall at the cap areas with 95 % bootstrap intervals, as text."""
    return [
        {"ensemble": str(row["name"])}
        | {f"{c} km, %": _spread(row["rva"][str(c)], row["rva_interval"][str(c)]) for c in CAPS_KM}
        for row in rows
    ]


def ties(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Recall under the three policies for equally dense cells, as text."""
    keys = ("rva", "rva_expected", "rva_optimistic")
    return [
        {"ensemble": str(row["name"])}
        | {f"{c} km, %": " / ".join(_one(row[key][str(c)]) for key in keys) for c in CAPS_KM}
        for row in rows
    ]


def breakdown(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    """Recall at the cap areas per group, for some ensembles."""
    return [
        {"group": words(row["group"]), "ensemble": str(row["name"]), "photos": int(row["photos"])}
        | {f"{cap} km, %": _number(row["rva"][str(cap)]) for cap in CAPS_KM}
        | {"median km²": _whole(row["median_area_km2"]), "median km": _whole(row["median_km"])}
        for row in rows
        if row["name"] in names
    ]


def coverage(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Coverage on test photos against nominal coverage, in percent."""
    return [
        {
            "group": words(row["group"]),
            "nominal, %": 100 * row["nominal"],
            "empirical, %": 100 * row["coverage"],
            "95 % interval": f"{100 * row['interval'][0]:.1f} to {100 * row['interval'][1]:.1f}",
            "as pooled, %": 100 * row["uncalibrated"],
            "photos": int(row["photos"]),
            "note": str(row["note"]),
        }
        for row in rows
    ]


def csv_text(rows: Table) -> str:
    """A table as CSV; names of others, such as those of photos, are no formulas in it."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]) if rows else [], lineterminator="\n")
    for row in ({name: name for name in writer.fieldnames}, *rows):
        writer.writerow({name: csv_cell(cell) if isinstance(cell, str) else cell for name, cell in row.items()})
    return sink.getvalue()


def words(label: str) -> str:
    """A label as people write it."""
    return str(label).replace("_", " ")


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _one(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _spread(value: float | None, interval: Sequence[float | None]) -> str:
    if value is None or interval[0] is None or interval[1] is None:
        return "—"
    return f"{value:.1f} ({interval[0]:.1f} to {interval[1]:.1f})"
