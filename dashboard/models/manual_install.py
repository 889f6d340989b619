"""How to supply models without a network, and where they lie."""

import streamlit as st

from engine.artifacts.store import Store

HOW = """
Fetch the files on any computer, from the sources that each card names, and put them into a folder in one of these
layouts; both may stand beside each other:

- `<model>/<file>` with the names that each card lists under *Files*,
- a clone from the hub, `<owner>/<name>/<file>`, or a hub cache, `models--<owner>--<name>`.

Set the environment variable `HEREABOUTS_MODELS` to that folder before you start Hereabouts - it is only read - or fill
the folder below. Each file is checked before it is used; a file that would run code is never opened.
"""


def show(store: Store) -> None:
    """Draw the explanation in a closed expander."""
    with st.expander("Without a network: put files in by hand", icon=":material/folder_open:"):
        st.markdown(HOW)
        st.caption("Fetched models lie in")
        st.code(str(store.root), language=None)
        if store.by_hand is not None:
            st.caption("Your own folder (HEREABOUTS_MODELS)")
            st.code(str(store.by_hand), language=None)
