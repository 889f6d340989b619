"""Statements are edited in the dialog in which they are made; without a browser."""

import datetime
import json
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.evidence import draw_map
from dashboard.evidence.dialog import FULL, NOTHING
from dashboard.evidence.form import PREFIX
from dashboard.evidence.kinds import KINDS, title_of
from engine.cases.permalink import from_token, to_token
from engine.errors import InputError
from engine.evidence.gazetteer import search
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.sights import Seen
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.proposal import CAMERA_ERROR_MINUTES
from engine.testing import grey_photo

PAGE = """
import streamlit as st
from dashboard.cases import state as case_state
from dashboard.common import services, state
from dashboard.cases import bar as case_bar
from dashboard.evidence import dialog as evidence_dialog, panel as evidence_panel
locator = services.locator()
evidence_panel.show()
if "open_form" in st.session_state:
    try:
        evidence_dialog.draw(st.session_state["open_form"])
    except BaseException:  # Save and Cancel draw the page anew, without the dialog
        del st.session_state["open_form"]
        raise
saving = case_state.Saving(case_state.current(locator, state.settings({})))
case_state.record(saving.case)
case_bar.show(saving)
"""
BOX = (((10.0, 20.0), (10.0, 25.5), (14.25, 25.5), (14.25, 20.0), (10.0, 20.0)),)
HOLED = (*BOX, ((11.0, 21.0), (12.0, 21.0), (12.0, 22.0), (11.0, 21.0)))
FAR = (((-20.0, -30.0), (-20.0, -25.0), (-10.0, -25.0), (-20.0, -30.0)),)
VALLEY = DrawnArea((HOLED, FAR), True, "valley")
FILE = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}
SUN = SunObservation(
    year=2023, month=6, day=21, minute_of_day=872.0, time_error_minutes=3.0, elevation_degrees=34.25,
    elevation_error_degrees=1.5, azimuth_degrees=181.5, azimuth_error_degrees=4.0, azimuth_of="shadow", light="day",
)  # fmt: skip
SHADOW = SunObservation(month=5, object_height=1.8, shadow_length=2.6, shadow_error_percent=12.5, clock="utc")

CHANGES = [
    (CountryIs(("CL", "PE"), True), [("multiselect", "Countries", ["CL", "BO"])], CountryIs(("CL", "BO"), True)),
    (CountryFact("drives", "left"), [("segmented_control", "Cars drive on the", "right")],
     CountryFact("drives", "right")),
    (CountryFact("language", "de", True), [("selectbox", "Language", "da")], CountryFact("language", "da", True)),
    (CountryFact("script", "Cyrl"), [("radio", "Present or absent", "Absent")],
     CountryFact("script", "Cyrl", True)),
    (CountryFact("suffix", ".de"), [("selectbox", "Domain", ".dk")], CountryFact("suffix", ".dk")),
    (CountryFact("prefix", "+49"), [("selectbox", "Calling code", "+45")], CountryFact("prefix", "+45")),
    (CountryFact("currency", "EUR"), [("selectbox", "Currency", "DKK")], CountryFact("currency", "DKK")),
    (CountryFact("plate", "D", True), [("selectbox", "Code on the plate", "DK")],
     CountryFact("plate", "DK", True)),
    (CountryFact("plate_look", "rear_yellow"), [("selectbox", "Appearance", "blue_band")],
     CountryFact("plate_look", "blue_band")),
    (CountryFact("continent", "EU"), [("selectbox", "Continent", "AF")], CountryFact("continent", "AF")),
    (LabelIs("climate", ("Csa", "Csb")), [("multiselect", "Climate classes", ["Csb"])], LabelIs("climate", ("Csb",))),
    (LabelIs("relief", ("mountains",), True), [("multiselect", "Terrain classes", ["mountains", "hills"])],
     LabelIs("relief", ("mountains", "hills"), True)),
    (LabelIs("population", ("high",)), [("radio", "Present or absent", "None of these")],
     LabelIs("population", ("high",), True)),
    (Seen("snow", 3), [("selectbox", "Month of the photo", None)], Seen("snow")),
    (Seen("palm_trees"), [("selectbox", "Month of the photo", 7)], Seen("palm_trees", 7)),
    (CoastWithin(0.5, True), [("number_input", "Distance to the shore (km)", 40.0)], CoastWithin(40.0, True)),
    (Elevation(1234.567, None), [("number_input", "At most (m)", 2500.0)], Elevation(1234.567, 2500.0)),
    (SunSeen(SUN), [("time_input", "Time of day", datetime.time(15, 32))], SunSeen(replace(SUN, minute_of_day=932.0))),
    (SunSeen(SHADOW), [("number_input", "Shadow length", 3.4)], SunSeen(replace(SHADOW, shadow_length=3.4))),
    (VALLEY, [("text_input", "Name (optional)", "dale")], replace(VALLEY, name="dale")),
    (Circle(64.135481234567, -21.89541, 12.345, False, "Reykjavik"), [("number_input", "Radius (km)", 30.0)],
     Circle(64.135481234567, -21.89541, 30.0, False, "Reykjavik")),
    (Circle(-1.5, 179.999999999, 40.0), [("text_input", "Latitude, longitude", "-1.5, -179")],
     Circle(-1.5, -179.0, 40.0)),
    (Searched(VALLEY, 0.123456789), [("number_input", "Probability of detection, POD (%)", 85.0)],
     Searched(VALLEY, 0.85)),
    (Searched(Circle(1.0, 2.0, 3.0, False), 0.7), [("radio", "What it means", "Target inside this area")],
     Circle(1.0, 2.0, 3.0)),
]  # fmt: skip
"""A statement of every kind, what is put into the dialog, and what it is then."""

