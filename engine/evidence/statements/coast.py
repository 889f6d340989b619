"""Statements about the distance to the coast."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.errors import InputError
from engine.evidence.statements.likelihood import COAST, EvidenceMap, LabelShares, band_shares, negate_if
from engine.evidence.statements.sentences import Titles, format_number


@dataclass(frozen=True)
class CoastWithin:
    """The coast of the sea is near, or is not.

    Attributes:
        km: great-circle distance to the nearest coast, above 0 and at most 3,000.
        negated: the coast is farther away than that.
    """

    kind: ClassVar[str] = "coast_within"
    gradual: ClassVar[bool] = False

    km: float
    negated: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.km <= 3000.0:
            raise InputError(f"A distance of {self.km:g} km to the coast cannot be used; give 0.1 to 3000 km.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Within 25 km of the coast"``."""
        del titles
        km = format_number(self.km)
        return f"More than {km} km from the coast" if self.negated else f"Within {km} km of the coast"

    def likelihood(self, world: EvidenceMap) -> LabelShares:
        """How much of each band of distances is as near as that, on either side of the coast."""
        near = np.append(band_shares(world.edges[COAST], -self.km, self.km), 0.0)
        return LabelShares(COAST, negate_if(self.negated, near))
