"""A claimed place: the verdict, clue by clue, what would settle it next, and a second place beside it."""

import streamlit as st

from dashboard.common import services, state
from dashboard.common.text import plain
from dashboard.locate import job, verdict_download, verdict_rows
from engine.claims.clues import Agreement, Source
from engine.claims.compare import compare_claims
from engine.claims.values import ClaimCheck
from engine.errors import InputError
from engine.evaluation.calibration import Calibration
from engine.geometry.point_text import parse_point, read_point
from engine.inference.region import Region
from engine.locate.result import Answer

KEY = state.CLAIM
SHORE_KM = 5.0
"""A place in water this near to land may still be a place on the shore that the map is too coarse for."""
TITLE = "**Claimed location** (**?** on the map)"


def show(answer: Answer, region: Region, calibration: Calibration | None = None) -> ClaimCheck | None:
    """Draw the box and the area; what was found for a place that is on the globe."""
    text = st.text_input(
        "Check a claimed location: latitude, longitude", key=KEY, placeholder="22.21, -159.40", on_change=_fly
    )
    if not text:
        return None
    try:
        read = read_point(text)
        point = read.point
        check = services.claim_check(answer, point, calibration)
    except InputError as error:
        st.error(plain(str(error)))
        return None
    if read.reading:
        st.caption(plain(read.reading))
    inside = "inside" if region.contains(*point) else "outside"
    st.caption(f"Rank: after **{check.area_to_reach_km2:,.0f} km²**; the claimed location is **{inside}** this region.")
    return check


def show_verdict(check: ClaimCheck, answer: Answer, region: Region) -> None:
    """Draw the verdict, its rows, what would settle it next, a second place, and what leads on from here."""
    table = check.table
    if table is None:
        return
    st.markdown(f"**Claimed location, {plain(check.name)}** (**?** on the map)" if check.name else TITLE)
    if _show_water(check):
        return
    contradicted = any(clue.agreement is Agreement.INCONSISTENT for clue in table.of(Source.IMAGE))
    (st.error if contradicted else st.info)(plain(table.headline))
    if table.analyst:
        st.caption(plain(table.analyst))
    verdict_rows.show(table)
    if table.next_steps:
        st.markdown("**What would settle it next**")
        st.caption("\n".join(f"- {plain(step)}" for step in table.next_steps))
    if job.current() is job.Job.VERIFY:
        _show_second(check, answer)
    verdict_download.show(check, answer, region)
    with st.expander("Rank and limits"):
        skipped = {table.headline, table.analyst}
        *found, tested, limits = [sentence for sentence in check.verdict if sentence not in skipped]
        st.markdown(" ".join(plain(sentence) for sentence in found))
        st.caption(f"{plain(tested)} {plain(limits)}")
        _show_better(check)


def _show_water(check: ClaimCheck) -> bool:
    """One sentence for a place in water, and the nearest land to check instead; whether it is too far from land."""
    land = check.nearest_land
    if land is None:
        return False
    st.warning(plain(check.verdict[0]))
    st.button(
        "Check the nearest land instead", icon=":material/near_me:", on_click=_check_instead,
        args=(land.latitude, land.longitude), width="stretch",
    )  # fmt: skip
    return land.distance_km > SHORE_KM


def _check_instead(latitude: float, longitude: float) -> None:
    st.session_state[KEY] = f"{latitude:.4f}, {longitude:.4f}"
    state.fly_to(latitude, longitude, state.view().zoom)


def _show_second(check: ClaimCheck, answer: Answer) -> None:
    """A second claimed place, compared with the first."""
    text = st.text_input(
        "Compare with a second location (B)", key=state.SECOND_CLAIM, placeholder="latitude, longitude"
    )
    if not text:
        return
    try:
        other = services.claim_check(answer, parse_point(text), None)
    except InputError as error:
        st.error(plain(str(error)))
        return
    if check.table is None or other.table is None:
        return
    comparison = compare_claims(check.table, other.table)
    names = (check.name or "the first location", other.name or "the second location")
    st.markdown(f"**A**: {plain(names[0])}; **B**: {plain(names[1])}")
    st.markdown(plain(comparison.sentence))
    verdict_rows.show_comparison(comparison)


def _show_better(check: ClaimCheck) -> None:
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
