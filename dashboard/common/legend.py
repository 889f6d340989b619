"""A legend: colours, what they mean, and the unit; readable in the light and in the dark theme."""

from html import escape

import streamlit as st

from dashboard.maps.palettes import RGBA, Legend


def show(legend: Legend) -> None:
    """Draw a colour bar for blending colours, chips for classes."""
    st.html(_bar(legend) if legend.continuous else _chips(legend))


def _bar(legend: Legend) -> str:
    colours = ", ".join(_css(colour) for colour, _ in legend.stops)
    labels = "".join(f"<span>{escape(text)}</span>" for _, text in legend.stops)
    return (
        f"<div style='max-width:420px;font-size:0.85rem'><b>{escape(legend.title)}</b>"
        "<div style='height:12px;border-radius:3px;border:1px solid gray;"
        f"background:linear-gradient(to right,{colours})'></div>"
        f"<div style='display:flex;justify-content:space-between'>{labels}</div>"
        f"<div style='opacity:0.8'>{escape(legend.unit)}</div></div>"
    )


def _chips(legend: Legend) -> str:
    chips = "".join(
        "<div style='display:flex;align-items:center;gap:0.5rem'>"
        "<span style='width:14px;height:14px;border-radius:3px;border:1px solid gray;"
        f"background:{_css(colour)}'></span>{escape(text)}</div>"
        for colour, text in legend.stops
    )
    unit = f"<div style='opacity:0.8'>{escape(legend.unit)}</div>"
    return f"<div style='font-size:0.85rem'><b>{escape(legend.title)}</b>{chips}{unit}</div>"


def _css(colour: RGBA) -> str:
    """The colour without its transparency: the legend shows the hue, not what lies under it."""
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"
