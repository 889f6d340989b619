"""Entry point of the dashboard: page frame and navigation. Started by ``hereabouts``."""

import streamlit as st

from dashboard import media
from dashboard.icon import page_icon
from dashboard.pages import locate

media.keep_alive()
st.set_page_config(page_title="Hereabouts", page_icon=page_icon(), layout="wide")
st.navigation([st.Page(locate.show, title="Locate", icon=":material/travel_explore:", default=True)]).run()
