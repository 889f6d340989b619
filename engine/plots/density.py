"""Figure 6 of Bianco et al. 2024: (a) population density at photo locations, (b) classes of a layer at photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.layers.attributes import PUBLISHED, Attribute
from engine.layers.checks import check_raster
from engine.layers.guard import open_dataset
from engine.layers.in_use import LayerInUse
from engine.layers.raster import pixels_at
from engine.partitions.partition import NOWHERE
from engine.plots.canvas import new_figure
from engine.typing import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#3b528b"


@dataclass(frozen=True, eq=False)
class PhotoSet:
    """Places of photos.

    Attributes:
        name: for the panel's title.
        latitude, longitude: ``(n,)`` degrees.
    """

    name: str
    latitude: FloatArray
    longitude: FloatArray


def class_shares(layer: LayerInUse, photos: PhotoSet) -> tuple[FloatArray, float]:
    """Percent of the photos on land in each class, and percent of all photos that the layer has no data for.

    Raises:
        InputError: no photo lies where the layer has data.
    """
    labels = layer.labels_at(photos.latitude, photos.longitude)
    count = np.bincount(labels[labels != NOWHERE], minlength=len(layer.classes))
    if not count.sum():
        raise InputError(f"No photo of {photos.name} lies where {layer.name} has data; give places on land.")
    return 100.0 * count / count.sum(), float(100.0 * np.mean(labels == NOWHERE))


def densities_at(raster: Path, photos: PhotoSet, coarse: bool = False) -> FloatArray:
    """Positive values of the published population raster at the places of photos, ascending.

    Raises:
        LayerError: the raster is not one of population density.
        InputError: no photo lies in an inhabited pixel.
    """
    attribute: Attribute = PUBLISHED["population"]
    with open_dataset(raster, quiet=True) as dataset:
        check_raster(dataset, raster.name, attribute, coarse)
        values = pixels_at(dataset, photos.latitude, photos.longitude).astype(np.float64)
        no_data = np.nan if dataset.nodata is None else dataset.nodata
    lived_in = np.isfinite(values) & (values > 0) & (values != no_data)
    if not lived_in.any():
        raise InputError(f"No photo of {photos.name} lies in an inhabited pixel; give locations on land.")
    return np.sort(values[lived_in])


def figure_6(
    layer: LayerInUse, photos: Sequence[PhotoSet], densities: npt.NDArray[np.float64] | None = None
) -> "Figure":
    """(a) the cumulative distribution of the first set; (b) and on: how each set falls into the classes.

    Args:
        layer: population, or any other.
        photos: at least one set.
        densities: of the first set, from ``densities_at``; without them panel (a) counts classes.

    Raises:
        InputError: no photo lies where the layer has data.
        ExportError: matplotlib is missing.
    """
    figure, axes = new_figure(4.6 * (1 + len(photos)), 3.8, 1 + len(photos), across=True)
    if densities is None:
        _plot_class_bounds(axes[0], layer, photos[0])
    else:
        _plot_cumulative(axes[0], densities, layer)
    axes[0].set_title(f"(a) {photos[0].name}, {layer.title.lower()}", fontsize=9)
    for number, (one, some) in enumerate(zip(photos, axes[1:], strict=True)):
        _bars(some, layer, one)
        some.set_title(f"({chr(ord('b') + number)}) {one.name} (n = {one.latitude.size:,})", fontsize=9)
    return figure


def _plot_cumulative(axes: "Axes", densities: FloatArray, layer: LayerInUse) -> None:
    axes.plot(densities, 100.0 * np.arange(1, densities.size + 1) / densities.size, color=INK)
    for edge in layer.thresholds:
        axes.axvline(edge, color="black", linestyle="--", linewidth=0.8)
    axes.set(xscale="log", xlabel="value of the raster (log)", ylabel="photos, %", ylim=(0, 101))


def _plot_class_bounds(axes: "Axes", layer: LayerInUse, photos: PhotoSet) -> None:
    shares, _ = class_shares(layer, photos)
    axes.step(range(shares.size), np.cumsum(shares), where="mid", color=INK)
    axes.set(ylabel="photos, %, cumulated", ylim=(0, 101))
    axes.set_xticks(range(shares.size), list(layer.labels), rotation=30, fontsize=7)


def _bars(axes: "Axes", layer: LayerInUse, photos: PhotoSet) -> None:
    shares, nowhere = class_shares(layer, photos)
    axes.bar(range(shares.size), shares, color=[entry.colour for entry in layer.classes], edgecolor="black")
    axes.set(ylabel="photos on land, %", xlabel=f"{nowhere:.1f} % lie where the layer has no data")
    axes.set_xticks(range(shares.size), list(layer.labels), rotation=30, fontsize=7)
    for place, share in enumerate(shares):
        axes.text(place, share, f"{share:.1f}", ha="center", va="bottom", fontsize=7)
