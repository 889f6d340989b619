"""Where everything on the page comes from: predictors, layers, licences, caveats, intended use."""

import streamlit as st

from dashboard.common.text import plain
from dashboard.locate.welcome import USE
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.layers.builtin import records
from engine.locate.result import Answer


def show(answer: Answer) -> None:
    """Draw the sources in a closed expander and the intended use below."""
    with st.expander("Sources, licences and caveats"):
        for record in [PRIOR_RECORD, *(outcome.record for outcome in answer.outcomes)]:
            st.markdown(f"**{plain(record.title)}** - {plain(record.summary)} *Licence:* {plain(record.licence)}.")
        for layer in answer.world.layers:
            st.markdown(
                f"**{plain(layer.title)}** - layer in use: {plain(layer.origin)}, {plain(layer.resolution)}. "
                f"**{plain(layer.caveat)}** *Licence:* {plain(layer.licence)}."
            )
        for picture in records():
            if picture.name not in {layer.name for layer in answer.world.layers}:
                licences = ", ".join(dict.fromkeys(picture.licences))
                st.markdown(f"**{plain(picture.title)}** - {plain(picture.description)} *Licences:* {plain(licences)}.")
    st.caption(USE)
