"""Figures 1 (mask of a layer, maps of a photo) and 3 (geocells over a mask) of Bianco et al. 2024."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.layers.in_use import LayerInUse
from engine.layers.raster import cover_on_grid
from engine.partitions.partition import NOWHERE
from engine.plots.canvas import LAND, as_map, new_figure
from engine.typing import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORLD_GRID = Grid(720, 1440)
"""Pixels of the map of the world, 15 arc-minutes."""
WINDOW_GRID = Grid(5400, 10800)
"""Pixels of a detail, 2 arc-minutes: the common grid of Bianco et al. 2024."""
EUROPE = (35.0, -11.0, 60.0, 30.0)
"""South, west, north, east of Figure 3."""
_SEEN = 0.35  # a share of 1 % of a pixel is drawn with 20 % of the ink, so that towns are seen on a map of the world

Window = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class MapPanel:
    """A map of the world to draw.

    Attributes:
        title: over the map.
        mass: ``(rows, columns)`` probability of each pixel, row 0 north.
    """

    title: str
    mass: FloatArray


def label_number(layer: LayerInUse, label: str) -> int:
    """Number of a class of a layer by its label.

    Raises:
        InputError: the layer has no such label.
    """
    if label not in layer.labels:
        raise InputError(f"{layer.name!r} has no label {label!r}; it has {', '.join(layer.labels)}.")
    return layer.labels.index(label)


def check_window(window: Window) -> Window:
    """South, west, north, east in degrees.

    Raises:
        InputError: they are not in that order on the globe.
    """
    south, west, north, east = window
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
        raise InputError(
            f"The window {window} is out of range; give SOUTH,WEST,NORTH,EAST in degrees, such as 35,-11,60,30."
        )
    return window


def mask_cover(layer: LayerInUse, label: str, grid: Grid, window: Window) -> tuple[npt.NDArray[np.float32], Window]:
    """Share of each pixel of a window that a class covers, and the window widened to whole pixels."""
    south, west, north, east = check_window(window)
    top, bottom = int(grid.row_of(north)), int(grid.row_of(south)) + 1
    left, right = int(grid.column_of(west)), int(grid.column_of(min(east, 179.999999))) + 1
    number = label_number(layer, label)
    cover = cover_on_grid(layer.path, grid, len(layer.classes), slice(top, bottom), only=[number])[0, :, left:right]
    whole = (90.0 - bottom * grid.latitude_step, -180.0 + left * grid.longitude_step)
    return cover, (*whole, 90.0 - top * grid.latitude_step, -180.0 + right * grid.longitude_step)


def figure_1(layer: LayerInUse, label: str, panels: tuple[MapPanel, ...] = ()) -> "Figure":
    """(A) the mask of one class on the Earth; (B) and on: probability maps of a photo, the ensemble last.

    Raises:
        InputError: the layer has no such label.
        ExportError: matplotlib is missing.
    """
    label_number(layer, label)
    figure, axes = new_figure(9.0, 4.6 * (1 + len(panels)), 1 + len(panels))
    cover, window = mask_cover(layer, label, WORLD_GRID, (-90.0, -180.0, 90.0, 180.0))
    entry = layer.classes[label_number(layer, label)]
    _draw_land(axes[0], layer, window)
    _draw_mask(axes[0], cover, window, entry.colour)
    as_map(axes[0], window, f"(A) {layer.title}: {entry.title.lower()} ({label}); {layer.origin}, {layer.resolution}")
    for number, (panel, one) in enumerate(zip(panels, axes[1:], strict=True)):
        _draw_mass(one, panel)
        as_map(one, window, f"({chr(ord('B') + number)}) {panel.title}")
    return figure


def figure_3(layer: LayerInUse, label: str, cells: s2.IdArray, window: Window = EUROPE) -> "Figure":
    """Geocells as red outlines over the mask of one class in white.

    Args:
        layer: the layer.
        label: one of its classes.
        cells: S2 cells.
        window: south, west, north, east in degrees.

    Raises:
        InputError: the layer has no such label, or the window is out of range.
        ExportError: matplotlib is missing.
    """
    cover, whole = mask_cover(layer, label, WINDOW_GRID, window)
    south, west, north, east = whole
    figure, (axes,) = new_figure(9.0, min(9.0 * (north - south) / (east - west) + 0.6, 14.0))
    _draw_mask(axes, cover, whole, "#ffffff")
    _draw_cells(axes, cells, whole)
    as_map(axes, whole, f"{layer.title}: {label} (white) and {cells.size} geocells (red); {layer.origin}")
    return figure


def _draw_land(axes: "Axes", layer: LayerInUse, window: Window) -> None:
    """Where people could live at all; other layers have data everywhere."""
    if layer.name == "population":
        known = layer.on(WORLD_GRID).rows(0, WORLD_GRID.rows) != NOWHERE
        _draw_mask(axes, known.astype(np.float32), window, LAND)


def _draw_mask(axes: "Axes", cover: npt.NDArray[np.float32], window: Window, colour: str) -> None:
    south, west, north, east = window
    ink = np.zeros((*cover.shape, 4), np.float32)
    ink[..., :3] = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    ink[..., 3] = np.clip(cover, 0.0, 1.0) ** _SEEN
    axes.imshow(ink, extent=(west, east, south, north), interpolation="nearest", aspect="auto")


def _draw_mass(axes: "Axes", panel: MapPanel) -> None:
    """Log of the mass over five orders of magnitude, as thresholded maps are drawn in the paper."""
    best = float(panel.mass.max())
    shown = np.log10(np.maximum(panel.mass, best * 1e-5))
    extent = (-180.0, 180.0, -90.0, 90.0)
    axes.imshow(shown, extent=extent, cmap="inferno", interpolation="nearest", aspect="auto")


def _draw_cells(axes: "Axes", cells: s2.IdArray, window: Window) -> None:
    """Outlines of the cells that meet the window; edges are great circles, drawn straight as cells are small."""
    from matplotlib.collections import PolyCollection

    south, west, north, east = window
    corners = s2.cell_vertices(cells)
    latitude, longitude = corners[..., 0], corners[..., 1]
    near = (latitude.max(-1) > south) & (latitude.min(-1) < north) & (longitude.max(-1) > west)
    near &= (longitude.min(-1) < east) & (np.ptp(longitude, axis=-1) < 180.0)
    outlines = [np.asarray(outline[:, ::-1]) for outline in corners[near]]
    axes.add_collection(PolyCollection(outlines, facecolors="none", edgecolors="#ff3b30", linewidths=0.4))
