"""A claimed place: sentences that an editor can quote, who speaks for it and against it, and a flight there."""

import streamlit as st

from dashboard.common import services, state
from dashboard.common.text import plain
from engine.claims.sentences import support_sentence
from engine.claims.values import ClaimCheck
from engine.errors import InputError
from engine.evaluation.calibration import Calibration
from engine.geometry.point_text import parse_point
from engine.inference.region import Region
from engine.locate.result import Answer

KEY = state.CLAIM
TITLE = "**Claimed location** (**?** on the map)"


def show(answer: Answer, region: Region, calibration: Calibration | None = None) -> ClaimCheck | None:
    """Draw the box and the area; what was found for a place that is on the globe."""
    text = st.text_input(
        "Check a claimed location: latitude, longitude", key=KEY, placeholder="22.21, -159.40", on_change=_fly
    )
    if not text:
        return None
    try:
        point = parse_point(text)
        check = services.claim_check(answer, point, calibration)
    except InputError as error:
        st.error(plain(str(error)))
        return None
    inside = "inside" if region.contains(*point) else "outside"
    st.markdown(
        f"Rank: after **{check.area_to_reach_km2:,.0f} km²**; the claimed location is **{inside}** this region."
    )
    return check


def show_verdict(check: ClaimCheck) -> None:
    """Draw the sentences, who speaks for the place and against it, and a flight to a better one."""
    st.markdown(f"**Claimed location, {plain(check.name)}** (**?** on the map)" if check.name else TITLE)
    *found, tested, limits = check.verdict
    st.markdown(" ".join(plain(sentence) for sentence in found))
    if check.supports:
        st.markdown("\n".join(f"- {plain(support_sentence(support))}" for support in check.supports))
    st.caption(f"{plain(tested)} {plain(limits)}")
    better = check.better
    if better is not None:
        st.button(
            "Fly to the nearest better-supported location", icon=":material/near_me:", on_click=state.fly_to,
            args=(better.latitude, better.longitude, state.view().zoom),
        )  # fmt: skip


def _fly() -> None:
    try:
        latitude, longitude = parse_point(st.session_state[KEY])
    except InputError:
        return
    state.fly_to(latitude, longitude, state.view().zoom)
