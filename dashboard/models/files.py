"""The files of a model: how large, whether here and checked, where from, where to put a copy."""

import streamlit as st

from dashboard.common.text import plain
from dashboard.models import worker as models_work
from dashboard.models.worker import Model
from engine.artifacts.bundles import source_of
from engine.artifacts.catalog import Kind, bytes_text
from engine.artifacts.layout import FileStatus, Status


def show(model: Model) -> None:
    """Draw the files of every part in a closed expander."""
    with st.expander("Files", icon=":material/description:"):
        for part in reversed(model.status.parts):
            st.markdown(f"**{plain(part.record.title)}** from {plain(source_of(part.record))}")
            st.dataframe(_rows(part), hide_index=True, width="stretch", height="content")
            if part.record.kind is not Kind.PACKAGE and not part.present:
                st.caption("To install it manually, put a copy into")
                st.code(_folder(part), language=None)


def _folder(part: Status) -> str:
    where = models_work.store()
    return str((where.by_hand or where.root) / part.record.name)


def _rows(part: Status) -> dict[str, list[str]]:
    return {
        "File": [" or ".join(each.file.paths) for each in part.files],
        "Size": [_size(each) for each in part.files],
        "State": [_state(each) for each in part.files],
        "Where": [str(each.path) if each.path is not None else "" for each in part.files],
    }


def _size(each: FileStatus) -> str:
    return bytes_text(each.bytes) if each.path is not None else each.file.size_text


def _state(each: FileStatus) -> str:
    if each.path is None:
        return f"{bytes_text(each.partial_bytes)} fetched" if each.partial_bytes else "missing"
    return "verified" if each.verified else "present, checked before use"
