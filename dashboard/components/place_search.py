"""A box that finds places by name while one types; GeoNames on this machine, no request leaves it."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from engine.evidence.gazetteer import GazetteerPlace, search

WEB = Path(__file__).parents[1] / "web"
HTML = '<label><span></span><input type="text" autocomplete="off" spellcheck="false"></label><ul role="listbox"></ul>'
CSS = """
label span { display: block; font-size: 0.875rem; margin-bottom: 0.25rem; color: var(--st-text-color); }
input {
  width: 100%; box-sizing: border-box; padding: 0.5rem 0.75rem; border-radius: 0.5rem; font: inherit;
  border: 1px solid var(--st-border-color); background: var(--st-secondary-background-color);
  color: var(--st-text-color);
}
ul { list-style: none; margin: 0.25rem 0 0; padding: 0; }
li {
  display: flex; justify-content: space-between; gap: 1rem; padding: 0.35rem 0.75rem; border-radius: 0.4rem;
  cursor: pointer; color: var(--st-text-color);
}
li:hover, li:focus { background: var(--st-secondary-background-color); outline: none; }
li:focus-visible { outline: 2px solid var(--st-primary-color); }
small { opacity: 0.7; }
"""
FOUND = 6


def show(label: str, key: str) -> GazetteerPlace | None:
    """Draw the box; the place that was picked in this run."""
    typed = str(st.session_state.get(key, {}).get("text") or "")
    found = search(typed, FOUND) if typed.strip() else ()
    picked = _component()(
        key=key,
        data={
            "label": label,
            "placeholder": "Nice, or Springfield, US",
            "found": [_row(number, place, typed) for number, place in enumerate(found)],
        },
        default={"text": ""},
        on_text_change=_nothing,
        on_chosen_change=_nothing,
    ).chosen
    return found[int(picked)] if picked is not None and 0 <= int(picked) < len(found) else None


def _row(number: int, place: GazetteerPlace, typed: str) -> dict[str, Any]:
    """A place with the other name by which it was found, if it was."""
    start = typed.strip().casefold()
    other = next((name for name in place.other_names if name.casefold().startswith(start)), "")
    known = f" ({other})" if other and not place.name.casefold().startswith(start) else ""
    people = f"{place.population:,} people" if place.population else ""
    return {"key": number, "title": f"{place.name}{known}, {place.country}", "detail": people}


@cache
def _component() -> Any:
    return st.components.v2.component(
        "hereabouts_place_search", html=HTML, css=CSS, js=(WEB / "place_search.js").read_text(encoding="utf-8")
    )


def _nothing() -> None:
    """Streamlit keeps a state only where somebody listens; the value is read when the box is drawn."""
