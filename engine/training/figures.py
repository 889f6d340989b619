"""How a trained head does on photos that it never saw, and the temperature that makes its probabilities honest.

Temperature scaling: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017. Knows
neither photos nor networks: logits and labels go in.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax

from engine.training.labels import LabelArray
from engine.typing import FloatArray

TEMPERATURES = (0.05, 20.0)
BINS = 10
LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class HeadFigures:
    """Figures of one attribute on held-out photos.

    Attributes:
        name: of the attribute.
        labels: in order.
        confusion: ``(J, J)`` photos by true label (rows) and likeliest label (columns).
        loss: mean log-loss in nats, calibrated.
        loss_uncalibrated: before the temperature.
        loss_constant: of the constant that gives every label its share of the training.
        temperature: the one used.
        calibration_error: expected calibration error over ten bins of confidence, 0 to 1.
    """

    name: str
    labels: tuple[str, ...]
    confusion: LabelArray
    loss: float
    loss_uncalibrated: float
    loss_constant: float
    temperature: float
    calibration_error: float

    @property
    def photos(self) -> int:
        """Photos measured."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of photos whose likeliest label is right."""
        return float(np.trace(self.confusion)) / max(self.photos, 1)

    @property
    def majority(self) -> float:
        """Share of the commonest true label: what always saying it would reach."""
        return float(self.confusion.sum(axis=1).max()) / max(self.photos, 1)

    @property
    def per_class(self) -> FloatArray:
        """``(J,)`` share of each true label that is found; NaN for labels without a photo."""
        counts = self.confusion.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.diag(self.confusion) / np.where(counts > 0, counts, np.nan), np.float64)

    @property
    def balanced_accuracy(self) -> float:
        """Mean over labels that have photos."""
        found = self.per_class
        return float(found[np.isfinite(found)].mean()) if self.photos else 0.0

    def told(self) -> dict[str, Any]:
        """As JSON."""
        per_class = [None if np.isnan(value) else float(value) for value in self.per_class]
        return {
            "name": self.name,
            "photos": self.photos,
            "accuracy": self.accuracy,
            "majority": self.majority,
            "balanced_accuracy": self.balanced_accuracy,
            "per_class": dict(zip(self.labels, per_class, strict=True)),
            "confusion": self.confusion.tolist(),
            "log_loss": self.loss,
            "log_loss_uncalibrated": self.loss_uncalibrated,
            "log_loss_constant": self.loss_constant,
            "temperature": self.temperature,
            "calibration_error": self.calibration_error,
        }


def head_figures(
    name: str,
    labels: tuple[str, ...],
    scores: FloatArray,
    label: LabelArray,
    temperature: float,
    label_prior: FloatArray,
) -> HeadFigures:
    """Figures of logits ``(n, J)`` against labels ``(n,)``."""
    probability = softmax(scores / temperature, axis=-1)
    confusion = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(confusion, (label, probability.argmax(axis=1)), 1)
    constant = float(-np.log(label_prior[label]).mean()) if label.size else 0.0
    return HeadFigures(
        name, labels, confusion, log_loss(probability, label), log_loss(softmax(scores, axis=-1), label), constant,
        temperature, calibration_error(probability, label),
    )  # fmt: skip


def fit_temperature(scores: FloatArray, label: LabelArray) -> float:
    """The temperature with the least log-loss of logits ``(n, J)`` against labels ``(n,)``; 1 without photos.

    One photo in n + 1 counts as if its label were any, so that a few photos that are all right do not make it certain
    (as Platt, 1999, smooths his targets).
    """
    from scipy.optimize import minimize_scalar

    if label.size == 0:
        return 1.0

    def loss(log_temperature: float) -> float:
        probability = np.maximum(softmax(scores / np.exp(log_temperature), axis=-1), LEAST)
        any_label = -float(np.log(probability).mean())
        return (label.size * log_loss(probability, label) + any_label) / (label.size + 1)

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x))


def log_loss(probability: FloatArray, label: LabelArray) -> float:
    """Mean negative log of the probability of the true label, nats; 0 without photos."""
    if label.size == 0:
        return 0.0
    return float(-np.log(np.maximum(probability[np.arange(label.size), label], LEAST)).mean())


def calibration_error(probability: FloatArray, label: LabelArray) -> float:
    """Mean gap between confidence and accuracy over ten equal bins of confidence, weighted by photos."""
    if label.size == 0:
        return 0.0
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == label
    which = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = [abs(float((right[which == n] - confidence[which == n]).sum())) for n in range(BINS)]
    return sum(gaps) / label.size
