"""The photo that is looked at, and what its file says; a position in it is withheld until it is asked for."""

import streamlit as st

from dashboard.common import media, state
from dashboard.common.text import plain
from engine.locate.result import Answer
from engine.photos.exif import GpsFact


def show(entry: state.PhotoEntry, answer: Answer) -> None:
    """Draw the photo, and below it what its file says."""
    st.image(media.data_url(entry.thumbnail), width="stretch", alt=entry.photo.name)
    with st.expander(plain(entry.photo.name)):
        size = f"{entry.photo.width} x {entry.photo.height} pixels, SHA-256 {entry.photo.sha256[:16]}…"
        facts = _metadata_lines(entry) or ["No camera or time in the metadata."]
        st.text("\n".join([size, *facts]))
        _show_gps(entry, answer)


def _metadata_lines(entry: state.PhotoEntry) -> list[str]:
    exif = entry.photo.exif
    rows = {
        "Camera": exif.camera,
        "Lens": exif.lens,
        "Taken": f"{exif.taken_text} {exif.utc_offset}".strip(),
        "Software": exif.software,
    }
    return [f"{name}: {value}" for name, value in rows.items() if value]


def _show_gps(entry: state.PhotoEntry, answer: Answer) -> None:
    gps = entry.photo.exif.gps
    if gps is None:
        partial = any("GPS position" in note for note in entry.photo.notes)
        found = (
            "No usable GPS position in the metadata; see the note." if partial else "No GPS position in the metadata."
        )
        st.caption(f":material/location_off: {found}")
        return
    st.caption(":material/visibility_off: The metadata contain a GPS position. It is withheld: no predictor uses it.")
    if st.toggle("Reveal it and compare it with the map", key=f"{state.REVEAL_GPS}_{entry.photo.sha256[:12]}"):
        _compare_gps(gps, answer)


def _compare_gps(gps: GpsFact, answer: Answer) -> None:
    reach = answer.search_map.area_to_reach(gps.latitude, gps.longitude)
    st.text(f"{gps.latitude:.5f}, {gps.longitude:.5f} ({gps.how})")
    st.markdown(f"Rank: after **{reach:,.0f} km²**.")
