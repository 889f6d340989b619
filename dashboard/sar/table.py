"""The table of segments in the panel, and below it what was searched: segment, operational period and POD.

PODs have fields of their own and are not typed into the table: a key that a redrawn table misses would be a wrong POD.
"""

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.sar import plan_state
from engine.errors import InputError
from engine.search_planning.evaluate import PlanTable
from engine.search_planning.plan import MOST_PERIODS, SearchPlan

POD, CHOSEN, NAME = "plan_pod", "plan_chosen_segment", "plan_segment_name"
HEIGHT_ROWS = 9
POD_HELP = (
    "Probability of detection of the search in this operational period: how likely it was to find the person, had they "
    "been in the segment. 0 for no search."
)


def show(plan: SearchPlan, table: PlanTable) -> None:
    """Draw the table, the sums, and the fields for a search."""
    st.dataframe(
        _compact(table), hide_index=True, width="stretch", height=35 * (min(len(table.rows), HEIGHT_ROWS) + 1) + 3,
        column_config={
            "Seg": st.column_config.TextColumn(width=76),
            "km²": st.column_config.NumberColumn(format="%.2f", width=56),
            "POA": st.column_config.NumberColumn(
                format="%.1f%%", width=62, help="Probability of area now, after all searches."
            ),
            "POD": st.column_config.NumberColumn(format="%.0f%%", width=56, help="Cumulative, of all periods."),
            "#": st.column_config.NumberColumn(width=34, help="Order by POA per km², 1 is the densest."),
        },
    )  # fmt: skip
    st.caption(f"Rest of the world **{table.rest:.1%}** · overall POS **{table.success:.1%}** · shaded by POA per km²")
    for note in table.notes:
        st.caption(plain(note))
    _search(plan)
    with st.container(horizontal=True, gap="small"):
        if st.button("Full table", icon=":material/table:"):
            _whole()
        with st.popover("Rename, remove"):
            _change_segment(plan)


def _compact(table: PlanTable) -> pd.DataFrame:
    return pd.DataFrame({
        "Seg": [row.name for row in table.rows],
        "km²": [row.area_km2 for row in table.rows],
        "POA": [100 * row.poa for row in table.rows],
        "POD": [100 * row.cumulative_pod for row in table.rows],
        "#": [row.rank for row in table.rows],
    })  # fmt: skip


def _search(plan: SearchPlan) -> None:
    """What was searched in a period; the number counts as soon as it is there."""
    which, when, how = st.columns([42, 24, 34], gap="small")
    chosen = _chosen(plan)
    names = [segment.name for segment in plan.segments]
    which.selectbox("Searched", names, key=CHOSEN)
    period = when.number_input(
        "Period", min_value=1, max_value=MOST_PERIODS, step=1, help="Operational period, from 1.",
        key=state.start_with(plan_state.PERIOD, max(plan.periods, 1)),
    )  # fmt: skip
    chosen, period = _chosen(plan), int(period or 1)
    pods = plan.named(chosen).pods
    key = f"{POD}_{plan_state.turn()}_{names.index(chosen)}_{period}"
    how.number_input(
        "POD (%)", min_value=0.0, max_value=100.0, step=5.0, format="%.0f", help=POD_HELP,
        key=state.start_with(key, 100.0 * pods[period - 1] if period <= len(pods) else 0.0), on_change=_searched,
        args=(key, chosen, period),
    )  # fmt: skip


def _chosen(plan: SearchPlan) -> str:
    """The segment that the fields are about; the first one where the chosen one is gone."""
    names = [segment.name for segment in plan.segments]
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = names[0]
    return str(st.session_state[CHOSEN])


def _searched(key: str, name: str, period: int) -> None:
    percent = st.session_state.get(key)
    if percent is not None:
        plan_state.change(lambda plan: plan.with_segment(name, plan.named(name).searched(period, percent / 100.0)))


def _change_segment(plan: SearchPlan) -> None:
    name = _chosen(plan)
    key = f"{NAME}_{plan_state.turn()}_{name}"
    st.text_input("Name", key=state.start_with(key, name), on_change=_renamed, args=(key, name))
    st.button(f"Remove {plain(name)}", icon=":material/delete:", on_click=_removed, args=(name,), key="plan_remove")


def _renamed(key: str, name: str) -> None:
    new = " ".join(str(st.session_state.get(key, "")).split())
    if plan_state.change(lambda plan: plan.with_segment(name, replace(plan.named(name), name=new))):
        st.session_state[CHOSEN] = new


def _removed(name: str) -> None:
    plan_state.change(lambda plan: plan.with_segment(name, None))


@st.dialog("Segments", width="large")
def _whole() -> None:
    """Every column, with all operational periods."""
    from dashboard.sar import results
    from dashboard.sar.panel import last_answer

    plan = plan_state.current()
    try:
        table = results.table_of(plan, last_answer())
    except InputError as error:
        st.error(plain(str(error)))
        return
    if table is None:
        return
    st.dataframe(_all_columns(plan, table), hide_index=True, width="stretch")
    st.caption(
        f"Rest of the world: POA {table.initial_rest:.2%} before any search, {table.rest:.2%} now. Overall POS "
        f"{table.success:.2%}. POS is the initial POA times the cumulative POD."
    )


def _all_columns(plan: SearchPlan, table: PlanTable) -> pd.DataFrame:
    columns: dict[str, list[object]] = {
        "Segment": [row.name for row in table.by_rank],
        "Rank": [row.rank for row in table.by_rank],
        "Area (km²)": [round(row.area_km2, 3) for row in table.by_rank],
        "Initial POA (%)": [round(100 * row.initial_poa, 2) for row in table.by_rank],
        "POA now (%)": [round(100 * row.poa, 2) for row in table.by_rank],
    }
    for period in range(1, plan.periods + 1):
        columns[f"POD OP{period} (%)"] = [
            round(100 * row.pods[period - 1], 1) if period <= len(row.pods) else 0.0 for row in table.by_rank
        ]
    columns |= {
        "Cumulative POD (%)": [round(100 * row.cumulative_pod, 1) for row in table.by_rank],
        "POS (%)": [round(100 * row.pos, 2) for row in table.by_rank],
        "POA per km² (%)": [round(100 * row.density, 4) for row in table.by_rank],
    }
    return pd.DataFrame(columns)
