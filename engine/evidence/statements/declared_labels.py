"""Statements that give the labels of one partition probabilities, in place of a predictor's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.errors import InputError
from engine.evidence.statements import sentences
from engine.evidence.statements.sentences import Titles
from engine.inference.outcomes import Outcome
from engine.inference.world import World
from engine.partitions.overlay import PartitionTable
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

RECORD = Record(
    name="declared",
    title="Your statement",
    summary="Probabilities that you set yourself for how built-up the place is and what covers the ground.",
    licence="yours",
    source="the analyst",
    judges_ground=True,
)


@dataclass(frozen=True)
class DeclaredLabels:
    """Probabilities of labels of one partition.

    Pooled as a prediction, so that the rule, the weight and the floor of the predictor ``declared`` apply to it.

    Attributes:
        partition: its name.
        probability: in [0, 1] per label. The labels that are not named share what is left in proportion to the prior,
            so that naming one label says nothing about the others.
    """

    kind: ClassVar[str] = "declared_labels"
    gradual: ClassVar[bool] = True

    partition: str
    probability: Mapping[str, float]

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Population: dense city 70 %, village 20 %"``."""
        title = titles or sentences.titles
        shares = [f"{title(self.partition, label)} {100 * value:.0f} %" for label, value in self.probability.items()]
        return f"{self.partition.replace('_', ' ').capitalize()}: {', '.join(shares)}"

    def prediction(self, table: PartitionTable, prior_mass: FloatArray) -> Prediction:
        """The statement as a prediction.

        Args:
            table: the partition.
            prior_mass: ``(labels,)`` the photo prior's mass on the labels.

        Raises:
            InputError: an unknown label, a number outside [0, 1], or numbers that sum to more than 1.
        """
        values = self._stated_values(table)
        named = np.array([label in self.probability for label in table.labels])
        rest = np.where(named, 0.0, prior_mass)
        if rest.sum() > 0:
            values = values + (1 - float(values.sum())) * rest / rest.sum()
        elif float(values.sum()) <= 0:
            raise InputError(f"Every label of {table.name!r} was stated as impossible; leave one possible.")
        return Prediction(RECORD, table.name, values / values.sum())

    def _stated_values(self, table: PartitionTable) -> FloatArray:
        unknown = sorted(set(self.probability) - set(table.labels))
        if unknown:
            raise InputError(f"{table.name!r} has no label {unknown[0]!r}; it has {', '.join(table.labels)}.")
        values = np.array([float(self.probability.get(label, 0.0)) for label in table.labels])
        total = float(values.sum())
        if not (np.isfinite(total) and bool((values >= 0).all()) and total <= 1 + 1e-9):
            raise InputError(
                f"The probabilities stated for {table.name!r} must be 0 to 1 and sum to at most 1, not {total:g}."
            )
        return values


def outcomes_of_declared(declared: Mapping[str, Mapping[str, float]], world: World) -> tuple[Outcome, ...]:
    """One outcome for all declared labels, or none where nothing is declared.

    Args:
        declared: per partition, probabilities of labels.
        world: the map that they are pooled on.

    Raises:
        InputError: a partition or label that the world does not have, or numbers that are no probabilities.
    """
    statements = [DeclaredLabels(name, stated) for name, stated in declared.items() if stated]
    tables = [world.overlay.table(each.partition) for each in statements]
    predictions = tuple(
        each.prediction(table, world.prior.on(table)) for each, table in zip(statements, tables, strict=True)
    )
    return (Outcome(RECORD, predictions),) if predictions else ()
