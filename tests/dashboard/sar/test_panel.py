"""The panel of a search plan without a browser: what is typed, imported and drawn becomes the plan and its numbers."""

import json
import math

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.common import state
from dashboard.maps.map_values import MapEvents, PointAction
from dashboard.sar import plan_map, plan_state, segments, table
from engine.search_planning.distances import find_distances
from engine.search_planning.evaluate import evaluate_plan, initial_poas, plan_grid
from engine.search_planning.plan import LastKnownPoint, SearchPlan

PAGE = "from dashboard.sar import panel; panel.show()"
HIKER = find_distances("Hiker (temperate, mountains)")
BOX = [[7.45, 46.45], [7.55, 46.45], [7.55, 46.55], [7.45, 46.55], [7.45, 46.45]]


def geojson(*features):
    made = [{"type": "Feature", "properties": {"title": name}, "geometry": {"type": kind, "coordinates": coordinates}}
            for name, kind, coordinates in features]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": made}).encode()


AREAS = geojson(("AA", "Polygon", [BOX]), ("Car", "Point", [7.47, 46.5]), ("path", "LineString", BOX[:2]))


@pytest.fixture
def session(monkeypatch):
    """A session of its own, for callbacks without a page."""
    values = {}
    monkeypatch.setattr(st, "session_state", values)
    return values


@pytest.fixture(scope="module")
def planned():
    """The page with a point, a category and a segment."""
    page = AppTest.from_string(PAGE, default_timeout=30).run()
    page.text_input(key=plan_state.POINT).set_value("46.5, 7.5").run()
    page.selectbox(key=plan_state.CATEGORY).set_value("Hiker").run()
    next(each for each in page.file_uploader if each.label == "Files with segments").set_value(
        ("areas.json", AREAS, "application/json")
    ).run()
    assert not page.exception
    return page


def texts(page):
    return " ".join(each.value for each in (*page.markdown, *page.caption))


def test_without_a_photo_the_panel_asks_for_a_point_and_a_category():
    page = AppTest.from_string(PAGE, default_timeout=30).run()
    assert not page.exception
    assert page.subheader[0].value == "Search plan"
    assert "not for sole use" in texts(page)
    page.text_input(key=plan_state.POINT).set_value("nowhere").run()
    assert page.error[0].value
    assert page.session_state["plan_point"] == "nowhere"  # what was typed stays to be mended
    page.text_input(key=plan_state.POINT).set_value("90, 0").run()
    assert not page.error
    assert page.session_state[state.PLAN].point == LastKnownPoint(90.0, 0.0)
    assert not page.exception


def test_point_category_and_file_give_the_table_and_the_next_segments(planned):
    plan = planned.session_state[state.PLAN]
    assert plan.point == LastKnownPoint(46.5, 7.5)
    assert plan.distances == HIKER
    assert [segment.name for segment in plan.segments] == ["AA"]
    segments_shown, following = planned.dataframe
    row = segments_shown.value.iloc[0]
    exact = evaluate_plan(plan, *initial_poas(plan, plan_grid(plan))).rows[0]
    assert (row["Seg"], row["POA"]) == ("AA", pytest.approx(100 * exact.poa))
    assert following.value.iloc[0]["Hours"] == pytest.approx(12.0)
    told = texts(planned)
    assert "Koester" in told
    assert "Rest of the world" in told
    assert "1 point and 1 line were left out" in told.replace("\\", "")


def test_the_map_has_exact_rings_and_outlines(planned):
    plan = planned.session_state[state.PLAN]
    rings = [each for each in plan_map._rings(plan) if "radius_m" in each["properties"]]
    assert [ring["properties"]["radius_m"] for ring in rings] == [1000 * km for _, km in HIKER.quantiles]
    rows = evaluate_plan(plan, *initial_poas(plan, plan_grid(plan)))
    outline, _name = plan_map._segments(plan, rows, ())
    assert outline["geometry"]["coordinates"][0][0] == BOX


