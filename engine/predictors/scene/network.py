"""The scene network at work: photo pixels to what EfficientNet-Lite2 sees, views averaged, remembered by digest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.artifacts.catalog import default_catalog
from engine.artifacts.store import Store
from engine.artifacts.weights import load_tensors
from engine.errors import ArtifactError, PredictorError
from engine.networks.preprocessing import Pixels, Prepared, prepare
from engine.photos.photo import Photo
from engine.typing import FloatArray

if TYPE_CHECKING:
    from engine.networks.efficientnet_lite import EfficientNetLite

ARTIFACT = "efficientnet_lite2"
"""Record of the catalogue that the weights belong to."""
MEMORY = 64
"""Photos whose views are remembered, 12 kB each."""


@dataclass(frozen=True, eq=False)
class SceneView:
    """What the network sees in one photo, averaged over its views.

    Attributes:
        log_probability: ``(1000,)`` mean log-probability of the ImageNet classes.
        features: ``(1280,)`` pooled features.
        textures: ``(T,)`` means and standard deviations of inner channels.
    """

    log_probability: FloatArray
    features: FloatArray
    textures: FloatArray

    @property
    def probability(self) -> FloatArray:
        """``(1000,)`` probability of the classes; sums to 1."""
        weights = np.exp(self.log_probability - self.log_probability.max())
        return np.asarray(weights / weights.sum(), np.float64)


@dataclass(eq=False)
class SceneNetwork:
    """The network with its lock and memory; safe to call from several threads.

    Attributes:
        load: gives the network; called when the first photo comes.
    """

    load: Callable[[], EfficientNetLite]
    _network: EfficientNetLite | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _memory: OrderedDict[str, SceneView] = field(default_factory=OrderedDict)

    def view(self, photo: Photo) -> SceneView:
        """What the network sees in a photo.

        Raises:
            PredictorError: the weights cannot be read.
        """
        with self._lock:
            if photo.sha256 not in self._memory:
                self._memory[photo.sha256] = self._look(photo.pixels)
            self._memory.move_to_end(photo.sha256)
            while len(self._memory) > MEMORY:
                self._memory.popitem(last=False)
            return self._memory[photo.sha256]

    def _look(self, pixels: Pixels) -> SceneView:
        import torch

        if self._network is None:
            try:
                self._network = self.load()
            except ArtifactError as error:
                raise PredictorError(f"The scene network cannot be read: {error}") from error
        with torch.inference_mode():
            look = self._network.look(torch.from_numpy(scene_views(pixels)))
            log_probability = torch.log_softmax(look.logits, 1)
            return SceneView(*(_mean(each) for each in (log_probability, look.features, look.textures)))


def _mean(values: object) -> FloatArray:
    """Mean over the views."""
    mean: FloatArray = np.asarray(values, np.float64).mean(axis=0)
    return mean


def scene_views(pixels: Pixels) -> Prepared:
    """The whole photo squeezed to a square, three squares along its longer side, and their mirror images.

    Returns:
        ``(8, 3, S, S)`` float32; one look gains about 0.03 nats a photo from the squares.
    """
    wanted = default_catalog().record(ARTIFACT).preprocessing
    if wanted is None:
        raise ArtifactError(
            f"The record {ARTIFACT} of the catalogue names no preprocessing; install the project again."
        )
    views = np.concatenate([prepare(each, wanted) for each in (pixels, *_squares(pixels))])
    return np.concatenate([views, views[..., ::-1]])


def _squares(pixels: Pixels) -> list[Pixels]:
    """The first, middle and last square of a photo along its longer side; views of its pixels."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    corners = [(round((height - side) * share), round((width - side) * share)) for share in (0.0, 0.5, 1.0)]
    return [pixels[top : top + side, left : left + side] for top, left in corners]


def load_network(store: Store | None = None) -> EfficientNetLite:
    """The network with the weights of its package; neither a store's folder nor a network connection is needed.

    Raises:
        ArtifactError: the package is missing or its file is damaged.
    """
    from engine.networks.efficientnet_lite import build

    found = store if store is not None else Store()
    record = found.catalog.record(ARTIFACT)
    path = found.path(ARTIFACT, record.files[0].path)
    remedy = f"reinstall the package {record.package!r}."
    if path.stat().st_size != record.files[0].bytes:
        raise ArtifactError(
            f"{path.name} has {path.stat().st_size} bytes, expected were {record.files[0].bytes}; {remedy}"
        )
    try:
        tensors = load_tensors(path)
    except ArtifactError as error:  # its remedies are those of a file that the store fetched
        raise ArtifactError(f"{path.name} is damaged; {remedy}") from error
    return build(record.encoder.architecture if record.encoder else ARTIFACT, tensors, path.name)
