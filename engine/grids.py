"""Grids by name, as people write them."""

from engine.earth.grid import Grid
from engine.errors import InputError


def parse_grid(text: str) -> Grid:
    """``"5400x10800"`` as a grid.

    Raises:
        InputError: the text is not ROWSxCOLUMNS or the grid does not divide 21600 x 43200.
    """
    rows, _, columns = text.lower().partition("x")
    if not (rows.isdigit() and columns.isdigit()):
        raise InputError(f"The grid {text!r} is not ROWSxCOLUMNS; write for instance 5400x10800.")
    return Grid(int(rows), int(columns))
