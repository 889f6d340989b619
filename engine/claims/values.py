"""What a check of a claimed place holds: plain values, and words for factors.

The words for how much evidence weighs are those of Kass and Raftery (J. Am. Stat. Assoc. 90, 1995, table 2): a factor
below 3 is not worth more than a bare mention, below 20 it is positive evidence, above that it is strong.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.claims.nearest import NearestPoint
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.evidence.statements.evidence import EVIDENCE_PREFIX
from engine.predictors.base import Record

POSITIVE, STRONG = 3.0, 20.0
"""Factors from which evidence is positive and strong."""
BETTER = 10.0
"""A place is better supported where the density is so many times that of the claimed place."""


class Judgement(StrEnum):
    """What a factor amounts to."""

    STRONGLY_FOR = "strongly for"
    FOR = "for"
    CANNOT_TELL = "cannot tell"
    AGAINST = "against"
    STRONGLY_AGAINST = "strongly against"


def judgement_of(factor: float) -> Judgement:
    """The word for a factor, 0 or more."""
    if factor >= POSITIVE:
        return Judgement.STRONGLY_FOR if factor >= STRONG else Judgement.FOR
    if factor * POSITIVE > 1.0:
        return Judgement.CANNOT_TELL
    return Judgement.AGAINST if factor * STRONG > 1.0 else Judgement.STRONGLY_AGAINST


@dataclass(frozen=True)
class Voice:
    """What one predictor, or one statement of the analyst, says of the claimed place.

    Attributes:
        record: who says it.
        factor: how many times likelier it makes the place, its weight included; below 1 it speaks against, 0 excludes.
            Under the plain product it is compared with a map that holds every km2 for equally likely.
    """

    record: Record
    factor: float

    @property
    def judgement(self) -> Judgement:
        """Its factor as a word."""
        return judgement_of(self.factor)

    @property
    def stated(self) -> bool:
        """Whether the analyst said it and no model."""
        return self.record.name == DECLARED.name or self.record.name.startswith(EVIDENCE_PREFIX)


@dataclass(frozen=True)
class KnownPhotos:
    """How test photos with known places fared.

    Attributes:
        photos: how many there were.
        reached: share of them whose true place ranked at least as far up as the claimed one, 0 to 1.
        low, high: 95 % interval of that share.
    """

    photos: int
    reached: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ClaimCheck:
    """What a map says of a claimed place.

    Attributes:
        latitude, longitude: degrees, longitude in [-180, 180).
        name: ``"near Lund, Sweden"``, or empty where no place is known nearby.
        area_to_reach_km2: km2 that are searched before the place is inside (Algorithm 3 of paper A).
        denser_probability: share of the map's probability in [0, 1] on ground that is denser: the percentile.
        less_likely_land: share of the Earth's land in [0, 1] whose density is lower.
        on_land: whether the map's population layer has land there; None for a world without that layer.
        ground_km2: area of the piece of ground that the map takes the place as one with; nothing finer can be said.
        factor: how many times likelier the place is than before anybody looked at the photo; ``Voice.factor``'s scale.
        prior_factor: how many times as many photos are taken there as on an average km2 of land; None where the prior
            was not asked.
        voices: what each predictor and statement says, those that move the place most first.
        better: the nearest ground that is ``BETTER`` times as dense, or None where there is none.
        better_name: where that is, as ``name``.
        known_photos: how test photos fared; None where no calibration goes with the map.
        verdict: sentences that an editor can quote, each true by itself; the last say what they cannot support.
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
    voices: tuple[Voice, ...]
    better: NearestPoint | None
    better_name: str
    known_photos: KnownPhotos | None
    verdict: tuple[str, ...] = ()

    @property
    def judgement(self) -> Judgement:
        """What the photo and the analyst's statements amount to at this place; the prior is left out."""
        return judgement_of(self.factor)
