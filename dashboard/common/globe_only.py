"""The map with one layer as heat and no region."""

from typing import Literal

import streamlit as st

from dashboard.common import map_component, services
from dashboard.common.guard import keep_case
from dashboard.maps.map_values import Look, MapView, RankedLayer
from dashboard.maps.views import View
from engine.inference.search_map import SearchMap

HEIGHT = 600
NAME = "shown"


@st.fragment
@keep_case
def show(search_map: SearchMap, title: str, view: View, height: int | Literal["fill"] = HEIGHT) -> None:
    """Draw the map; its legend lies on it.

    A fragment: what the map sends while it starts must not draw the page anew, which would close an open dialog.
    """
    services.prepare_cells(search_map.overlay)
    shown = MapView(
        label=f"Map with the {title} as heat",
        title=title,
        layers=(RankedLayer(NAME, title, lambda: search_map),),
        camera=view,
        look=Look(under=NAME),
        height=height,
    )
    map_component.show(shown, "welcome_map")
