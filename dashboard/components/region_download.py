"""The answer as a file: one format is chosen, one button saves it; nothing is made before it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from dashboard import state
from dashboard.components import report_map
from engine.export.contents import contents_of
from engine.export.files import EXPORTS, Export, export_bytes
from engine.facts import answer_facts
from engine.pipeline import Answer
from engine.places import Place
from engine.region import Region

GRID_STEPS = {1: "full resolution", 3: "a third", 10: "a tenth"}
ABOUT = {
    ".geojson": "The region, for any map program.",
    ".kml": "The region and the places, for Google Earth.",
    ".gpkg": "Region, places and settings as layers, for QGIS and ArcGIS.",
    ".tif": "The probability of the whole Earth as a raster, for QGIS and ArcGIS.",
    ".csv": "The places as a table, for a spreadsheet.",
    ".gpx": "The places as waypoints, for a GPS receiver.",
    ".html": "Everything on one page that opens without a network.",
}


@dataclass(frozen=True)
class _Extras:
    """What a format may hold besides the answer."""

    photo: bool = False
    satellite_map: bool = False
    step: int = 1


def show(answer: Answer, region: Region, claim: tuple[float, float] | None = None) -> None:
    """Draw the choice of the format and the button; a claimed place, degrees, goes into the file with its check."""
    places: tuple[Place, ...] = st.session_state.get(state.SHOWN_PLACES, ())
    export = EXPORTS[st.selectbox("Save as", list(EXPORTS), format_func=lambda suffix: EXPORTS[suffix].title)]
    extras = _extras(export, answer)
    entry = state.chosen_photo()
    thumbnail = entry.thumbnail if extras.photo and entry is not None else None
    # As ``export_name`` has it, without the digest of the region: that would be worked out in every slider tick.
    name = f"hereabouts-{answer.photo.sha256[:12] or 'evidence'}{export.suffix}"
    st.download_button(
        f"Download {export.what}", _maker(answer, region, places, claim, export, extras, thumbnail),
        file_name=name, mime=export.media_type, on_click="ignore", width="stretch", icon=":material/download:",
    )  # fmt: skip
    st.caption(ABOUT[export.suffix])


def _extras(export: Export, answer: Answer) -> _Extras:
    """The options of a format, if it has any."""
    if export.suffix == ".html":
        photo, satellite = st.columns(2)
        return _Extras(
            photo.checkbox("with photo", help="A small copy of the photo without its metadata."),
            satellite.checkbox("with map", help="A map whose satellite pictures load from the network when opened."),
        )
    if export.suffix == ".tif":
        grid = answer.world.overlay.grid
        fits = [step for step in GRID_STEPS if grid.rows % step == 0 and grid.columns % step == 0]
        texts = {step: f"{grid.rows // step:,} x {grid.columns // step:,}, {GRID_STEPS[step]}" for step in fits}
        return _Extras(step=st.selectbox("Pixels", fits, format_func=texts.__getitem__))
    return _Extras()


def _maker(
    answer: Answer,
    region: Region,
    places: tuple[Place, ...],
    claim: tuple[float, float] | None,
    export: Export,
    extras: _Extras,
    thumbnail: bytes | None,
) -> Callable[[], bytes]:
    """What makes the file; it runs outside of the page and may not ask the session for anything."""

    def made() -> bytes:
        contents = contents_of(answer, region, answer_facts(answer, region, places, claim))
        contents = replace(contents, raster_step=extras.step, thumbnail_jpeg=thumbnail)
        if extras.satellite_map:
            page, hosts = report_map.page(region, places)
            contents = replace(contents, map_html=page, map_hosts=hosts)
        return export_bytes(contents, export)

    return made
