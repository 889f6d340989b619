"""Where results come from: a folder of stored ones, or a manifest that is evaluated now."""

from pathlib import Path

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.evaluate import manifest as evaluate_manifest
from dashboard.evaluate import results as evaluate_results

STORED, MANIFEST = "Stored results", "Evaluate a manifest"


def show() -> str:
    """Draw the choice and its controls; the folder whose results are looked at, empty while there is none."""
    source = st.segmented_control(
        "Where results come from", [STORED, MANIFEST], required=True,
        key=state.start_with(state.EVALUATE_SOURCE, STORED),
        label_visibility="collapsed",
    )  # fmt: skip
    if source == MANIFEST:
        evaluate_manifest.show()
    else:
        _choose_folder()
    return str(st.session_state.get(state.EVALUATE_FOLDER, ""))


def _choose_folder() -> None:
    folder, recent = st.columns([3, 2])
    folder.text_input(
        "Folder of stored results on this machine", key=state.EVALUATE_FOLDER, placeholder="evaluation",
        help="The --out folder of `hereabouts evaluate`.",
    )  # fmt: skip
    known = evaluate_results.remembered()
    if known:
        recent.selectbox(
            "Recent results", known, index=None, placeholder="Choose a folder", key=state.EVALUATE_RECENT,
            format_func=_short, on_change=_use_recent,
        )  # fmt: skip


def _short(text: str) -> str:
    """The end of a path, which tells folders apart."""
    parts = Path(text).parts
    return text if len(parts) <= 3 else str(Path("…", *parts[-3:]))


def _use_recent() -> None:
    chosen = st.session_state[state.EVALUATE_RECENT]
    if chosen is not None:
        st.session_state[state.EVALUATE_FOLDER] = chosen


def empty() -> None:
    """What to do while nothing is looked at, in two sentences."""
    st.info(
        "Enter a results folder of `hereabouts evaluate`, or evaluate a manifest here: a CSV of photos with known "
        "locations (id, lat, lon and, if there are files, path). "
        "The page shows how often regions of each size contained the true location; Locate can then report it.",
        icon=":material/monitoring:",
    )


def refused(sentence: str) -> None:
    """Why a folder cannot be shown."""
    st.error(plain(sentence), icon=":material/folder_off:")
