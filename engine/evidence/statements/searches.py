"""Statements about areas that were searched without success."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.errors import InputError
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.likelihood import EXCLUDED
from engine.evidence.statements.sentences import Titles
from engine.typing import FloatArray


@dataclass(frozen=True)
class Searched:
    """An area was searched with nil find: its probability drops by the search-and-rescue update rule.

    With a probability of detection POD, ``POA' = (1 - POD) POA / (1 - POD POA)``: the area counts ``1 - POD`` times,
    everything else stays as it was. The strength of a statement is not used.

    Attributes:
        area: what was searched; its ``include`` is not used.
        detection: probability in (0, 1] that the search would have found it there.
    """

    kind: ClassVar[str] = "searched"
    gradual: ClassVar[bool] = True

    area: DrawnArea | Circle
    detection: float

    def __post_init__(self) -> None:
        if not 0.0 < self.detection <= 1.0:
            raise InputError(
                f"A probability of detection of {self.detection:g} cannot be used; give a share above 0, at most 1."
            )

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Searched, POD 70 %: the drawn area 'valley'"``."""
        del titles
        return f"Searched, POD {100 * self.detection:.3g} %: {self.area.words}"

    @property
    def outline(self) -> DrawnArea | Circle:
        """See ``OutlineStatement``."""
        return self.area.outline

    def log_outside_inside(self, probability: float, mass: float) -> tuple[float, float]:
        """See ``OutlineStatement``."""
        del probability, mass
        outside, inside = log_searched(np.array([0.0, 1.0]), self.detection)
        return float(outside), float(inside)


def log_searched(inside: FloatArray, detection: float) -> FloatArray:
    """Log-likelihood that a search finds nothing, given the shares that were searched: ``1 - POD`` where all was."""
    return np.log(np.maximum(1.0 - detection * inside, EXCLUDED))
