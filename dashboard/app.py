"""Entry point of the dashboard: page frame and navigation. Started by ``hereabouts``."""

import streamlit as st

from dashboard.common import frame, media, state
from dashboard.common.guard import keep_case
from dashboard.common.icon import page_icon
from dashboard.evaluate import screen as evaluate
from dashboard.locate import screen as locate
from dashboard.locate import upload
from dashboard.models import screen as models
from dashboard.tile_search import screen as tile_search
from dashboard.tile_search import use as search_use

media.keep_alive()
state.keep_choices()
st.set_page_config(page_title="Hereabouts", page_icon=page_icon(), layout="wide")
locate_page = st.Page(keep_case(locate.show), title="Locate", icon=":material/travel_explore:", default=True)
st.session_state[state.LOCATE_PAGE] = locate_page
page = st.navigation(
    [
        locate_page,
        st.Page(keep_case(tile_search.show), title="Tile search", icon=":material/grid_view:", url_path="tile-search"),
        st.Page(keep_case(evaluate.show), title="Evaluate", icon=":material/monitoring:", url_path="evaluate"),
        st.Page(keep_case(models.show), title="Models", icon=":material/deployed_code:", url_path="models"),
    ],
    position="top",
)
frame.apply_style()
with st.sidebar:  # here and not on a page: an uploader that is not drawn in a run forgets its files
    upload.show()
search_use.arrive()
page.run()
