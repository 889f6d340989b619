"""Finds the files that ship with the project."""

from pathlib import Path

from engine.errors import LayerError

ASSETS = Path(__file__).resolve().parents[2] / "assets"
"""The folder ``assets`` beside ``engine``, in a checkout and in an installed package alike."""


def assets_path(relative: str) -> Path:
    """Path of a file that ships with the project.

    Args:
        relative: path inside ``assets``, for instance ``"basemap/blue_marble.webp"``.

    Raises:
        LayerError: there is no such file.
    """
    path = ASSETS / relative
    if not path.is_file():
        raise LayerError(
            f"The file assets/{relative} is missing; install the project again or run assets/scripts/build_layers.py."
        )
    return path