ODD = [
    CountryIs(("QQ",)),
    CountryFact("language", "tlh"),
    CountryFact("drives", "left", True),
    LabelIs("land_cover", ("moss",)),
    Searched(replace(VALLEY, include=False, name="x" * 120), 1.0),
    SunSeen(SunObservation(year=1969, minute_of_day=61.25, elevation_degrees=-3.0, azimuth_error_degrees=1.0)),
    SunSeen(SunObservation(month=2, day=29, object_height=1.0, shadow_length=1.0, shadow_error_percent=0.5)),
]
"""What a case file may state and the fields cannot say: it stays."""


def opened(form):
    st.session_state["open_form"] = form
    st.rerun()


@pytest.fixture
def page(monkeypatch, locator):
    """The panel and undo. AppTest runs whole pages only, so what stands in the dialog is drawn by the page."""
    monkeypatch.setattr("dashboard.common.services.locator", lambda: locator)
    for shell in ("_add", "_edit"):
        monkeypatch.setattr(f"dashboard.evidence.dialog.{shell}", opened)
    return AppTest.from_string(PAGE, default_timeout=30)


def ran(page):
    page.run()
    assert not page.exception
    return page


def stated(page, statement, **fields):
    """Three statements, the middle one of them to be edited."""
    three = Evidence("e0", Elevation(5.0)), Evidence("e1", statement, **fields), Evidence("e2", Seen("snow"))
    page.session_state[state.EVIDENCE] = three
    return ran(page)


def edit(page, name="e1"):
    page.button(key=f"edit_{name}").click()
    return ran(ran(page))  # nothing may depend on how often the dialog is drawn


def press(page, label):
    next(each for each in page.button if each.label == label).click()
    return ran(page)


def put(page, *changes):
    for kind, label, value in changes:
        next(each for each in getattr(page, kind) if each.label == label).set_value(value)
        ran(page)
    return page


def evidence(page):
    return page.session_state[state.EVIDENCE]


def history(page):
    return page.session_state[state.HISTORY]


def is_open(page):
    return any(each.label == "Cancel" for each in page.button)


@pytest.mark.parametrize("statement", ODD, ids=lambda each: each.sentence()[:30])
def test_what_no_field_can_say_is_saved_as_it_was(page, statement):
    before = evidence(edit(stated(page, statement)))
    page = press(page, "Save")
    assert not is_open(page)
    assert evidence(page) == before


@pytest.mark.parametrize(("statement", "changes", "expected"), CHANGES, ids=lambda each: type(each).__name__)
def test_a_statement_of_any_kind_is_filled_in_edited_undone_and_redone(page, statement, changes, expected):
    page = press(edit(stated(page, statement, probability=0.65, on=False)), "Save")
    first, was, last = evidence(page)
    assert was == Evidence("e1", statement, 0.65, False), "what nobody touched is what it was"
    page = press(put(edit(page), *changes), "Save")
    after = first, replace(was, statement=expected), last
    assert not is_open(page)
    assert evidence(page) == after
    assert history(page).undoes == f"changed: {expected.sentence()}"
    assert from_token(to_token(history(page).present)).evidence == after
    page = press(page, "Undo")
    assert evidence(page) == (first, was, last) and not is_open(page)
    assert not history(page).undoes, "one step"
    page = press(page, "Redo")
    assert evidence(page) == after and not is_open(page)


def test_each_kind_that_is_offered_is_tested_above():
    edited = {title_of(statement) for statement, _, _ in CHANGES} | {title_of(statement) for statement in ODD}
    assert edited == {kind.title for kind in KINDS} - {"Area from a file"}


