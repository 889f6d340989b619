"""What one predictor, or one statement of the analyst, contributes to a map; ``pooling`` combines these."""

from dataclasses import dataclass

from engine.predictors.base import CellLikelihood, Prediction, Record


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
