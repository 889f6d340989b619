"""A plan as the plain values of a case file, and back; every error says which field is wrong."""

from collections.abc import Mapping
from typing import Any

from engine.errors import InputError
from engine.evidence.shapes.polygons import MOST_POINTS, Polygon
from engine.search_planning.distances import MOST_QUANTILES, Distances
from engine.search_planning.plan import (
    MOST_PERIODS,
    MOST_SEGMENTS,
    Effort,
    Ground,
    LastKnownPoint,
    SearchPlan,
    Segment,
)
from engine.search_planning.radial import Spread

KEYS = ("point", "distances", "spread", "ground", "segments", "effort")
"""Of a plan's object."""

_EFFORT = ("hours", "sweep_width_m", "speed_km_h", "searchers")
_SHOWN = 40


def plan_to_plain(plan: SearchPlan) -> dict[str, Any]:
    """The plan as dictionaries, lists, texts and numbers; ``plan_from_plain`` gives an equal one back."""
    point, distances = plan.point, plan.distances
    return {
        "point": None if point is None else {name: getattr(point, name) for name in _names(LastKnownPoint)},
        "distances": None if distances is None else {
            "category": distances.category, "setting": distances.setting, "source": distances.source,
            "quantiles": [list(each) for each in distances.quantiles],
        },
        "spread": str(plan.spread),
        "ground": str(plan.ground),
        "segments": [
            {"name": each.name, "pods": list(each.pods), "polygons": [_rings(polygon) for polygon in each.polygons]}
            for each in plan.segments
        ],
        "effort": {name: getattr(plan.effort, name) for name in _EFFORT},
    }  # fmt: skip


def plan_from_plain(value: Any) -> SearchPlan:
    """The plan that plain values stand for; a missing field has the value of a new plan.

    Raises:
        InputError: a field is not what it has to be; the sentence begins with its path within the plan.
    """
    fields = _object(value, "plan", KEYS)
    read: dict[str, Any] = {}
    if fields.get("point") is not None:
        read["point"] = _point(fields["point"])
    if fields.get("distances") is not None:
        read["distances"] = _distances(fields["distances"])
    if "spread" in fields:
        read["spread"] = Spread(_choice(fields["spread"], "spread", Spread))
    if "ground" in fields:
        read["ground"] = Ground(_choice(fields["ground"], "ground", Ground))
    if "segments" in fields:
        items = _listing(fields["segments"], "segments", MOST_SEGMENTS)
        read["segments"] = tuple(_segment(item, f"segments[{n}]") for n, item in enumerate(items))
    if "effort" in fields:
        read["effort"] = _effort(fields["effort"])
    return SearchPlan(**read)


def _point(value: Any) -> LastKnownPoint:
    fields = _object(value, "point", _names(LastKnownPoint))
    for name in ("latitude", "longitude"):
        if name not in fields:
            raise InputError(f"point.{name} is missing; give it in degrees.")
    return LastKnownPoint(**{name: _number(each, f"point.{name}") for name, each in fields.items()})


def _distances(value: Any) -> Distances:
    fields = _object(value, "distances", ("category", "setting", "source", "quantiles"))
    pairs = _listing(fields.get("quantiles"), "distances.quantiles", MOST_QUANTILES)
    quantiles = []
    for number, pair in enumerate(pairs):
        where = f"distances.quantiles[{number}]"
        share, km = (_number(each, where) for each in _exactly(_listing(pair, where, 2), 2, where))
        quantiles.append((share, km))
    texts = {name: _text(fields.get(name, ""), f"distances.{name}") for name in ("category", "setting", "source")}
    return Distances(**texts, quantiles=tuple(quantiles))


def _segment(value: Any, where: str) -> Segment:
    fields = _object(value, where, ("name", "pods", "polygons"))
    pods = _listing(fields.get("pods", []), f"{where}.pods", MOST_PERIODS)
    polygons = _listing(fields.get("polygons"), f"{where}.polygons", MOST_POINTS)
    try:
        return Segment(
            _text(fields.get("name"), f"{where}.name"),
            tuple(_polygon(each, f"{where}.polygons[{n}]") for n, each in enumerate(polygons)),
            tuple(_number(pod, f"{where}.pods[{n}]") for n, pod in enumerate(pods)),
        )
    except InputError as error:
        told = str(error)
        raise InputError(told if told.startswith(where) else f"{where}: {told}") from error


def _polygon(value: Any, where: str) -> Polygon:
    rings = []
    for ring in _listing(value, where, MOST_POINTS):
        points = [_exactly(_listing(point, where, 2), 2, where) for point in _listing(ring, where, MOST_POINTS)]
        rings.append(tuple((_number(latitude, where), _number(longitude, where)) for latitude, longitude in points))
    return tuple(rings)


def _effort(value: Any) -> Effort:
    fields = _object(value, "effort", _EFFORT)
    read: dict[str, Any] = {name: _number(each, f"effort.{name}") for name, each in fields.items()}
    if "searchers" in read:
        if read["searchers"] != int(read["searchers"]):
            raise InputError(f"effort.searchers is {read['searchers']:g}; give a whole number.")
        read["searchers"] = int(read["searchers"])
    return Effort(**read)


def _rings(polygon: Polygon) -> list[list[list[float]]]:
    return [[list(point) for point in ring] for ring in polygon]


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(kind.__dataclass_fields__)


def _object(value: Any, where: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{where} is {_shown(value)}; give an object.")
    for key in value:
        if key not in known:
            raise InputError(f"{where}.{str(key)[:_SHOWN]!r} is not known; use {', '.join(known)}.")
    return value


def _listing(value: Any, where: str, most: int) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise InputError(f"{where} is {_shown(value)}; give a list of at most {most} items.")
    return list(value)


def _exactly(value: list[Any], count: int, where: str) -> list[Any]:
    if len(value) != count:
        raise InputError(f"{where} has {len(value)} numbers; give {count}.")
    return value


def _number(value: Any, where: str) -> float:
    if type(value) not in (int, float) or abs(value) > 1e300:
        raise InputError(f"{where} is {_shown(value)}; give a number.")
    return float(value)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where} is {_shown(value)}; give a text.")
    return value


def _choice(value: Any, where: str, choices: type[Spread] | type[Ground]) -> str:
    known = [str(each) for each in choices]
    if value not in known:
        raise InputError(f"{where} is {_shown(value)}; give one of {', '.join(known)}.")
    return str(value)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return ascii(value)[:_SHOWN]
