"""Entry point of the dashboard: page frame and navigation. Started by ``hereabouts``."""

import streamlit as st

from dashboard.common import media, state
from dashboard.common.icon import page_icon
from dashboard.evaluate import screen as evaluate
from dashboard.locate import screen as locate
from dashboard.locate import upload
from dashboard.models import screen as models
from dashboard.tile_search import screen as tile_search
from dashboard.tile_search import use as search_use

STYLE = """
[data-testid="stMainBlockContainer"] { padding: 4rem clamp(1.5rem, 4vw, 5rem) 3rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; margin-bottom: 0; }
@media (max-width: 1000px) {
  .stApp:not(:has([data-testid="stExpandSidebarButton"])) :is(
    [data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] > * > [data-testid="stHorizontalBlock"],
    [data-testid="stHorizontalBlock"]:has([data-testid="stBidiComponentRegular"])
  ) > [data-testid="stColumn"] { min-width: 100%; }
}
"""
"""The globe is what one comes for: less empty space above it than Streamlit leaves. And beside an open sidebar on a
narrow window what stands side by side is put one below the other, as Streamlit does on a phone."""

DARK_STYLE = """
[data-testid="stBaseButton-primary"], [data-testid="stMultiSelectTagsContainer"] span { color: #0b1a2b; }
"""
"""Streamlit writes in white on the primary colour, which is bright in the dark theme: 1.9:1. This is 9:1."""

media.keep_alive()
state.keep_choices()
st.set_page_config(page_title="Hereabouts", page_icon=page_icon(), layout="wide")
locate_page = st.Page(locate.show, title="Locate", icon=":material/travel_explore:", default=True)
st.session_state[state.LOCATE_PAGE] = locate_page
page = st.navigation(
    [
        locate_page,
        st.Page(tile_search.show, title="Tile search", icon=":material/grid_view:", url_path="tile-search"),
        st.Page(evaluate.show, title="Evaluate", icon=":material/monitoring:", url_path="evaluate"),
        st.Page(models.show, title="Models", icon=":material/deployed_code:", url_path="models"),
    ]
)
st.html(f"<style>{STYLE}{DARK_STYLE if st.context.theme.type == 'dark' else ''}</style>")
with st.sidebar:  # here and not on a page: an uploader that is not drawn in a run forgets its files
    upload.show()
search_use.arrive()
page.run()
