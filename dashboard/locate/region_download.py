"""The answer as a file: one format is chosen, one button saves it; nothing is made before it is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.common import state
from dashboard.locate import report_map
from dashboard.maps.pictures import beside
from dashboard.photo.panel import marks_facts
from dashboard.signs.worker import signs_facts
from engine.export.contents import contents_of
from engine.export.files import EXPORTS, Export, export_bytes
from engine.export.json_result import answer_facts, joint_facts
from engine.export.s2_tokens import FINEST_LEVEL, USUAL_CELLS, usual_level
from engine.inference.candidates import Candidate
from engine.inference.region import Region
from engine.locate.multi_photo import JointAnswer
from engine.locate.result import Answer

GRID_STEPS = {1: "full resolution", 3: "1/3 resolution", 10: "1/10 resolution"}
ABOUT = {
    ".geojson": "The region, for any GIS or web map.",
    ".kml": "The region and the candidate locations, for Google Earth.",
    ".gpkg": "Region, candidate locations and settings as layers, for QGIS and ArcGIS.",
    ".tif": "The global probability map as a raster, for QGIS and ArcGIS.",
    ".csv": "The candidate locations as a table, for a spreadsheet.",
    ".gpx": "The candidate locations as waypoints, for a GPS receiver.",
    ".s2": "The region as S2 cell tokens (CSV: token, level, area), for databases indexed by S2.",
    ".html": "A self-contained report that opens offline.",
}


@dataclass(frozen=True)
class _Extras:
    """What a format may hold besides the answer."""

    photo: bool = False
    satellite_map: bool = False
    step: int = 1
    s2_level: int | None = None


def show(
    answer: Answer, region: Region, claim: tuple[float, float] | None = None, joint: JointAnswer | None = None
) -> None:
    """Draw the choice of the format and the button.

    Args:
        answer: what is saved.
        region: the region that is shown.
        claim: a claimed place, degrees; it goes into the file with its check.
        joint: how the answer was pooled from several photos; the file says so.
    """
    places: tuple[Candidate, ...] = st.session_state.get(state.SHOWN_PLACES, ())
    export = EXPORTS[st.selectbox("Export format", list(EXPORTS), format_func=lambda suffix: EXPORTS[suffix].title)]
    extras = _extras(export, answer, region, "photo" if joint is None else "photos")
    # As ``export_name`` has it, without the digest of the region: that would be worked out in every slider tick.
    name = f"hereabouts-{'together' if joint is not None else answer.photo.sha256[:12] or 'evidence'}{export.suffix}"
    digests = _digests(answer, joint)
    marks = [mark for digest in digests for mark in marks_facts(digest)]
    asked = _Asked(answer, joint, region, places, claim, signs_facts(digests), marks)
    st.download_button(
        f"Download {export.what}", _maker(asked, export, extras, _small(joint)),
        file_name=name, mime=export.media_type, on_click="ignore", width="stretch", icon=":material/download:",
    )  # fmt: skip
    st.caption(ABOUT[export.suffix])


def _digests(answer: Answer, joint: JointAnswer | None) -> list[str]:
    """The photos that the answer is of."""
    return [answer.photo.sha256] if joint is None else [share.photo.sha256 for share in joint.shares]


def _small(joint: JointAnswer | None) -> tuple[bytes, ...]:
    """Small copies of the photos that the answer is of."""
    entry = state.chosen_photo()
    entries = [entry] if joint is None and entry is not None else list(state.photos().values())
    return tuple(each.thumbnail for each in entries)


def _extras(export: Export, answer: Answer, region: Region, photos: str) -> _Extras:
    """The options of a format, if it has any."""
    if export.suffix == ".html":
        photo, satellite = st.columns(2)
        return _Extras(
            photo.checkbox(f"Include {photos}", help=f"Adds a small copy of the {photos}, without metadata."),
            satellite.checkbox(
                "Include map", help="Adds a map whose satellite imagery loads from the network when opened."
            ),
        )
    if export.suffix == ".tif":
        grid = answer.world.overlay.grid
        fits = [step for step in GRID_STEPS if grid.rows % step == 0 and grid.columns % step == 0]
        texts = {step: f"{grid.rows // step:,} x {grid.columns // step:,}, {GRID_STEPS[step]}" for step in fits}
        return _Extras(step=st.selectbox("Pixels", fits, format_func=texts.__getitem__))
    if export.suffix == ".s2":
        finest = min(usual_level(region.area_km2) + 2, FINEST_LEVEL)
        hint = "Finer cells follow the outline of the region more closely."
        return _Extras(
            s2_level=st.selectbox("S2 level", [None, *range(finest + 1)], format_func=_level_text, help=hint)
        )
    return _Extras()


def _level_text(level: int | None) -> str:
    return f"automatic, some {USUAL_CELLS} cells" if level is None else str(level)


@dataclass(frozen=True, eq=False)
class _Asked:
    """What goes into the file."""

    answer: Answer
    joint: JointAnswer | None
    region: Region
    places: tuple[Candidate, ...]
    claim: tuple[float, float] | None
    signs: dict[str, Any] | None = None
    marks: Sequence[dict[str, Any]] = ()

    def facts(self) -> dict[str, Any]:
        """The answer as plain values."""
        asked = self.region, self.places, self.claim
        facts = answer_facts(self.answer, *asked) if self.joint is None else joint_facts(self.joint, *asked)
        more = {"signs": self.signs, "marks": list(self.marks)}
        return {**facts, **{name: value for name, value in more.items() if value}}


def _maker(asked: _Asked, export: Export, extras: _Extras, photos: tuple[bytes, ...]) -> Callable[[], bytes]:
    """What makes the file; it runs outside of the page and may not ask the session for anything."""

    def made() -> bytes:
        contents = contents_of(asked.answer, asked.region, asked.facts())
        thumbnail = beside(photos) if extras.photo and photos else None
        contents = replace(contents, raster_step=extras.step, s2_level=extras.s2_level, thumbnail_jpeg=thumbnail)
        if extras.satellite_map:
            page, hosts = report_map.page(asked.region, asked.places)
            contents = replace(contents, map_html=page, map_hosts=hosts)
        return export_bytes(contents, export)

    return made
