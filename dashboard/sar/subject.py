"""Who is missing and where the person was last known to be: category, distances, point."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.sar import plan_state
from engine.errors import InputError
from engine.geometry.point_text import parse_point
from engine.search_planning.distances import CAUTION, Distances, published_distances, read_distances
from engine.search_planning.plan import Ground, LastKnownPoint
from engine.search_planning.radial import Spread

OWN_TABLE = "plan_own_table"
SPREADS = {Spread.RINGS: "Even in each ring", Spread.LOGNORMAL: "Lognormal fit"}
TABLE_HELP = "CSV with the columns category, setting, 25, 50, 75, 95: distances in km. Any percentages are read."
POINT_HELP = "Coordinates in any notation. Or click the map and choose “Set as last known point”."


def show() -> None:
    """Draw point and subject; once there are segments, folded under what they are."""
    plan = plan_state.current()
    if plan.point is None or plan.distances is None or not plan.segments:
        _all()
        return
    where = f"{plan.point.latitude:.4f}, {plan.point.longitude:.4f}"
    with st.expander(f"LKP {plain(where)} · {plain(plan.distances.title)}"):
        _all()


def _all() -> None:
    _point()
    _subject()
    with st.popover("Spread, ground, own distances", width="stretch"):
        _details()


def _point() -> None:
    point = plan_state.current().point
    where, unsure = st.columns([65, 35], gap="small")
    text = "" if point is None else f"{point.latitude:.5f}, {point.longitude:.5f}"
    where.text_input(
        "Last known point", key=state.start_with(plan_state.POINT, text), placeholder="46.52, 7.48 or click the map",
        help=POINT_HELP, on_change=_point_typed,
    )  # fmt: skip
    metres = 0.0 if point is None else 1000.0 * point.uncertainty_km
    unsure.number_input(
        "Known to (m)", min_value=0.0, step=100.0, format="%.0f", disabled=point is None,
        key=state.start_with(plan_state.UNCERTAINTY, metres), on_change=_uncertainty_typed,
        help="The person was within so many metres of the point. 0 where it is exact.",
    )  # fmt: skip


def _point_typed() -> None:
    text = str(st.session_state.get(plan_state.POINT, "")).strip()
    if not text:
        plan_state.change(lambda plan: replace(plan, point=None))
        return
    try:
        plan_state.set_point(*parse_point(text))
    except InputError as error:
        plan_state.tell(str(error))


def _uncertainty_typed() -> None:
    point, metres = plan_state.current().point, st.session_state.get(plan_state.UNCERTAINTY)
    if point is not None and metres is not None:
        made = float(metres) / 1000.0
        plan_state.change(lambda plan: replace(plan, point=LastKnownPoint(point.latitude, point.longitude, made)))


def known_rows() -> tuple[Distances, ...]:
    """Rows to choose from: the user's table first, the row of an opened case where no table has it, published ones."""
    own = cast(tuple[Distances, ...], st.session_state.get(state.OWN_DISTANCES, ()))
    rows = (*own, *published_distances())
    chosen = plan_state.current().distances
    return rows if chosen is None or chosen in rows else (chosen, *rows)


def _subject() -> None:
    rows, chosen = known_rows(), plan_state.current().distances
    categories = list(dict.fromkeys(row.category for row in rows))
    st.selectbox(
        "Subject category", categories, index=None, placeholder="Choose: hiker, child, dementia ...",
        key=state.start_with(plan_state.CATEGORY, None if chosen is None else chosen.category),
        on_change=_category_chosen,
    )  # fmt: skip
    if chosen is None:
        st.caption("The category gives the distances within which such persons were found.")
        return
    settings = [row for row in rows if row.category == chosen.category]
    if len(settings) > 1:
        names = [row.setting for row in settings]
        st.selectbox(
            "Setting", names, key=state.start_with(plan_state.SETTING, chosen.setting), on_change=_setting_chosen,
            format_func=lambda name: name.capitalize() or "Any",
        )  # fmt: skip
    st.markdown(_ring_words(chosen))
    st.caption(f"{plain(chosen.source)}. {CAUTION}")


def _ring_words(chosen: Distances) -> str:
    """Shares and distances, one above the other; of many quantiles the usual four."""
    usual = [each for each in chosen.quantiles if each[0] in (0.25, 0.5, 0.75, 0.95)] or list(chosen.quantiles)
    heads = " | ".join(f"{100 * share:.3g}\u202f%" for share, _ in usual[:5])
    return f"| {heads} |\n|{'---|' * len(usual[:5])}\n| {' | '.join(_km(km) for _, km in usual[:5])} |"


def _km(km: float) -> str:
    return f"{1000 * km:.0f}\u202fm" if km < 0.95 else f"{km:.1f}\u202fkm"


def _category_chosen() -> None:
    category = st.session_state.get(plan_state.CATEGORY)
    rows = [row for row in known_rows() if row.category == category]
    _choose(rows[0] if rows else None)


def _setting_chosen() -> None:
    chosen, setting = plan_state.current().distances, st.session_state.get(plan_state.SETTING)
    rows = [row for row in known_rows() if chosen is not None and row.category == chosen.category]
    _choose(next((row for row in rows if row.setting == setting), None))


def _choose(row: Distances | None) -> None:
    if plan_state.change(lambda plan: replace(plan, distances=row)) and row is not None:
        plan_state.fit_rings()


def _details() -> None:
    plan = plan_state.current()
    st.selectbox(
        "Probability between the distances", list(Spread), format_func=lambda each: SPREADS[each],
        key=state.start_with(plan_state.SPREAD, plan.spread), on_change=_spread_chosen,
    )  # fmt: skip
    st.toggle(
        "Land only", key=state.start_with(plan_state.LAND, plan.ground is Ground.LAND), on_change=_spread_chosen,
        help="Leaves open water out, as coarse as the built-in map (about 4 km). Leave it off near a shore.",
    )  # fmt: skip
    st.file_uploader("Own distances (CSV)", key=OWN_TABLE, on_change=_table_given, help=TABLE_HELP)


def _spread_chosen() -> None:
    spread = Spread(st.session_state.get(plan_state.SPREAD, Spread.RINGS))
    ground = Ground.LAND if st.session_state.get(plan_state.LAND) else Ground.ANY
    plan_state.change(lambda plan: replace(plan, spread=spread, ground=ground))


def _table_given() -> None:
    file = st.session_state.get(OWN_TABLE)
    if file is None:
        return
    try:
        rows: Sequence[Distances] = read_distances(file.getvalue(), f"Own table {file.name}"[:120])
    except InputError as error:
        plan_state.tell(str(error))
        return
    st.session_state[state.OWN_DISTANCES] = tuple(rows)
    if rows:
        _choose(rows[0])
