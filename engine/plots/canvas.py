"""A matplotlib figure without a window, and saving it."""

from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ExportError, InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg", ".pdf")
GROUND = "#10151c"
"""Background around a map."""
LAND = "#2b3644"
"""Land under a mask of the population."""


def new_figure(width: float, height: float, panels: int = 1, across: bool = False) -> "tuple[Figure, list[Axes]]":
    """A figure of some inches and its panels, below each other or side by side.

    Raises:
        ExportError: matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ExportError(
            "Figures need matplotlib, which is not installed; install it with: pip install matplotlib."
        ) from error
    figure = Figure(figsize=(width, height), layout="constrained")
    made = figure.subplots(1 if across else panels, panels if across else 1, squeeze=False)
    return figure, list(made.reshape(-1))


def check_ending(path: Path) -> Path:
    """A path that a figure can be saved under.

    Raises:
        InputError: the ending is of no known format.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"A figure cannot be saved as {path.name!r}; choose a name that ends in {', '.join(ENDINGS)}.")
    return path


def save(figure: "Figure", path: Path) -> None:
    """Write a figure.

    Raises:
        InputError: the ending is of no known format.
        ExportError: the file cannot be written.
    """
    check_ending(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=160)
    except OSError as error:
        raise ExportError(
            f"{path} could not be written ({error.strerror}); choose another place with --out."
        ) from error


def as_map(axes: "Axes", window: tuple[float, float, float, float], title: str) -> None:
    """Degrees along the edges, one degree as wide as high; ``window`` is south, west, north, east."""
    south, west, north, east = window
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", facecolor=GROUND)
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=7)
