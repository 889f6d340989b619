"""The analyst's choices that turn predictions and evidence into a map."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.evidence.statements.evidence import Evidence, evidence_about
from engine.inference.pooling import Pooling


@dataclass(frozen=True)
class Settings:
    """What the analyst chose.

    Attributes:
        weights: exponent per predictor name; a missing name has its record's weight, 0 switches it off.
        prior_weight: 1 popular places, 0 every km2 of land alike.
        pooling: the rule, see ``engine.inference.pooling``.
        declared: per partition, stated probabilities of labels; see ``engine.evidence.statements.declared_labels``.
        floors: per predictor name, the chance that it is simply wrong, where another than its record's is wanted.
        evidence: what the analyst sees and knows; ids are unique, those that are off do not count.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    prior_weight: float = 1.0
    pooling: Pooling = Pooling.CORRECTED
    declared: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    def about(self, sha256: str) -> "Settings":
        """The settings for one photo: statements about other photos do not count."""
        chosen = evidence_about(self.evidence, sha256)
        return self if chosen == self.evidence else replace(self, evidence=chosen)


def without_predictor(settings: Settings, name: str) -> Settings:
    """The same settings with one predictor or statement switched off."""
    return replace(settings, weights={**settings.weights, name: 0.0})
