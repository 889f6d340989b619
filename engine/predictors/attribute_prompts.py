"""Population density and land cover asked of CLIP in words: evidence for the satellite layers with no training.

It shares one ViT-L/14 with GeoCLIP, and the embedding of a photo that both have seen. Radford et al., ICML 2021. The
softmax of scores over labels treats them alike, so ``label_prior`` is uniform.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.special import softmax

from engine.artifacts.bundles import require
from engine.artifacts.store import Store
from engine.errors import ArtifactError, PredictorError
from engine.networks.encoders import ImageEncoder, TextEncoder, image_encoder, text_encoder
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.predictors.prompts import ATTRIBUTES, Embeddings, PromptSet, load_prompt_sets
from engine.typing import FloatArray

BACKBONE = "clip_vit_l14_openai"
SILENCE_BITS = 0.01
"""Divergence from uniform, in bits, under which a prediction says nothing worth a look."""

RECORD = Record(
    name="attribute_prompts",
    title="Scene prompts",
    summary="Asks CLIP in plain sentences how built-up the place looks and what covers the ground; nothing was trained "
    "for it.",
    licence="MIT",
    source="CLIP ViT-L/14 (OpenAI) and the prompts in engine/predictors/prompts/attributes.toml",
    judges_ground=True,
)


@dataclass(frozen=True, eq=False)
class AttributePrompts:
    """The predictor ``attribute_prompts``; loads nothing until a photo comes.

    Attributes:
        images: gives the image encoder.
        texts: gives the text encoder of the same backbone.
        prompts: TOML file of prompt sets.
        cache: folder where the labels' embeddings are kept, or None.
    """

    images: Callable[[], ImageEncoder]
    texts: Callable[[], TextEncoder]
    prompts: Path = ATTRIBUTES
    cache: Path | None = None

    @classmethod
    def from_store(cls, store: Store, cache: Path | None = None) -> AttributePrompts:
        """With the published weights; a photo asks the store for them, not this call."""
        record = store.catalog.record(BACKBONE)

        def images() -> ImageEncoder:
            require(store, BACKBONE)
            return image_encoder(record, store)

        return cls(images, lambda: text_encoder(record, store), cache=cache)

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    @cached_property
    def _sets(self) -> tuple[PromptSet, ...]:
        return load_prompt_sets(self.prompts)

    @cached_property
    def _labels(self) -> tuple[float, list[Embeddings]]:
        """The model's own factor on cosines, and the embeddings of the labels of each set."""
        texts, images = self.texts(), self.images()
        known = [each.embeddings(texts, images.dimension, images.key, self.cache) for each in self._sets]
        return texts.logit_scale, known

    def predict_many(self, photos: Sequence[Photo]) -> tuple[tuple[Prediction, ...], ...]:
        """The predictions of each photo; photos go through the backbone in batches."""
        try:
            found = self.images().encode_photos(photos)
            scale, labels = self._labels
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
        unit = found / np.linalg.norm(found, axis=1, keepdims=True)
        answers = [
            [
                _prediction(each.partition, row)
                for row in softmax(scale / each.temperature * np.asarray(unit @ known.T, np.float64), axis=-1)
            ]
            for each, known in zip(self._sets, labels, strict=True)
        ]
        return tuple(zip(*answers, strict=True))

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction per prompt set: ``population`` and ``land_cover``.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        return self.predict_many([photo])[0]


def _prediction(partition: str, probability: FloatArray) -> Prediction:
    positive = probability[probability > 0]
    silent = float((positive * np.log2(positive)).sum()) + math.log2(probability.size) < SILENCE_BITS
    note = f"No usable {partition.replace('_', ' ')} cue found." if silent else ""
    return Prediction(RECORD, partition, probability, np.full(probability.size, 1.0 / probability.size), note)
