"""Fields of a statement about the sun: when, how high or how long the shadow, in which direction, how light."""

import datetime
from typing import Any

import streamlit as st

from dashboard import state
from engine.evidence.statements import Statement, SunSeen
from engine.evidence.statements_words import MONTHS
from engine.evidence.sun import FIRST_YEAR, LAST_YEAR, SunObservation

FULL, MONTH_ONLY, UNKNOWN = "Date", "Month only", "Not known"
LOCAL, UTC = "Local time", "UTC"
SHADOW, HEIGHT, NO_HEIGHT = "A shadow", "Degrees above the horizon", "Not measured"
NOT_SEEN = "not stated"
SHADOW_HELP = "An upright object on level ground and its shadow, in any unit, even in pixels if seen from the side."


def show() -> Statement | None:
    """Draw the fields."""
    when, what = st.columns(2, gap="medium")
    with when:
        fields = {**_date(), **_time()}
    with what:
        seen = {**_height(), **_direction(), **_light()}
    if not seen:
        st.caption("Give the sun's height, a shadow, a direction, or day, dusk or night.")
        return None
    return SunSeen(SunObservation(**fields, **seen))


def _date() -> dict[str, Any]:
    taken = _taken()
    start = FULL if taken else UNKNOWN
    known = st.segmented_control(
        "When", [FULL, MONTH_ONLY, UNKNOWN], required=True, key=state.start_with("evidence_sun_date", start)
    )
    if known == FULL:
        first, last = datetime.date(FIRST_YEAR, 1, 1), datetime.date(LAST_YEAR, 12, 31)
        today = taken.date() if taken else datetime.datetime.now(tz=datetime.UTC).date()
        day = st.date_input("Date", today, first, last, key="evidence_sun_day")
        return {"year": day.year, "month": day.month, "day": day.day}
    if known == MONTH_ONLY:
        month = st.selectbox("Month", range(1, 13), format_func=lambda n: MONTHS[n - 1], key="evidence_sun_month")
        return {"month": month}
    return {}


def _time() -> dict[str, Any]:
    taken = _taken()
    key = state.start_with("evidence_sun_clock", LOCAL)
    clock = st.segmented_control("Clock", [LOCAL, UTC], required=True, key=key)
    at = st.time_input(
        "Time of day", taken.time().replace(second=0, microsecond=0) if taken else None, step=300,
        key="evidence_sun_time", help="Leave it empty where the time is not known.",
    )  # fmt: skip
    if at is None:
        return {"clock": "utc" if clock == UTC else "local"}
    error = st.number_input("Give or take, minutes", 0.0, 720.0, 10.0, step=5.0, key="evidence_sun_error")
    return {
        "minute_of_day": at.hour * 60.0 + at.minute,
        "time_error_minutes": float(error),
        "clock": "utc" if clock == UTC else "local",
    }


def _height() -> dict[str, Any]:
    how = st.segmented_control(
        "Height of the sun", [SHADOW, HEIGHT, NO_HEIGHT], required=True,
        key=state.start_with("evidence_sun_height", SHADOW),
    )  # fmt: skip
    if how == HEIGHT:
        degrees = st.number_input("Degrees above the horizon", value=None, placeholder="34", key="evidence_sun_degrees")
        error = st.number_input("Give or take, degrees", 0.0, 90.0, 2.0, step=0.5, key="evidence_sun_degrees_error")
        return {} if degrees is None else {"elevation_degrees": degrees, "elevation_error_degrees": error}
    if how == NO_HEIGHT:
        return {}
    left, right = st.columns(2)
    tall = left.number_input("Object", value=None, placeholder="1.8", key="evidence_sun_object", help=SHADOW_HELP)
    long = right.number_input("Its shadow", value=None, placeholder="2.6", key="evidence_sun_shadow", help=SHADOW_HELP)
    error = st.slider("Give or take, %", 1, 50, 10, key="evidence_sun_shadow_error")
    if tall is None or long is None:
        return {}
    return {"object_height": tall, "shadow_length": long, "shadow_error_percent": float(error)}


def _direction() -> dict[str, Any]:
    of = st.selectbox("Direction known of", [NOT_SEEN, "the sun", "the shadow"], key="evidence_sun_of")
    if of == NOT_SEEN:
        return {}
    degrees = st.number_input(
        "Degrees from north, over east", value=None, placeholder="180 is south", key="evidence_sun_azimuth"
    )
    error = st.number_input("Give or take, degrees ", 0.0, 180.0, 10.0, step=5.0, key="evidence_sun_azimuth_error")
    if degrees is None:
        return {}
    return {"azimuth_degrees": degrees, "azimuth_error_degrees": error, "azimuth_of": of.removeprefix("the ")}


def _light() -> dict[str, Any]:
    light = st.selectbox("It is", [NOT_SEEN, "day", "dusk", "night"], key="evidence_sun_light")
    return {} if light == NOT_SEEN else {"light": light}


def _taken() -> datetime.datetime | None:
    """When the photo says that it was taken: a proposal, by the wall clock of the camera."""
    entry = state.chosen_photo()
    taken = entry.photo.exif.taken_at if entry is not None else None
    return taken if taken is not None and taken.year >= FIRST_YEAR else None
