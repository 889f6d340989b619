"""The search map: the result of pooling, from which regions and candidate locations are derived."""

from dataclasses import dataclass

from engine.errors import InputError
from engine.inference.candidates import MIN_PROBABILITY, Candidate, find_candidates
from engine.inference.ranking import Ranking
from engine.inference.region import SUPPORT_TAIL, Region, region_for_area, region_for_mass


@dataclass(frozen=True, eq=False)
class SearchMap(Ranking):
    """A ranked probability density over the Earth with regions and candidate locations."""

    def region(self, budget_km2: float | None = None, mass: float | None = None, tail: float = SUPPORT_TAIL) -> Region:
        """The search region for an area budget in km2, or the smallest region that holds a probability mass.

        Regions are nested: a region of larger budget or mass contains every smaller one. A region for a budget ends
        where less than ``tail`` of the mass is left outside; see ``engine.inference.region.region_for_area``.

        Raises:
            InputError: both or none are given, the budget is not in (0, area of the Earth], or the mass not in (0, 1].
        """
        if budget_km2 is not None and mass is None:
            return region_for_area(self, budget_km2, tail)
        if mass is not None and budget_km2 is None:
            return region_for_mass(self, mass)
        raise InputError("A region needs an area budget in km2 or a probability mass; give one, not both.")

    def candidates(
        self, k: int = 5, separation_km: float = 100.0, min_probability: float = MIN_PROBABILITY
    ) -> tuple[Candidate, ...]:
        """Up to ``k`` most probable locations at least ``separation_km`` apart; see ``engine.inference.candidates``."""
        return find_candidates(self, k, separation_km, min_probability)
