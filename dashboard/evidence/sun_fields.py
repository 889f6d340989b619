"""Fields of a statement about the sun: when, how high or how long the shadow, in which direction, how light."""

import datetime
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import streamlit as st

from dashboard.common import state
from dashboard.evidence.form import DIGITS, Form
from engine.evidence.statements.base import Statement
from engine.evidence.statements.sentences import MONTHS
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import FIRST_YEAR, LAST_YEAR, SunObservation
from engine.evidence.sun.proposal import ProposedTime, time_from_exif

FULL, MONTH_ONLY, UNKNOWN, AS_STATED = "Full date", "Month only", "Unknown", "As stated"
LOCAL, UTC = "Local time", "UTC"
SHADOW, ELEVATION, NO_ELEVATION = "From a shadow", "Measured angle", "Unknown"
NOT_SEEN = "not stated"
NAMES = tuple(each.name for each in fields(SunObservation))
Was = Mapping[str, Any]
"""What the edited statement says, by field; empty for a new one."""
DEFAULT_ERROR_MINUTES = 10.0
"""Of a time that the analyst states; a photo's own time comes with that of its clock."""
DATE = ("year", "month", "day")
UNSEEN = (
    "time_error_minutes", "elevation_error_degrees", "shadow_error_percent", "azimuth_error_degrees", "azimuth_of",
)  # fmt: skip
"""What a statement keeps while its field is not shown."""
SHADOW_HELP = (
    "An upright object and its shadow on level ground, in any common unit; pixels will do if seen from the side."
)


def show(form: Form) -> Statement | None:
    """Draw the fields."""
    edited = form.was(SunSeen)
    was = {} if edited is None else {name: getattr(edited.observation, name) for name in NAMES}
    when, what = st.columns(2, gap="medium")
    with when:
        known = {**_date(form, was), **_time(form, was)}
    with what:
        seen = {**_elevation(form, was), **_direction(form, was), **_light(form, was)}
    if not seen:
        st.caption("Give a solar elevation, a shadow, a bearing, or the light: day, dusk or night.")
        return None
    unseen = {name: was[name] for name in UNSEEN if name in was}
    return SunSeen(SunObservation(**{**unseen, **known, **seen}))


def _date(form: Form, was: Was) -> dict[str, Any]:
    """Its parts; a date that a case has in other parts, for instance a year alone, can be kept."""
    parts = {name: was[name] for name in DATE if was.get(name) is not None}
    odd = tuple(parts) not in ((), ("month",), DATE)
    choices = [FULL, MONTH_ONLY, UNKNOWN, *([AS_STATED] if odd else [])]
    first = AS_STATED if odd else _which_date(parts, was)
    known = st.segmented_control("When", choices, required=True, key=form.start("sun_date", first))
    if known == AS_STATED:
        st.caption(", ".join(f"{name} {value}" for name, value in parts.items()).capitalize() + ".")
        return parts
    if known == FULL:
        earliest, latest = datetime.date(FIRST_YEAR, 1, 1), datetime.date(LAST_YEAR, 12, 31)
        day = st.date_input("Date", "today", earliest, latest, key=form.start("sun_day", _first_day(parts)))
        return {"year": day.year, "month": day.month, "day": day.day}
    if known == MONTH_ONLY:
        key = form.start("sun_month", parts.get("month"))
        return {"month": st.selectbox("Month", range(1, 13), format_func=lambda n: MONTHS[n - 1], key=key)}
    return {}


def _which_date(parts: Was, was: Was) -> str:
    if not was:
        return FULL if _proposed_time() else UNKNOWN
    return FULL if len(parts) == len(DATE) else MONTH_ONLY if parts else UNKNOWN


def _first_day(parts: Was) -> datetime.date | None:
    """The date that was stated, else the one that the photo proposes."""
    if len(parts) == len(DATE):
        return datetime.date(**parts)
    proposed = _proposed_time()
    return datetime.date(proposed.year, proposed.month, proposed.day) if proposed is not None else None


