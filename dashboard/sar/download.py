"""The plan as files: one button a format; a file is made when it is asked for."""

from functools import partial

import streamlit as st

from engine.export.plan_contents import PlanContents
from engine.export.plan_files import PLAN_EXPORTS, plan_bytes

ABOUT = {
    ".kml": "Folders for Google Earth and every GIS",
    ".geojson": "For CalTopo and SARTopo, with titles and folders",
    ".gpx": "Waypoints and tracks, for receivers",
    ".csv": "The table of segments",
}


def show(contents: PlanContents) -> None:
    """Draw the buttons."""
    st.markdown("**Last known point, rings, segments and assignments**")
    for suffix, export in PLAN_EXPORTS.items():
        st.download_button(
            export.title, partial(plan_bytes, contents, export), file_name=f"search-plan{suffix}",
            mime=export.media_type, key=f"plan_download{suffix}", on_click="ignore", width="stretch",
            help=ABOUT[suffix], icon=":material/download:",
        )  # fmt: skip
    st.caption("A planning aid, not for sole use.")
