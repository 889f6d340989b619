"""The answer in numbers: how large, how probable, in how many parts."""

import math
from collections.abc import Sequence

import streamlit as st

from dashboard.locate import calibrated_region, stage_rows
from dashboard.locate.calibrated_region import Calibrated
from dashboard.locate.figures import area_text, on_one_line, percent_text, rounded_area_text
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM
from engine.inference.region import Region
from engine.locate.stages import Stage


def show(region: Region, found: Sequence[Stage] = ()) -> None:
    """Draw the one number that counts, how many areas it is, and whose knowledge it rests on.

    Args:
        region: of the answer.
        found: what it is worth under the baseline, with the photo, and with the evidence.
    """
    parts = "1 area" if region.components == 1 else f"{region.components:,} areas"
    area, share = on_one_line(f"{area_text(region.area_km2)} km²"), on_one_line(percent_text(region.probability))
    figure = f"{share} in {on_one_line(rounded_area_text(region.area_km2))}"
    lines = [f"This region: **{area}**, **{share}** probability in **{parts}**"]
    if stage_rows.rests_on_baseline(found):
        figure = f":gray[{figure}]"
        lines.insert(0, "**Baseline, not from this photo**: how often people take photos at each location.")
    if region.ends_at_support:
        lines.append(f"All of it lies within {area}: the rest of the Earth holds less than 0.1 %.")
    # The same three elements for every answer: what Streamlit adds or drops shows twice for a moment.
    st.subheader(figure, anchor=False)
    st.caption("  \n".join(lines))
    stage_rows.show(found)


def show_details(region: Region, calibrated: Calibrated | None = None) -> None:
    """Draw a comparison of the area, and how often such regions held the true location."""
    st.caption(f"Equivalent to a circle of {_cap_radius_km(region.area_km2):,.0f} km radius.")
    calibrated_region.hit_rate(calibrated, region)


def _cap_radius_km(area_km2: float) -> float:
    """Radius of the spherical cap of an area."""
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(area_km2 / EARTH_AREA_KM2, 1.0)))
