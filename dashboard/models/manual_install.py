"""How to supply models without a network, and where they lie."""

import streamlit as st

from engine.artifacts.store import Store

HOW = """
Download the files on any computer from the sources that each card names, and put them into a folder in one of these
layouts, or both:

- `<model>/<file>` with the names that each card lists under *Files*,
- a clone from the Hugging Face hub, `<owner>/<name>/<file>`, or a hub cache, `models--<owner>--<name>`.

Set the environment variable `HEREABOUTS_MODELS` to that folder before you start Hereabouts (it is opened read-only), or
use the folder below. Each file is checked before use; a file that could run code is never opened.
"""


def show(store: Store) -> None:
    """Draw the explanation in a closed expander."""
    with st.expander("Offline: add files manually", icon=":material/folder_open:"):
        st.markdown(HOW)
        st.caption("Folder of fetched models")
        st.code(str(store.root), language=None)
        if store.by_hand is not None:
            st.caption("Your own folder (HEREABOUTS_MODELS)")
            st.code(str(store.by_hand), language=None)