def test_offers_become_the_point_a_circle_or_a_corridor(planned):
    plan = planned.session_state[state.PLAN]
    buttons = {button.label for button in planned.button}
    assert {"Last known point", "Circle", "Corridor"} <= buttons
    planned.button(key="plan_offer_area_1").click().run()
    assert [segment.name for segment in planned.session_state[state.PLAN].segments] == ["AA", "path"]
    planned.button(key="plan_offer_point_0").click().run()
    assert planned.session_state[state.PLAN].point.latitude == pytest.approx(46.5)
    assert planned.session_state[state.PLAN].point.longitude == pytest.approx(7.47)
    assert planned.session_state[state.PLAN].segments[0] == plan.segments[0]
    assert not planned.exception


def test_effort_and_uncertainty_are_taken_over(planned):
    planned.number_input(key=plan_state.HOURS).set_value(30.0).run()
    planned.number_input(key=plan_state.UNCERTAINTY).set_value(500.0).run()
    plan = planned.session_state[state.PLAN]
    assert (plan.effort.hours, plan.point.uncertainty_km) == (30.0, 0.5)
    assert not planned.exception


def put_plan(session):
    areas = segments.read_area_file(AREAS).areas
    plan = SearchPlan(LastKnownPoint(46.5, 7.5), HIKER).with_areas([*areas, *areas])
    session[state.PLAN] = plan
    return plan


def test_searches_names_and_removals_change_the_plan():
    page = AppTest.from_string(PAGE, default_timeout=30)
    areas = segments.read_area_file(AREAS).areas
    page.session_state[state.PLAN] = SearchPlan(LastKnownPoint(46.5, 7.5), HIKER).with_areas([*areas, *areas])
    page.run()
    page.selectbox(key=table.CHOSEN).set_value("AA (2)").run()
    page.number_input(key=plan_state.PERIOD).set_value(2).run()
    next(each for each in page.number_input if each.label == "POD (%)").set_value(70.0).run()
    plan = page.session_state[state.PLAN]
    assert [(each.name, each.pods) for each in plan.segments] == [("AA", ()), ("AA (2)", (0.0, 0.7))]
    assert page.dataframe[0].value["POD"].tolist() == [0.0, pytest.approx(70.0)]
    assert next(each for each in page.number_input if each.label == "POD (%)").value == pytest.approx(70.0)
    name = next(each for each in page.text_input if each.label == "Name")
    name.set_value("AA").run()
    assert "Two segments are called AA" in page.error[0].value
    assert page.session_state[state.PLAN] == plan
    next(each for each in page.text_input if each.label == "Name").set_value("Ridge").run()
    assert [each.name for each in page.session_state[state.PLAN].segments] == ["AA", "Ridge"]
    assert not page.error
    page.button(key="plan_remove").click().run()
    assert [each.name for each in page.session_state[state.PLAN].segments] == ["AA"]
    assert not page.exception


def test_what_is_drawn_becomes_the_next_segment(session):
    ring = [[46.5, 7.5], [46.5, 7.6], [46.6, 7.6]]
    plan_map._changed(MapEvents(drawn={"kind": "polygon", "ring": ring}))
    plan_map._changed(MapEvents(drawn={"kind": "circle", "latitude": 46.5, "longitude": 7.5, "radius_m": 500}))
    plan = session[state.PLAN]
    assert [segment.name for segment in plan.segments] == ["AA", "AB"]
    assert plan.segments[1].area_km2 == pytest.approx(math.pi / 4, rel=2e-3)
    plan_map._changed(MapEvents(drawn={"kind": "polygon", "ring": [[0, 0], [1, 1], [0, 1], [1, 0]]}))
    assert "cross" in plan_state.problem()
    assert session[state.PLAN] == plan


def test_a_click_sets_the_point_and_the_camera_follows(session):
    before = state.view().turn
    plan_map._changed(MapEvents(action=PointAction("lkp", 46.5, 7.5)))
    assert session[state.PLAN].point == LastKnownPoint(46.5, 7.5)
    view = state.view()
    assert view.turn == before + 1
    assert (view.latitude, view.longitude) == (pytest.approx(46.5, abs=1e-3), pytest.approx(7.5, abs=1e-3))
    for latitude, longitude in ((90.0, 0.0), (-16.0, 180.0)):
        plan_state.set_point(latitude, longitude)
        assert abs(state.view().longitude) <= 360.0


def test_an_empty_plan_is_no_part_of_a_case(session):
    assert plan_state.for_case() is None
    plan = put_plan(session)
    assert plan_state.for_case() == plan
