"""Checks the orientation of a layer, whatever its header: compares its land with the land of the Earth."""

from functools import cache

import numpy as np
import numpy.typing as npt

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.convert import SAMPLE
from engine.layers.raster import Bytes
from engine.partitions.partition import NOWHERE

CLEARLY_BETTER = 0.1
"""Share of the sample by which another way of lying must agree better before a layer is refused."""

Mask = npt.NDArray[np.bool_]


def check_orientation(name: str, sample: Bytes, file_name: str) -> None:
    """Refuse a population or land-cover layer that is upside down, mirrored or turned by 180 degrees.

    Args:
        name: of the layer; others are not looked at.
        sample: ``(180, 360)`` class numbers, or of no size.
        file_name: for the message.

    Raises:
        LayerError: another way of lying agrees clearly better with the land of the Earth.
    """
    if name not in builtin.CLASSES or sample.shape != SAMPLE:
        return
    land = _land(name, sample.view(np.int8))
    agreed = {way: float((turned == _reference_land(name)).mean()) for way, turned in _ways(land).items()}
    best = max(agreed, key=lambda way: agreed[way])
    if agreed[best] > agreed["as it should"] + CLEARLY_BETTER:
        raise LayerError(
            f"The raster {file_name} shows the Earth {best} (its land agrees with the known land on "
            f"{100 * agreed['as it should']:.0f} % of the places, that way on {100 * agreed[best]:.0f} %); "
            "correct its rows and columns or give the file as it was published."
        )


def _ways(land: Mask) -> dict[str, Mask]:
    """The land as it lies, and laid otherwise."""
    return {
        "as it should": land,
        "upside down": land[::-1],
        "mirrored": land[:, ::-1],
        "turned upside down and mirrored": land[::-1, ::-1],
        "from 0 to 360 degrees": np.roll(land, SAMPLE[1] // 2, axis=1),
    }


def _land(name: str, numbers: npt.NDArray[np.int8]) -> Mask:
    """Where there is land: data of the population, all but bare, water and snow of the land cover."""
    bare = len(builtin.CLASSES[name]) - 1
    known = numbers != NOWHERE  # 255, no data, is -1 as a signed byte
    return np.asarray(known if name == "population" else known & (numbers != bare), np.bool_)


@cache
def _reference_land(name: str) -> Mask:
    """The land of the built-in layer."""
    grid = Grid(*SAMPLE)
    drawn = builtin.population(grid) if name == "population" else builtin.land_cover(grid)
    return _land(name, np.asarray(drawn.raster, np.int8))
