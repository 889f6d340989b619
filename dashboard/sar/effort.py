"""Where the next team-hours find most: hours and sweep in, assignments out."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.sar import plan_state
from engine.search_planning.assign import Assignment
from engine.search_planning.plan import Effort, SearchPlan

ASSUMED = "Defaults are assumptions, not measurements: measure the sweep width on site."


def show(plan: SearchPlan, assignments: Sequence[Assignment]) -> None:
    """Draw the inputs and the list."""
    st.markdown("**Next segments**")
    effort = plan.effort
    hours, details = st.columns([5, 5], vertical_alignment="bottom", gap="small")
    hours.number_input(
        "Team-hours", min_value=0.1, step=1.0, format="%.1f", key=state.start_with(plan_state.HOURS, effort.hours),
        on_change=_changed,
    )  # fmt: skip
    with details.popover("Team and sweep", width="stretch"):
        _details(effort)
    if not assignments:
        st.caption("Nothing is left to search in the segments; draw others, or widen the search.")
        return
    st.dataframe(
        pd.DataFrame({
            "Seg": [each.segment for each in assignments],
            "Hours": [each.hours for each in assignments],
            "POD": [100 * each.pod for each in assignments],
            "POS": [100 * each.pos for each in assignments],
            "per h": [100 * each.pos_per_hour for each in assignments],
        }),
        hide_index=True, width="stretch", height=35 * (min(len(assignments), 7) + 1) + 3,
        column_config={
            "Seg": st.column_config.TextColumn(width=64),
            "Hours": st.column_config.NumberColumn(format="%.1f", width=52),
            "POD": st.column_config.NumberColumn(format="%.0f%%", width=50, help="Expected from these hours."),
            "POS": st.column_config.NumberColumn(format="%.1f%%", width=54, help="Expected gain: POA × POD."),
            "per h": st.column_config.NumberColumn(format="%.2f%%", width=58, help="POS of the first hour."),
        },
    )  # fmt: skip
    total = sum(each.pos for each in assignments)
    st.caption(
        f"Together POS **{total:.1%}**, outlined in red. A team sweeps {effort.km2_per_hour:.2f} km² an hour. "
        f"{plain('Random tracks are assumed: POD = 1 - exp(-coverage).')}"
    )


def _details(effort: Effort) -> None:
    st.number_input(
        "Effective sweep width (m)", min_value=0.1, step=5.0, format="%.1f", on_change=_changed,
        key=state.start_with(plan_state.WIDTH, effort.sweep_width_m),
    )  # fmt: skip
    st.number_input(
        "Speed (km/h)", min_value=0.1, step=0.5, format="%.1f", on_change=_changed,
        key=state.start_with(plan_state.SPEED, effort.speed_km_h),
    )  # fmt: skip
    st.number_input(
        "Searchers in a team", min_value=1, max_value=100, step=1, on_change=_changed,
        key=state.start_with(plan_state.SEARCHERS, effort.searchers),
    )  # fmt: skip
    st.caption(ASSUMED)


def _changed() -> None:
    session, now = st.session_state, plan_state.current().effort
    plan_state.change(
        lambda plan: replace(
            plan,
            effort=Effort(
                float(session.get(plan_state.HOURS) or now.hours),
                float(session.get(plan_state.WIDTH) or now.sweep_width_m),
                float(session.get(plan_state.SPEED) or now.speed_km_h),
                int(session.get(plan_state.SEARCHERS) or now.searchers),
            ),
        )
    )
