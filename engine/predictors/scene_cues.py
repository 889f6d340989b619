"""Population and land cover from what can be pointed at in a photo: greenery, snow, asphalt, straight edges.

Two small multinomial logistic models on ``engine.predictors.scene_features``, fitted by
``assets/scripts/fit_scene_cues.py`` on a few dozen places around documented expert directions. They know little and
say so: scores are shrunk towards uniform by a factor chosen on places left out, and further for photos unlike those
of the fit.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ArtifactError, PredictorError
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.predictors.scene_features import FEATURE_NAMES, scene_features
from engine.typing import FloatArray

MODEL_PATH = Path(__file__).parents[2] / "assets" / "models" / "scene_cues.json"
"""The fitted coefficients that ship with the project."""

LABELS = {
    "population": ("lowest", "low", "medium", "high"),
    "land_cover": (
        "cropland",
        "broadleaf_forest",
        "other_forest",
        "short_vegetation",
        "flooded_vegetation",
        "urban",
        "bare_water_snow",
    ),
}
"""Labels of the two partitions, in the order of the probabilities."""

SILENCE_BITS = 0.01
"""Divergence from uniform, in bits, under which a prediction says nothing worth a look."""

LEAST_CONTRAST = 0.10
"""Value of the feature contrast under which a picture is on its way to being blank."""

_SCALE_KEYS = ("mean", "spread", "low", "high", "guarded")
_CONTRAST = FEATURE_NAMES.index("contrast")


@dataclass(frozen=True, eq=False)
class Scale:
    """How features are brought to one scale, and the range that the fit has seen; every array ``(F,)``.

    Attributes:
        mean: feature value that counts as 0.
        spread: feature difference that counts as 1.
        low: smallest value among the photos of the fit.
        high: largest value among the photos of the fit.
        guarded: 1 for a feature whose meaning rests on the photos of the fit alone, 0 for one with an expert direction:
            a field of snow is like no photo of the fit, but what it says does not rest on them.
    """

    mean: FloatArray
    spread: FloatArray
    low: FloatArray
    high: FloatArray
    guarded: FloatArray

    def standard(self, features: FloatArray) -> FloatArray:
        """Features ``(..., F)`` on the common scale, held inside the range of the fit, so that none can run away."""
        held: FloatArray = (np.clip(features, self.low, self.high) - self.mean) / self.spread
        return held

    def trust(self, features: FloatArray) -> FloatArray:
        """How far features ``(..., F)`` are those of a photo like the fit's: 1 if so, falling towards 0 if not.

        1 / (1 + d / 4), where d is the sum over guarded features of the distance to the range in units of ``spread``;
        times how far the picture is from blank.
        """
        outside = self.guarded * np.abs(features - np.clip(features, self.low, self.high)) / self.spread
        shown = np.minimum(features[..., _CONTRAST] / LEAST_CONTRAST, 1.0)
        trust: FloatArray = shown / (1.0 + outside.sum(axis=-1) / 4.0)
        return trust


@dataclass(frozen=True, eq=False)
class CueModel:
    """One multinomial logistic model.

    Attributes:
        coefficients: ``(J, F)`` on standardised features.
        intercepts: ``(J,)``; scores under equal label priors.
        temper: factor in [0, 1] on every score, chosen on places left out; 0 would say nothing.
        uniform_share: share in [0, 1) of the answer that is uniform whatever the photo shows.
    """

    coefficients: FloatArray
    intercepts: FloatArray
    temper: float
    uniform_share: float

    def probability(self, standardised: FloatArray, trust: FloatArray) -> FloatArray:
        """``(..., J)`` under equal label priors, from features ``(..., F)`` and trust ``(...)``; sums to 1."""
        scores = standardised @ self.coefficients.T + self.intercepts
        sharp = softmax(scores * self.temper * np.asarray(trust)[..., None])
        return (1.0 - self.uniform_share) * sharp + self.uniform_share / len(self.intercepts)


@dataclass(frozen=True, eq=False)
class StoredCues:
    """What the JSON file holds.

    Attributes:
        scale: the scale of the features.
        models: one model per partition name.
        figures: accuracy on places left out, as one clause for the record.
    """

    scale: Scale
    models: Mapping[str, CueModel]
    figures: str


@dataclass(frozen=True)
class SceneCues:
    """The predictor ``scene_cues``: what a photo's plain features say about population density and land cover.

    Attributes:
        path: JSON file of coefficients; read when first needed.
    """

    path: Path = MODEL_PATH

    @cached_property
    def stored(self) -> StoredCues:
        """The coefficients. Raises ArtifactError if they cannot be read."""
        return load_scene_cues(self.path)

    @cached_property
    def record(self) -> Record:
        """What this predictor says of itself, with its accuracy on places left out."""
        try:
            figures = self.stored.figures
        except ArtifactError as error:  # it can still be listed; predict() says what is wrong
            figures = str(error)
        return Record(
            name="scene_cues",
            title="Scene cues",
            summary="Reads greenery, snow, bare ground, water, sky, grey surfaces and straight edges in the photo and "
            f"leans towards the population densities and land covers that go with them. Weak evidence: {figures}",
            licence="Apache-2.0",
            source="Fitted by assets/scripts/fit_scene_cues.py around documented expert directions; no photo is kept.",
            approximate=True,
        )

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction for ``population`` and one for ``land_cover``; label priors are uniform.

        Raises:
            PredictorError: the coefficients cannot be read.
        """
        try:
            scale, models = self.stored.scale, self.stored.models
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
        features = scene_features(photo.pixels)
        standardised, trust = scale.standard(features), scale.trust(features)
        return tuple(
            _prediction(self.record, name, model.probability(standardised, trust)) for name, model in models.items()
        )


