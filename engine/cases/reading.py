"""Reads case files without trusting a byte of them.

The result is a case, or an error of one sentence that begins with the path of the field. Rules:

- a newer major version is refused, an older one is brought up to date by ``MIGRATIONS``;
- of a newer minor version, unknown fields are stored and written again, but not used;
- of this version or an older one, an unknown field is refused: it is an editing mistake;
- a missing field has the value of a new case.
"""

import dataclasses
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.cases import fields
from engine.cases.case import MAJOR, MINOR, MOST_STATEMENTS, Case, version_numbers
from engine.cases.fields import FieldError, under
from engine.cases.parts import (
    MOST_PHOTOS,
    CaseClaim,
    CasePhoto,
    CasePlaces,
    CaseRegion,
    CaseSettings,
    CaseView,
    Provenance,
)
from engine.cases.writing import TYPE, photo_section
from engine.errors import InputError
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.serialization import from_json as evidence_from_plain
from engine.search_planning.plain import KEYS as PLAN_KEYS
from engine.search_planning.plain import plan_from_plain
from engine.search_planning.plan import SearchPlan

LARGEST_FILE = 8_000_000
"""Bytes of a case file."""

DEEPEST = 24
"""Brackets within brackets; a drawn polygon has ten."""

LONGEST_NUMBER = 40
"""Digits of a whole number; longer ones take the time of their square to read."""

Plain = dict[str, Any]

MIGRATIONS: dict[int, Callable[[Plain], Plain]] = {}
"""Per major version, what makes its plain values those of the next one. Empty: 1 is the first."""

