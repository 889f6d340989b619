"""The tables of an evaluation as files; each is made only when it is asked for."""

import json
from collections.abc import Callable

import streamlit as st

from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate.results import Results
from dashboard.evaluate.worker import plain_stem
from engine.evaluation.tables import report_markdown


def show(found: Results) -> None:
    """Draw one button a file."""
    name = plain_stem(found.folder.name)
    with st.container(horizontal=True):
        _button("Tables (Markdown)", lambda: report_markdown(found.summary, name), f"{name}.md", "text/markdown")
        _button("Ensembles (CSV)", lambda: _ensembles(found), f"{name}-ensembles.csv", "text/csv")
        _button("Breakdowns (CSV)", lambda: _breakdowns(found), f"{name}-breakdowns.csv", "text/csv")
        _button("Photos (CSV)", lambda: _photos(found), f"{name}-photos.csv", "text/csv")
        _button("Summary (JSON)", lambda: json.dumps(found.summary, indent=1), f"{name}.json", "application/json")


def _button(label: str, content: Callable[[], str], file: str, mime: str) -> None:
    st.download_button(
        label, content, file_name=file, mime=mime, on_click="ignore", icon=":material/download:", key=f"file_{file}"
    )


def _ensembles(found: Results) -> str:
    return evaluate_tables.csv_text(evaluate_tables.ensembles(found.summary["ensembles"]))


def _breakdowns(found: Results) -> str:
    rows = [
        {"by": evaluate_tables.words(name), **row}
        for name, rows in found.summary["breakdown"].items()
        for row in evaluate_tables.breakdown(rows, found.names)
    ]
    return evaluate_tables.csv_text(rows)


def _photos(found: Results) -> str:
    """One row per photo and ensemble."""
    rows = [row for name in found.names for row in _rows(found, name)]
    return evaluate_tables.csv_text(rows)


def _rows(found: Results, name: str) -> evaluate_tables.Table:
    one = found.named(name)
    return [
        {
            "id": photo,
            "lat": float(found.latitude[n]),
            "lon": float(found.longitude[n]),
            "ensemble": name,
            "searched_km2": float(one.scores.reach_km2[n]),
            "off_by_km": float(one.error_km[n]),
            "top_lat": float(found.top_latitude[name][n]),
            "top_lon": float(found.top_longitude[name][n]),
        }
        for n, photo in enumerate(found.ids)
    ]
