"""The camera follows the answer, until the user moves it."""

import streamlit as st

from dashboard.common import services, state
from dashboard.maps.region_view import is_near, separation_degrees, view_of_region
from dashboard.maps.views import View
from engine.inference.candidates import Candidate
from engine.inference.region import Region
from engine.locate.result import Answer

STILL_DEGREES, STILL_ZOOM = 0.5, 0.3
"""So far from where it was sent the camera may come to rest without the user having moved it."""


def follow(answer: Answer, region: Region, places: tuple[Candidate, ...]) -> None:
    """Send the camera to the region once the answer has changed, unless the user has moved it since.

    A photo that is looked at for the first time always gets the camera; a case that was opened brings its own.
    """
    session, key, photo = st.session_state, services.answer_key(answer), answer.photo.sha256
    known = session.get(state.FOLLOWED)
    if session.get(state.LOOKED_AT) != photo:
        session[state.LOOKED_AT] = photo
        session[state.USER_MOVED] = False
    elif known is None:
        session[state.USER_MOVED] = True
    session[state.FOLLOWED] = key
    if known == key or session.get(state.USER_MOVED):
        return
    wanted = view_of_region(region, places, state.view().turn + 1)
    if not is_near(state.view(), wanted):
        session[state.VIEW] = session[state.SENT_VIEW] = wanted


def note_moved(camera: View) -> None:
    """Note where the camera came to rest, and whether the user moved it there."""
    session = st.session_state
    sent = session.get(state.SENT_VIEW)
    started = sent if sent is not None else View()
    if separation_degrees(started, camera) > STILL_DEGREES or abs(started.zoom - camera.zoom) > STILL_ZOOM:
        session[state.USER_MOVED] = True
    session[state.VIEW] = camera
