"""The engine's figures in colours that every reader can tell apart, on the paper of the light or the dark theme.

Colours and dashes differ together, so that no curve is told by its colour alone. Measures nothing.
"""

import io
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.benchmark import Evaluation, Measured
from engine.evaluation.plots import coverage_figure, recall_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Theme = Literal["light", "dark"]
Format = Literal["svg", "png"]

PAPER = {"light": "#ffffff", "dark": "#171614"}
INK = {"light": "#262730", "dark": "#fafafa"}
# Okabe and Ito (2008), each theme in the order in which its own paper lets them stand out; all are 3:1 or more.
CURVES = {
    "light": ("#262730", "#0072B2", "#D55E00", "#00835F", "#B3568A", "#946600", "#2D7FB0", "#767676"),
    "dark": ("#fafafa", "#56B4E9", "#E69F00", "#00B383", "#CC79A7", "#F0E442", "#D55E00", "#999999"),
}
DASHES: tuple[tuple[float, ...], ...] = ((), (6, 2), (2, 1.2), (7, 2, 1.5, 2), (4, 1.5, 1, 1.5, 1, 1.5), (10, 3))
MOST_CURVES = 8
CAP_LINE = "--"
_DRAWING = threading.Lock()  # matplotlib's font cache is one for all threads


def recall_picture(
    members: Sequence[Measured], balance: NDArray[np.int64] | None, theme: Theme, kind: Format = "svg"
) -> bytes:
    """Recall against area and what is gained over the first of ``members``, as SVG or PNG."""
    # A figure looks at the balance alone, and neither at the world nor at the manifest.
    shown = cast("Evaluation", _Balance(balance))
    with _DRAWING:
        figure = recall_figure(shown, members, members[0].ensemble.name)
        return _saved(_styled(figure, theme), theme, kind)


def coverage_picture(rows: Sequence[Mapping[str, Any]], name: str, theme: Theme, kind: Format = "svg") -> bytes:
    """Empirical against nominal coverage, as SVG or PNG."""
    with _DRAWING:
        return _saved(_styled(coverage_figure(rows, name), theme), theme, kind)


class _Balance:
    def __init__(self, balance: NDArray[np.int64] | None) -> None:
        self.balance = balance


def _styled(figure: "Figure", theme: Theme) -> "Figure":
    size = 8.5 if len(figure.axes) < 3 else 11.0  # shown at the width of the page: more panels, smaller letters
    for axes in figure.axes:
        _on_paper(axes, theme, size)
        curves = [line for line in axes.lines if line.get_linestyle() != CAP_LINE and line.get_color() != "grey"]
        for number, line in enumerate(curves):
            _as_curve(line, number, theme)
        for line in axes.lines:
            if line.get_linestyle() == CAP_LINE and line.get_color() == "black":
                line.set(color=INK[theme], alpha=0.5)
        _bars(axes, theme)
        _radii_on_top(axes, theme, size)
        if axes.get_legend() is not None:
            axes.legend(fontsize=size - 0.5, labelcolor=INK[theme], facecolor=PAPER[theme], framealpha=0.8, loc="best")
    figure.set_facecolor(PAPER[theme])
    return figure


def _on_paper(axes: "Axes", theme: Theme, size: float) -> None:
    axes.set_facecolor(PAPER[theme])
    axes.tick_params(colors=INK[theme], which="both", labelsize=size)
    for spine in axes.spines.values():
        spine.set_color(INK[theme])
    for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
        text.set(color=INK[theme], fontsize=size + 0.5)


def _radii_on_top(axes: "Axes", theme: Theme, size: float) -> None:
    """The radii of the cap areas as ticks on top, where no curve runs through them."""
    marks = {text.get_position()[0]: text.get_text() for text in axes.texts}
    for text in list(axes.texts):
        text.remove()
    if marks:
        top = axes.secondary_xaxis("top")
        top.set_xticks(list(marks), labels=[text.removesuffix(" km") for text in marks.values()], minor=False)
        top.set_xticks([], minor=True)
        top.tick_params(colors=INK[theme], labelsize=size - 0.5, length=3)
        top.set_xlabel("radius of a circle as large, km", color=INK[theme], fontsize=size - 0.5)
        top.spines["top"].set_color(INK[theme])


def _as_curve(line: "Line2D", number: int, theme: Theme) -> None:
    line.set_color(CURVES[theme][number % MOST_CURVES])
    line.set_linewidth(1.9)
    if line.get_marker() in ("None", None, ""):
        line.set_linestyle((0, DASHES[number % len(DASHES)]) if DASHES[number % len(DASHES)] else "-")


def _bars(axes: "Axes", theme: Theme) -> None:
    """Error bars in the colour of their curve."""
    for collection in axes.collections:
        collection.set_color(CURVES[theme][0])


def _saved(figure: "Figure", theme: Theme, kind: Format) -> bytes:
    sink = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else None  # the same figure gives the same bytes
    figure.savefig(sink, format=kind, dpi=200, facecolor=PAPER[theme], metadata=metadata)
    return sink.getvalue()
