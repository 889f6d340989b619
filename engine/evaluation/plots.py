"""Figures 4 and 5 of Bianco et al. 2024, and empirical against nominal coverage, as SVG and PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import ExportError
from engine.evaluation.benchmark import Evaluation, Measured
from engine.evaluation.recall_area import CAP_AREAS_KM2, CAPS_KM, recall_curve
from engine.geometry.sphere import EARTH_AREA_KM2

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AREAS_KM2 = np.geomspace(1.0, EARTH_AREA_KM2, 340)
STYLES = {"": "-", "+LS": "-", "+LC": "-", "+LS+LC": "-", "+LS urban prior": ":"}
FORMATS = ("svg", "png")


def save_figures(evaluation: Evaluation, facts: Mapping[str, Any], folder: Path) -> list[Path]:
    """One recall-vs-area figure per base and rule, and one coverage figure per calibration.

    Raises:
        ExportError: matplotlib is missing or a file cannot be written.
    """
    written = []
    for base, members in families(evaluation.measured).items():
        written += _save_figure(recall_figure(evaluation, members, base), folder, f"rva-{_file_name(base)}")
    for name, rows in facts.get("coverage", {}).items():
        written += _save_figure(coverage_figure(rows, name), folder, f"coverage-{_file_name(name)}")
    return written


def families(measured: Sequence[Measured]) -> dict[str, list[Measured]]:
    """Ensembles that are drawn together: a base first, then what is compared with it."""
    names = {m.ensemble.name: m for m in measured}
    found: dict[str, list[Measured]] = {}
    for one in measured:
        base = one.ensemble.base
        if base in names and base != one.ensemble.name:
            found.setdefault(base, [names[base]]).append(one)
    return found or {m.ensemble.name: [m] for m in measured[:1]}


def recall_figure(evaluation: Evaluation, members: Sequence[Measured], base: str) -> "Figure":
    """Panels (a) all photos, (b) the balanced set if there is one, (c) points gained over the base."""
    figure = _figure(3 if evaluation.balance is not None else 2)
    axes = list(figure.axes)
    _curves(axes[0], members, "(a) all photos")
    shown = members
    if evaluation.balance is not None:
        shown = [m.take(evaluation.balance) for m in members]
        _curves(axes[1], shown, "(b) balanced by population")
    _gains(axes[-1], shown, f"({'c' if len(axes) == 3 else 'b'}) gain over {base}")
    axes[0].legend(fontsize=7, loc="upper left")
    return figure


def _figure(panels: int) -> "Figure":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ExportError(
            "Figures need matplotlib, which is not installed; install it with: pip install matplotlib."
        ) from error
    figure = Figure(figsize=(4.6 * panels, 3.8), layout="constrained")
    for axes in np.atleast_1d(figure.subplots(1, panels)):
        axes.grid(alpha=0.25)
    return figure


def _curves(axes: "Axes", members: Sequence[Measured], title: str) -> None:
    for member in members:
        axes.plot(AREAS_KM2, 100 * recall_curve(member.scores, AREAS_KM2), _style(member), label=member.ensemble.name)
    axes.set(ylabel="recall, %", ylim=(0, 101))
    _area_axis(axes, title)


def _gains(axes: "Axes", members: Sequence[Measured], title: str) -> None:
    base = recall_curve(members[0].scores, AREAS_KM2)
    for member in members:
        axes.plot(AREAS_KM2, 100 * (recall_curve(member.scores, AREAS_KM2) - base), _style(member))
    axes.set(ylabel="recall gained, points")
    _area_axis(axes, title)


def _style(member: Measured) -> str:
    return ":" if member.ensemble.urban else "-"


def _area_axis(axes: "Axes", title: str) -> None:
    axes.set_xscale("log")
    axes.set(xlabel="area searched, km²", title=title, xlim=(AREAS_KM2[0], AREAS_KM2[-1]))
    for area, radius in zip(CAP_AREAS_KM2, CAPS_KM, strict=True):
        if area > AREAS_KM2[0]:
            axes.axvline(area, color="black", linestyle="--", linewidth=0.7)
            axes.text(area, axes.get_ylim()[0], f"{radius} km", rotation=90, fontsize=6, va="bottom", ha="right")


def coverage_figure(rows: Sequence[Mapping[str, Any]], name: str) -> "Figure":
    """Coverage of calibrated and uncalibrated regions against nominal coverage, with 95 % intervals."""
    figure = _figure(1)
    axes = figure.axes[0]
    whole = [row for row in rows if row["group"] == "all"]
    nominal = np.array([row["nominal"] for row in whole])
    found = np.array([row["coverage"] for row in whole])
    spread = np.abs(np.array([row["interval"] for row in whole]).T - found)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.errorbar(nominal, found, spread, marker="o", label="calibrated")
    axes.plot(nominal, [row["uncalibrated"] for row in whole], marker="x", linestyle=":", label="as pooled")
    axes.set(xlabel="nominal coverage", ylabel="empirical coverage", title=f"{name}: {whole[0]['photos']} test photos")
    axes.legend(fontsize=7)
    return figure


def _save_figure(figure: "Figure", folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}.{ending}" for ending in FORMATS]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            figure.savefig(path, dpi=160)
    except OSError as error:
        raise ExportError(
            f"{folder} could not be written ({error.strerror}); choose another folder with --out."
        ) from error
    return paths


def _file_name(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text).strip("-") or "figure"