def softmax(scores: FloatArray) -> FloatArray:
    """Probabilities along the last axis, without overflow."""
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probability: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
    return probability


def bits_from_uniform(probability: FloatArray) -> float:
    """Kullback-Leibler divergence from the uniform distribution, in bits; 0 says nothing, log2(J) is certain."""
    positive = probability[probability > 0.0]
    return float((positive * np.log2(positive)).sum()) + math.log2(len(probability))


def load_scene_cues(path: Path = MODEL_PATH) -> StoredCues:
    """The coefficients in a JSON file made by ``assets/scripts/fit_scene_cues.py``.

    Raises:
        ArtifactError: the file is missing, damaged or made for other features or labels.
    """
    remedy = "install the project again or run assets/scripts/fit_scene_cues.py."
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return StoredCues(_scale(stored), {name: _model(stored, name) for name in LABELS}, _figures(stored))
    except FileNotFoundError as error:
        raise ArtifactError(f"The file {path.name} of predictor scene_cues is missing; {remedy}") from error
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError) as error:
        raise ArtifactError(
            f"The file {path.name} of predictor scene_cues is damaged or made for another version; {remedy}"
        ) from error


def _prediction(record: Record, partition: str, probability: FloatArray) -> Prediction:
    uniform = np.full(len(probability), 1.0 / len(probability))
    silent = bits_from_uniform(probability) < SILENCE_BITS
    note = f"No usable {partition.replace('_', ' ')} cue found." if silent else ""
    return Prediction(record, partition, probability, uniform, note)


def _figures(stored: Mapping[str, Any]) -> str:
    """The accuracy on places left out, as one clause."""
    parts = [_figure(name, stored["targets"][name]["evaluation"]) for name in LABELS]
    return (
        f"on {stored['photos']} photos of {stored['places']} places, each place left out in turn, {'; '.join(parts)}."
    )


def _figure(name: str, found: Mapping[str, Any]) -> str:
    verdict = "a little better" if found["balanced_log_loss"] < found["balanced_log_loss_uniform"] else "no better"
    return (
        f"{name.replace('_', ' ')} was {verdict} than chance with all labels weighing alike (right for "
        f"{found['balanced_accuracy']:.0%}, chance {1.0 / found['labels_present']:.0%}; log-loss "
        f"{found['balanced_log_loss']:.3f} nats, chance {found['balanced_log_loss_uniform']:.3f}), and with labels as "
        f"frequent as they are right for {found['accuracy']:.0%} (the commonest label alone "
        f"{found['accuracy_majority']:.0%}; log-loss {found['log_loss']:.3f} and {found['log_loss_majority']:.3f})"
    )


def _scale(stored: Mapping[str, Any]) -> Scale:
    if tuple(stored["features"]) != FEATURE_NAMES:
        raise ValueError("other features")
    scale = Scale(*(_numbers(stored[key], (len(FEATURE_NAMES),)) for key in _SCALE_KEYS))
    if not (scale.spread > 0.0).all():
        raise ValueError("a spread that is not positive")
    return scale


def _model(stored: Mapping[str, Any], name: str) -> CueModel:
    found = stored["targets"][name]
    if tuple(found["labels"]) != LABELS[name]:
        raise ValueError("other labels")
    count = len(LABELS[name])
    temper, uniform_share = _numbers([found["temper"], found["uniform_share"]], (2,))
    return CueModel(
        _numbers(found["coefficients"], (count, len(FEATURE_NAMES))),
        _numbers(found["intercepts"], (count,)),
        float(temper),
        float(uniform_share),
    )


def _numbers(values: Sequence[Any], shape: tuple[int, ...]) -> FloatArray:
    """Stored numbers as a read-only array of the expected shape."""
    array = np.array(values, dtype=np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError("not the expected finite numbers")
    array.setflags(write=False)
    return array