def test_cancel_leaves_everything_as_it_was_and_the_next_form_knows_nothing_of_it(page):
    page = put(edit(stated(page, Elevation(1500.0))), ("number_input", "At least (m)", 99.0))
    before = evidence(page), history(page)
    page = press(page, "Cancel")
    assert not is_open(page) and (evidence(page), history(page)) == before
    page = edit(page, "e0")
    assert [each.value for each in page.number_input] == [5.0, None]
    page = press(press(page, "Cancel"), "Add evidence")
    assert page.selectbox[0].value is None and not page.number_input


def test_bad_input_gets_one_sentence_and_loses_nothing(page):
    page = put(
        edit(stated(page, Elevation(1500.0))),
        ("segmented_control", "Confidence", "certain"), ("number_input", "At most (m)", 1000.0),
    )  # fmt: skip
    page = press(page, "Save")
    assert [each.value for each in page.error] == [
        plain("Heights from 1500 to 1000 m hold nothing; give the lower one first.")
    ]
    assert is_open(page) and evidence(page)[1].statement == Elevation(1500.0)
    assert [each.value for each in page.number_input] == [1500.0, 1000.0]
    assert not any(each.proto.set_value for each in page.number_input), "or what is just typed is overwritten"
    page = press(put(page, ("number_input", "At most (m)", 2000.0)), "Save")
    assert evidence(page)[1] == Evidence("e1", Elevation(1500.0, 2000.0), 1.0)
    assert history(page).undoes == "changed: Between 1,500 and 2,000 m - certain"


def test_a_point_that_is_none_loses_neither_role_nor_radius(page):
    page = put(
        edit(stated(page, Circle(1.0, 2.0, 3.0))),
        ("radio", "What it means", "Searched, nil find"), ("number_input", "Radius (km)", 8.0),
        ("number_input", "Probability of detection, POD (%)", 55.0), ("text_input", "Latitude, longitude", "nowhere"),
    )  # fmt: skip
    assert len(page.error) == 1 and not any(each.label == "Confidence" for each in page.segmented_control)
    page = press(put(page, ("text_input", "Latitude, longitude", "4, 5")), "Save")
    assert evidence(page)[1].statement == Searched(Circle(4.0, 5.0, 8.0), 0.55)


def test_a_field_that_is_hidden_for_a_while_forgets_nothing(page):
    page = put(
        edit(stated(page, Searched(VALLEY, 0.7), probability=0.8)),
        ("number_input", "Probability of detection, POD (%)", 55.0),
        ("radio", "What it means", "Target outside this area"),
        ("segmented_control", "Confidence", "certain"), ("radio", "What it means", "Searched, nil find"),
    )  # fmt: skip
    assert [each.value for each in page.number_input] == [55.0]
    page = press(put(page, ("radio", "What it means", "Target outside this area")), "Save")
    assert evidence(page)[1] == Evidence("e1", replace(VALLEY, include=False), 1.0)


@pytest.mark.parametrize("percent", [0.0, -5.0, 101.0])
def test_a_detection_that_is_no_share_is_told_in_per_cent(page, percent):
    page = put(
        edit(stated(page, Searched(VALLEY, 0.7))), ("number_input", "Probability of detection, POD (%)", percent)
    )
    page = press(page, "Save")
    assert "at most 100" in page.error[0].value and is_open(page)


def test_a_statement_may_become_one_of_another_kind(page):
    page = put(edit(stated(page, Seen("snow", 2))), ("selectbox", "Clue type", "Elevation"))
    page = press(page, "Save")
    assert [each.value for each in page.error] == [NOTHING] and is_open(page)
    page = press(put(page, ("number_input", "At least (m)", 900.0)), "Save")
    assert evidence(page)[1].statement == Elevation(900.0)


def test_a_strength_that_no_word_has_can_be_kept_or_changed(page):
    page = edit(stated(page, Elevation(1500.0), probability=0.8))
    assert page.segmented_control[-1].value == "80 %"
    page = press(put(page, ("segmented_control", "Confidence", "hint")), "Save")
    assert evidence(page)[1].probability == 0.65
    assert [each.value for each in page.segmented_control] == ["likely", "hint", "likely"]


def test_two_edits_of_one_statement_are_two_steps(page):
    page = stated(page, Elevation(1500.0))
    for metres in (1600.0, 1700.0):
        page = press(put(edit(page), ("number_input", "At least (m)", metres)), "Save")
    page = press(page, "Undo")
    assert evidence(page)[1].statement == Elevation(1600.0)


def test_a_new_statement_comes_last_and_a_place_that_was_found_gives_it_its_name(page, monkeypatch):
    (place,) = search("Reykjavik", 1)
    page = press(stated(page, Seen("snow")), "Add evidence")
    page = put(page, ("selectbox", "Clue type", "Near a named place"))
    with monkeypatch.context() as once:
        once.setattr("dashboard.evidence.place_search.show", lambda *_, **__: place)
        ran(page)
    page = press(put(page, ("number_input", "Radius (km)", 7.0)), "Add")
    assert evidence(page)[-1].statement == Circle(place.latitude, place.longitude, 7.0, True, place.name)
    assert len(evidence(page)) == 4


