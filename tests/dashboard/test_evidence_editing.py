"""Statements are edited in the dialog in which they are made; without a browser."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import state
from dashboard.components import draw_map
from dashboard.components.evidence_kinds import KINDS, title_of
from engine.cases.permalink import from_token, to_token
from engine.errors import InputError
from engine.evidence.shapes import Circle, DrawnArea
from engine.evidence.statements import (
    CoastWithin,
    CountryFact,
    CountryIs,
    Elevation,
    Evidence,
    LabelIs,
    Searched,
    Seen,
    SunSeen,
)
from engine.evidence.sun import SunObservation

PAGE = """
import streamlit as st
from dashboard import case_state, services, state
from dashboard.components import case_bar, evidence_dialog, evidence_panel
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
SUN = SunObservation(
    year=2023, month=6, day=21, minute_of_day=872.0, time_error_minutes=3.0, elevation_degrees=34.25,
    elevation_error_degrees=1.5, azimuth_degrees=181.5, azimuth_error_degrees=4.0, azimuth_of="shadow", light="day",
)  # fmt: skip
SHADOW = SunObservation(month=5, object_height=1.8, shadow_length=2.6, shadow_error_percent=12.5, clock="utc")
ODD = SunObservation(year=1969, minute_of_day=61.25, elevation_degrees=-3.0, azimuth_error_degrees=1.0)

STATEMENTS = [
    CountryIs(("CL", "PE"), True),
    CountryIs(("QQ",)),
    CountryFact("drives", "left"),
    CountryFact("drives", "left", True),
    CountryFact("language", "de", True),
    CountryFact("script", "Cyrl"),
    CountryFact("suffix", ".de"),
    CountryFact("prefix", "+49"),
    CountryFact("currency", "EUR"),
    CountryFact("plate", "D", True),
    CountryFact("continent", "EU"),
    CountryFact("language", "tlh"),
    LabelIs("climate", ("Csa", "Csb")),
    LabelIs("relief", ("mountains",), True),
    LabelIs("population", ("high",)),
    LabelIs("land_cover", ("moss",)),
    Seen("snow", 3),
    Seen("palm_trees"),
    CoastWithin(0.5, True),
    Elevation(1234.567, None),
    Elevation(None, 800.0),
    VALLEY,
    replace(VALLEY, include=False, name=""),
    Circle(64.135481234567, -21.89541, 12.345, False, "Reykjavik"),
    Circle(-1.5, 179.999999999, 40.0),
    Searched(VALLEY, 0.123456789),
    Searched(Circle(1.0, 2.0, 3.0, False), 0.7),
    SunSeen(SUN),
    SunSeen(SHADOW),
    SunSeen(ODD),
]


def opened(form):
    st.session_state["open_form"] = form
    st.rerun()


@pytest.fixture
def page(monkeypatch, locator):
    """The panel and undo. AppTest runs whole pages only, so what stands in the dialog is drawn by the page."""
    monkeypatch.setattr("dashboard.services.locator", lambda: locator)
    for shell in ("_add", "_edit"):
        monkeypatch.setattr(f"dashboard.components.evidence_dialog.{shell}", opened)
    return AppTest.from_string(PAGE, default_timeout=30)


def ran(page):
    page.run()
    assert not page.exception
    return page


def stated(page, *statements, strength=0.9):
    page.session_state[state.EVIDENCE] = tuple(
        Evidence(f"e{number}", each, strength) for number, each in enumerate(statements)
    )
    return ran(page)


def edit(page, number=0):
    page.button(key=f"edit_e{number}").click()
    return ran(page)


def press(page, label):
    next(each for each in page.button if each.label == label).click()
    return ran(page)


def field(kind, label):
    return next(each for each in kind if each.label == label)


def evidence(page):
    return page.session_state[state.EVIDENCE]


def is_open(page):
    return any(each.label == "Cancel" for each in page.button)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda each: each.sentence()[:40])
def test_any_statement_opens_as_it_is_and_is_saved_as_it_is(page, statement):
    page = edit(stated(page, Elevation(5.0), statement, Seen("snow"), strength=0.8), 1)
    before = evidence(page)
    page = press(ran(page), "Save")
    assert not is_open(page)
    assert evidence(page) == before
