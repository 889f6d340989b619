"""The areas of statements as shapes of the map."""

from dashboard.evidence.outlines import outlines
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched

RING = ((40.0, 20.0), (40.0, 26.0), (45.0, 26.0), (40.0, 20.0))


def test_areas_become_features_and_other_statements_are_left_out():
    circle, area = Circle(10.0, 20.0, 50.0, True, "camp"), DrawnArea(((RING,),), True)
    stated = [Evidence("a", circle, 1.0), Evidence("b", area, 1.0), Evidence("c", Searched(circle, 0.7), 1.0)]
    first, second, third = outlines(stated)
    assert first["geometry"] == {"type": "Point", "coordinates": [20.0, 10.0]}
    assert first["properties"]["radius_m"] == 50_000
    assert first["properties"]["text"] == "camp"
    assert second["geometry"]["coordinates"][0][0][0] == [20.0, 40.0]
    assert third["geometry"] == first["geometry"]
    assert len(list(outlines(stated, without="b"))) == 2
