"""Which layers the Earth is seen through: the user's where there are some, the built-in ones for the rest."""

from dataclasses import dataclass
from pathlib import Path

from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.builtin import LayerClass
from engine.layers.raster import Labels, RasterRows, labels_at
from engine.layers.user_layers import UserLayer, user_layers, verify
from engine.typing import FloatArray


@dataclass(frozen=True)
class LayerInUse:
    """A layer as the engine uses it and the dashboard names it.

    Attributes:
        name: of the layer and its partition.
        title: a few words.
        classes: the labels and how they are shown.
        built_in: whether it is the approximation that ships with the project.
        origin: the file that it came from, or where the built-in one comes from, in a few words.
        caveat: what it is not; empty for the user's own.
        licence: of the data.
        rows, columns: of the raster.
        land_shares: percent per class of the area that has data and is not water.
        paper_shares: percent of the land per class in Bianco et al. 2024; empty where not printed.
        thresholds: least value of each class but the first; empty where there are none.
        sha256: of the raster of class numbers.
        path: of the raster of class numbers.
    """

    name: str
    title: str
    classes: tuple[LayerClass, ...]
    built_in: bool
    origin: str
    caveat: str
    licence: str
    rows: int
    columns: int
    land_shares: tuple[float, ...]
    paper_shares: tuple[float, ...]
    thresholds: tuple[float, ...]
    sha256: str
    path: Path

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the partition."""
        return tuple(entry.label for entry in self.classes)

    @property
    def resolution(self) -> str:
        """Size of a pixel as text, for instance ``"30 arc-seconds"``."""
        seconds = 180 * 3600 / self.rows
        return f"{seconds:g} arc-seconds" if seconds < 120 else f"{seconds / 60:g} arc-minutes"

    def on(self, grid: Grid) -> RasterRows:
        """The layer on a grid, to be drawn by rows."""
        return RasterRows(self.name, self.labels, grid, self.path)

    def labels_at(self, latitude: FloatArray, longitude: FloatArray) -> Labels:
        """Label index at each point ``(n,)`` in degrees at the layer's own resolution, -1 where it has no data.

        Raises:
            LayerError: the raster is missing or damaged.
        """
        return labels_at(self.path, len(self.classes), latitude, longitude)


def layers_in_use(folder: Path | None = None) -> tuple[LayerInUse, ...]:
    """Population, land cover, then the user's further layers by name; reads records only.

    Args:
        folder: of the user's layers; the usual one unless given.

    Raises:
        LayerError: a record cannot be read.
    """
    theirs = {layer.name: layer for layer in user_layers(folder)}
    ours = [_of_user(theirs.pop(name)) if name in theirs else _of_builtin(name) for name in builtin.CLASSES]
    return (*ours, *(_of_user(layer) for layer in theirs.values()))


def layer_in_use(name: str, folder: Path | None = None) -> LayerInUse | None:
    """The layer of a partition, or None where the partition is no layer."""
    return next((layer for layer in layers_in_use(folder) if layer.name == name), None)


def verify_layers(folder: Path | None = None) -> None:
    """Check every raster in use against its record; reads all of them once.

    Raises:
        LayerError: one is missing or another.
    """
    theirs = {layer.name: layer for layer in user_layers(folder)}
    for layer in theirs.values():
        verify(layer)
    for name in builtin.CLASSES:
        if name not in theirs:
            builtin.layer_path(name)


def _of_builtin(name: str) -> LayerInUse:
    entry = builtin.record(name)
    return LayerInUse(
        name=name,
        title=entry.title,
        classes=builtin.CLASSES[name],
        built_in=True,
        origin="ships with Hereabouts",
        caveat=entry.caveat,
        licence="; ".join(dict.fromkeys(entry.licences)),
        rows=builtin.ROWS,
        columns=2 * builtin.ROWS,
        land_shares=entry.land_shares,
        paper_shares=(),
        thresholds=(),
        sha256=entry.sha256,
        path=builtin.path_of(name),
    )


def _of_user(layer: UserLayer) -> LayerInUse:
    return LayerInUse(
        name=layer.name,
        title=layer.title,
        classes=layer.classes,
        built_in=False,
        origin=layer.source_file,
        caveat="",
        licence=layer.licence,
        rows=layer.rows,
        columns=layer.columns,
        land_shares=layer.land_shares,
        paper_shares=layer.paper_shares,
        thresholds=layer.thresholds,
        sha256=layer.sha256,
        path=layer.path,
    )