SECTIONS: Mapping[str, type[Any]] = {
    "settings": CaseSettings,
    "region": CaseRegion,
    "places": CasePlaces,
    "claim": CaseClaim,
    "view": CaseView,
    "made": Provenance,
}
"""Parts of a case that are objects of their own."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    "": ("type", *(each.name for each in dataclasses.fields(Case) if each.name != "unknown_fields")),
    **{name: tuple(each.name for each in dataclasses.fields(kind)) for name, kind in SECTIONS.items()},
    "photos": tuple(each.name for each in dataclasses.fields(CasePhoto)),
    "plan": PLAN_KEYS,
}
"""The keys of each section."""

FORMER_KEYS: Mapping[str, Mapping[str, str]] = {"region": {"coverage": "mass"}}
"""Per section, keys that files written earlier have, and what they are called now."""

MOST_KEYS = 1000
"""Fields that one object of a case may have, and fields of a newer version that are stored of a whole case."""

# A text that never ends counts as one to the end of the file, so that no byte is looked at twice.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)


def case_from_json(source: str | bytes) -> Case:
    """The case that a file holds.

    Args:
        source: its text or its bytes (UTF-8).

    Raises:
        InputError: it is no case, or a field is invalid; one sentence that begins with the path of the field.
    """
    return case_from_plain(_parse(_text(source)))


def case_from_plain(facts: Any) -> Case:
    """The case that plain values stand for; see ``case_from_json``."""
    if not isinstance(facts, Mapping) or facts.get("type") != TYPE:
        message = (
            f'This is not a case of Hereabouts, whose file says "type": "{TYPE}"; choose a file that was saved here.'
        )
        raise InputError(message)
    major, minor = version_numbers(facts.get("version", ""))
    facts = _migrate(dict(facts), major)
    if (major, minor) < (MAJOR, MINOR):
        facts["version"] = f"{MAJOR}.{MINOR}"
    reader = _Reader(newer=major == MAJOR and minor > MINOR)
    return reader.case(facts)


@dataclass
class _Reader:
    """Reads one case and collects the fields of a newer version."""

    newer: bool
    unknown_fields: list[tuple[str, str, str]] = field(default_factory=list)

    def case(self, facts: Plain) -> Case:
        known = self.section("", "", facts)
        read = {name: self.field(name, value) for name, value in known.items() if name != "type"}
        return Case(**read, unknown_fields=tuple(self.unknown_fields))

    def field(self, name: str, value: Any) -> Any:
        if name == "photos":
            items = fields.listing(value, "photos", MOST_PHOTOS)
            return tuple(self.photo(item, f"photos[{place}]") for place, item in enumerate(items))
        if name == "evidence":
            items = fields.listing(value, "evidence", MOST_STATEMENTS)
            return tuple(_evidence(item, f"evidence[{place}]") for place, item in enumerate(items))
        if name == "plan":
            return None if value is None else self.plan(value)
        if name not in SECTIONS or (name == "claim" and value is None):
            return value
        return self.value(SECTIONS[name], name, name, value)

    def photo(self, item: Any, path: str) -> CasePhoto:
        sha256 = fields.table(item, path, MOST_KEYS).get("sha256")
        section = photo_section(sha256.lower()) if isinstance(sha256, str) else ""
        found: CasePhoto = self.value(CasePhoto, "photos", path, item, section)
        return found

    def plan(self, value: Any) -> SearchPlan:
        known = self.section("plan", "plan", fields.table(value, "plan", MOST_KEYS))
        try:
            return plan_from_plain(known)
        except InputError as error:
            raise FieldError("plan:", str(error)) from error

    def value(self, kind: type[Any], name: str, path: str, value: Any, section: str = "") -> Any:
        known = self.section(name, path, fields.table(value, path, MOST_KEYS), section)
        with under(path):
            if lacking := [each for each in _needed(kind) if each not in known]:
                raise FieldError(lacking[0], "is missing; give it or take the whole entry out.")
            return kind(**known)

    def section(self, name: str, path: str, facts: Plain, section: str = "") -> Plain:
        """The known fields of a section; others are stored or refused."""
        facts = _rename_keys(name, path, facts)
        for key in facts:
            if key in KNOWN[name]:
                continue
            where = fields.join_path(path, fields.key_text(key))
            if not self.newer:
                raise fields.unknown_field(where, KNOWN[name])
            if len(self.unknown_fields) == MOST_KEYS:
                message = f"is one of more than {MOST_KEYS} fields that this Hereabouts does not know; take some out."
                raise FieldError(where, message)
            self.unknown_fields.append((section or name, key, _value_as_json(facts[key], where)))
        return {key: value for key, value in facts.items() if key in KNOWN[name]}


def _rename_keys(name: str, path: str, facts: Plain) -> Plain:
    """The fields of a section under the names that they have now."""
    facts = dict(facts)
    for former, current in FORMER_KEYS.get(name, {}).items():
        value = facts.pop(former, None)
        if value is not None and facts.get(current) is not None:
            raise FieldError(fields.join_path(path, former), f"is the former name of {current}, which is given too.")
        if value is not None:
            facts[current] = value
    return facts


def _evidence(item: Any, path: str) -> Evidence:
    return evidence_from_plain(fields.table(item, path, MOST_KEYS), path)


def _needed(kind: type[Any]) -> list[str]:
    """Names of the fields without a value of their own."""
    nothing = dataclasses.MISSING
    return [
        each.name for each in dataclasses.fields(kind) if each.default is nothing and each.default_factory is nothing
    ]


def _value_as_json(value: Any, path: str) -> str:
    try:
        return json.dumps(value, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except ValueError as error:
        raise FieldError(path, "holds a number that is not finite; take it out.") from error


def _migrate(facts: Plain, major: int) -> Plain:
    for version in range(major, MAJOR):
        if version not in MIGRATIONS:
            raise FieldError("version", f"is {facts['version']}, which this Hereabouts no longer reads; save it again.")
        facts = MIGRATIONS[version](facts)
    return facts


def _text(source: str | bytes) -> str:
    if len(source) > LARGEST_FILE:
        size = f"{len(source) / 1e6:.1f} MB"
        raise InputError(f"The case file has {size}; a case has at most {LARGEST_FILE / 1e6:g} MB, so choose another.")
    if isinstance(source, str):
        return source
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("The case file is not UTF-8 text; choose a file that was saved by Hereabouts.") from error


def _parse(text: str) -> Any:
    _check_depth(text)
    try:
        return json.loads(text, object_pairs_hook=_refuse_duplicates, parse_int=_integer)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"The case file is not JSON ({where}); choose a file that was saved by Hereabouts.") from error


def _check_depth(text: str) -> None:
    """Refuse brackets within brackets before they are read: the reader calls itself for each."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEEPEST:
            raise InputError(f"The case file has more than {DEEPEST} brackets within each other; choose another file.")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> Plain:
    found: Plain = {}
    for key, value in pairs:
        if key in found:
            message = (
                f"The case file has the field {fields.format_value(key)} twice in one place; take one of the two out."
            )
            raise InputError(message)
        found[key] = value
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.copysign(math.inf, -1.0 if digits[0] == "-" else 1.0)
