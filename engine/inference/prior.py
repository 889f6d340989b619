"""The photo prior: where on Earth people take photos, before anyone looks at the photo.

It lives on the overlay, not on geocells: photo counts per geocell, spread inside the cell by population, shrunk with
the counts of the overlay cells themselves. On 1,473 test photos of Im2GPS3k that alone halves the area of a prior on
geocells (design notes in ARCHITECTURE.md).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.errors import InputError
from engine.partitions.overlay import Overlay, PartitionTable
from engine.partitions.partition import NOWHERE
from engine.predictors.base import Record
from engine.typing import FloatArray

SPREAD_EXPONENT = 0.75
"""Inside a geocell, photos per km2 of the population bucket count with this exponent."""
PSEUDO_COUNT = 5.0
"""Photos' worth of belief in that spread, against the counts of the overlay cells."""
EVERYWHERE = 0.02
"""Share of the prior that follows the population bucket alone, over the whole Earth."""
ON_LAND = 0.99
"""Share of the flat alternative ("every km2 of land alike") that lies on land; the rest is at sea."""

RECORD = Record(
    name="prior",
    title="Photo-popularity baseline (prior)",
    summary="Where people take photos at all, from 94,123 places of public geotagged photos and the population layer; "
    "it has not looked at your photo.",
    licence="MIT (coordinates of the geoclip package) and the population layer's",
    source="geoclip 1.3 gallery, a sample of MP-16 (Flickr)",
    floor=0.0,
)


@dataclass(frozen=True, eq=False)
class PhotoPrior:
    """Two densities over the cells of an overlay that the analyst can slide between.

    Attributes:
        overlay: the cells.
        probability: ``(cells,)`` mass of the photo prior, positive everywhere, sums to 1.
        flat: ``(cells,)`` mass of the alternative: every km2 of land alike.
    """

    overlay: Overlay
    probability: FloatArray
    flat: FloatArray

    @cached_property
    def _log_photos(self) -> FloatArray:
        return np.asarray(np.log(self.probability) - np.log(self.overlay.area_km2), np.float64)

    @cached_property
    def _log_flat(self) -> FloatArray:
        return np.asarray(np.log(self.flat) - np.log(self.overlay.area_km2), np.float64)

    def log_density(self, weight: float) -> FloatArray:
        """Unnormalised log-density of the prior raised to ``weight`` and of the flat one to ``1 - weight``."""
        if weight == 1.0:
            return self._log_photos.copy()
        return weight * self._log_photos + (1.0 - weight) * self._log_flat

    @cached_property
    def _on_labels(self) -> dict[str, FloatArray]:
        return {}

    def on(self, table: PartitionTable) -> FloatArray:
        """Mass of the photo prior on each label of a partition ``(labels,)``; computed once per partition."""
        known = self._on_labels
        if table.name not in known:
            shifted = table.cell_label - NOWHERE
            mass = np.bincount(shifted, weights=self.probability, minlength=len(table.labels) + 1)
            known[table.name] = np.asarray(mass[1:], np.float64)
        return known[table.name]


def build_prior(
    overlay: Overlay,
    latitude: FloatArray,
    longitude: FloatArray,
    geocells: str = "geocells_fine",
    blocks: str = "blocks",
    population: str = "population",
) -> PhotoPrior:
    """The prior from places of photos in degrees, ``(photos,)`` each, on an overlay of the named partitions.

    Raises:
        InputError: there is no photo.
    """
    if np.size(latitude) == 0:
        raise InputError("The photo prior needs places of photos; give it at least one coordinate.")
    counts = np.bincount(overlay.cell_at(latitude, longitude), minlength=overlay.cells).astype(np.float64)
    bucket = overlay.table(population).cell_label - NOWHERE
    rate = _rate(counts, bucket, overlay.area_km2)
    group = _groups(overlay.table(geocells), overlay.table(blocks))
    local = _shrunk(counts, overlay.area_km2 * rate**SPREAD_EXPONENT, group)
    everywhere = overlay.area_km2 * rate
    probability = (1 - EVERYWHERE) * local / local.sum() + EVERYWHERE * everywhere / everywhere.sum()
    return PhotoPrior(overlay, probability / probability.sum(), _flat(overlay.area_km2, bucket > 0))


def _rate(counts: FloatArray, bucket: np.ndarray, area_km2: FloatArray) -> FloatArray:
    """Photos per km2 of the bucket of each cell; half a photo is added so that no bucket is impossible."""
    photos = np.bincount(bucket, weights=counts) + 0.5
    area = np.bincount(bucket, weights=area_km2)
    return np.asarray((photos / np.maximum(area, 1e-9))[bucket], np.float64)


def _groups(geocells: PartitionTable, blocks: PartitionTable) -> np.ndarray:
    """Geocell of each cell, or the block that it lies in where no geocell owns it."""
    outside = geocells.cell_label == NOWHERE
    return np.where(outside, len(geocells.labels) + blocks.cell_label - NOWHERE, geocells.cell_label)


def _shrunk(counts: FloatArray, spread: FloatArray, group: np.ndarray) -> FloatArray:
    """Photos of each group, shared by counts shrunk towards the spread: n_g (n_c + K s_c) / (n_g + K)."""
    in_group = np.bincount(group, weights=counts)[group]
    share = spread / np.bincount(group, weights=spread)[group]
    return np.asarray(in_group * (counts + PSEUDO_COUNT * share) / (in_group + PSEUDO_COUNT), np.float64)


def _flat(area_km2: FloatArray, land: np.ndarray) -> FloatArray:
    land_area, sea_area = np.where(land, area_km2, 0.0), np.where(land, 0.0, area_km2)
    land_share = ON_LAND if sea_area.any() else 1.0
    flat = land_share * land_area / max(land_area.sum(), 1e-9)
    if sea_area.any():
        flat = flat + (1 - land_share if land_area.any() else 1.0) * sea_area / sea_area.sum()
    return np.asarray(flat / flat.sum(), np.float64)
