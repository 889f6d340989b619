"""The camera follows the answer until the user moves it."""

import pytest
import streamlit as st

from dashboard.common import state
from dashboard.locate import camera
from dashboard.maps.views import View
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.evidence import Evidence
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.testing import grey_photo, make_evidence_world, peaked


@pytest.fixture(scope="module")
def locator(world):
    return Locator(world, [peaked(world, 10.5, 20.5)], make_evidence_world(world))


@pytest.fixture
def session(monkeypatch):
    found = {}
    monkeypatch.setattr(st, "session_state", found)
    return found


def near(latitude, longitude):
    return (Evidence("near", Circle(latitude, longitude, 900.0), 1.0),)


def look(locator, seed, evidence=()):
    answer = locator.locate(grey_photo(f"{seed}.png", seed), Settings(evidence=evidence))
    region = answer.search_map.region(budget_km2=1e6)
    camera.follow(answer, region, answer.search_map.candidates(3, 500.0))
    return state.view()


def test_a_new_photo_and_each_change_move_it(locator, session):
    first = look(locator, 1)
    assert first.turn == 1
    second = look(locator, 1, near(-40.5, -100.5))
    assert second.turn == 2 and second.latitude == pytest.approx(-40.5, abs=5)
    assert look(locator, 1, near(-40.5, -100.5)) == second, "the same answer again"


def test_it_stays_where_the_user_moved_it(locator, session):
    sent = look(locator, 1)
    camera.note_moved(sent)
    assert not session[state.USER_MOVED], "it came to rest where it was sent"
    mine = View(sent.latitude + 20, sent.longitude, sent.zoom, sent.turn)
    camera.note_moved(mine)
    assert look(locator, 1, near(-40.5, -100.5)) == mine
    assert look(locator, 2).turn > mine.turn, "another photo takes it again"


def test_a_flight_that_the_user_asked_for_ends_following(locator, session):
    look(locator, 1)
    state.fly_to(50.0, 60.0)
    asked = state.view()
    assert look(locator, 1, near(-40.5, -100.5)) == asked


def test_a_case_keeps_the_camera_that_it_was_saved_with(locator, session):
    session[state.LOOKED_AT] = grey_photo("1.png", 1).sha256
    session[state.VIEW] = saved = View(5.0, 6.0, 7.0, 3)
    assert look(locator, 1) == saved
    assert look(locator, 1, near(-40.5, -100.5)) == saved
