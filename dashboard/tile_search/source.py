"""Which imagery is searched: what it is called, what its terms are, how deep it goes, and who would be asked."""

from dataclasses import dataclass

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.evaluate import results as evaluate_results
from dashboard.tile_search import sources as search_sources
from engine.errors import HereaboutsError
from engine.tile_search.imagery import SourceRecord, levels_of
from engine.tile_search.sources.opening import BUILTIN
from engine.tile_search.sources.xyz import OWN_TEMPLATE_WARNING

FILE, TEMPLATE = "file", "template"
OTHERS = {FILE: "Local file (MBTiles, PMTiles, GeoTIFF)", TEMPLATE: "Custom tile server"}
SERVER_WARNING = (
    "This imagery is on a server. A search requests hundreds of tiles around the locations that your photo may show, "
    "so the server learns these locations and your network address. The photo stays on this machine. Nothing is "
    "requested before you press Search; fetched tiles are cached and not requested again."
)


@dataclass(frozen=True)
class Chosen:
    """The imagery that was chosen.

    Attributes:
        source: as ``open_source`` wants it.
        record: what it says of itself.
        max_zoom: deepest zoom of a template.
        allow_local: whether it may be a server of this machine or network.
    """

    source: str
    record: SourceRecord
    max_zoom: int = 16
    allow_local: bool = False


def show() -> Chosen | None:
    """Draw the choice and what there is to know; None while there is nothing that could be searched."""
    titles = {name: record.title for name, record in search_sources.named_sources().items()} | OTHERS
    chosen = st.selectbox(
        "Imagery", list(titles), format_func=titles.__getitem__, key=state.start_with(state.SEARCH_SOURCE, BUILTIN)
    )
    source = {FILE: _file, TEMPLATE: _template}.get(chosen, lambda: chosen)()
    if not source:
        return None
    own = chosen == TEMPLATE
    found = _describe(source, _zoom() if own else 16)
    if found is None:
        return None
    _about(found)
    if search_sources.is_server(source) and not own:
        st.warning(SERVER_WARNING, icon=":material/cloud_upload:")
    return Chosen(source, found, _zoom(), own and bool(st.session_state.get(state.SEARCH_LOCAL)))


def _file() -> str:
    path = st.text_input(
        "Path on this machine", key=state.SEARCH_FILE, placeholder="imagery.pmtiles",
        help="An .mbtiles, .pmtiles, .tif or .tiff file; opened read-only.",
    )  # fmt: skip
    if not path.strip():
        return ""
    try:
        return str(evaluate_results.folder_of(path))
    except HereaboutsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return ""


def _template() -> str:
    """The warning first; the box opens when it was read."""
    st.warning(f"{OWN_TEMPLATE_WARNING} The photo stays on this machine.", icon=":material/cloud_upload:")
    agreed = st.checkbox("I have read this, and the server's terms allow it", key=state.SEARCH_AGREED)
    text = st.text_input(
        "Tile URL template", key=state.SEARCH_TEMPLATE, placeholder="https://server/{z}/{x}/{y}.png",
        disabled=not agreed, help="Must contain {z}, {x} and {y}; use {-y} for TMS rows counted from the south.",
    )  # fmt: skip
    st.checkbox("The server is on my own machine or network", key=state.SEARCH_LOCAL, disabled=not agreed)
    st.number_input("Maximum zoom", 0, 24, key=state.start_with(state.SEARCH_ZOOM, 16), disabled=not agreed, step=1)
    return text.strip() if agreed else ""


def _zoom() -> int:
    return int(st.session_state.get(state.SEARCH_ZOOM, 16))


def _describe(source: str, max_zoom: int) -> SourceRecord | None:
    """What it says of itself, with at least one level to search; or the sentence that says why not."""
    try:
        record = search_sources.described(source, max_zoom)
        levels_of(record)
    except HereaboutsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    return record


def _about(record: SourceRecord) -> None:
    lines = [
        f"**{plain(record.title)}**, zoom {record.min_zoom} to {record.max_zoom}. {plain(record.note)}".strip(),
        f"Imagery: {plain(record.attribution)}",
        f"Terms: {plain(record.terms)}",
    ]
    st.caption("  \n".join(lines))