@pytest.mark.parametrize(
    ("offset", "clock", "moment"),
    [(None, "local", (2020, 1, 1, 90.0)), (timezone(timedelta(hours=2)), "utc", (2019, 12, 31, 1410.0))],
)
def test_a_new_sun_statement_begins_with_the_time_of_the_photo_in_utc_if_its_offset_is_known(
    page, offset, clock, moment
):
    taken = datetime.datetime(2020, 1, 1, 1, 30, 20, tzinfo=offset)
    photo = grey_photo()
    page.session_state[state.PHOTOS] = {
        "one": state.PhotoEntry(replace(photo, exif=replace(photo.exif, taken_at=taken)), b"", ())
    }
    page = put(press(ran(page), "Add evidence"), ("selectbox", "Clue type", "Sun and shadow"))
    page = press(put(page, ("selectbox", "Light", "day")), "Add")
    (found,) = evidence(page)
    seen = found.statement.observation
    assert ((seen.year, seen.month, seen.day, seen.minute_of_day), seen.clock) == (moment, clock)
    assert seen.time_error_minutes == CAMERA_ERROR_MINUTES


def test_a_full_case_takes_no_more_and_says_so(page, monkeypatch):
    monkeypatch.setattr("dashboard.evidence.dialog.MOST_STATEMENTS", 3)
    page = press(stated(page, Seen("snow")), "Add evidence")
    page = press(put(page, ("selectbox", "Clue type", "Palm trees")), "Add")
    assert [each.value for each in page.error] == [FULL]
    assert len(evidence(page)) == 3 and is_open(page)


def test_an_outline_changed_on_the_map_or_replaced_by_a_file_is_saved_with_the_name_it_had(page):
    page = edit(stated(page, Searched(VALLEY, 0.7)))
    turn = page.session_state[state.EVIDENCE_TURN]
    moved = draw_map.shape_of({"kind": "polygons", "polygons": [[[[1.0, 2.0], [1.0, 3.0], [2.0, 3.0]]]]})
    page.session_state[f"{PREFIX}{turn}_shape"] = moved  # as the map puts it there
    page = press(ran(page), "Save")
    corners = ((((1.0, 2.0), (1.0, 3.0), (2.0, 3.0), (1.0, 2.0)),),)
    assert evidence(page)[1].statement == Searched(DrawnArea(corners, True, "valley"), 0.7)
    page = put(edit(page), ("selectbox", "Clue type", "Area from a file"))
    page.file_uploader[0].set_value(("area.geojson", json.dumps(FILE).encode(), "application/json"))
    page = press(ran(page), "Save")
    area = evidence(page)[1].statement.area
    assert area.name == "valley" and area.polygons == ((((0.0, 0.0), (0.0, 9.0), (9.0, 9.0), (0.0, 0.0)),),)


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>AA</name><Polygon><outerBoundaryIs>
<LinearRing><coordinates>7,45 8,45 8,46 7,46 7,45</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>camp</name><Point><coordinates>7.5,45.5</coordinates></Point></Placemark></Document></kml>"""


def test_an_area_of_a_kml_file_is_taken_with_its_name_and_what_is_left_out_is_told(page):
    page = put(press(stated(page, Seen("snow")), "Add evidence"), ("selectbox", "Clue type", "Area from a file"))
    page.file_uploader[0].set_value(("area.kml", KML.encode(), "application/vnd.google-earth.kml+xml"))
    page = ran(page)
    assert any("Markers and tracks enclose nothing" in each.value for each in page.caption)
    page = press(page, "Add")
    added = evidence(page)[-1].statement
    (ring,) = added.polygons[0]
    assert added.name == "AA"
    assert set(ring) == {(45.0, 7.0), (45.0, 8.0), (46.0, 8.0), (46.0, 7.0)}


def test_what_the_map_is_given_is_what_it_gives_back():
    for area in (VALLEY, Circle(64.5, -21.5, 12.5)):
        shape = draw_map.as_drawn(area)
        assert draw_map.shape_of(json.loads(json.dumps(draw_map._browser_shape(shape)))) == shape
        assert draw_map.as_area(shape, True, area.name) == area


@pytest.mark.parametrize(
    "sent", [{"kind": "polygons", "polygons": []}, {"kind": "polygons", "polygons": [[[[1]]]]}, {"kind": 1}, 7]
)
def test_what_is_no_shape_is_refused(sent):
    with pytest.raises(InputError, match="draw it again"):
        draw_map.shape_of(sent)
