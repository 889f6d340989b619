"""Every bad input that people give: one clear sentence on the page, and the case as it was."""

import io
import json
import sys
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; this folder's helper is still one file

from hostile_pages import refusals

from dashboard.common import state
from dashboard.evidence import draw_map
from dashboard.evidence.form import PREFIX
from engine.cases.case import Case
from engine.cases.writing import case_to_json, case_to_plain
from engine.evidence.shapes.geojson import LARGEST_BYTES
from engine.evidence.statements.areas import DrawnArea
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import Evidence

PAGE = """
import streamlit as st
from dashboard.evidence import dialog as evidence_dialog
from dashboard.locate import upload
from dashboard.locate import screen as locate
with st.sidebar:
    upload.show()
locate.show()
if "open_form" in st.session_state:
    try:
        evidence_dialog.draw(st.session_state["open_form"])
    except BaseException:  # it was saved: the page is drawn anew, without the dialog
        del st.session_state["open_form"]
        raise
"""


STATED = Evidence("e1", CountryFact("drives", "left"), on=False), Evidence("e2", Elevation(100.0), on=False)


def opened(form):
    st.session_state["open_form"] = form
    st.rerun()


def picture():
    sink = io.BytesIO()
    Image.new("RGB", (48, 32), (90, 140, 200)).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture
def page(monkeypatch, locator):
    """A photo, two statements, and two steps that can be undone."""
    monkeypatch.setattr("dashboard.common.services.locator", lambda: locator)
    monkeypatch.setattr("dashboard.common.services.sample_photo", lambda: None)
    for shell in ("_add", "_edit"):
        monkeypatch.setattr(f"dashboard.evidence.dialog.{shell}", opened)
    page = AppTest.from_string(PAGE, default_timeout=60)
    ran(page).file_uploader[0].set_value(("a.png", picture(), "image/png"))
    page.session_state[state.CASE_MENU] = True
    for many in (1, 2):
        page.session_state[state.EVIDENCE] = STATED[:many]
        ran(page)
    return ran(page)


def ran(page):
    page.run()
    assert not page.exception
    return page


def kept(page):
    """What may not change."""
    session = page.session_state
    return session[state.EVIDENCE], tuple(session[state.PHOTOS]), session[state.HISTORY]


def put(page, kind, label, value):
    next(each for each in getattr(page, kind) if each.label == label).set_value(value)
    return ran(page)


def press(page, label):
    next(each for each in page.button if each.label == label).click()
    return ran(page)


def dialog(page, kind):
    return ran(put(press(page, "Add evidence"), "selectbox", "Clue type", kind))


def refused(page, before, word):
    """One sentence, nothing added, and the dialog still open with what was typed."""
    (told,) = refusals(press(page, "Add"))
    assert word in told.replace("\\", ""), told
    assert kept(page) == before and any(each.label == "Cancel" for each in page.button)


RINGS = {
    "crosses itself": [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]],
    "goes beyond a pole": [[0, 80], [10, 80], [10, 95], [0, 80]],
    "is wider than the Earth": [[-200, 0], [200, 0], [200, 10], [-200, 0]],
    "leaves the globe": [[0, 0], [999, 0], [999, 10], [0, 0]],
    "is no ring": [[0, 0], [1, 1]],
    "encloses nothing": [[0, 0], [10, 10], [20, 20], [0, 0]],
}
FILES = {
    **{name: json.dumps({"type": "Polygon", "coordinates": [ring]}).encode() for name, ring in RINGS.items()},
    "is no GeoJSON": b'{"type": "Topology"}',
    "is no JSON": b"PK\x03\x04\xff",
    "is empty": b"",
    "is a case": case_to_json(Case()).encode(),
    "is too large": b" " * (LARGEST_BYTES + 1),
    "has no end": b"[" * 100_000,
    "encloses nothing at all": json.dumps({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}).encode(),
}
TOLD = {
    "crosses itself": "its sides cross near 5.0000, 5.0000", "goes beyond a pole": "not in degrees on the globe",
    "is wider than the Earth": "400 degrees wide", "leaves the globe": "not in degrees on the globe",
    "is no ring": "not closed", "encloses nothing": "cannot be used", "is no GeoJSON": "is not GeoJSON",
    "is no JSON": "The archive is damaged", "is empty": "is not JSON", "is a case": "is not GeoJSON",
    "is too large": "5 MB large",
    "has no end": "is not JSON", "encloses nothing at all": "a LineString, which encloses nothing",
}  # fmt: skip


