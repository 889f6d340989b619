"""Several photos of one place: the switch, how alike they are, each with its own map, and which does not belong."""

from collections.abc import Mapping

import streamlit as st

from dashboard.common import media, services, state
from dashboard.common.text import plain
from engine.locate.multi_photo import REPORTED_MASS, JointAnswer, PhotoShare, effective_photos
from engine.locate.result import Answer

COLUMNS = 6
TALL_FROM, TALL_PIXELS = 12, 480
"""From so many photos on they scroll in a box of so many pixels."""
PREFIX = "photo-"
"""Begins the name of the map layer that is a photo's own map; its sha256 follows."""
HELP = (
    "Pools all photos into one map. Photos of one location share camera, time and scene, so their errors are "
    "correlated and each counts less than it would alone; the prior and your evidence count once. Switch off to map "
    "each photo separately."
)
ALIKE_HELP = (
    "0 %: independent photos. 100 %: together they carry the information of one photo. For photos taken minutes apart "
    "choose more than 50 %."
)
FITS_HELP = (
    "How compatible the photos' maps are. 100 %: nothing contradicts a shared location, which does not prove that they "
    "share one. Below 5 % a photo is flagged as inconsistent."
)


def show() -> None:
    """Draw the switch where there are several photos."""
    many = len(state.photos())
    if many < 2:
        return
    if not st.toggle(f"These {many} photos show one location", key=state.TOGETHER, help=HELP):
        return
    percent = st.slider(
        "Error correlation between photos", 0, 100, step=5, format="%d %%", key=state.start_with(state.DEPENDENCE, 50),
        help=ALIKE_HELP,
    )  # fmt: skip
    worth = effective_photos(many, percent / 100)
    st.caption(f"Effective sample: {worth:.1f} independent photos; each has a weight of {100 * worth / many:.0f} %.")


def show_shares(joint: JointAnswer) -> None:
    """Draw every photo with how well it fits the others, and the area of its own map beside that of all of them."""
    area = f"{100 * REPORTED_MASS:.0f} % of the probability in {joint.area_km2:,.0f} km²"
    told, back = st.columns([4, 1], vertical_alignment="center")
    told.markdown(f"**Combined map of {joint.photos} photos:** {area}", help=FITS_HELP)
    back.button("All photos", key="own_map_all", width="stretch", on_click=_look, args=(services.ENSEMBLE,))
    for sentence in joint.warning:
        st.warning(plain(sentence), icon=":material/call_split:")
    with st.container(height=TALL_PIXELS if joint.photos > TALL_FROM else "content", border=False):
        for start in range(0, joint.photos, COLUMNS):
            columns = st.columns(COLUMNS)
            for number in range(start, min(start + COLUMNS, joint.photos)):
                with columns[number - start]:
                    _share(number + 1, joint.shares[number])


def own_maps(joint: JointAnswer | None) -> Mapping[str, tuple[str, Answer]]:
    """By the name of a map layer: the title of a photo's own map, and its answer."""
    shares = joint.shares if joint is not None else ()
    return {_layer(each): (f"Photo {n}: {each.photo.name}", each.answer) for n, each in enumerate(shares, start=1)}


def _share(number: int, share: PhotoShare) -> None:
    thumbnails = {entry.photo.sha256: entry.thumbnail for entry in state.photos().values()}
    st.image(media.data_url(thumbnails[share.photo.sha256]), width="stretch", alt=share.photo.name)
    st.caption(plain(f"{number}: {share.words}. This photo only: {share.area_km2:,.0f} km²"))
    st.button(
        "This photo only", key=f"own_map_{share.photo.sha256}", width="stretch", help=plain(share.photo.name),
        on_click=_look, args=(_layer(share),),
    )  # fmt: skip


def _look(layer: str) -> None:
    """Lay a photo's own map, or that of all of them, under the region of all of them."""
    st.session_state[state.LAYER] = layer


def _layer(share: PhotoShare) -> str:
    return PREFIX + share.photo.sha256
