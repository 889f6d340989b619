"""A case: everything that an answer depends on except the pixels.

It has photos by their hash, evidence, settings, the grid, the query and the view. The position in a photo's EXIF is
never part of it: an analyst who wants to store it makes it the claim.
"""

import re
from dataclasses import dataclass, field, replace

from engine.cases import fields
from engine.cases.fields import FieldError
from engine.cases.parts import (
    MOST_PHOTOS,
    CaseClaim,
    CasePhoto,
    CasePlaces,
    CaseRegion,
    CaseSettings,
    CaseView,
    Provenance,
    put,
)
from engine.errors import InputError
from engine.evidence.statements.evidence import Evidence
from engine.geometry.grids import parse_grid
from engine.locate.settings import Settings
from engine.search_planning.plan import SearchPlan

MAJOR, MINOR = 1, 1
"""Version of the schema; 1.1 added ``plan``.

A newer minor adds fields and is read; a newer major changes their meaning and is not."""

MOST_STATEMENTS = 200
TITLE_LIMIT = 200
NOTES_LIMIT = 10_000

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})")

UnknownFields = tuple[tuple[str, str, str], ...]
"""Fields of a newer version: section, key, and the value as JSON."""


@dataclass(frozen=True)
class Case:
    """A case. Equal cases are written as equal bytes.

    Attributes:
        photos: each once.
        evidence: the analyst's statements, each with its own id.
        settings: how they are weighed.
        grid: ROWSxCOLUMNS of the common grid.
        region, places, claim: the query.
        view: the map view.
        title: one line.
        notes: the analyst's own, several lines.
        made: the software and data that it was made with.
        plan: of a search for a person, where there is one.
        version: of the schema, the present one unless it was read from a newer file.
        kept: what a newer version had besides; written again, not used.

    Raises:
        FieldError: a field is invalid; the sentence begins with its path.
    """

    photos: tuple[CasePhoto, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    settings: CaseSettings = field(default_factory=CaseSettings)
    grid: str = "5400x10800"
    region: CaseRegion = field(default_factory=lambda: CaseRegion(budget_km2=100_000.0))
    places: CasePlaces = field(default_factory=CasePlaces)
    claim: CaseClaim | None = None
    view: CaseView = field(default_factory=CaseView)
    title: str = ""
    notes: str = ""
    made: Provenance = field(default_factory=Provenance)
    version: str = f"{MAJOR}.{MINOR}"
    unknown_fields: UnknownFields = ()
    plan: SearchPlan | None = None

    def __post_init__(self) -> None:
        put(self, "title", fields.text(self.title, "title", TITLE_LIMIT))
        put(self, "notes", fields.lines(self.notes, "notes", NOTES_LIMIT))
        put(self, "grid", _grid(self.grid))
        put(self, "photos", tuple(fields.listing(self.photos, "photos", MOST_PHOTOS)))
        put(self, "evidence", tuple(fields.listing(self.evidence, "evidence", MOST_STATEMENTS)))
        _each_once([photo.sha256 for photo in self.photos], "photos", "sha256")
        _each_once([each.id for each in self.evidence], "evidence", "id")
        _, minor = version_numbers(self.version)
        put(self, "unknown_fields", tuple(sorted(self.unknown_fields)) if minor > MINOR else ())

    @property
    def locator_settings(self) -> Settings:
        """The settings and the evidence for ``Locator``."""
        return Settings(
            weights=self.settings.weights,
            prior_weight=self.settings.prior_weight,
            pooling=self.settings.pooling,
            declared=self.settings.declared,
            floors=self.settings.floors,
            evidence=self.evidence,
        )

    def without_names(self) -> "Case":
        """The same case without the names of its photos' files."""
        return replace(self, photos=tuple(replace(photo, name="") for photo in self.photos))


def version_numbers(version: str) -> tuple[int, int]:
    """Major and minor number of a version that this Hereabouts reads.

    Raises:
        FieldError: it is no version, or one whose meaning is not known here.
    """
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None or int(found[1]) < 1:
        raise fields.refuse("version", version, f'a version such as "{MAJOR}.{MINOR}"')
    major, minor = int(found[1]), int(found[2])
    if major > MAJOR:
        message = f"is {version}, and this Hereabouts reads up to {MAJOR}; update Hereabouts to open this case."
        raise FieldError("version", message)
    return major, minor


def _grid(value: object) -> str:
    given = fields.text(value, "grid", fields.NAME_LIMIT)
    try:
        rows, columns = parse_grid(given).shape
    except InputError as error:
        raise FieldError("grid:", str(error)) from error
    return f"{rows}x{columns}"


def _each_once(names: list[str], path: str, what: str) -> None:
    seen: dict[str, int] = {}
    for place, each in enumerate(names):
        if each in seen:
            message = f"has the {what} of {path}[{seen[each]}]; take one of the two out."
            raise FieldError(f"{path}[{place}]", message)
        seen[each] = place
