"""Pointing at the photo: what the browser sends becomes the sun and marks; without a browser."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.photo import canvas, panel
from dashboard.photo.canvas import pairs_of
from dashboard.photo.panel import SEEN, SWITCH, TOOLS, box_of
from engine.errors import InputError
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.pointing import PointedShadow, measure_sun
from engine.signs.lines import Box
from engine.testing import grey_photo

PAGE = """
import streamlit as st
from dashboard.common import state
from dashboard.photo import panel
panel.show(state.PhotoEntry(st.session_state["photo"], b"", ()), st.session_state["source"])
"""
DRAWN = {
    "object": [[[0.5, 0.8], [0.5, 0.6]]], "shadow": [[[0.5, 0.8], [0.75, 0.82]]],
    "vertical": [[[0.1, 0.9], [0.11, 0.2]]], "mark": [[[0.9, 0.4], [0.6, 0.2]]],
}  # fmt: skip


def png():
    sink = io.BytesIO()
    Image.fromarray(np.full((300, 400, 3), 90, np.uint8)).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture
def page(monkeypatch):
    """The panel with what was drawn on the photo."""

    def with_drawn(drawn, **more):
        monkeypatch.setattr(canvas, "show", lambda *_: pairs_of(drawn, TOOLS))
        test = AppTest.from_string(PAGE, default_timeout=60)
        for key, value in {"photo": grey_photo(), "source": png, SWITCH: True, **more}.items():
            test.session_state[key] = value
        return test.run()

    return with_drawn


def texts(test):
    return " | ".join(each.value for kind in (test.markdown, test.caption, test.error) for each in kind)


def test_the_photo_is_opened_only_when_it_is_asked_for(page):
    def fail():
        raise AssertionError("it was opened")

    test = page({}, **{SWITCH: False, "source": fail})
    assert not test.exception and len(test.toggle) == 1


def test_a_photo_whose_file_is_gone_says_so(page):
    assert "drop it again to point at it" in texts(page({}, source=None))


def test_nothing_drawn_says_what_to_draw(page):
    test = page({})
    assert not test.exception
    assert "Draw an upright object from foot to top" in texts(test) and "Draw a box around" in texts(test)


def test_an_object_and_its_shadow_become_evidence(page):
    test = page(DRAWN)
    angles = measure_sun(PointedShadow((0.5, 0.8), (0.5, 0.6), (0.75, 0.82), 400, 300, (((0.1, 0.9), (0.11, 0.2)),)))
    assert f"Elevation **{angles.elevation_degrees:.1f}° ± {angles.elevation_error_degrees:.1f}°**" in texts(test)
    assert "to the right of where the camera looks" in texts(test) and "the usual 28 mm, unknown" in texts(test)
    next(each for each in test.button if each.label == "Use as evidence").click().run()
    (evidence,) = test.session_state[state.EVIDENCE]
    assert evidence.statement == SunSeen(angles.observation())


def test_a_heading_gives_an_azimuth(page):
    test = page(DRAWN)
    test.number_input[0].set_value(200.0).run()
    next(each for each in test.button if each.label == "Use as evidence").click().run()
    observation = test.session_state[state.EVIDENCE][0].statement.observation
    assert observation.azimuth_of == "shadow" and observation.sun_azimuth is not None


def test_points_that_cannot_be_a_shadow_get_a_sentence(page):
    sky = {"object": [[[0.5, 0.2], [0.5, 0.1]]], "shadow": [[[0.5, 0.2], [0.7, 0.15]]]}
    assert plain("These points cannot be an object and its shadow") in texts(page(sky))


def test_a_box_shows_where_a_statement_is_seen(page):
    stated = Evidence("e1", CountryFact("drives", "left"))
    test = page(DRAWN, **{state.EVIDENCE: (stated,)})
    test.selectbox[0].set_value("e1").run()
    ((mark, name),) = test.session_state[SEEN][grey_photo().sha256].items()
    assert name == "e1" and box_of(mark) == Box(0.6, 0.2, 0.9, 0.4)


def test_facts_name_the_statement_and_its_box(monkeypatch):
    stated = Evidence("e1", CountryFact("drives", "left"))
    monkeypatch.setattr(panel.st, "session_state", {
        state.EVIDENCE: (stated,), SEEN: {"ab": {((0.9, 0.4), (0.6, 0.2)): "e1", ((0.1, 0.1), (0.1, 0.2)): "gone"}},
    })  # fmt: skip
    assert panel.marks_facts("ab") == [{"sentence": stated.sentence(), "box": [0.6, 0.2, 0.9, 0.4]}]
    assert panel.marks_facts("other") == []


@pytest.mark.parametrize(
    "drawn",
    [None, 7, {"object": 3}, {"object": [[1, 2]]}, {"object": [[[0, 0], [0, 2]]]}, {"mark": [[["a", 0], [0, 0]]]},
     {"shadow": [[[0, 0], [float("nan"), 0]]]}],
)  # fmt: skip
def test_what_is_no_drawing_is_refused(drawn):
    with pytest.raises(InputError, match="could not be read; draw it again"):
        pairs_of(drawn, TOOLS)


def test_a_box_without_area_is_none():
    assert box_of(((0.2, 0.3), (0.2, 0.9))) is None
