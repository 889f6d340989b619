"""pydeck layers as shapes of the one map: points, paths, arcs and polygons, described as deck.gl's own layers are.

The map draws them itself, so that no second library loads. Of a layer are read: its type, its rows, its position or
path accessor, colors, widths and radius; an accessor is the name of a column, a constant, or a list of values.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydeck

from engine.errors import InputError

Feature = dict[str, Any]
Row = Mapping[str, Any]
KINDS = ("ScatterplotLayer", "PathLayer", "LineLayer", "ArcLayer", "PolygonLayer", "GeoJsonLayer")


def shapes_of(layers: Sequence[pydeck.Layer]) -> tuple[Feature, ...]:
    """GeoJSON features of layers, from bottom to top, as ``MapView.shapes`` takes them.

    Raises:
        InputError: a layer is of another kind than those in ``KINDS``.
    """
    return tuple(feature for layer in layers for feature in _features(layer))


def _features(layer: pydeck.Layer) -> Iterator[Feature]:
    if layer.type not in KINDS:
        raise InputError(f"A pydeck layer of type {layer.type} cannot be laid over the map; use {', '.join(KINDS)}.")
    options = vars(layer)
    if layer.type == "GeoJsonLayer":
        for feature in layer.data["features"]:
            yield {**feature, "properties": _look(layer.type, options, feature.get("properties") or {})}
        return
    for row in _rows(layer.data):
        look = _look(layer.type, options, row)
        yield {"type": "Feature", "properties": look, "geometry": _geometry(layer.type, options, row)}


def _rows(data: Any) -> Iterator[Row]:
    """Rows of a list of dictionaries or of a table."""
    yield from data.to_dict("records") if hasattr(data, "to_dict") else data


def _geometry(kind: str, options: Mapping[str, Any], row: Row) -> dict[str, Any]:
    if kind == "ScatterplotLayer":
        return {"type": "Point", "coordinates": _value(options, row, "get_position")}
    if kind == "PathLayer":
        return {"type": "LineString", "coordinates": _value(options, row, "get_path")}
    if kind == "PolygonLayer":
        ring = [list(point) for point in _value(options, row, "get_polygon")]
        return {"type": "Polygon", "coordinates": [ring if ring[0] == ring[-1] else [*ring, ring[0]]]}
    ends = [_value(options, row, name) for name in ("get_source_position", "get_target_position")]
    return {"type": "LineString", "coordinates": ends}  # an arc is drawn along the great circle


def _look(kind: str, options: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """Color, width, radius and text, where the layer has them."""
    found: dict[str, Any] = {"arc": True} if kind == "ArcLayer" else {}
    for name in ("get_fill_color", "get_color", "get_line_color", "get_source_color"):
        color = _value(options, row, name)
        if color is not None:
            found["color"] = "#" + "".join(f"{int(channel):02x}" for channel in color[:3])
            break
    for name, target in (("get_width", "width"), ("get_line_width", "width"), ("get_radius", "radius_m")):
        value = _value(options, row, name)
        if value is not None:
            found.setdefault(target, float(value))
    text = row.get("text")
    return found | ({"text": str(text)} if text is not None else {})


def _value(options: Mapping[str, Any], row: Row, name: str) -> Any:
    """What an accessor gives for a row: a column of it, or the constant itself."""
    accessor = options.get(name)
    if not isinstance(accessor, str):
        return accessor
    bare = accessor.removeprefix("@@=").strip()
    if bare in row:
        return row[bare]
    if bare.startswith("["):  # "[longitude, latitude]", as pydeck writes it
        return [row[column.strip()] for column in bare.strip("[]").split(",")]
    return None
