"""A case as JSON. Equal cases give equal bytes: fixed order, sorted names, whole numbers without a point."""

import hashlib
import json
import re
from typing import Any

from engine.cases.case import Case
from engine.cases.parts import CasePhoto
from engine.evidence.statements.serialization import to_json as evidence_to_plain
from engine.search_planning.plain import plan_to_plain

TYPE = "hereabouts-case"
"""The ``type`` of a case file."""

_LONE = re.compile("[\ud800-\udfff]")


def case_to_json(case: Case, *, compact: bool = False) -> str:
    """The text of a case file; ``engine.cases.reading.case_from_json`` gives an equal case back.

    Args:
        case: what to write.
        compact: on one line without spaces, as links and digests have it.
    """
    facts = _canonical(case_to_plain(case))
    if compact:
        return _escape_surrogates(json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    return _escape_surrogates(json.dumps(facts, ensure_ascii=False, allow_nan=False, indent=1)) + "\n"


def case_digest(case: Case) -> str:
    """The sha256 of a case; equal for equal cases."""
    return hashlib.sha256(case_to_json(case, compact=True).encode()).hexdigest()


def case_to_plain(case: Case) -> dict[str, Any]:
    """The case as dictionaries, lists, texts and numbers."""
    facts: dict[str, Any] = {
        "type": TYPE,
        "version": case.version,
        "title": case.title,
        "notes": case.notes,
        "photos": [_photo(case, photo) for photo in case.photos],
        "evidence": [evidence_to_plain(each) for each in case.evidence],
        "settings": _with_unknown_fields(case, "settings", _settings(case)),
        "grid": case.grid,
        "region": _with_unknown_fields(case, "region", _region(case)),
        "places": _with_unknown_fields(case, "places", vars(case.places)),
        "claim": _with_unknown_fields(case, "claim", vars(case.claim)) if case.claim is not None else None,
        "view": _with_unknown_fields(case, "view", vars(case.view)),
        "made": _with_unknown_fields(case, "made", {**vars(case.made), "predictors": list(case.made.predictors)}),
    }
    if case.plan is not None:  # most cases have none, and a link has no room to say so
        facts["plan"] = _with_unknown_fields(case, "plan", plan_to_plain(case.plan))
    return _with_unknown_fields(case, "", facts)


def _photo(case: Case, photo: CasePhoto) -> dict[str, Any]:
    return _with_unknown_fields(case, photo_section(photo.sha256), vars(photo))


def photo_section(sha256: str) -> str:
    """Under which section the unknown fields of a photo are stored: its hash, for photos may change order."""
    return f"photos[{sha256}]"


def _settings(case: Case) -> dict[str, Any]:
    return {**vars(case.settings), "pooling": str(case.settings.pooling)}


def _region(case: Case) -> dict[str, Any]:
    return {name: value for name, value in vars(case.region).items() if value is not None}


def _with_unknown_fields(case: Case, section: str, facts: dict[str, Any]) -> dict[str, Any]:
    stored = {key: json.loads(value) for where, key, value in case.unknown_fields if where == section}
    return {**facts, **{key: value for key, value in stored.items() if key not in facts}}


def _canonical(value: Any) -> Any:
    """The same values with whole numbers as integers, so that 1 and 1.0 are written alike."""
    if isinstance(value, dict):
        return {key: _canonical(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _escape_surrogates(text: str) -> str:
    """Half characters, which no file can hold, as JSON's own escapes."""
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
