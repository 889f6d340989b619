"""pydeck layers become shapes of the map; what it cannot draw is refused in a sentence."""

import pandas as pd
import pydeck
import pytest

from dashboard.maps.pydeck_layers import shapes_of
from engine.errors import InputError

ROWS = [{"lng": 1.0, "lat": 2.0, "to": [3, 4], "path": [[0, 0], [1, 1]], "ring": [[0, 0], [1, 0], [1, 1]], "text": "a"}]


def test_each_kind_becomes_its_geometry():
    layers = [
        pydeck.Layer("ScatterplotLayer", ROWS, get_position="[lng, lat]", get_radius=500, get_fill_color=[255, 0, 16]),
        pydeck.Layer("PathLayer", ROWS, get_path="path", get_color=[1, 2, 3], get_width=4),
        pydeck.Layer("LineLayer", ROWS, get_source_position="[lng, lat]", get_target_position="to"),
        pydeck.Layer("ArcLayer", ROWS, get_source_position="[lng, lat]", get_target_position="to"),
        pydeck.Layer("PolygonLayer", ROWS, get_polygon="ring", get_line_width=2),
    ]
    point, path, line, arc, polygon = shapes_of(layers)
    assert point["geometry"] == {"type": "Point", "coordinates": [1.0, 2.0]}
    assert point["properties"] == {"color": "#ff0010", "radius_m": 500.0, "text": "a"}
    assert path["geometry"]["coordinates"] == [[0, 0], [1, 1]]
    assert path["properties"]["width"] == 4.0
    assert line["geometry"]["coordinates"] == [[1.0, 2.0], [3, 4]]
    assert arc["properties"]["arc"] is True
    assert "arc" not in line["properties"]
    assert polygon["geometry"]["coordinates"] == [[[0, 0], [1, 0], [1, 1], [0, 0]]]  # closed


def test_tables_and_geojson_are_read_too():
    table = pydeck.Layer("ScatterplotLayer", pd.DataFrame(ROWS), get_position="[lng, lat]")
    assert len(shapes_of([table])) == 1
    feature = {"type": "Feature", "properties": {"text": "b"}, "geometry": {"type": "Point", "coordinates": [5, 6]}}
    collection = pydeck.Layer("GeoJsonLayer", {"type": "FeatureCollection", "features": [feature]})
    assert shapes_of([collection])[0]["geometry"] == feature["geometry"]


def test_other_kinds_are_refused():
    with pytest.raises(InputError, match=r"HexagonLayer cannot be laid over the map; use Scatterplot"):
        shapes_of([pydeck.Layer("HexagonLayer", ROWS)])
