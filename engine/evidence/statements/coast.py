"""Statements about the distance to water: the sea, a lake, or any of sea, lake and river."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from scipy.special import ndtr

from engine.errors import InputError
from engine.evidence.statements.likelihood import (
    COAST,
    LAKES,
    RIVERS,
    CellShares,
    EvidenceMap,
    LabelShares,
    has_partition,
    negate_if,
    soften_if_measured,
)
from engine.evidence.statements.sentences import Titles, format_number
from engine.typing import FloatArray

Water = Literal["sea", "lake", "any"]

WATERS: Mapping[str, str] = {"sea": "the coast", "lake": "a lake", "any": "water"}
"""What a place may be near, as a sentence names it."""

SHORE_KM: Mapping[str, float] = {COAST: 1.5, LAKES: 1.0, RIVERS: 1.5}
"""How far shores of two sources lie apart, one standard deviation: a stated distance ends softly by so much."""

UNMAPPED: Mapping[str, tuple[float, float]] = {"lake": (0.05, 100.0), "any": (0.2, 15.0)}
"""How often a place that the map knows no such water near has some at its feet (ponds, brooks, canals), and the km
within which most places have some. Judgement."""


@dataclass(frozen=True)
class CoastWithin:
    """Water is near, or is not.

    Attributes:
        km: great-circle distance to the nearest shore, above 0 and at most 3,000.
        negated: the shore is farther away than that.
        water: the sea, a lake, or any of sea, lake and river.
    """

    kind: ClassVar[str] = "coast_within"
    gradual: ClassVar[bool] = False

    km: float
    negated: bool = False
    water: Water = "sea"

    def __post_init__(self) -> None:
        if self.water not in WATERS:
            raise InputError(f"There is no water {self.water[:40]!r}; use one of {', '.join(WATERS)}.")
        if not 0.0 < self.km <= 3000.0:
            raise InputError(
                f"A distance of {self.km:g} km to {WATERS[self.water]} cannot be used; give 0.1 to 3000 km."
            )

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Within 25 km of the coast"``, ``"More than 5 km from a lake"``."""
        del titles
        where = f"{format_number(self.km)} km {'from' if self.negated else 'of'} {WATERS[self.water]}"
        return f"More than {where}" if self.negated else f"Within {where}"

    def likelihood(self, world: EvidenceMap) -> LabelShares | CellShares:
        """How likely a place at each distance that the layers give is as near as that, on either side of a coast."""
        if self.water != "any":
            name = COAST if self.water == "sea" else LAKES
            return LabelShares(name, negate_if(self.negated, self._near(world, name)))
        far = np.ones(world.overlay.cells)
        for name in (each for each in (COAST, LAKES, RIVERS) if has_partition(world, each)):
            far *= 1.0 - self._near(world, name)[world.overlay.table(name).cell_label]
        return CellShares(negate_if(self.negated, 1.0 - far))

    def _near(self, world: EvidenceMap, name: str) -> FloatArray:
        """``(labels + 1,)`` how likely a place with each label of a layer of distances is near that water."""
        unmapped = self._unmapped() if name == LAKES else 0.0
        share = near_shares(world.edges[name], self.km, SHORE_KM[name])
        return soften_if_measured(world, name, np.append(1.0 - (1.0 - share) * (1.0 - unmapped), unmapped))

    def _unmapped(self) -> float:
        """How likely some water is near that the map does not know."""
        least, usual_km = UNMAPPED.get(self.water, (0.0, math.inf))
        return 1.0 - (1.0 - least) * math.exp(-self.km / usual_km)


def near_shares(edges: Sequence[float], km: float, error_km: float) -> FloatArray:
    """Share of each band of signed distances between ``edges`` that is within ``km`` of 0, given the shore's error."""
    lower, upper = np.asarray(edges[:-1], np.float64)[:, None], np.asarray(edges[1:], np.float64)[:, None]
    distance = lower + (upper - lower) * (np.arange(8) + 0.5) / 8.0
    within = ndtr((km - distance) / error_km) - ndtr((-km - distance) / error_km)
    return np.asarray(within.mean(axis=1), np.float64)
