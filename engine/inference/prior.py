"""The photo prior: where on Earth people take photos, before anyone looks at the photo.

It lives on the overlay, not on geocells: photo counts per geocell, spread inside the cell by population, shrunk with
the counts of the overlay cells themselves. On 1,473 test photos of Im2GPS3k that alone halves the area of a prior on
geocells (design notes in ARCHITECTURE.md).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from engine.errors import InputError
from engine.partitions.overlay import Overlay, PartitionTable
from engine.partitions.partition import NOWHERE
from engine.partitions.refine import share_of_parent
from engine.predictors.base import Record
from engine.typing import FloatArray, IntArray

SPREAD_EXPONENT = 0.75
"""Inside a geocell, photos per km2 of the population bucket count with this exponent."""
PSEUDO_COUNT = 5.0
"""Photos' worth of belief in that spread, against the counts of the overlay cells."""
EVERYWHERE = 0.02
"""Share of the prior that follows the population bucket alone, over the whole Earth."""
OFF_TRACK, OFF_TRACK_EXPONENT = 0.2, 0.5
"""Share of the prior that follows its density to a power, over land: nature is photographed where few others are.

Chosen by ``assets/scripts/fit_photo_prior.py`` among shares and powers: of those that cost photos as people share them
at most 0.015 nats, the one that gains most on landscapes of 183 other places (0.8 nats). Regions of 50, 80 and 90 %
then hold 57, 88 and 95 % of photos held out, instead of 48, 76 and 87 %."""
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


class Prior(Protocol):
    """Two densities over the cells of an overlay that the analyst can slide between."""

    @property
    def overlay(self) -> Overlay:
        """The cells."""
        ...

    @property
    def probability(self) -> FloatArray:
        """``(cells,)`` mass of the photo prior, positive everywhere, sums to 1."""
        ...

    @property
    def flat(self) -> FloatArray:
        """``(cells,)`` mass of the alternative: every km2 of land alike."""
        ...

    @property
    def log_photos(self) -> FloatArray:
        """``(cells,)`` log-density of the photo prior, mass per km2."""
        ...

    @property
    def log_flat(self) -> FloatArray:
        """``(cells,)`` log-density of the alternative, mass per km2."""
        ...

    def log_density(self, weight: float) -> FloatArray:
        """Unnormalised log-density of the photo prior raised to ``weight`` and of the flat one to ``1 - weight``."""
        ...

    def on(self, table: PartitionTable) -> FloatArray:
        """Mass of the photo prior on each label of a partition ``(labels,)``."""
        ...


@dataclass(frozen=True, eq=False)
class PhotoPrior:
    """A prior by its masses.

    Attributes:
        overlay: the cells.
        probability: ``(cells,)`` mass of the photo prior, positive everywhere, sums to 1.
        flat: ``(cells,)`` mass of the alternative: every km2 of land alike.
    """

    overlay: Overlay
    probability: FloatArray
    flat: FloatArray

    @cached_property
    def log_photos(self) -> FloatArray:
        """As in ``Prior``."""
        return np.asarray(np.log(self.probability) - np.log(self.overlay.area_km2), np.float64)

    @cached_property
    def log_flat(self) -> FloatArray:
        """As in ``Prior``."""
        return np.asarray(np.log(self.flat) - np.log(self.overlay.area_km2), np.float64)

    def log_density(self, weight: float) -> FloatArray:
        """As in ``Prior``."""
        return _between(self.log_photos, self.log_flat, weight)

    @cached_property
    def _on_labels(self) -> dict[str, FloatArray]:
        return {}

    def on(self, table: PartitionTable) -> FloatArray:
        """As in ``Prior``; computed once per partition."""
        return _remembered(self._on_labels, table, self.probability)