def _time(form: Form, was: Was) -> dict[str, Any]:
    proposed = None if was else _proposed_time()
    first_clock = was.get("clock") if proposed is None else proposed.clock
    clock = st.segmented_control(
        "Clock", [LOCAL, UTC], required=True, key=form.start("sun_clock", UTC if first_clock == "utc" else LOCAL)
    )
    by = {"clock": "utc" if clock == UTC else "local"}
    first = _time_of_day(was.get("minute_of_day") if proposed is None else proposed.minute_of_day)
    at = st.time_input(
        "Time of day", None, step=300, key=form.start("sun_time", first),
        help="Leave it empty if the time is unknown.",
    )  # fmt: skip
    if at is None:
        return by
    usual_error = DEFAULT_ERROR_MINUTES if proposed is None else proposed.time_error_minutes
    error = _error(form, "± (1 sigma), minutes", was.get("time_error_minutes", usual_error), "time")
    minute = was["minute_of_day"] if was and at == first else at.hour * 60.0 + at.minute  # a case may have seconds
    return {**by, "minute_of_day": minute, "time_error_minutes": error}


def _time_of_day(minute: float | None) -> datetime.time | None:
    return None if minute is None else datetime.time(*divmod(int(minute), 60))


def _elevation(form: Form, was: Was) -> dict[str, Any]:
    how = st.segmented_control(
        "Solar elevation",
        [SHADOW, ELEVATION, NO_ELEVATION],
        required=True,
        key=form.start("sun_height", _elevation_source(was)),
    )
    if how == ELEVATION:
        degrees = _number(form, "Solar elevation (°)", "34", was.get("elevation_degrees"))
        error = _error(form, "± (1 sigma), degrees of elevation", was.get("elevation_error_degrees", 2.0), "height")
        return {} if degrees is None else {"elevation_degrees": degrees, "elevation_error_degrees": error}
    if how == NO_ELEVATION:
        return {}
    left, right = st.columns(2)
    with left:
        tall = _number(form, "Object height", "1.8", was.get("object_height"), SHADOW_HELP)
    with right:
        long = _number(form, "Shadow length", "2.6", was.get("shadow_length"), SHADOW_HELP)
    error = _error(form, "± (1 sigma), %", was.get("shadow_error_percent", 10.0), "shadow")
    if tall is None and long is None:
        return {}
    return {"object_height": tall, "shadow_length": long, "shadow_error_percent": error}


def _elevation_source(was: Was) -> str:
    if not was or was["object_height"] is not None:
        return SHADOW
    return NO_ELEVATION if was["elevation_degrees"] is None else ELEVATION


def _direction(form: Form, was: Was) -> dict[str, Any]:
    first = f"the {was['azimuth_of']}" if was.get("azimuth_degrees") is not None else None
    of = st.selectbox("Bearing of", [NOT_SEEN, "the sun", "the shadow"], key=form.start("sun_of", first))
    if of == NOT_SEEN:
        return {}
    degrees = _number(form, "Bearing (° clockwise from north)", "180 is south", was.get("azimuth_degrees"))
    error = _error(form, "± (1 sigma), degrees of bearing", was.get("azimuth_error_degrees", 10.0), "direction")
    if degrees is None:
        return {}
    return {"azimuth_degrees": degrees, "azimuth_error_degrees": error, "azimuth_of": of.removeprefix("the ")}


def _light(form: Form, was: Was) -> dict[str, Any]:
    key = form.start("sun_light", was.get("light"))
    light = st.selectbox("Light", [NOT_SEEN, "day", "dusk", "night"], key=key)
    return {} if light == NOT_SEEN else {"light": light}


def _number(form: Form, label: str, placeholder: str, first: float | None, hint: str | None = None) -> float | None:
    """A number that may be missing."""
    key = form.start(f"sun_{label}", None if first is None else float(first))
    return st.number_input(label, value=None, step=0.1, format=DIGITS, placeholder=placeholder, key=key, help=hint)


def _error(form: Form, label: str, first: float, of: str) -> float:
    return float(st.number_input(label, step=1.0, format=DIGITS, key=form.start(f"sun_error_of_{of}", float(first))))


def _proposed_time() -> ProposedTime | None:
    """When the photo was taken according to its EXIF data: in UTC where it gives its offset, else by the wall clock."""
    entry = state.chosen_photo()
    return time_from_exif(entry.photo.exif.taken_at) if entry is not None else None
