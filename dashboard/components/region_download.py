"""The region as a file; made only when it is asked for."""

import streamlit as st

from engine.export.vector import geojson_text
from engine.facts import photo_facts, settings_facts
from engine.pipeline import Answer
from engine.region import Region


def show(answer: Answer, region: Region) -> None:
    """Draw the download button."""

    def content() -> str:
        return geojson_text(region, {"photo": photo_facts(answer), **settings_facts(answer)})

    st.download_button(
        "Download region (GeoJSON)",
        content,
        file_name=f"region-{answer.photo.sha256[:12]}.geojson",
        mime="application/geo+json",
        on_click="ignore",
        width="stretch",
        icon=":material/download:",
    )
