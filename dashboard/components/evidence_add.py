"""The dialog in which a statement is made: what is seen or known, how sure one is, and the sentence it becomes."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import state
from dashboard.components import evidence_fields as fields
from dashboard.components import evidence_sun, evidence_where
from dashboard.components.text import plain
from engine.errors import InputError
from engine.evidence.statements import STRENGTHS, Evidence, Searched, Statement

KINDS: Mapping[str, Callable[[], Statement | None]] = {
    "Country": fields.country,
    "Side of the road": fields.drives,
    "Language seen or heard": fields.fact("language", "Language", "German"),
    "Script": fields.fact("script", "Script", "Cyrillic"),
    "Internet suffix": fields.fact("suffix", "Suffix", ".de"),
    "Telephone prefix": fields.fact("prefix", "Prefix", "+49"),
    "Currency": fields.fact("currency", "Currency", "Euro"),
    "Number plate": fields.fact("plate", "Country sign on the plate", "D"),
    "Continent": fields.fact("continent", "Continent", "Europe"),
    "Climate": fields.labels("climate", "Climates"),
    "Snow on the ground": fields.sight("snow"),
    "Palm trees": fields.sight("palm_trees"),
    "Distance to the coast": fields.coast,
    "Height above the sea": fields.height,
    "Flat land, hills, mountains": fields.labels("relief", "Relief"),
    "How built-up": fields.labels("population", "Population"),
    "What covers the ground": fields.labels("land_cover", "Land cover"),
    "Sun and shadow": evidence_sun.show,
    "Area drawn on the map": evidence_where.drawn,
    "Area from a file": evidence_where.from_file,
    "Around a place": evidence_where.around_place,
    "Around coordinates": evidence_where.around_point,
}
"""What can be stated, in the order in which it is offered."""

STRENGTH_HELP = (
    "Certain: everything else is ruled out. Likely: right nine times in ten. Hint: right two times in three. "
    "A wrong statement that is only likely can still be outweighed."
)


@st.dialog("Add what you see or know", width="large", on_dismiss="ignore")
def show() -> None:
    """Draw the dialog."""
    kind = st.selectbox(
        "What is it about?", list(KINDS), index=None, placeholder="Type to search: road, script, sun, draw ...",
        key="evidence_kind", on_change=evidence_where.forget,
    )  # fmt: skip
    if kind is None:
        return
    try:
        statement = KINDS[kind]()
    except InputError as error:
        st.error(plain(str(error)))
        return
    _finish(statement)


def _finish(statement: Statement | None) -> None:
    """The strength, the sentence and the button that adds it."""
    strength: str | None = "certain"
    if not isinstance(statement, Searched):
        strength = st.segmented_control(
            "How sure are you?", list(STRENGTHS), format_func=str.capitalize, required=True,
            key=state.start_with("evidence_strength", "likely"), help=STRENGTH_HELP,
        )  # fmt: skip
    if statement is not None:
        st.markdown(f":material/format_quote: **{plain(statement.sentence())}**")
    if st.button("Add", type="primary", disabled=statement is None, width="stretch") and statement is not None:
        added = Evidence(state.new_evidence_id(), statement, STRENGTHS[strength or "likely"])
        state.put_evidence((*state.evidence(), added))
        evidence_where.forget()
        st.rerun()
