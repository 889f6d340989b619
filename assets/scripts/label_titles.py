"""Labels of the partitions as people read them."""

from itertools import pairwise

CLIMATE_TITLES = {
    "Af": "Tropical rainforest (Af)",
    "Am": "Tropical monsoon (Am)",
    "As": "Tropical savanna, dry summer (As)",
    "Aw": "Tropical savanna, dry winter (Aw)",
    "BSh": "Hot semi-arid (BSh)",
    "BSk": "Cold semi-arid (BSk)",
    "BWh": "Hot desert (BWh)",
    "BWk": "Cold desert (BWk)",
    "Cfa": "Humid subtropical (Cfa)",
    "Cfb": "Oceanic (Cfb)",
    "Cfc": "Subpolar oceanic (Cfc)",
    "Csa": "Mediterranean, hot summer (Csa)",
    "Csb": "Mediterranean, warm summer (Csb)",
    "Csc": "Mediterranean, cold summer (Csc)",
    "Cwa": "Monsoon-influenced humid subtropical (Cwa)",
    "Cwb": "Subtropical highland (Cwb)",
    "Cwc": "Cold subtropical highland (Cwc)",
    "Dfa": "Humid continental, hot summer (Dfa)",
    "Dfb": "Humid continental, warm summer (Dfb)",
    "Dfc": "Subarctic (Dfc)",
    "Dfd": "Extremely cold subarctic (Dfd)",
    "Dsa": "Continental with dry hot summer (Dsa)",
    "Dsb": "Continental with dry warm summer (Dsb)",
    "Dsc": "Dry-summer subarctic (Dsc)",
    "Dsd": "Dry-summer extremely cold subarctic (Dsd)",
    "Dwa": "Monsoon-influenced continental, hot summer (Dwa)",
    "Dwb": "Monsoon-influenced continental, warm summer (Dwb)",
    "Dwc": "Monsoon-influenced subarctic (Dwc)",
    "Dwd": "Monsoon-influenced extremely cold subarctic (Dwd)",
    "EF": "Ice cap (EF)",
    "ET": "Tundra (ET)",
}
"""Koeppen-Geiger code -> title; the source (Rubel et al., 2016) separates As from Aw, which is rare."""

RELIEF = {"flat": "Flat", "hills": "Hills", "mountains": "Mountains"}


def elevation_bands(edges_m: tuple[float, ...]) -> dict[str, str]:
    """Label -> title of each band; the outermost are open."""
    bands = list(pairwise(edges_m))
    titles = [f"{low:,.0f} to {high:,.0f} m" for low, high in bands]
    titles[0], titles[-1] = f"Below {edges_m[1]:,.0f} m", f"Above {edges_m[-2]:,.0f} m"
    return {f"{low:.0f}_{high:.0f}_m": title for (low, high), title in zip(bands, titles, strict=True)}


def coast_bands(edges_km: tuple[float, ...]) -> dict[str, str]:
    """Label -> title of each band on both sides of the coast; the outermost are open."""
    found = {}
    for low, high in pairwise(edges_km):
        side, near, far = ("sea", -high, -low) if high <= 0 else ("land", low, high)
        where = "At sea" if side == "sea" else "On land"
        reach = f"more than {near:.0f} km" if far == max(edges_km) else f"{near:.0f} to {far:.0f} km"
        found[f"{side}_{near:.0f}_{far:.0f}_km"] = f"{where}, {reach} from the coast"
    return found


def water_bands(edges_km: tuple[float, ...], water: str) -> dict[str, str]:
    """Label -> title of each band of distance to a kind of water; the last is open."""
    bands = list(pairwise(edges_km))
    titles = [f"{low:.0f} to {high:.0f} km from a {water}" for low, high in bands]
    titles[0], titles[-1] = (
        f"Within {edges_km[1]:.0f} km of a {water}",
        f"More than {edges_km[-2]:.0f} km from a {water}",
    )
    return {f"{low:.0f}_{high:.0f}_km": title for (low, high), title in zip(bands, titles, strict=True)}


def zone_title(name: str) -> str:
    """``"America/New_York"`` as ``"New York (America)"``."""
    region, _, place = name.partition("/")
    if region == "Etc":
        return f"Open sea, UTC{_offset(place)}"
    return f"{place.replace('_', ' ').replace('/', ', ')} ({region})" if place else name


def _offset(place: str) -> str:
    """POSIX signs are the other way around: GMT+5 is five hours behind."""
    digits = place.removeprefix("GMT")
    return f"{-int(digits):+d}" if digits else ""
