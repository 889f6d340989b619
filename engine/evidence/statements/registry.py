"""Which kinds of statements there are: an explicit list, so that JSON can name only these."""

from collections.abc import Mapping

from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.base import Statement
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.sights import Seen
from engine.evidence.statements.sun import SunSeen

_CLASSES: tuple[type[Statement], ...] = (
    CountryIs,
    CountryFact,
    LabelIs,
    Seen,
    CoastWithin,
    Elevation,
    DrawnArea,
    Circle,
    Searched,
    SunSeen,
)

KINDS: Mapping[str, type[Statement]] = {each.kind: each for each in _CLASSES}
"""The class of each kind, by its word in JSON."""
