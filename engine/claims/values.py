"""The result of checking a claimed location: plain values, and a word for each Bayes factor.

The thresholds are those of Kass and Raftery (J. Am. Stat. Assoc. 90, 1995, table 2): a factor
below 3 is not worth more than a bare mention, below 20 is positive evidence, above that is strong.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.claims.clues import ClaimTable
from engine.claims.nearest import NearestPoint
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.evidence.statements.evidence import EVIDENCE_PREFIX
from engine.predictors.base import Record

POSITIVE, STRONG = 3.0, 20.0
"""Factors from which evidence is positive and strong."""
BETTER = 10.0
"""Ratio of densities from which another place counts as better supported than the claimed one."""


class Judgement(StrEnum):
    """A Bayes factor as a word."""

    STRONGLY_FOR = "strongly for"
    FOR = "for"
    NEUTRAL = "cannot tell"
    AGAINST = "against"
    STRONGLY_AGAINST = "strongly against"


def judgement_of(factor: float) -> Judgement:
    """The word for a factor, 0 or more."""
    if factor >= POSITIVE:
        return Judgement.STRONGLY_FOR if factor >= STRONG else Judgement.FOR
    if factor * POSITIVE > 1.0:
        return Judgement.NEUTRAL
    return Judgement.AGAINST if factor * STRONG > 1.0 else Judgement.STRONGLY_AGAINST


@dataclass(frozen=True)
class Support:
    """How far one predictor, or one statement of the analyst, supports the claimed location.

    Attributes:
        record: of the predictor or statement.
        factor: how many times likelier it makes the place, its weight included; below 1 it speaks against, 0 excludes.
            Under the product of experts the comparison is with a map on which every km2 is equally likely.
    """

    record: Record
    factor: float

    @property
    def judgement(self) -> Judgement:
        """Its factor as a word."""
        return judgement_of(self.factor)

    @property
    def stated(self) -> bool:
        """Whether it comes from the analyst and not from a model."""
        return self.record.name == DECLARED.name or self.record.name.startswith(EVIDENCE_PREFIX)


@dataclass(frozen=True)
class ReferencePhotos:
    """How photos with known locations ranked in a calibration.

    Attributes:
        photos: number of photos.
        reached: share of them whose true location ranked at least as high as the claimed one, 0 to 1.
        low, high: 95 % interval of that share.
    """

    photos: int
    reached: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ClaimCheck:
    """A claimed location compared with a map.

    Attributes:
        latitude, longitude: degrees, longitude in [-180, 180).
        name: ``"near Lund, Sweden"``, or empty where no place is known nearby.
        area_to_reach_km2: km2 that are searched before the place is inside (Bianco et al. 2024, Algorithm 3).
        denser_probability: share of the map's probability in [0, 1] on ground that is denser: the percentile.
        less_likely_land: share of the Earth's land in [0, 1] whose density is lower.
        on_land: whether the map's population layer has land there; None for a world without that layer.
        ground_km2: area of the overlay cell of the place; the map does not resolve anything finer.
        factor: how many times likelier the place is than on the baseline map; on the scale of ``Support.factor``.
        prior_factor: photos taken there over photos taken on an average km2 of land; None where the prior does not
            count.
        supports: one per predictor and statement, the largest effect first.
        better: the nearest ground that is ``BETTER`` times as dense, or None where there is none.
        better_name: of that point, as ``name``.
        reference_photos: the ranks of photos with known locations; None where no calibration fits the map.
        verdict: quotable sentences, each true by itself; the last ones state the limits.
        table: every clue with what is expected there, what was observed and its likelihood ratio.
        nearest_land: the nearest land where the place is water on the map, else None.
        nearest_land_name: of that point, as ``name``.
    """

    latitude: float
    longitude: float
    name: str
    area_to_reach_km2: float
    denser_probability: float
    less_likely_land: float
    on_land: bool | None
    ground_km2: float
    factor: float
    prior_factor: float | None
    supports: tuple[Support, ...]
    better: NearestPoint | None
    better_name: str
    reference_photos: ReferencePhotos | None
    verdict: tuple[str, ...] = ()
    table: ClaimTable | None = None
    nearest_land: NearestPoint | None = None
    nearest_land_name: str = ""

    @property
    def judgement(self) -> Judgement:
        """The photo and the analyst's statements at this place in one word; the prior does not count."""
        return judgement_of(self.factor)
