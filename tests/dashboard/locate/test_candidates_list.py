"""A candidate that is no longer listed chooses nothing: the list changes with every statement."""

import streamlit as st

from dashboard.common import state
from dashboard.locate import candidates_list
from engine.inference.candidates import Candidate


def test_a_chosen_candidate_that_is_gone_moves_nothing(monkeypatch):
    session = {state.PLACE: 4, state.SHOWN_PLACES: (Candidate(1, 10.0, 20.0, 0.5, 100.0),)}
    monkeypatch.setattr(st, "session_state", session)
    candidates_list._on_choice()
    assert state.VIEW not in session
    session[state.PLACE] = None
    candidates_list._on_choice()
    assert state.VIEW not in session


def test_a_listed_candidate_is_where_the_map_flies(monkeypatch):
    session = {state.PLACE: 1, state.SHOWN_PLACES: (Candidate(1, 10.0, 20.0, 0.5, 100.0),)}
    monkeypatch.setattr(st, "session_state", session)
    candidates_list._on_choice()
    assert (session[state.VIEW].latitude, session[state.VIEW].longitude) == (10.0, 20.0)
