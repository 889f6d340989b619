"""The last line of defence: an error in our own code leaves the case on the page, with a way to go on.

Every page, and every fragment (which Streamlit draws anew by itself), is drawn through ``keep_case``. It catches
errors only; how Streamlit ends or repeats a run is no error and passes through.
"""

import functools
import logging
import traceback
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from dashboard.common import state
from engine.cases.history import History
from engine.cases.writing import case_to_json

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")
LOG = logging.getLogger(__name__)

SENTENCE = "An error interrupted this page. Your photos and evidence are still here."
REMEDY = "Undo the last change, or save the case and reload the page. The details help to report the error."


def keep_case(draw: Callable[Parameters, Value]) -> Callable[Parameters, Value | None]:
    """A function that draws a page or a fragment; what goes wrong in it becomes a card."""

    @functools.wraps(draw)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Value | None:
        try:
            return draw(*args, **kwargs)
        except Exception as error:
            LOG.exception("drawing %s failed", draw.__qualname__)
            _card(draw.__qualname__, error)
            return None

    return guarded


def _card(name: str, error: Exception) -> None:
    st.session_state[state.FAILURE] = f"{name}: {error!r}"
    st.error(f"{SENTENCE} {REMEDY}", icon=":material/error:")
    with st.container(horizontal=True, gap="small"):
        st.button("Try again", key=f"again_{name}", type="primary")
        history = st.session_state.get(state.HISTORY)
        if isinstance(history, History):
            st.download_button(
                "Save case", case_to_json(history.present), file_name="hereabouts.case.json", mime="application/json",
                key=f"rescue_{name}", on_click="ignore",
            )  # fmt: skip
    with st.expander("Details"):
        st.code("".join(traceback.format_exception(error)), language=None, wrap_lines=True)
