"""Where photos come in: drop, browse, or the sample. Each file is read once; a bad one gets its sentence."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.common import services, state
from dashboard.common.text import plain
from engine.errors import HereaboutsError

SAMPLE = "sample"
HELP = (
    "JPEG, HEIC, PNG, WebP, AVIF, TIFF, GIF or BMP, up to 60 megapixels (JPEG: 130). Photos stay on this machine until "
    "you close the tab."
)


def show() -> None:
    """Draw the uploader and read what is new."""
    files = st.file_uploader("Drop photos here", accept_multiple_files=True, help=HELP, key=state.UPLOADER)
    _forget_removed({file.file_id for file in files})
    _read_new([file for file in files if file.file_id not in state.photos() and file.file_id not in state.refused()])
    sample = services.sample_photo()
    if sample is not None and not state.photos() and st.button("Try the sample photo", width="stretch"):
        with st.spinner("Reading the sample photo"):
            _add(SAMPLE, sample.read_bytes(), sample.name)
        st.rerun()
    for sentence in state.refused().values():
        st.error(plain(sentence), icon=":material/broken_image:")


def _forget_removed(present: set[str]) -> None:
    for gone in {*state.photos(), *state.refused()} - present - {SAMPLE}:
        state.photos().pop(gone, None)
        state.refused().pop(gone, None)


def _read_new(files: Sequence[UploadedFile]) -> None:
    """Read new files one after the other, saying how far it is; leaving the page or a new upload cancels it."""
    if not files:
        return
    bar = st.progress(0.0, "Reading photos")
    for number, file in enumerate(files):
        bar.progress(number / len(files), f"Reading photo {number + 1} of {len(files)}")
        _add(file.file_id, file.getvalue(), file.name)
    bar.empty()


def _add(key: str, data: bytes, name: str) -> None:
    try:
        state.photos()[key] = services.read_photo(data, name)
        st.session_state[state.CHOSEN] = key
        state.choose_place(None)
    except HereaboutsError as error:
        state.refused()[key] = str(error)
