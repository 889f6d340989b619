"""Whose knowledge the figure rests on: one bar a source, baseline first, in the panel below the headline."""

from collections.abc import Sequence

import streamlit as st

from dashboard.locate.figures import area_text, percent_text
from engine.locate.stages import Source, Stage

TITLES = {Source.BASELINE: "Baseline", Source.PHOTO: "+ Photo", Source.ANALYST: "+ Your evidence"}
HELP = {
    Source.BASELINE: "How often people take photos there, before this photo is looked at",
    Source.PHOTO: "With what the models found in the photo",
    Source.ANALYST: "With the evidence that you added",
}
STYLE = """
.hb-stages { display: grid; grid-template-columns: auto 1fr auto; gap: 2px 10px; align-items: center; font-size: 14px; }
.hb-stages .bar { height: 8px; border-radius: 4px; background: rgb(128 140 155 / 25%); overflow: hidden; }
.hb-stages .bar i { display: block; height: 100%; border-radius: 4px; }
.hb-stages .baseline i { background: #8a97a6; }
.hb-stages .photo i { background: #2f8fbf; }
.hb-stages .analyst i { background: #d9822b; }
.hb-stages b { font-weight: 600; font-variant-numeric: tabular-nums; text-align: right; }
.hb-stages small { grid-column: 1 / -1; opacity: 0.75; margin-bottom: 4px; font-size: 12.5px; }
"""


def rests_on_baseline(found: Sequence[Stage]) -> bool:
    """Whether neither photo nor evidence moved the map."""
    return bool(found) and found[0].source is Source.BASELINE and all(each.is_silent for each in found[1:])


def show(found: Sequence[Stage]) -> None:
    """Draw a bar for each source: the mass inside this region once it is counted, and what it saves."""
    if len(found) < 2:
        st.html("<div></div>")
        return
    rows = "".join(_row(each, found[number - 1] if number else None) for number, each in enumerate(found))
    st.html(f'<style>{STYLE}</style><div class="hb-stages" role="list" aria-label="Sources">{rows}</div>')


def _row(stage: Stage, before: Stage | None) -> str:
    share = percent_text(stage.probability)
    name, width = stage.source.value, 100 * stage.probability
    return (
        f'<span role="listitem" title="{HELP[stage.source]}">{TITLES[stage.source]}</span>'
        f'<span class="bar {name}"><i style="width: {width:.1f}%"></i></span><b>{share}</b>'
        f"<small>{_sentence(stage, before)}</small>"
    )


def _sentence(stage: Stage, before: Stage | None) -> str:
    """What a source did to the area that holds as much as this region."""
    area = f"{area_text(stage.area_km2)} km²"
    if before is None:
        return f"would need {area} for the same probability"
    if stage.is_silent:
        return "no usable cue: the map stays as it was"
    factor = before.area_km2 / max(stage.area_km2, 1e-9)
    if factor >= 1.05:
        return f"{area} suffice: {_times(factor)} smaller"
    # Where the baseline is a few cities and the photo shows wild country, the right answer is less certain.
    return f"points elsewhere, spread wider: {area}" if factor <= 0.95 else f"{area}: hardly a change"


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor >= 10 else f"{factor:.1f} times"
