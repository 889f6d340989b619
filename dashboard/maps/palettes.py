"""Colours and legends as data: ramps that colour-blind readers can tell apart, and what each colour means.

The ramps are short lists of anchors from the published matplotlib maps (CC0: inferno, viridis) and of the Okabe-Ito
set for classes; colours between two anchors are interpolated. Nothing here draws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RGB = tuple[int, int, int]
RGBA = tuple[int, int, int, int]

# Dark to light: lightness rises evenly, so the order survives any kind of colour blindness and grey print.
INFERNO: tuple[RGB, ...] = (
    (66, 10, 104), (106, 23, 110), (147, 38, 103), (188, 55, 84), (221, 81, 58), (243, 120, 25), (252, 165, 10),
    (246, 215, 70), (252, 255, 164),
)  # fmt: skip
VIRIDIS: tuple[RGB, ...] = (
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141), (39, 173, 129), (92, 200, 99),
    (170, 220, 50), (253, 231, 37),
)  # fmt: skip
# Okabe and Ito (2008): eight colours that protan, deutan and tritan readers tell apart.
OKABE_ITO: tuple[RGB, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167),
    (153, 153, 153),
)  # fmt: skip

REGION_COLOUR: RGBA = (0, 229, 255, 70)  # cyan: on neither ramp, and bright on sea, forest and sand alike
REGION_OUTLINE: RGBA = (0, 229, 255, 235)  # the same, nearly opaque: the smallest part of a region can be seen
SPACE_COLOUR: RGB = (9, 12, 24)  # behind the globe, in the light theme as in the dark one


@dataclass(frozen=True)
class Legend:
    """What the colours of one layer mean.

    `stops` run from the top of the legend to its bottom; `continuous` says whether colours blend from one to the next.
    """

    title: str
    unit: str
    stops: tuple[tuple[RGBA, str], ...]
    continuous: bool = False


def ramp_palette(
    anchors: tuple[RGB, ...] = INFERNO, *, alpha_low: int = 30, alpha_high: int = 235
) -> NDArray[np.uint8]:
    """Return a (256, 4) palette for ranks: index 0 is fully transparent, 1..255 run along `anchors` and grow opaque."""
    position = np.linspace(0.0, len(anchors) - 1.0, 255)
    channels = [np.interp(position, np.arange(len(anchors)), channel) for channel in np.array(anchors, float).T]
    alpha = np.linspace(alpha_low, alpha_high, 255)
    palette = np.zeros((256, 4), np.uint8)
    palette[1:] = np.rint(np.stack([*channels, alpha], axis=1))
    palette[0, :3] = palette[1, :3]  # same hue under alpha 0: no dark fringe where the browser blends two texels
    return palette


def heat_legend(
    title: str, labels: tuple[str, ...], anchors: tuple[RGB, ...] = INFERNO, unit: str = "share of the Earth's land"
) -> Legend:
    """Return the legend of a heat map: `labels` from the hottest to the coolest, spread evenly over the ramp."""
    palette = ramp_palette(anchors)
    indices = np.rint(np.linspace(255, 1, len(labels))).astype(int)
    stops = tuple((_as_rgba(palette[index]), label) for index, label in zip(indices, labels, strict=True))
    return Legend(title, unit, stops, continuous=True)


def class_legend(title: str, names: tuple[str, ...], colours: tuple[RGBA, ...], unit: str = "class") -> Legend:
    """Return the legend of a class map: one colour a class, in the order of the labels."""
    return Legend(title, unit, tuple(zip(colours, names, strict=True)))


def class_colours(count: int, alpha: int = 190) -> tuple[RGBA, ...]:
    """Return `count` colours for classes; after eight the Okabe-Ito set repeats, darker each time."""
    return tuple(
        _as_rgba((*(int(channel * 0.6 ** (index // 8)) for channel in OKABE_ITO[index % 8]), alpha))
        for index in range(count)
    )


def _as_rgba(colour: NDArray[np.uint8] | tuple[int, ...]) -> RGBA:
    red, green, blue, alpha = (int(channel) for channel in colour)
    return red, green, blue, alpha
