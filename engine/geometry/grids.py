"""Parses grids from text: a size or the step of a pixel."""

import re

from engine.errors import InputError
from engine.geometry.grid import FULL_ROWS, Grid

_SIZE = re.compile(r"(\d+)\s*x\s*(\d+)")
_STEP = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|d)")
_SECONDS = {"s": 1.0, "m": 60.0, "d": 3600.0}


def parse_grid(text: str) -> Grid:
    """``"5400x10800"`` as a grid, or the size of its pixels: ``"30s"``, ``"2m"``, ``"0.5d"``.

    Raises:
        InputError: the text is neither, or the grid does not divide 21600 x 43200.
    """
    if size := _SIZE.fullmatch(text.strip().lower()):
        return Grid(int(size[1]), int(size[2]))
    step = _STEP.fullmatch(text.strip().lower())
    if step is None:
        raise InputError(
            f"The grid {text!r} is not ROWSxCOLUMNS nor a pixel size; write for instance 5400x10800, 30s or 2m."
        )
    seconds = float(step[1]) * _SECONDS[step[2]]
    rows = 180.0 * 3600.0 / seconds if seconds > 0 else 0.0
    if rows != round(rows) or not 1 <= rows <= FULL_ROWS:
        raise InputError(
            f"Pixels of {text} do not divide 180 degrees into at most 21600 rows; write for instance 30s, 1m, 2m or 5m."
        )
    return Grid(round(rows), 2 * round(rows))