@dataclass(frozen=True, eq=False)
class RefinedPrior:
    """A prior on the parts of its cells, with the same density per km2: cutting cells moves no map.

    Masses on labels are those of the prior before the cut, and masses of cells are worked out when they are asked for.

    Attributes:
        before: on the overlay before it was cut.
        overlay: after it was cut.
        parent: ``(cells,)`` the cell before that each cell is a part of.
    """

    before: Prior
    overlay: Overlay
    parent: IntArray

    @cached_property
    def _share(self) -> FloatArray:
        return share_of_parent(self.overlay.area_km2, self.parent)

    @cached_property
    def probability(self) -> FloatArray:
        """As in ``Prior``."""
        return np.asarray(self.before.probability[self.parent] * self._share, np.float64)

    @cached_property
    def flat(self) -> FloatArray:
        """As in ``Prior``."""
        return np.asarray(self.before.flat[self.parent] * self._share, np.float64)

    @cached_property
    def log_photos(self) -> FloatArray:
        """As in ``Prior``."""
        return self.before.log_photos[self.parent]

    @cached_property
    def log_flat(self) -> FloatArray:
        """As in ``Prior``."""
        return self.before.log_flat[self.parent]

    def log_density(self, weight: float) -> FloatArray:
        """As in ``Prior``."""
        return _between(self.log_photos, self.log_flat, weight)

    @cached_property
    def _on_labels(self) -> dict[str, FloatArray]:
        return {}

    def on(self, table: PartitionTable) -> FloatArray:
        """As in ``Prior``; computed once per partition."""
        known = {each.name: each for each in self.before.overlay.tables}
        if table.name in known:
            return self.before.on(known[table.name])
        return _remembered(self._on_labels, table, self.probability)


def _between(log_photos: FloatArray, log_flat: FloatArray, weight: float) -> FloatArray:
    if weight == 1.0:
        return log_photos.copy()
    return weight * log_photos + (1.0 - weight) * log_flat


def _remembered(known: dict[str, FloatArray], table: PartitionTable, probability: FloatArray) -> FloatArray:
    """Mass on each label of a partition, worked out when it is first asked for."""
    if table.name not in known:
        shifted = table.cell_label - NOWHERE
        mass = np.bincount(shifted, weights=probability, minlength=len(table.labels) + 1)
        known[table.name] = np.asarray(mass[1:], np.float64)
    return known[table.name]


def build_prior(
    overlay: Overlay,
    latitude: FloatArray,
    longitude: FloatArray,
    geocells: str = "geocells_fine",
    blocks: str = "blocks",
    population: str = "population",
    off_track: float = OFF_TRACK,
) -> PhotoPrior:
    """The prior from places of photos in degrees, ``(photos,)`` each, on an overlay of the named partitions.

    Args:
        overlay: the cells.
        latitude: of photos, degrees.
        longitude: of photos, degrees.
        geocells: name of the overlay's partition of geocells.
        blocks: name of the partition that stands in where no geocell owns a cell.
        population: name of the partition of population density.
        off_track: share of the component for places off the beaten track, 0 to 1.

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
    known = probability / probability.sum()
    remote = off_the_track(known, overlay.area_km2, bucket > 0, OFF_TRACK_EXPONENT)
    return PhotoPrior(overlay, (1 - off_track) * known + off_track * remote, _flat(overlay.area_km2, bucket > 0))


def off_the_track(probability: FloatArray, area_km2: FloatArray, land: np.ndarray, exponent: float) -> FloatArray:
    """Where photos are taken off the beaten track: the density to a power below 1, over land.

    Args:
        probability: ``(cells,)`` mass where photos are known from.
        area_km2: of the cells.
        land: whether each cell is land; all cells count where none is.
        exponent: 1 is the prior itself, 0 every km2 alike.

    Returns:
        ``(cells,)`` mass, sums to 1.
    """
    spread = area_km2 * (probability / area_km2) ** exponent
    if land.any():
        spread = np.where(land, spread, 0.0)
    return np.asarray(spread / spread.sum(), np.float64)


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