def test_a_file_that_is_no_area_changes_nothing(page):
    page = dialog(page, "Area from a file")
    before = kept(page)
    for name, data in FILES.items():
        uploader = next(each for each in page.file_uploader if each.label == "File with areas")
        uploader.set_value(("area.geojson", data, "application/json"))
        refused(ran(page), before, TOLD[name])


DRAWN = {
    "crosses itself": ({"kind": "polygon", "ring": [[0, 0], [10, 10], [0, 10], [10, 0]]}, "its sides cross"),
    "goes beyond a pole": ({"kind": "polygon", "ring": [[80, 0], [80, 10], [95, 10]]}, "outside -90 to 90"),
    "has an outline that crosses": (
        {"kind": "polygons", "polygons": [[[[0, 0], [10, 10], [0, 10], [10, 0]]]]}, "its sides cross",
    ),
    "is a point": ({"kind": "circle", "latitude": 1, "longitude": 2, "radius_m": 0}, "makes no circle"),
    "is larger than the Earth": ({"kind": "circle", "latitude": 1, "longitude": 2, "radius_m": 3e7}, "makes no circle"),
}  # fmt: skip


def test_a_drawing_that_is_no_area_changes_nothing(page):
    page = dialog(page, "Area drawn on the map")
    before = kept(page)
    for sent, word in DRAWN.values():
        turn = page.session_state[state.EVIDENCE_TURN]
        page.session_state[f"{PREFIX}{turn}_shape"] = draw_map.shape_of(sent)  # as the map puts it there
        refused(ran(page), before, word)


@pytest.mark.parametrize(
    ("ring", "holds"),
    [
        ([[70, 0], [65, 90], [70, 180], [75, -90]], (89.9, 10.0)),
        ([[-70, 0], [-65, 90], [-70, 180], [-75, -90]], (-89.9, 10.0)),
        ([[-10, 175], [-10, -175], [10, -175], [10, 175]], (0.0, 179.9)),
    ],
    ids=["north pole", "south pole", "date line"],
)
def test_a_drawing_around_a_pole_or_over_the_date_line_is_an_area(page, ring, holds, locator):
    page = dialog(page, "Area drawn on the map")
    turn = page.session_state[state.EVIDENCE_TURN]
    page.session_state[f"{PREFIX}{turn}_shape"] = draw_map.shape_of({"kind": "polygon", "ring": ring})
    page = press(ran(page), "Add")
    assert not page.error and isinstance(page.session_state[state.EVIDENCE][-1].statement, DrawnArea)
    (added,) = page.session_state[state.EVIDENCE][-1:]
    ground, (weighed,) = locator.evidence_weigher().weigh([added])
    there = ground.overlay.cell_at(*holds)
    assert (
        weighed.likelihoods[0].log_likelihood[there]
        == weighed.likelihoods[0].log_likelihood.max()
        > weighed.likelihoods[0].log_likelihood.min()
    )


SUNS = [
    ([("segmented_control", "Solar elevation", "Measured angle"),
      ("number_input", "Solar elevation (°)", 95.0)], "The sun cannot stand 95 degrees high"),
    ([("segmented_control", "Solar elevation", "Measured angle"),
      ("number_input", "Solar elevation (°)", -30.0)], "The sun cannot stand -30 degrees high"),
    ([("number_input", "Object height", 1.8), ("number_input", "Shadow length", 0.0)], "length of the shadow of 0"),
    ([("number_input", "Object height", 0.0), ("number_input", "Shadow length", 2.0)], "height of the object of 0"),
    ([("selectbox", "Bearing of", "the sun"),
      ("number_input", "Bearing (° clockwise from north)", 400.0)], "A direction of 400 degrees"),
    ([("number_input", "Object height", 1.8), ("number_input", "Shadow length", 2.0), ("selectbox", "Light", "night")],
     "At night the sun casts no shadow"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "word"), SUNS, ids=[word for _, word in SUNS])
