"""Point at the photo: an object and its shadow give the sun, boxes say where something is seen."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import streamlit as st
from PIL import Image

from dashboard.common import media, state
from dashboard.common.guard import keep_case
from dashboard.common.media import media_url
from dashboard.common.text import plain
from dashboard.evidence import dialog as evidence_dialog
from dashboard.photo import canvas
from dashboard.photo.canvas import Pair, Tool
from dashboard.signs.worker import cut_out
from engine.cases.case import MOST_STATEMENTS
from engine.errors import HereaboutsError, InputError
from engine.evidence.statements.evidence import LIKELY, Evidence
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.pointing import HEADING_ERROR_DEGREES, PointedShadow, SunAngles, measure_sun
from engine.evidence.sun.proposal import ProposedTime, time_from_exif
from engine.photos.photo import open_photo
from engine.signs.lines import Box, TextLine
from engine.signs.reader import Pixels

Source = Callable[[], bytes]
SWITCH, SEEN, PICTURES = "on_point_at_photo", "photo_seen_here", "photo_pictures"
TOOLS = (
    Tool("object", "Object: foot to top"),
    Tool("shadow", "Shadow: foot to tip"),
    Tool("vertical", "Vertical edge", many=True),
    Tool("mark", "Seen here", many=True),
)
HELP = (
    "Draw an upright object from its foot to its top, then its shadow to the tip, on level ground. Vertical edges, for "
    "instance corners of houses, tell how the camera was held: one or two make the answer sharper. Scroll to zoom."
)
MOST_PICTURES = 3
NOTHING = "nothing yet"
FULL = f"A case holds {MOST_STATEMENTS} statements, and this one has as many; remove one of them first."


def show(entry: state.PhotoEntry, source: Source | None) -> None:
    """Draw the panel of a photo; the photo is opened only when it is asked for.

    Args:
        entry: the photo.
        source: gives the bytes of its file, or None when it is gone.
    """
    if not st.toggle("Point at the photo: shadow, seen here", key=state.start_with(SWITCH, value=False), help=HELP):
        return
    if source is None:
        st.caption("The file of this photo is no longer here; drop it again to point at it.")
        return
    try:
        pixels, jpeg = _picture(entry.photo.sha256, source)
    except HereaboutsError as error:
        st.error(plain(str(error)))
        return
    st.fragment(keep_case(_point))(entry, pixels, jpeg)


def _point(entry: state.PhotoEntry, pixels: Pixels, jpeg: bytes) -> None:
    """The photo on the left, what follows from it on the right."""
    sha256 = entry.photo.sha256
    left, right = st.columns([3, 2], gap="medium")
    size = pixels.shape[1], pixels.shape[0]
    try:
        with left:
            url = media_url(jpeg, "image/jpeg", f"photo.{sha256[:12]}")
            drawn = canvas.show(url, size, TOOLS, f"point_at_{sha256[:12]}", plain(f"Photo {entry.photo.name}"))
        with right:
            _sun(entry, drawn, size)
            _marks(sha256, drawn["mark"], pixels)
    except InputError as error:
        right.error(plain(str(error)))


def _sun(entry: state.PhotoEntry, drawn: Mapping[str, tuple[Pair, ...]], size: tuple[int, int]) -> None:
    """The sun's elevation from what was drawn, and the button that makes evidence of it."""
    st.markdown("**Sun from a shadow**")
    if not drawn["object"] or not drawn["shadow"]:
        st.caption("Draw an upright object from foot to top, then its shadow from foot to tip.")
        return
    foot, top = drawn["object"][0]
    pointed = PointedShadow(
        foot, top, drawn["shadow"][0][1], *size, verticals=drawn["vertical"], focal_mm=entry.photo.exif.focal_mm
    )
    angles = measure_sun(pointed)
    st.markdown(f"Elevation **{angles.elevation_degrees:.1f}° ± {angles.elevation_error_degrees:.1f}°**")
    st.caption(_conditions(pointed, angles))
    observation = _observation(angles, time_from_exif(entry.photo.exif.taken_at), entry.photo.sha256)
    st.caption(plain(SunSeen(observation).sentence()))
    if st.button("Use as evidence", type="primary", key=f"use_sun_{entry.photo.sha256[:12]}"):
        _add(Evidence(state.new_evidence_id(), SunSeen(observation), LIKELY))


