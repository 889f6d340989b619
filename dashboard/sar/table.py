"""The table of segments in the panel: POD is typed into it, everything else follows; the whole table in a dialog."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.sar import plan_state
from engine.errors import InputError
from engine.search_planning.evaluate import PlanTable
from engine.search_planning.plan import SearchPlan

EDITOR = "plan_table"
NAME, AREA, POA, POD, RANK = "Seg", "km²", "POA", "POD", "#"
HEIGHT_ROWS = 9
POD_HELP = (
    "Probability of detection of the search in this operational period: how likely it was to find the person, had they "
    "been in the segment."
)


def show(plan: SearchPlan, table: PlanTable) -> None:
    """Draw the table of the chosen operational period, and the sums below it."""
    period = _period(plan)
    st.data_editor(
        _compact(table, period), key=_key(), hide_index=True, width="stretch", num_rows="delete",
        height=35 * (min(len(table.rows), HEIGHT_ROWS) + 1) + 3, on_change=_edited, args=(period,),
        column_config={
            NAME: st.column_config.TextColumn(NAME, help="Name of the segment; it can be changed.", width=68),
            AREA: st.column_config.NumberColumn(AREA, format="%.2f", disabled=True, width=54),
            POA: st.column_config.NumberColumn(
                POA, format="%.1f%%", disabled=True, width=60, help="Probability of area now, after all searches."
            ),
            POD: st.column_config.NumberColumn(
                POD, format="%.0f%%", min_value=0.0, max_value=100.0, width=66, help=POD_HELP
            ),
            RANK: st.column_config.NumberColumn(
                RANK, disabled=True, width=30, help="Order by POA per km², 1 is the densest."
            ),
        },
    )  # fmt: skip
    st.caption(f"Rest of the world **{table.rest:.1%}** · overall POS **{table.success:.1%}** · shaded by POA per km²")
    if st.button("Full table with all periods", icon=":material/table:", width="stretch"):
        _whole()
    for note in table.notes:
        st.caption(plain(note))


def _period(plan: SearchPlan) -> int:
    period = st.number_input(
        "POD of operational period", min_value=1, max_value=30, step=1,
        key=state.start_with(plan_state.PERIOD, max(plan.periods, 1)),
    )  # fmt: skip
    return int(period or 1)


def _key() -> str:
    return f"{EDITOR}_{plan_state.turn()}"


def _compact(table: PlanTable, period: int) -> pd.DataFrame:
    pods = [100 * row.pods[period - 1] if period <= len(row.pods) else 0.0 for row in table.rows]
    return pd.DataFrame({
        NAME: [row.name for row in table.rows],
        AREA: [row.area_km2 for row in table.rows],
        POA: [100 * row.poa for row in table.rows],
        POD: pods,
        RANK: [row.rank for row in table.rows],
    })  # fmt: skip


def _edited(period: int) -> None:
    """Take over what was typed: PODs, names, and rows that were taken out."""
    edits = st.session_state.get(_key()) or {}
    names = [segment.name for segment in plan_state.current().segments]

    def changed(plan: SearchPlan) -> SearchPlan:
        for row, values in (edits.get("edited_rows") or {}).items():
            segment = plan.named(names[int(row)])
            if POD in values:
                segment = segment.searched(period, float(values[POD] or 0.0) / 100.0)
            if NAME in values:
                segment = replace(segment, name=" ".join(str(values[NAME] or "").split()))
            plan = plan.with_segment(names[int(row)], segment)
        for row in edits.get("deleted_rows") or ():
            plan = plan.with_segment(names[int(row)], None)
        return plan

    if not plan_state.change(changed):
        st.session_state[state.PLAN_TURN] = plan_state.turn() + 1  # what was typed is not what is there


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
