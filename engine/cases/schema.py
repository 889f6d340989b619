"""The JSON Schema of a case file of this version, for other programs, from the limits of the reader.

``engine.cases.reading`` is the judge: a schema cannot say that a drawn line crosses itself.
"""

from typing import Any

from engine.cases import fields, parts
from engine.cases.case import MAJOR, MINOR, MOST_STATEMENTS, NOTES_LIMIT, TITLE_LIMIT
from engine.cases.writing import TYPE
from engine.evidence.shapes.polygons import MOST_NAME
from engine.evidence.statements.registry import KINDS
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.candidates import MAX_CANDIDATES
from engine.inference.pooling import Pooling
from engine.photos.photo import NAME_LIMIT
from engine.search_planning.distances import LARGEST_KM, MOST_QUANTILES
from engine.search_planning.plan import LARGEST_EFFORT, MOST_PERIODS, MOST_SEARCHERS, MOST_SEGMENTS, Ground
from engine.search_planning.radial import LARGEST_UNCERTAINTY_KM, Spread

Schema = dict[str, Any]


def case_schema() -> Schema:
    """The schema, draft 2020-12; stored as ``docs/case.schema.json``."""
    parts_of_case = {
        "type": {"const": TYPE},
        "version": {"enum": [f"{MAJOR}.{minor}" for minor in range(MINOR + 1)]},
        "title": _text(TITLE_LIMIT),
        "notes": _text(NOTES_LIMIT),
        "photos": {"type": "array", "maxItems": parts.MOST_PHOTOS, "items": _photo()},
        "evidence": {"type": "array", "maxItems": MOST_STATEMENTS, "items": _evidence()},
        "settings": _settings(),
        "grid": _text(fields.NAME_LIMIT),
        "region": _region(),
        "places": _object(
            {"top_k": _whole(1, MAX_CANDIDATES), "separation_km": _above_zero(parts.WIDEST_KM)},
        ),
        "claim": {"anyOf": [{"type": "null"}, _object(_point(), ["latitude", "longitude"])]},
        "view": _view(),
        "made": _provenance(),
        "plan": {"anyOf": [{"type": "null"}, _plan()]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A case of Hereabouts",
        "description": "Photos by hash, evidence, settings and view; never pixels. docs/cases.md says what each means.",
        **_object(parts_of_case, ["type", "version"]),
    }


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    """An object of these fields and no others: a slip in the name of a field is seen."""
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needed}


def _photo() -> Schema:
    side = _whole(0, parts.LARGEST_SIDE)
    return _object({"sha256": _hex(64), "name": _text(NAME_LIMIT), "width": side, "height": side}, ["sha256"])


def _evidence() -> Schema:
    statement = {"type": "object", "properties": {"kind": {"enum": list(KINDS)}}, "required": ["kind"]}
    identifier = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$"}
    known = {
        "version": _whole(1, 1),
        "id": identifier,
        "probability": _number(0.5, 1),
        "on": {"type": "boolean"},
        "statement": statement,
        "photo": {"anyOf": [{"const": ""}, _hex(64)]},
    }
    return _object(known, ["id", "statement"])


def _settings() -> Schema:
    return _object(
        {
            "weights": _table(_number(0, 10), parts.MOST_NAMES),
            "prior_weight": _number(0, 2),
            "pooling": {"enum": [str(rule) for rule in Pooling]},
            "floors": _table(_number(0, parts.HIGHEST_FLOOR), parts.MOST_NAMES),
            "declared": _table(_table(_number(0, 1), parts.MOST_LABELS), parts.MOST_NAMES),
            "dependence": {"anyOf": [{"type": "null"}, _number(0, 1)]},
        }
    )


def _region() -> Schema:
    """One of the two, the other absent or null; ``coverage`` is the former name of ``mass``."""
    mass = _above_zero(1)
    asked = {"budget_km2": _above_zero(EARTH_AREA_KM2), "mass": mass, "coverage": {**mass, "deprecated": True}}
    null = {"type": "null"}
    return {
        **_object({name: {"anyOf": [null, each]} for name, each in asked.items()}),
        "oneOf": [
            {"properties": {**dict.fromkeys(asked, null), name: each}, "required": [name]}
            for name, each in asked.items()
        ],
    }


def _view() -> Schema:
    photo = {"anyOf": [{"const": ""}, _hex(64)]}
    known = {"map": {"enum": list(parts.MAPS)}, **_point(), "zoom": _number(-5, 25)}
    return _object({**known, "layer": _text(fields.NAME_LIMIT), "photo": photo})


def _provenance() -> Schema:
    short = _hex(parts.SHORT_DIGEST)
    return _object(
        {
            "version": _text(fields.NAME_LIMIT),
            "world": {"anyOf": [{"const": ""}, short]},
            "layers": _table(short, parts.MOST_NAMES),
            "predictors": {"type": "array", "maxItems": parts.MOST_NAMES, "items": _name()},
            "regions": _table(_hex(64), parts.MOST_PHOTOS + 2),
        }
    )


def _plan() -> Schema:
    """See ``engine.search_planning.plan``; that rings are closed and quantiles grow is left to the reader."""
    place = _object({**_point(), "uncertainty_km": _number(0, LARGEST_UNCERTAINTY_KM)}, ["latitude", "longitude"])
    quantile = {"type": "array", "prefixItems": [_number(0, 1), _number(0, LARGEST_KM)], "minItems": 2, "maxItems": 2}
    texts = {name: {"type": "string"} for name in ("category", "setting", "source")}
    distances = _object(
        {**texts, "quantiles": {"type": "array", "minItems": 1, "maxItems": MOST_QUANTILES, "items": quantile}},
        ["quantiles"],
    )
    position = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    polygon = {"type": "array", "minItems": 1, "items": {"type": "array", "minItems": 4, "items": position}}
    segment = _object(
        {
            "name": {"type": "string", "minLength": 1, "maxLength": MOST_NAME},
            "pods": {"type": "array", "maxItems": MOST_PERIODS, "items": _number(0, 1)},
            "polygons": {"type": "array", "minItems": 1, "items": polygon},
        },
        ["name", "polygons"],
    )
    effort = {name: _above_zero(most) for name, most in LARGEST_EFFORT.items()}
    return _object(
        {
            "point": {"anyOf": [{"type": "null"}, place]},
            "distances": {"anyOf": [{"type": "null"}, distances]},
            "spread": {"enum": [str(each) for each in Spread]},
            "ground": {"enum": [str(each) for each in Ground]},
            "segments": {"type": "array", "maxItems": MOST_SEGMENTS, "items": segment},
            "effort": _object({**effort, "searchers": _whole(1, MOST_SEARCHERS)}),
        }
    )


def _point() -> Schema:
    return {"latitude": _number(-90, 90), "longitude": _number(-180, 180)}


def _number(low: float, high: float) -> Schema:
    return {"type": "number", "minimum": low, "maximum": high}


def _above_zero(high: float) -> Schema:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": high}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _text(limit: int) -> Schema:
    return {"type": "string", "maxLength": limit}


def _name() -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": fields.NAME_LIMIT}


def _hex(digits: int) -> Schema:
    return {"type": "string", "pattern": f"^[0-9a-fA-F]{{{digits}}}$"}


def _table(values: Schema, most: int) -> Schema:
    return {"type": "object", "propertyNames": _name(), "additionalProperties": values, "maxProperties": most}
