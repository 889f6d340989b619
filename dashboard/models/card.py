"""One model: what it is, whether it is here, its licence and source, and what can be done with it."""

import streamlit as st

from dashboard.common.jobs import Job
from dashboard.common.text import plain
from dashboard.models import actions as models_actions
from dashboard.models import files as models_files
from dashboard.models import progress as models_progress
from dashboard.models import worker as models_work
from dashboard.models.worker import Model
from engine.artifacts.catalog import ArtifactRecord, bytes_text


def show(model: Model) -> None:
    """Draw the card."""
    job = models_work.job_of(model)
    with st.container(border=True, key=f"model_{model.name}"):
        what, actions = st.columns([7, 3], gap="large")
        with what:
            st.markdown(f"### {plain(model.title)}")
            st.markdown(_badges(model, job))
            st.markdown(plain(model.summary))
            st.caption(_provenance(model))
        with actions:
            models_actions.show(model, job)
        models_progress.show(model.name, job)
        models_files.show(model)


def _badges(model: Model, job: Job | None) -> str:
    """How it stands, how large it is, what has to be known of it: words, not colour alone."""
    badges = [":blue-badge[:material/downloading: Running]" if job is not None and job.running else _presence(model)]
    if model.offer is not None and model.offer.default_on:
        badges.append(":blue-badge[:material/thumb_up: Recommended]")
    if model.status.present and models_work.is_asked(model):
        badges.append(":green-badge[:material/visibility: In use]")
    if model.status.non_commercial:
        badges.append(":orange-badge[:material/money_off: Not for commercial use]")
    return " ".join(badges)


def _presence(model: Model) -> str:
    status = model.status
    if status.present:
        return f":green-badge[:material/check_circle: On this machine · {bytes_text(status.bytes_about)}]"
    if not status.can_fetch:
        return ":gray-badge[:material/back_hand: Own copy required]"
    size = _size(status.missing_bytes_about)
    if status.partial_bytes:
        return f":orange-badge[:material/downloading: {bytes_text(status.partial_bytes)} fetched · {size} to go]"
    return f":gray-badge[:material/cloud_download: Not installed · {size} to fetch]"


def _size(count: int) -> str:
    return f"about {bytes_text(count)}" if count else "size unknown"


def _provenance(model: Model) -> str:
    """Licence, sources and publications of everything that is fetched for it."""
    parts = [part.record for part in model.status.parts]
    sources = " · ".join(f"[{plain(record.title)}]({record.homepage})" for record in reversed(parts))
    citations = "; ".join(dict.fromkeys(plain(record.citation) for record in reversed(parts)))
    return f"**Licence** {plain(_licences(model, parts))}  \n**Source** {sources}  \n**Publication** {citations}"


def _licences(model: Model, parts: list[ArtifactRecord]) -> str:
    others = [f"{record.title}: {record.licence}" for record in parts[:-1] if record.licence not in model.licence]
    return "; ".join([model.licence, *others])
