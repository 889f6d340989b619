"""What can be done with a model right now: fetch or cancel, switch on, verify, remove."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.common import state
from dashboard.common.jobs import Job
from dashboard.common.text import plain
from dashboard.models import worker as models_work
from dashboard.models.worker import Model
from engine.artifacts.catalog import bytes_text
from engine.errors import HereaboutsError


def show(model: Model, job: Job | None) -> None:
    """Draw the buttons that make sense."""
    if job is not None and job.running:
        _cancel(model, job)
        return
    if model.status.present:
        _use(model)
        _verify(model)
    elif model.status.can_fetch:
        _fetch(model)
    else:
        st.caption("No longer published: supply your own copy, see *Files*.")
    _remove(model)


def _cancel(model: Model, job: Job) -> None:
    asked = job.cancelled()
    label = "Stopping…" if asked else "Cancel"
    st.button(
        label, key=f"cancel_{model.name}", on_click=job.cancel, disabled=asked, icon=":material/stop_circle:",
        width="stretch", help="The part already fetched is kept; the next fetch resumes from there.",
    )  # fmt: skip


def _fetch(model: Model) -> None:
    agreed = not model.status.non_commercial or models_work.is_licence_accepted(model) or _tick(model)
    label = "Resume" if model.status.partial_bytes else "Fetch"
    st.button(
        label, key=f"fetch_{model.name}", type="primary", disabled=not agreed, icon=":material/download:",
        width="stretch", on_click=_start_fetch, args=(model,),
    )  # fmt: skip


def _start_fetch(model: Model) -> None:
    models_work.start_fetch(model, agreed=bool(model.status.non_commercial))


def _tick(model: Model) -> bool:
    return st.checkbox("I will not use it commercially", key=f"agree_{model.name}", help=plain(model.licence))


def _use(model: Model) -> None:
    """The switch of a predictor that is here; an encoder has none."""
    if model.offer is None:
        return
    agreed = models_work.is_licence_accepted(model)
    if not agreed:
        agreed = _tick(model)
        if agreed:
            _try_action(model, partial(models_work.agree, model))
    key = f"use_{model.name}"
    st.session_state[key] = models_work.is_asked(model)
    st.toggle("Use on photos", key=key, disabled=not agreed, on_change=_on_use, args=(model, key))
    if models_work.has_finer_cells(model):
        _finer_cells(model)
    if hint := models_work.towns_hint(model):
        st.caption(plain(hint))


def _finer_cells(model: Model) -> None:
    key = f"finest_{model.name}"
    st.session_state[key] = models_work.is_finest()
    st.toggle(
        "Finer cells", key=key, on_change=_on_finer_cells, args=(model, key),
        help="57,000 cells instead of 13,000, down to about 1 km in cities. Rebuilds the map once, in about half a "
        "minute.",
    )  # fmt: skip


def _on_finer_cells(model: Model, key: str) -> None:
    _try_action(model, partial(models_work.set_finest, bool(st.session_state[key])))


def _on_use(model: Model, key: str) -> None:
    _try_action(model, partial(models_work.set_asked, model, bool(st.session_state[key])))


def _verify(model: Model) -> None:
    st.button(
        "Verify", key=f"verify_{model.name}", icon=":material/verified:", width="stretch",
        on_click=_start_verify, args=(model,), help="Hashes every file again and runs the reference check.",
    )  # fmt: skip


def _start_verify(model: Model) -> None:
    models_work.start_verify(model)


def _remove(model: Model) -> None:
    """A second press is needed, and it says what goes."""
    gone = models_work.goes_with(model)
    if not gone:
        return
    with st.popover("Remove", icon=":material/delete:", width="stretch"):
        names = ", ".join(plain(record.title) for record in gone)
        st.markdown(f"This removes {names} ({bytes_text(_bytes(model, gone))}). You can fetch it again.")
        if left := models_work.left_without(model):
            st.markdown(f"These predictors also need it and stop working: {plain(', '.join(left))}.")
        st.button("Remove now", key=f"remove_{model.name}", on_click=_on_remove, args=(model,), width="stretch")


def _bytes(model: Model, gone: tuple[object, ...]) -> int:
    parts = [part for part in model.status.parts if part.record in gone]
    return sum(part.bytes + sum(file.partial_bytes for file in part.files) for part in parts)


def _on_remove(model: Model) -> None:
    told = _try_action(model, partial(models_work.remove, model))
    if told:
        st.toast(plain(told), icon=":material/delete:")


def _try_action(model: Model, act: Callable[[], str | None]) -> str:
    """Do something to the store; what stands in the way is told on the card."""
    state.models_told().pop(model.name, None)
    try:
        return act() or ""
    except HereaboutsError as error:
        state.models_told()[model.name] = str(error)
        return ""
