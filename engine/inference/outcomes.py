"""What one predictor, or one statement of the analyst, contributes to a map; ``pooling`` combines these."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.predictors.base import CellLikelihood, Prediction, Record
from engine.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a predictor or a statement gives for pooling, or the reason why it gives nothing.

    Attributes:
        record: of the predictor, or of a statement of the analyst.
        predictions: one per partition that a predictor covers.
        reason: why there is nothing, in one sentence, or empty.
        likelihoods: what a statement says of each cell.
    """

    record: Record
    predictions: tuple[Prediction, ...] = ()
    reason: str = ""
    likelihoods: tuple[CellLikelihood, ...] = ()

    @property
    def status(self) -> str:
        """``"ok"`` or ``"failed"``."""
        return "failed" if self.reason else "ok"

    @property
    def contributes(self) -> bool:
        """Whether it contributes anything."""
        return bool(self.predictions or self.likelihoods)


def with_confusion(outcome: Outcome, confusion: Mapping[str, FloatArray]) -> Outcome:
    """The outcome with the confusion of the layers that its predictions speak of, if it judges the ground.

    Args:
        outcome: of a predictor or a statement.
        confusion: per approximate layer ``(labels, labels)``, as ``World.layer_confusion`` has it.
    """
    if not outcome.record.judges_ground:
        return outcome
    predictions = tuple(replace(each, confusion=confusion.get(each.partition)) for each in outcome.predictions)
    return replace(outcome, predictions=predictions)
