"""The verdict on one page for an editor, as PDF or HTML; made when the button is pressed."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dashboard.common import state
from dashboard.locate import job
from engine.claims.values import ClaimCheck
from engine.export.contents import Contents, contents_of
from engine.export.json_result import answer_facts
from engine.export.verdict_html import verdict_html
from engine.export.verdict_pdf import verdict_pdf
from engine.inference.region import Region
from engine.locate.result import Answer


def show(check: ClaimCheck, answer: Answer, region: Region) -> None:
    """Draw the two buttons and the switch for the photo; only where a claim is the job at hand."""
    if job.current() is not job.Job.VERIFY:
        return
    entry = state.chosen_photo()
    st.markdown("**One page for an editor**")
    included = entry is not None and st.checkbox(
        "Include the photo", help="Adds a small copy of the photo, without metadata."
    )
    thumbnail = entry.thumbnail if included and entry is not None else None
    made = _maker(answer, region, (check.latitude, check.longitude), thumbnail)
    name = f"hereabouts-verdict-{answer.photo.sha256[:12] or 'evidence'}"
    pdf, html = st.columns(2)
    pdf.download_button(
        "PDF", lambda: verdict_pdf(made()), file_name=f"{name}.pdf", mime="application/pdf", on_click="ignore",
        icon=":material/picture_as_pdf:", width="stretch",
    )  # fmt: skip
    html.download_button(
        "HTML", lambda: verdict_html(made()).encode(), file_name=f"{name}.html", mime="text/html", on_click="ignore",
        icon=":material/html:", width="stretch",
    )  # fmt: skip


def _maker(
    answer: Answer, region: Region, claim: tuple[float, float], thumbnail: bytes | None
) -> Callable[[], Contents]:
    """What makes the contents; it runs outside of the page and may not ask the session for anything."""

    def made() -> Contents:
        contents = contents_of(answer, region, answer_facts(answer, region, (), claim))
        return replace(contents, thumbnail_jpeg=thumbnail)

    return made