def test_a_sun_that_cannot_be_changes_nothing(page, fields, word):
    page = dialog(page, "Sun and shadow")
    before = kept(page)
    for field in fields:
        page = put(page, *field)
    refused(page, before, word)


def case_of(**change):
    return {**case_to_plain(Case()), **change}


def sun(**fields):
    stated = {"kind": "sun_seen", "observation": {"light": "day", **fields}}
    return case_of(evidence=[{"id": "e9", "statement": stated}])


def area(ring):
    stated = {"kind": "drawn_area", "polygons": [[ring]]}
    return case_of(evidence=[{"id": "e9", "statement": stated}])


CASES = {
    "of a newer version": (json.dumps(case_of(version="2.0")), "reads up to 1; update"),
    "of year 0": (json.dumps(sun(year=0)), "year of 0"),
    "of a date that is none": (json.dumps(sun(year=2023, month=2, day=30)), "30 February 2023"),
    "of a sun too high": (json.dumps(sun(elevation_degrees=95)), "cannot stand 95"),
    "of a shadow of no length": (json.dumps(sun(object_height=1, shadow_length=0)), "shadow of 0"),
    "of an outline that crosses": (json.dumps(area([[0, 0], [10, 10], [0, 10], [10, 0], [0, 0]])), "its sides cross"),
    "beyond the pole": (json.dumps(area([[80, 0], [80, 10], [95, 10], [80, 0]])), "not on the globe"),
    "with a word misspelt": (json.dumps(case_of(titel="x")), "titel is not part of a case; write title"),
    "with a comma too many": (json.dumps(case_of())[:-1] + ",}", "is not JSON (line 1"),
    "with a field twice": ('{"type":"hereabouts-case","version":"1.0","title":"a","title":"b"}', "twice"),
    "with a number that is none": (json.dumps(case_of(claim={"latitude": float("nan"), "longitude": 0})), "claim.lat"),
    "of another map": (json.dumps(case_of(settings={"declared": {"weather": {"rain": 1}}})), "cannot be answered here"),
    "that is another file": ("GIF89a", "is not JSON"),
    "with brackets without end": ("[" * 100_000, "brackets within each other"),
}  # fmt: skip


def test_a_case_that_cannot_be_opened_changes_nothing(page):
    before = kept(page)
    for name, (text, word) in CASES.items():
        uploader = next(each for each in page.file_uploader if each.label == "Open a case")
        uploader.set_value((f"{name}.json", text.encode(), "application/json"))
        (told,) = refusals(ran(page))
        assert word in told.replace("\\", ""), told
        assert kept(page) == before
        page.button(key="case_told_away").click()
        assert not ran(page).error


def test_a_link_that_was_cut_changes_nothing(page):
    before = kept(page)
    page.query_params["case"] = "1abcdef"
    (told,) = refusals(ran(page))
    assert "cut or changed" in told and kept(page) == before


def test_files_that_are_no_photos_leave_the_others_and_the_case_alone(page):
    """A file of nothing, one of another kind, and a picture that unpacks to more than any photo."""
    before, bomb = kept(page), io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    uploader = next(each for each in page.file_uploader if each.label == "Drop photos here")
    files = (picture(), b"", b"%PDF-1.7", bomb.getvalue())
    uploader.set_value([(f"{number}.png", data, "image/png") for number, data in enumerate(files)])
    assert len(refusals(ran(page))) == 3 and len(page.session_state[state.PHOTOS]) == 1
    assert kept(page)[0] == before[0] and page.session_state[state.HISTORY].steps == before[2].steps
