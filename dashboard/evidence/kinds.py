"""What can be stated: the kinds that the dialog offers, and which of them a statement is."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.evidence import area_fields, fields, sun_fields
from dashboard.evidence.form import Fields
from engine.evidence.countries.facts import Fact
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.base import Statement
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.layers import LabelIs, LabelledPartition
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.sights import Seen, Sight
from engine.evidence.statements.sun import SunSeen


@dataclass(frozen=True)
class Kind:
    """One kind of statement.

    Attributes:
        title: by which it is chosen.
        fields: draws its fields.
        holds: whether a statement is of this kind.
    """

    title: str
    fields: Fields
    holds: Callable[[Statement], bool]


def _of(title: str, fields: Fields, kind: type) -> Kind:
    return Kind(title, fields, lambda statement: isinstance(statement, kind))


def _fact(title: str, name: Fact, label: str, placeholder: str) -> Kind:
    return Kind(
        title, fields.fact(name, label, placeholder),
        lambda statement: isinstance(statement, CountryFact) and statement.fact == name,
    )  # fmt: skip


def _labels(title: str, partition: LabelledPartition, label: str) -> Kind:
    return Kind(
        title, fields.labels(partition, label),
        lambda statement: isinstance(statement, LabelIs) and statement.partition == partition,
    )  # fmt: skip


def _sight(title: str, what: Sight) -> Kind:
    return Kind(title, fields.sight(what), lambda statement: isinstance(statement, Seen) and statement.what == what)


def _is_named_circle(statement: Statement) -> bool:
    area = _area(statement)
    return isinstance(area, Circle) and bool(area.name)


def _area(statement: Statement) -> Statement:
    return statement.area if isinstance(statement, Searched) else statement


KINDS = (
    _of("Country", fields.country, CountryIs),
    Kind("Driving side", fields.drives, lambda each: isinstance(each, CountryFact) and each.fact == "drives"),
    _fact("Language", "language", "Language", "German"),
    _fact("Script", "script", "Script", "Cyrillic"),
    _fact("Country-code domain", "suffix", "Domain", ".de"),
    _fact("Calling code", "prefix", "Calling code", "+49"),
    _fact("Currency", "currency", "Currency", "Euro"),
    _fact("Plate country code", "plate", "Code on the plate", "D"),
    _fact("Plate appearance", "plate_look", "Appearance", "white, yellow, black, a blue band"),
    _fact("Continent", "continent", "Continent", "Europe"),
    _labels("Climate", "climate", "Climate classes"),
    _sight("Snow on the ground", "snow"),
    _sight("Palm trees", "palm_trees"),
    _of("Distance to the coast", fields.coast, CoastWithin),
    _of("Elevation", fields.height, Elevation),
    _labels("Terrain", "relief", "Terrain classes"),
    _labels("Population density", "population", "Density classes"),
    _labels("Land cover", "land_cover", "Land-cover classes"),
    _of("Sun and shadow", sun_fields.show, SunSeen),
    Kind("Area drawn on the map", area_fields.drawn, lambda each: isinstance(_area(each), DrawnArea)),
    Kind("Area from a file", area_fields.from_file, lambda _: False),  # once there, it is an area as if drawn
    Kind("Near a named place", area_fields.around_place, _is_named_circle),
    Kind("Near coordinates", area_fields.around_point, lambda each: isinstance(_area(each), Circle)),
)
"""In the order in which they are offered."""

FIELDS = {kind.title: kind.fields for kind in KINDS}
"""By title."""


def title_of(statement: Statement) -> str:
    """The title of the kind under which a statement is edited."""
    return next(kind.title for kind in KINDS if kind.holds(statement))
