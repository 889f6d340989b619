"""The case as a whole: undo and redo, save, open, link, title and notes."""

from collections.abc import Sequence

import streamlit as st

from dashboard.cases import state as case_state
from dashboard.common import services, state
from dashboard.common.text import plain
from engine.cases.case import Case
from engine.cases.permalink import from_token, length_note, to_token
from engine.cases.reading import LARGEST_FILE, case_from_json
from engine.errors import HereaboutsError, InputError
from engine.locate.locator import Locator

PARAMETER, FILE = "case", "case_file"
UNDO_HELP = "Undo the last change to evidence, weights, region, candidates or claim"
REDO_HELP = "Redo the last undone change"
LINK_HELP = "Opens this case in another window or on another machine; carries everything except photos and file names."


def open_link(locator: Locator) -> None:
    """Open the case of the address, once; before any choice is drawn."""
    token = st.query_params.get(PARAMETER)
    if token is None or st.session_state.get(state.OPENED_LINK) == token:
        return
    st.session_state[state.OPENED_LINK] = token
    try:
        case_state.open_case(from_token(token), locator)
    except InputError as error:
        st.session_state[state.CASE_TOLD] = str(error)


def show(saving: case_state.Saving) -> None:
    """Draw undo, redo and the menu of the case.

    The map reruns without the bar, so neither button may depend on the steps as they were when the bar was drawn; and
    the menu draws the page anew when it opens, so that what is saved is what is seen. The keys are not Ctrl+Z, which
    would take back a step of the case while somebody corrects a word in a box.
    """
    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", width="content"):
        with st.container(key="undo_redo", horizontal=True, gap="xsmall"):
            st.button("Undo", icon=":material/undo:", on_click=_undo, help=UNDO_HELP, shortcut="Alt+Z")
            st.button("Redo", icon=":material/redo:", on_click=_redo, help=REDO_HELP, shortcut="Alt+Shift+Z")
        menu = st.popover("Case", icon=":material/folder_open:", key=state.CASE_MENU, on_change="rerun")
        if menu.open:
            with menu:
                _case_menu(saving)


def _undo() -> None:
    done = case_state.undo()
    st.toast(plain(f"Undone: {done}" if done else "Nothing to undo."), icon=":material/undo:")


def _redo() -> None:
    done = case_state.redo()
    st.toast(plain(f"Redone: {done}" if done else "Nothing to redo."), icon=":material/redo:")


def _case_menu(saving: case_state.Saving) -> None:
    """Title, notes, and the three ways in and out."""
    case = saving.case
    st.text_input("Title", key=state.CASE_TITLE, max_chars=200)
    st.text_area("Notes", key=state.CASE_NOTES, max_chars=10_000, height=90)
    st.download_button(
        "Save case", saving.text, file_name=_file_name(case), mime="application/json",
        on_click="ignore", icon=":material/save:", width="stretch",
        help="Photo hashes, evidence, weights, region and view. No pixels and no EXIF position.",
    )  # fmt: skip
    st.file_uploader(
        "Open a case",
        type=["json"],
        key=FILE,
        on_change=_open_uploaded_case,
        max_upload_size=LARGEST_FILE // 1_000_000 + 1,
    )
    if st.button("Link to this case", icon=":material/link:", width="stretch", help=LINK_HELP):
        _link(case)


def _link(case: Case) -> None:
    try:
        token = to_token(case)
    except InputError as error:
        st.error(plain(str(error)))
        return
    st.session_state[state.OPENED_LINK] = token  # it is this case: a reload opens it, this window needs not
    st.query_params[PARAMETER] = token
    st.caption("The link is now in this window's address bar; copy it from there or from here.")
    st.code(f"?{PARAMETER}={token}", language=None, wrap_lines=True)
    if note := length_note(token):
        st.caption(note)


def _open_uploaded_case() -> None:
    """A file was chosen: open it, or say in one sentence why not; the case as it is stays."""
    file = st.session_state.get(FILE)
    if file is None:
        return
    try:
        case_state.open_case(case_from_json(file.getvalue()), services.locator())
        _dismiss_error()
    except HereaboutsError as error:
        st.session_state[state.CASE_TOLD] = str(error)


def show_problems(notes: Sequence[str] = ()) -> None:
    """Draw what stands in the way of the last case that was opened, and what differs on this machine."""
    if told := st.session_state.get(state.CASE_TOLD, ""):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.error(plain(told), icon=":material/folder_off:")
            st.button(
                "",
                icon=":material/close:",
                type="tertiary",
                key="case_told_away",
                help="Close",
                on_click=_dismiss_error,
            )
    absent = case_state.missing()
    if absent:
        names = ", ".join(photo.words for photo in absent[:5]) + (" and more" if len(absent) > 5 else "")
        st.info(
            plain(f"This case refers to photos that are not loaded: {names}. Drop them in on the left to see its map.")
        )
    for note in notes:
        st.caption(plain(note))


def _dismiss_error() -> None:
    st.session_state.pop(state.CASE_TOLD, None)


def _file_name(case: Case) -> str:
    kept = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in case.title.lower())
    return f"{'-'.join(part for part in kept.split('-') if part)[:40] or 'hereabouts'}.case.json"
