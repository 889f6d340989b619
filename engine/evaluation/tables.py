"""Result tables as Markdown in the layout of Tables 1 and 2 of Bianco et al. 2024."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.evaluation.distance import DistanceTable
from engine.evaluation.published import PublishedTable
from engine.evaluation.recall_area import CAPS_KM

NAMES = ("Street", "City", "Region", "Country", "Continent")
EMPTY = "—"


def number(value: float | None, decimals: int = 2) -> str:
    """A figure, or a dash where there is none."""
    return EMPTY if value is None else f"{value:,.{decimals}f}"


def _heading(first: str, more: Sequence[str]) -> list[str]:
    radii = [f"{name} {radius} km" for name, radius in zip(NAMES, CAPS_KM, strict=True)]
    cells = [first, *(f"RvA {text}" for text in radii), *(f"GCD {text}" for text in radii), *more]
    return [line(cells), line(["---", *["---:"] * (len(cells) - 1)])]


def line(cells: Sequence[str]) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def paper_table(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """RvA and GCD in percent per ensemble, with median area and distance (Bianco et al. 2024, Tables 1, 2)."""
    lines = [f"### {title}", "", *_heading("Method", ["median km²", "median km", "photos"])]
    for row in rows:
        cells = [row["name"], *_five(row["rva"]), *_five(row["gcd"])]
        more = [number(row["median_area_km2"], 0), number(row["median_km"], 0), str(row["photos"])]
        lines.append(line([*cells, *more]))
    return "\n".join(lines) + "\n"


def interval_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Recall at the cap areas with 95 % intervals, and what ties are worth."""
    head = ["Method", *(f"{cap} km" for cap in CAPS_KM), "area under curve"]
    lines = [line(head), line(["---", *["---:"] * (len(head) - 1)])]
    for row in rows:
        cells = [_with_interval(row["rva"][str(cap)], row["rva_interval"][str(cap)]) for cap in CAPS_KM]
        area = _with_interval(row["area_under_curve"], row["area_under_curve_interval"], 3)
        lines.append(line([row["name"], *cells, area]))
    return "\n".join(lines) + "\n"


def ties_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Recall when equally dense cells are searched last, in random order, first."""
    head = ["Method", *(f"{cap} km" for cap in CAPS_KM)]
    lines = [line(head), line(["---", *["---:"] * len(CAPS_KM)])]
    for row in rows:
        parts = [row[key] for key in ("rva", "rva_expected", "rva_optimistic")]
        lines.append(line([row["name"], *(" / ".join(number(p[str(cap)], 1) for p in parts) for cap in CAPS_KM)]))
    return "\n".join(lines) + "\n"


def breakdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Recall at the cap areas per group."""
    head = ["Group", "photos", "Method", *(f"{cap} km" for cap in CAPS_KM), "median km²"]
    lines = [line(head), line(["---", "---:", "---", *["---:"] * (len(head) - 3)])]
    for row in rows:
        cells = [row["group"], str(row["photos"]), row["name"], *_five(row["rva"]), number(row["median_area_km2"], 0)]
        lines.append(line(cells))
    return "\n".join(lines) + "\n"


def report_markdown(facts: Mapping[str, Any], title: str) -> str:
    """The whole report of ``hereabouts evaluate``: tables, ties, breakdowns, notes."""
    blocks = [f"# {title}\n", paper_table(facts["ensembles"], _set_name(facts))]
    if "ensembles_all" in facts:
        blocks.append(paper_table(facts["ensembles_all"], "All photos"))
    blocks += ["### 95 % bootstrap intervals, percent\n", interval_table(facts["ensembles"])]
    blocks += ["### Ties: pessimistic (Algorithm 3) / expected / optimistic\n", ties_table(facts["ensembles"])]
    for name, rows in facts["breakdown"].items():
        blocks += [f"### By {name.replace('_', ' ')}\n", breakdown_table(rows)]
    leakage = facts.get("leakage", {}).get("sentences", [])
    notes = [*facts["notes"], *leakage]
    if notes:
        blocks += ["### Notes\n", "\n".join(f"- {note}" for note in notes) + "\n"]
    return "\n".join(blocks)


def _set_name(facts: Mapping[str, Any]) -> str:
    return "All photos" if facts["balance"] == "none" else f"Balanced by {facts['balance']} bucket"


def distance_markdown(table: DistanceTable, name: str = "Predictions") -> str:
    """The classic GCD table of one model's points."""
    head = ["Model", *(f"{n} {radius} km" for n, radius in zip(NAMES, CAPS_KM, strict=True)), "median km", "photos"]
    cells = [f"{table.percent[cap]:.2f}" for cap in CAPS_KM]
    lines = [line(head), line(["---", *["---:"] * (len(head) - 1)])]
    lines.append(line([name, *cells, number(table.median_km, 1), str(table.photos)]))
    spread = [f"{table.interval[cap][0]:.1f} to {table.interval[cap][1]:.1f}" for cap in CAPS_KM]
    low, high = table.median_interval_km
    lines.append(line(["95 % interval", *spread, f"{low:,.1f} to {high:,.1f}", ""]))
    lines += ["", *(f"{count} rows: {reason}." for reason, count in table.excluded.items())]
    return "\n".join(lines).rstrip() + "\n"


def beside_published(rows: Sequence[Mapping[str, Any]], published: PublishedTable, names: Mapping[str, str]) -> str:
    """Our rows under the paper's.

    Args:
        rows: ours, from a summary.
        published: the paper's table.
        names: row of the paper for each of our names that has one.
    """
    lines = [f"### {published.title}", "", *_heading("Method", ["photos"])]
    for theirs, (rva, gcd) in published.rows.items():
        cells = [f"{theirs} (published)", EMPTY, *map(number, rva), *map(number, gcd), str(published.photos)]
        lines += [line(cells), *(_ours(row) for row in rows if names.get(row["name"]) == theirs)]
    lines += [_ours(row) for row in rows if row["name"] not in names]
    return "\n".join(lines) + "\n"


def _ours(row: Mapping[str, Any]) -> str:
    return line([f"**{row['name']}** (ours)", *_five(row["rva"]), *_five(row["gcd"]), str(row["photos"])])


def _five(values: Mapping[str, float | None]) -> list[str]:
    return [number(values[str(cap)]) for cap in CAPS_KM]


def _with_interval(value: float | None, interval: Sequence[float | None], decimals: int = 1) -> str:
    if value is None or interval[0] is None:
        return EMPTY
    return f"{value:.{decimals}f} ({interval[0]:.{decimals}f} to {interval[1]:.{decimals}f})"
