"""Statements to JSON-plain values and back.

Input may be manually edited or hostile: every error is one sentence that begins with the path of the field. A
statement is an object with its ``kind`` and the fields of its dataclass; ``version`` grows when their meaning changes.
"""

import dataclasses
import json
import math
import types
from collections.abc import Mapping
from reprlib import Repr
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from engine.errors import InputError
from engine.evidence.statements.base import Statement
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.registry import KINDS

VERSION = 1
"""Of what is written."""

LARGEST_TEXT = 2_000_000
"""Characters that the JSON of one statement may have."""

MOST_ITEMS = 20_000
"""Items that one list may have."""

SHOWN = 40
"""Characters of a wrong value that a sentence repeats."""

_BRIEF = Repr()
_BRIEF.maxlevel, _BRIEF.maxstring, _BRIEF.maxlong = 3, 2 * SHOWN, 2 * SHOWN


def to_json(evidence: Evidence) -> dict[str, Any]:
    """The statement as plain values for ``json.dumps``; ``from_json`` gives an equal one back."""
    return {
        "version": VERSION,
        "id": evidence.id,
        "probability": evidence.probability,
        "on": evidence.on,
        "statement": statement_to_json(evidence.statement),
        **({"photo": evidence.photo} if evidence.photo else {}),
    }


def statement_to_json(statement: Statement) -> dict[str, Any]:
    """One statement without id and strength, as plain values."""
    return {"kind": statement.kind, **_fields_to_json(statement)}


def from_json(value: Any, where: str = "evidence") -> Evidence:
    """The statement that plain values stand for.

    Args:
        value: what ``to_json`` gave, or its text.
        where: what messages call it, for instance ``"evidence[2]"``.

    Raises:
        InputError: it is not one; the sentence begins with the path of the field.
    """
    if isinstance(value, str | bytes):
        value = _parse_json(value, where)
    fields = _parse_object(value, where)
    version = fields.pop("version", VERSION)
    if type(version) is not int or version < 1:
        _refuse(f"{where}.version", version, "a version number such as 1")
    if version > VERSION:
        raise InputError(
            f"{where}.version is {version}, and this Hereabouts reads up to {VERSION}; update Hereabouts to open it."
        )
    _check_names(fields, {"id", "statement", "probability", "on", "photo"}, {"id", "statement"}, where)
    read = {
        name: _parse_value(hint, fields[name], f"{where}.{name}") for name, hint in _PLAIN.items() if name in fields
    }
    statement = statement_from_json(fields["statement"], f"{where}.statement")
    made: Evidence = _construct(Evidence, {**read, "statement": statement}, where)
    return made


def statement_from_json(value: Any, where: str = "statement") -> Statement:
    """The statement that plain values stand for; see ``from_json``."""
    fields = _parse_object(value, where)
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        _refuse(f"{where}.kind", kind, f"one of {', '.join(KINDS)}")
    found: Statement = _parse_dataclass(KINDS[kind], fields, where)
    return found


_PLAIN = {"id": str, "probability": float, "on": bool, "photo": str}


def _parse_json(text: str | bytes, where: str) -> Any:
    if len(text) > LARGEST_TEXT:
        raise InputError(f"{where} has {len(text)} characters; a statement has at most {LARGEST_TEXT}.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not JSON; give a statement as Hereabouts writes it.") from error


def _fields_to_json(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if type(value) in KINDS.values():
        return statement_to_json(value)
    if dataclasses.is_dataclass(value):
        return _fields_to_json(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _parse_dataclass(kind: type[Any], fields: dict[str, Any], where: str) -> Any:
    """A value of a dataclass from plain fields, each checked against its annotation."""
    hints = _hints(kind)
    needed = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    _check_names(fields, set(hints), needed, where)
    return _construct(
        kind, {name: _parse_value(hints[name], value, f"{where}.{name}") for name, value in fields.items()}, where
    )


def _hints(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _construct(kind: type[Any], values: dict[str, Any], where: str) -> Any:
    try:
        return kind(**values)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _parse_value(hint: Any, value: Any, where: str) -> Any:
    """A plain value as what an annotation asks for."""
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _parse_union(options, value, where)
    if origin is Literal:
        return value if value in options else _refuse(where, value, f"one of {', '.join(map(str, options))}")
    if origin is tuple:
        return _parse_list(options, value, where)
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)  # noqa: S101 - an annotation names a class
        return _parse_dataclass(hint, _parse_object(value, where), where)
    return _parse_scalar(hint, value, where)


def _parse_union(options: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in options:
        return None
    rest = tuple(option for option in options if option is not type(None))
    if all(option in KINDS.values() for option in rest):
        kinds = " or ".join(option.kind for option in rest)
        statement = statement_from_json(value, where)
        return statement if isinstance(statement, rest) else _refuse(f"{where}.kind", value["kind"], kinds)
    if len(rest) == 1:
        return _parse_value(rest[0], value, where)
    fitting = next((option for option in rest if type(value) is option), rest[-1])
    return _parse_value(fitting, value, where)


def _parse_list(options: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        _refuse(where, value, "a list")
    if len(value) > MOST_ITEMS:
        raise InputError(f"{where} has {len(value)} items; give at most {MOST_ITEMS}.")
    if options[-1] is Ellipsis:
        return tuple(_parse_value(options[0], item, f"{where}[{n}]") for n, item in enumerate(value))
    if len(value) != len(options):
        _refuse(where, value, f"a list of {len(options)}")
    return tuple(
        _parse_value(hint, item, f"{where}[{n}]") for n, (hint, item) in enumerate(zip(options, value, strict=True))
    )


def _parse_scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float and type(value) in (int, float):
        number = float(value) if abs(value) < 1e300 else math.inf
        return number if math.isfinite(number) else _refuse(where, value, "a finite number")
    if type(value) is not hint:
        _refuse(where, value, {str: "a text", bool: "true or false", int: "a whole number"}.get(hint, "a number"))
    return value


def _parse_object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        _refuse(where, value, "an object with named fields")
    return dict(value)


def _check_names(fields: Mapping[str, Any], known: set[str], needed: set[str], where: str) -> None:
    for name in sorted(set(fields) - known):
        raise InputError(f"{where} has a field {name[:40]!r} that does not belong there; take it out.")
    for name in sorted(needed - set(fields)):
        raise InputError(f"{where}.{name} is missing; a statement needs {', '.join(sorted(needed))}.")


def _refuse(where: str, value: Any, expected: str) -> NoReturn:
    raise InputError(f"{where} is {_format_value(value)}; give {expected}.")


def _format_value(value: Any) -> str:
    """A wrong value, short enough for a sentence; of what is nested only the outermost levels are looked at."""
    shown = _BRIEF.repr(value)
    return shown[:SHOWN] + ("..." if len(shown) > SHOWN else "")
