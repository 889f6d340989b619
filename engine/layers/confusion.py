"""How often the shipped layers are wrong where people take photos, as measured, and statements softened by it.

The figures are made by ``assets/scripts/measure_confusion.py``, which says against what each layer was held. A layer
that the user supplied has none and softens nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from engine.errors import LayerError
from engine.layers import builtin

TABLE = "evidence_confusion"
"""Name on record of the measured figures."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """What is true where a layer gives a label.

    Attributes:
        layer: name of the layer and its partition.
        labels: of the partition.
        true: ``(labels, labels)``; row ``i`` is the probability of each label being true where the layer says
            ``labels[i]``, at the places of photos. Rows sum to 1.
        places: how many places were looked at.
        against: what the layer was held against, in a few words.
    """

    layer: str
    labels: tuple[str, ...]
    true: np.ndarray
    places: int
    against: str

    @property
    def right(self) -> np.ndarray:
        """``(labels,)`` share of the places with each label at which it is true."""
        return np.asarray(np.diag(self.true), np.float64)


@dataclass(frozen=True)
class HeightSpread:
    """How far the ground of a place lies from the mean height of its pixel, as root mean squares.

    Attributes:
        below_m: of places below the mean, metres.
        above_m: of places above it, metres.
        share_below: share of the places that lie below the mean.
        places: how many places were looked at.
    """

    below_m: float
    above_m: float
    share_below: float
    places: int


@cache
def confusions() -> Mapping[str, Confusion]:
    """The measured confusion of each layer that has one, by name.

    Raises:
        LayerError: the figures are missing or damaged.
    """
    return _table()[0]


@cache
def height_spreads() -> Mapping[str, HeightSpread]:
    """Per label of relief how far heights lie from the mean of their pixel.

    Raises:
        LayerError: the figures are missing or damaged.
    """
    return _table()[1]


def soften(share: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Probability that a statement is true where a layer gives each label.

    Args:
        share: ``(labels + 1,)`` whether the statement holds on each label, 0 to 1; the last entry is for places without
            a label and stays.
        true: ``(labels, labels)`` as in ``Confusion``.

    Returns:
        ``(labels + 1,)``.
    """
    return np.append(true @ share[:-1], share[-1])


@cache
def _table() -> tuple[Mapping[str, Confusion], Mapping[str, HeightSpread]]:
    try:
        table = json.loads(builtin.layer_path(TABLE).read_text("utf-8"))
        layers = {row["layer"]: _confusion_of(row) for row in table["layers"]}
        heights = {label: HeightSpread(**figures) for label, figures in table["height_m"].items()}
        return MappingProxyType(layers), MappingProxyType(heights)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LayerError(
            f"The measured confusion of the layers cannot be read ({type(error).__name__}); install the project again."
        ) from error


def _confusion_of(row: dict[str, object]) -> Confusion:
    true = np.array(row["true"], np.float64)
    labels = tuple(map(str, row["labels"]))  # type: ignore[call-overload]
    if true.shape != (len(labels), len(labels)) or not np.allclose(true.sum(1), 1.0, atol=1e-2):
        raise ValueError("a matrix of confusion has rows that do not sum to 1")
    true = true / true.sum(1, keepdims=True)
    true.setflags(write=False)
    return Confusion(str(row["layer"]), labels, true, int(str(row["places"])), str(row["against"]))
