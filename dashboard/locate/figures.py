"""Figures as they stand in the panel."""

import math


def on_one_line(figure: str) -> str:
    """A figure that no narrow page parts from its unit."""
    return figure.replace(" ", "\u00a0")


def area_text(area_km2: float) -> str:
    """An area with three significant digits at least, thousands apart."""
    return f"{area_km2:,.1f}" if area_km2 < 1000 else f"{area_km2:,.0f}"


def rounded_area_text(area_km2: float) -> str:
    """An area with its unit and three significant digits, as the map's own headline rounds it."""
    if area_km2 <= 0:
        return "0 km²"
    places = 2 - math.floor(math.log10(area_km2))
    rounded = round(area_km2, places)
    return f"{rounded:,.{max(places, 0)}f} km²"


def percent_text(probability: float) -> str:
    """A probability that never rounds up to certainty nor down to impossibility."""
    if 0.9995 <= probability < 1 - 1e-9:
        return "over 99.9 %"
    if 0 < probability < 0.0005:
        return "under 0.1 %"
    return f"{100 * probability:.1f} %"
