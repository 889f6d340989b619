"""Statements about what the photo shows of the sun."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from engine.evidence.statements.likelihood import ZONES, CellShares, EvidenceMap
from engine.evidence.statements.sentences import Titles
from engine.evidence.sun import sentences
from engine.evidence.sun.likelihood import FLOOR, likelihood_of_places
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.places import SunPlaces
from engine.partitions.overlay import Overlay

KM_PER_DEGREE = 111.195
"""Of arc on the sphere."""


@dataclass(frozen=True)
class SunSeen:
    """What the photo shows of the sun.

    Attributes:
        observation: time, elevation and azimuth of the sun, as far as they are known.
    """

    kind: ClassVar[str] = "sun_seen"
    gradual: ClassVar[bool] = True

    observation: SunObservation

    def sentence(self, titles: Titles | None = None) -> str:
        """What was observed, in words."""
        del titles
        return sentences.sentence(self.observation)

    def likelihood(self, world: EvidenceMap) -> CellShares:
        """How well the observation fits each cell, 0 to 1; the strength says how likely it is simply wrong."""
        fit = likelihood_of_places(self.observation, _sun_places(world.overlay))
        return CellShares(np.clip((fit - FLOOR) / (1.0 - FLOOR), 0.0, 1.0))


@lru_cache(maxsize=1)  # of the world that is in use
def _sun_places(overlay: Overlay) -> SunPlaces:
    zones = overlay.table(ZONES)
    extent = np.sqrt(overlay.area_km2 / np.pi) / KM_PER_DEGREE  # radius of a disc as large as the cell
    return SunPlaces.of(overlay.unit_center, extent, zones.cell_label.astype(np.int64), zones.labels)
