"""Entry point of the dashboard: page frame and navigation. Started by ``hereabouts``."""

import streamlit as st

from dashboard import media, state
from dashboard.components import upload
from dashboard.icon import page_icon
from dashboard.screens import evaluate, locate, models

media.keep_alive()
state.keep_choices()
st.set_page_config(page_title="Hereabouts", page_icon=page_icon(), layout="wide")
page = st.navigation(
    [
        st.Page(locate.show, title="Locate", icon=":material/travel_explore:", default=True),
        st.Page(evaluate.show, title="Evaluate", icon=":material/monitoring:", url_path="evaluate"),
        st.Page(models.show, title="Models", icon=":material/deployed_code:", url_path="models"),
    ]
)
with st.sidebar:  # here and not on a page: an uploader that is not drawn in a run forgets its files
    upload.show()
page.run()
