"""Statements about labels of a layer: climate, relief, population, land cover."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from engine.errors import InputError
from engine.evidence.statements import sentences
from engine.evidence.statements.base import check_values
from engine.evidence.statements.likelihood import (
    EvidenceMap,
    LabelShares,
    negate_if,
    shares_of_labels,
    soften_if_measured,
)
from engine.evidence.statements.sentences import Titles

LabelledPartition = Literal["climate", "relief", "population", "land_cover"]

LAYERS: Mapping[str, str] = {
    "climate": "Climate",
    "relief": "Terrain",
    "population": "Population density",
    "land_cover": "Land cover",
}
"""Titles of the layers that a statement may be about."""

_LABEL = re.compile(r"[A-Za-z0-9_+./-]{1,60}")


@dataclass(frozen=True)
class LabelIs:
    """The place has one of some labels of a layer, or none of them.

    Attributes:
        partition: the layer.
        labels: labels of it.
        negated: the place has none of them.
    """

    kind: ClassVar[str] = "label_is"
    gradual: ClassVar[bool] = False

    partition: LabelledPartition
    labels: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        if self.partition not in LAYERS:
            raise InputError(f"There is no layer {self.partition[:40]!r}; use one of {', '.join(LAYERS)}.")
        check_values(self.labels, "labels")
        for label in self.labels:
            if not _LABEL.fullmatch(label):
                raise InputError(f"{label[:40]!r} is not a label of {self.partition}; choose one from the list.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Terrain: mountains"``, ``"Climate: not desert"``."""
        title = titles or sentences.titles
        names = [sentences.lower_initial(title(self.partition, label)) for label in self.labels]
        return f"{LAYERS[self.partition]}: {'not ' if self.negated else ''}{sentences.join_names(names)}"

    def likelihood(self, world: EvidenceMap) -> LabelShares:
        """1 on the labels, 0 on the others, softened by how often the layer is wrong."""
        share = negate_if(self.negated, shares_of_labels(world.overlay.table(self.partition), self.labels))
        return LabelShares(self.partition, soften_if_measured(world, self.partition, share))
