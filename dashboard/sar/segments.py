"""Segments come in: drawn on the map one after the other, or from files; markers and tracks are offered."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.evidence.draw_map import DrawnCircle, as_area, shape_of
from dashboard.sar import plan_state
from engine.errors import InputError
from engine.evidence.shapes.area_files import NamedArea, Offer, read_area_file
from engine.evidence.shapes.mending import circle_polygon
from engine.evidence.shapes.polygons import Polygon
from engine.evidence.statements.areas import DrawnArea
from engine.search_planning.plan import segments_of

FILES, WIDTH = "plan_files", "plan_offer_width"
DRAW_HELP = "Click the corners on the map; a click on the first one closes the segment. Draw as many as you need."
IMPORT_HELP = "KML, KMZ, GPX, GeoJSON (CalTopo, SARTopo), GeoPackage or a zipped Shapefile."
MOST_OFFERS = 8


def show() -> None:
    """Draw the two ways in, and what the last files offer."""
    count = len(plan_state.current().segments)
    st.markdown(f"**Segments** ({count})" if count else "**Segments**")
    drawing, files = st.columns(2, gap="small")
    drawing.toggle("Draw", key=state.DRAWING, help=DRAW_HELP)
    with files.popover("Import", icon=":material/upload_file:", width="stretch"):
        st.file_uploader(
            "Files with segments", accept_multiple_files=True, key=f"{FILES}_{_turn()}", on_change=_files_given,
            help=IMPORT_HELP,
        )  # fmt: skip
    if st.session_state.get(state.DRAWING):
        st.caption(DRAW_HELP)
    for note in st.session_state.get(state.PLAN_NOTES, ()):
        st.caption(plain(note))
    if plan_state.offers():
        _show_offers(plan_state.offers())


def drawing() -> bool:
    """Whether shapes are being drawn."""
    return bool(st.session_state.get(state.DRAWING))


def take_drawn(drawn: object) -> None:
    """A shape from the map as a segment; for the map's callback."""
    try:
        shape = shape_of(drawn)
        area = as_area(shape, True, "")
    except InputError as error:
        plan_state.tell(str(error))
        return
    polygons: tuple[Polygon, ...]
    if isinstance(shape, DrawnCircle):
        polygons = (circle_polygon(shape.latitude, shape.longitude, shape.radius_km),)
    else:
        polygons = area.polygons if isinstance(area, DrawnArea) else ()
    plan_state.add_areas([NamedArea("", polygons)], fit=False)


def _turn() -> int:
    """Counts imports: an uploader that has done its work is drawn anew and empty."""
    return int(st.session_state.get(f"{FILES}_turn", 0))


def _files_given() -> None:
    files: Sequence[UploadedFile] = st.session_state.get(f"{FILES}_{_turn()}") or ()
    if not files:
        return
    st.session_state[f"{FILES}_turn"] = _turn() + 1
    areas: list[NamedArea] = []
    offered: list[Offer] = []
    notes: list[str] = []
    problems: list[str] = []
    for file in files:
        try:
            found = read_area_file(file.getvalue())
        except InputError as error:
            problems.append(f"{file.name}: {error}")
            continue
        areas += segments_of(found.areas)
        offered += found.offers
        notes += [f"{file.name}: {note}" for note in found.notes]
    if areas:
        plan_state.add_areas(areas)
    plan_state.put_offers(offered)
    st.session_state[state.PLAN_NOTES] = tuple(notes)
    if problems:
        plan_state.tell(" ".join(problems))


def _show_offers(offers: Sequence[Offer]) -> None:
    """Markers and tracks, each with what it may become."""
    kinds = [f"{count} {kind}{'' if count == 1 else 's'}" for kind in ("marker", "track")
             if (count := sum(offer.kind == kind for offer in offers))]  # fmt: skip
    with st.popover(f"Use {' and '.join(kinds)}", icon=":material/add_location_alt:", width="stretch"):
        st.number_input(
            "Width of circles and corridors (m)", min_value=1.0, max_value=100_000.0, step=50.0, format="%.0f",
            key=state.start_with(WIDTH, 200.0),
        )  # fmt: skip
        for number, offer in enumerate(offers[:MOST_OFFERS]):
            _show_offer(number, offer)
        if len(offers) > MOST_OFFERS:
            st.caption(f"And {len(offers) - MOST_OFFERS} more, which come up as these are taken.")
        st.button("Dismiss all", key="plan_offers_away", on_click=_dismiss, type="tertiary")


def _show_offer(number: int, offer: Offer) -> None:
    name = offer.name or ("Marker" if offer.kind == "marker" else "Track")
    st.markdown(f"**{plain(name)}**")
    with st.container(horizontal=True, gap="small"):
        if offer.point is not None:
            st.button("Last known point", key=f"plan_offer_point_{number}", on_click=_as_point, args=(number,))
        title = "Circle" if offer.kind == "marker" else "Corridor"
        st.button(title, key=f"plan_offer_area_{number}", on_click=_as_area, args=(number,))


def _as_point(number: int) -> None:
    offer = plan_state.offers()[number]
    if offer.point is not None:
        plan_state.set_point(*offer.point)
    _drop(number)


def _as_area(number: int) -> None:
    try:
        area = plan_state.offers()[number].as_area(float(st.session_state.get(WIDTH, 200.0)) / 1000.0)
    except InputError as error:
        plan_state.tell(str(error))
        return
    plan_state.add_areas([area])
    _drop(number)


def _drop(number: int) -> None:
    left = list(plan_state.offers())
    left.pop(number)
    plan_state.put_offers(left)


def _dismiss() -> None:
    plan_state.put_offers(())
    st.session_state[state.PLAN_NOTES] = ()
