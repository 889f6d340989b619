"""The answer in numbers: how large, how probable, in how many parts."""

import math

import streamlit as st

from dashboard.locate import calibrated_region
from dashboard.locate.calibrated_region import Calibrated
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM
from engine.inference.region import Region


def show(region: Region) -> None:
    """Draw the one number that counts, and how many areas it is."""
    parts = "1 area" if region.components == 1 else f"{region.components:,} areas"
    area, share = on_one_line(f"{area_text(region.area_km2)} km²"), on_one_line(percent_text(region.probability))
    st.subheader(f"{area} · {share}", anchor=False)
    st.caption(f"This region: **{area}**, **{share}** probability in **{parts}**")
    if region.ends_at_support:
        st.caption(f"All of it lies within {area}: the rest of the Earth holds less than 0.1 %.")


def show_details(region: Region, calibrated: Calibrated | None = None) -> None:
    """Draw a comparison of the area, and how often such regions held the true location."""
    st.caption(f"Equivalent to a circle of {_cap_radius_km(region.area_km2):,.0f} km radius.")
    calibrated_region.hit_rate(calibrated, region)


def on_one_line(figure: str) -> str:
    """A figure that no narrow page parts from its unit."""
    return figure.replace(" ", "\u00a0")


def area_text(area_km2: float) -> str:
    """An area with three significant digits at least, thousands apart."""
    return f"{area_km2:,.1f}" if area_km2 < 1000 else f"{area_km2:,.0f}"


def percent_text(probability: float) -> str:
    """A probability that never rounds up to certainty nor down to impossibility."""
    if 0.9995 <= probability < 1 - 1e-9:
        return "over 99.9 %"
    if 0 < probability < 0.0005:
        return "under 0.1 %"
    return f"{100 * probability:.1f} %"


def _cap_radius_km(area_km2: float) -> float:
    """Radius of the spherical cap of an area."""
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(area_km2 / EARTH_AREA_KM2, 1.0)))
