"""Several photos of one place: the switch, how alike they are, and which of them does not seem to belong."""

import streamlit as st

from dashboard import state
from dashboard.components.text import plain
from engine.together import JointAnswer, PhotoShare, effective_photos

HELP = (
    "One map for all photos. Photos of one place share camera, hour and street, so each counts less than it would by "
    "itself; the prior and your evidence count once."
)
ALIKE_HELP = "0 %: each photo is new information. 100 %: all of them together say what one says."


def show() -> None:
    """Draw the switch where there are several photos."""
    many = len(state.photos())
    if many < 2:
        return
    if not st.toggle(f"These {many} photos show one place", key=state.TOGETHER, help=HELP):
        return
    percent = st.slider(
        "How alike are they?", 0, 100, step=5, format="%d %%", key=state.start_with(state.DEPENDENCE, 50),
        help=ALIKE_HELP,
    )  # fmt: skip
    st.caption(f"They count as {effective_photos(many, percent / 100):.1f} independent photos.")


def show_shares(joint: JointAnswer) -> None:
    """Draw every photo with how well it fits the others."""
    thumbnails = {entry.photo.sha256: entry.thumbnail for entry in state.photos().values()}
    columns = st.columns(max(len(joint.shares), 6))
    for column, share in zip(columns, joint.shares, strict=False):
        with column:
            st.image(thumbnails[share.photo.sha256], width="stretch", alt=share.photo.name)
            st.caption(plain(_fits(share)))


def _fits(share: PhotoShare) -> str:
    if share.fit is None:
        return "the only one"
    return "does not fit the others" if share.disagrees else f"fits the others: {100 * share.fit:.0f} %"
