"""Where everything on the page comes from: predictors, layers, licences, caveats, intended use."""

import streamlit as st

from dashboard.components.text import plain
from dashboard.components.welcome import USE
from engine.layers.builtin import records
from engine.pipeline import Answer, prior_record


def show(answer: Answer) -> None:
    """Draw the sources in a closed expander and the intended use below."""
    with st.expander("Sources, licences and caveats"):
        for record in [prior_record(), *(outcome.record for outcome in answer.outcomes)]:
            st.markdown(f"**{plain(record.title)}** - {plain(record.summary)} *Licence:* {plain(record.licence)}.")
        for layer in records():
            licences = ", ".join(dict.fromkeys(layer.licences))
            st.markdown(
                f"**{plain(layer.title)}** - {plain(layer.description)} **{plain(layer.caveat)}** "
                f"*Licences:* {plain(licences)}."
            )
    st.caption(USE)
