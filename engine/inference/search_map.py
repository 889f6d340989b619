"""A search map: what pooling leaves behind, and where regions, places and claims are asked for."""

from dataclasses import dataclass

from engine.errors import InputError
from engine.inference.candidates import Place, find_places
from engine.inference.ranking import Ranking
from engine.inference.region import Region, region_for_area, region_of_mass


@dataclass(frozen=True, eq=False)
class SearchMap(Ranking):
    """A ranked probability density over the Earth that answers with regions and places."""

    def region(self, budget_km2: float | None = None, mass: float | None = None) -> Region:
        """The search region for an area budget in km2, or the smallest region that holds a share of the mass.

        Regions are nested: a larger budget or mass contains every smaller one.

        Raises:
            InputError: both or none are given, the budget is not in (0, area of the Earth], or the mass
                not in (0, 1].
        """
        if budget_km2 is not None and mass is None:
            return region_for_area(self, budget_km2)
        if mass is not None and budget_km2 is None:
            return region_of_mass(self, mass)
        raise InputError("Give either an area budget in km2 or a probability mass between 0 and 1, not both.")

    def places(self, k: int = 5, separation_km: float = 100.0) -> tuple[Place, ...]:
        """The ``k`` most probable places at least ``separation_km`` apart; see ``engine.inference.candidates``."""
        return find_places(self, k, separation_km)
