"""What the analyst says: a probability per label of a partition, in place of a model's. Looks at no photo."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.partitions.overlay import PartitionTable
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

RECORD = Record(
    name="declared",
    title="Your statement",
    summary="Probabilities that you set yourself for how built-up the place is and what covers the ground.",
    licence="yours",
    source="the analyst",
)


@dataclass(frozen=True, eq=False)
class DeclaredPredictor:
    """The same answer for every photo: the analyst's.

    Attributes:
        predictions: one per partition that the analyst spoke of.
    """

    predictions: tuple[Prediction, ...]

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """The statements, whatever the photo shows."""
        del photo
        return self.predictions


def declare(table: PartitionTable, stated: Mapping[str, float], prior_mass: FloatArray) -> Prediction:
    """A statement about one partition as a prediction.

    Args:
        table: the partition.
        stated: probability in [0, 1] per label; the labels that are not named share what is left in proportion to
            the prior, so that naming one label says nothing about the others.
        prior_mass: ``(labels,)`` the photo prior's mass on the labels.

    Raises:
        InputError: an unknown label, a number outside [0, 1], or numbers that sum to more than 1.
    """
    unknown = sorted(set(stated) - set(table.labels))
    if unknown:
        raise InputError(f"{table.name!r} has no label {unknown[0]!r}; it has {', '.join(table.labels)}.")
    values = np.array([float(stated.get(label, 0.0)) for label in table.labels])
    named = np.array([label in stated for label in table.labels])
    total = float(values.sum())
    if not (np.isfinite(total) and bool((values >= 0).all()) and total <= 1 + 1e-9):
        raise InputError(
            f"The probabilities stated for {table.name!r} must be 0 to 1 and sum to at most 1, not {total:g}."
        )
    rest = np.where(named, 0.0, prior_mass)
    if rest.sum() > 0:
        values = values + (1 - total) * rest / rest.sum()
    elif total <= 0:
        raise InputError(f"Every label of {table.name!r} was stated as impossible; leave one possible.")
    return Prediction(RECORD, table.name, values / values.sum())
