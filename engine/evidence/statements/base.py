"""The contract of a statement: a frozen dataclass of plain fields, whose JSON is its ``kind`` and its fields.

A statement is about places in one of two ways. A ``PlaceStatement`` gives its likelihood from the layers of an evidence
map. An ``OutlineStatement`` cuts the map along its outline and gives one likelihood inside and one outside.
"""

from typing import ClassVar, Protocol, runtime_checkable

from engine.errors import InputError
from engine.evidence.statements.areas import Shape
from engine.evidence.statements.likelihood import EvidenceMap, PlaceLikelihood
from engine.evidence.statements.sentences import Titles

MOST_LABELS = 300
"""Countries or labels that one statement may name."""


class Statement(Protocol):
    """What an analyst states about the place.

    Attributes:
        kind: the word for this kind in JSON.
        gradual: whether it makes places more or less likely without ruling any out, so that it contradicts nothing.
    """

    kind: ClassVar[str]
    gradual: ClassVar[bool]

    def sentence(self, titles: Titles | None = None) -> str:
        """The statement as a sentence without a full stop.

        Args:
            titles: gives the words for values; those of the tables that ship unless given.
        """
        ...


@runtime_checkable
class PlaceStatement(Statement, Protocol):
    """A statement that the layers of an evidence map decide."""

    def likelihood(self, world: EvidenceMap) -> PlaceLikelihood:
        """Where the statement holds.

        Raises:
            InputError: it names something that the map does not have.
        """
        ...


@runtime_checkable
class OutlineStatement(Statement, Protocol):
    """A statement about the inside or the outside of an outline."""

    @property
    def outline(self) -> Shape:
        """Along which the map is cut; equal for statements that share an outline."""
        ...

    def log_outside_inside(self, probability: float, mass: float) -> tuple[float, float]:
        """Log-likelihoods of a place outside and of one inside the outline, up to a common constant.

        Args:
            probability: that the statement is right, 0.5 to 1.
            mass: of the prior inside the outline, 0 to 1.
        """
        ...


def check_values(values: tuple[str, ...], what: str) -> None:
    """Refuse a list of codes or labels that is empty, too long or names one twice.

    Raises:
        InputError: it is.
    """
    if not values:
        raise InputError(f"A statement names no {what}; choose at least one.")
    if len(values) > MOST_LABELS:
        raise InputError(f"A statement names {len(values)} {what}; name at most {MOST_LABELS}.")
    if len(set(values)) < len(values):
        raise InputError(f"A statement names some {what} twice; name each once.")
