"""A box that finds places by name while one types; GeoNames on this machine, no request leaves it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from engine.claims.nearest import NearestPoint, bearing
from engine.claims.sizes import readable_km
from engine.evidence.gazetteer import GazetteerPlace, nearest, search
from engine.geometry.sphere import great_circle_km

WEB = Path(__file__).parent
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
LARGE_CITY = 500_000
"""Inhabitants of a city by which others are told apart."""


def show(label: str, key: str) -> GazetteerPlace | None:
    """Draw the box; the place that was picked in this run."""
    typed = str(st.session_state.get(key, {}).get("text") or "")
    found = search(typed, FOUND) if typed.strip() else ()
    picked = _component()(
        key=key,
        data={
            "label": label,
            "placeholder": "Nice, or Springfield, US",
            "found": [_row(number, place, typed, found) for number, place in enumerate(found)],
        },
        default={"text": ""},
        on_text_change=_ignore_trigger,
        on_chosen_change=_ignore_trigger,
    ).chosen
    return found[picked] if isinstance(picked, int) and 0 <= picked < len(found) else None


def _row(number: int, place: GazetteerPlace, typed: str, found: Sequence[GazetteerPlace]) -> dict[str, Any]:
    """A place with the other name by which it was found, if it was, and what tells it from others of its name."""
    start = typed.strip().casefold()
    other = next((name for name in place.other_names if name.casefold().startswith(start)), "")
    known = f" ({other})" if other and not place.name.casefold().startswith(start) else ""
    twins = sum((each.name, each.country) == (place.name, place.country) for each in found)
    told = [
        _way_from_city(place) if twins > 1 else "",
        f"{place.latitude:.2f}, {place.longitude:.2f}",
        f"{place.population:,} people" if place.population else "",
    ]
    title = f"{place.name}{known}, {place.country_name}"
    return {"key": number, "title": title, "detail": " · ".join(part for part in told if part)}


def _way_from_city(place: GazetteerPlace) -> str:
    """Where a place lies from a city that most people know; empty for such a city itself."""
    city = nearest(place.latitude, place.longitude, least_population=LARGE_CITY)
    there = city.latitude, city.longitude
    distance = float(great_circle_km(*there, place.latitude, place.longitude))
    way = NearestPoint(place.latitude, place.longitude, distance, bearing(*there, place.latitude, place.longitude))
    return f"{readable_km(distance)} {way.direction} of {city.name}" if distance > 1 else ""


@cache
def _component() -> Any:
    return st.components.v2.component(
        "hereabouts_place_search", html=HTML, css=CSS, js=(WEB / "place_search.js").read_text(encoding="utf-8")
    )


def _ignore_trigger() -> None:
    """Streamlit keeps a state only where somebody listens; the value is read when the box is drawn."""