def _conditions(pointed: PointedShadow, angles: SunAngles) -> str:
    side = "right" if angles.bearing_degrees >= 0 else "left"
    lens = "the usual 28 mm, unknown" if pointed.focal_mm is None else f"{pointed.focal_mm:g} mm (EXIF)"
    edges = len(pointed.verticals) + 1
    return (
        f"The shadow falls {abs(angles.bearing_degrees):.0f}° ± {angles.bearing_error_degrees:.0f}° to the {side} of "
        f"where the camera looks. Focal length: {lens}. Vertical edges: {edges}."
    )


def _observation(angles: SunAngles, time: ProposedTime | None, sha256: str) -> SunObservation:
    """The observation with the camera's heading where it is known, and with the photo's time where that is wanted."""
    heading = st.number_input(
        "Camera heading (° from true north), if known", 0.0, 360.0, None, step=1.0, placeholder="unknown",
        key=f"heading_{sha256[:12]}", help="With it the direction of the shadow counts as well.",
    )  # fmt: skip
    wanted = time is not None and st.checkbox(
        f"Use the photo's time: {_time_text(time)}", value=True, key=f"sun_time_{sha256[:12]}",
        help="As the camera wrote it; clocks of cameras are often wrong.",
    )  # fmt: skip
    return angles.observation(heading, HEADING_ERROR_DEGREES, time if wanted else None)


def _time_text(time: ProposedTime) -> str:
    hours, minutes = divmod(int(time.minute_of_day), 60)
    clock = "UTC" if time.clock == "utc" else "local time"
    return f"{time.year}-{time.month:02}-{time.day:02} {hours:02}:{minutes:02} {clock}"


def _marks(sha256: str, marks: tuple[Pair, ...], pixels: Pixels) -> None:
    """Cut-outs of the boxes, each with the statement that is seen there."""
    st.markdown("**Seen here**")
    if not marks:
        st.caption("Draw a box around what a statement rests on.")
        return
    sentences = {each.id: each.sentence() for each in state.evidence()}
    seen = _seen(sha256)
    for number, mark in enumerate(marks):
        box = box_of(mark)
        if box is None:
            continue
        picture, words = st.columns([1, 2], vertical_alignment="center")
        picture.image(media.data_url(cut_out(pixels, TextLine("", 1.0, box))), alt=f"Box {number + 1} on the photo")
        known = [*sentences]
        first = known.index(seen[mark]) if seen.get(mark) in sentences else None
        chosen = words.selectbox(
            f"Box {number + 1} shows", known, index=first, format_func=lambda name: plain(sentences[name]),
            placeholder=NOTHING, key=f"seen_{sha256[:12]}_{number}",
        )  # fmt: skip
        if chosen is not None:
            seen[mark] = chosen
    if st.button("Add evidence seen here", icon=":material/add:", key=f"add_seen_{sha256[:12]}"):
        evidence_dialog.add()


def marks_facts(sha256: str) -> list[dict[str, Any]]:
    """Where on a photo statements are seen: ``sentence`` and ``box`` in shares of it, for files."""
    sentences = {each.id: each.sentence() for each in state.evidence()}
    rows = [(sentences[name], box_of(mark)) for mark, name in _seen(sha256).items() if name in sentences]
    return [
        {"sentence": sentence, "box": [round(edge, 5) for edge in (box.left, box.top, box.right, box.bottom)]}
        for sentence, box in rows
        if box is not None
    ]


def box_of(mark: Pair) -> Box | None:
    """The box of two corners, or None where it has no area."""
    (x0, y0), (x1, y1) = mark
    if x0 == x1 or y0 == y1:
        return None
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _add(evidence: Evidence) -> None:
    if len(state.evidence()) >= MOST_STATEMENTS:
        st.error(FULL)
        return
    state.put_evidence((*state.evidence(), replace(evidence, photo=state.evidence_photo())))
    st.rerun()


def _seen(sha256: str) -> dict[Pair, str]:
    """By a box on a photo, the id of the statement that is seen there."""
    of_all = cast(dict[str, dict[Pair, str]], st.session_state.setdefault(SEEN, {}))
    return of_all.setdefault(sha256, {})


def _picture(sha256: str, source: Source) -> tuple[Pixels, bytes]:
    """The photo as it can be looked at, and as a JPEG; the last few are kept."""
    known = cast(dict[str, tuple[Pixels, bytes]], st.session_state.setdefault(PICTURES, {}))
    if sha256 not in known:
        pixels = open_photo(source(), "the photo").pixels
        known[sha256] = pixels, _jpeg(pixels)
        while len(known) > MOST_PICTURES:
            known.pop(next(iter(known)))
    return known[sha256]


def _jpeg(pixels: Pixels) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "JPEG", quality=88)
    return sink.getvalue()
