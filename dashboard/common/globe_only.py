"""A globe with one heat layer and nothing to press."""

import streamlit as st

from dashboard.common import legend
from dashboard.common.media import asset_url, media_url
from dashboard.maps.globe import globe_deck
from dashboard.maps.layers import ImageLayer
from dashboard.maps.pictures import heat_picture, heat_picture_legend
from dashboard.maps.views import View
from engine.inference.search_map import SearchMap

HEIGHT = 560


def show(search_map: SearchMap, title: str, view: View) -> None:
    """Draw the globe and its legend."""
    heat = ImageLayer("heat", media_url(heat_picture(search_map), "image/png", "welcome"))
    deck = globe_deck(asset_url("basemap/blue_marble.webp"), [heat], asset_url("basemap/lines.png"), (), view)
    st.pydeck_chart(deck, key="welcome_map", height=HEIGHT, alt=f"A globe with the {title} as heat")
    legend.show(heat_picture_legend(title))
