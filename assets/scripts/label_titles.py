"""Labels of the partitions as people read them."""

from itertools import pairwise

CLIMATE_TITLES = {
    "Af": "Tropical rainforest",
    "Am": "Tropical monsoon",
    "As": "Tropical savanna, dry summer",
    "Aw": "Tropical savanna, dry winter",
    "BSh": "Hot steppe",
    "BSk": "Cold steppe",
    "BWh": "Hot desert",
    "BWk": "Cold desert",
    "Cfa": "Mild and humid, hot summer",
    "Cfb": "Mild and humid, warm summer",
    "Cfc": "Mild and humid, cool summer",
    "Csa": "Mediterranean, hot summer",
    "Csb": "Mediterranean, warm summer",
    "Csc": "Mediterranean, cool summer",
    "Cwa": "Mild, dry winter, hot summer",
    "Cwb": "Mild, dry winter, warm summer",
    "Cwc": "Mild, dry winter, cool summer",
    "Dfa": "Snowy winter, humid, hot summer",
    "Dfb": "Snowy winter, humid, warm summer",
    "Dfc": "Subarctic, humid",
    "Dfd": "Subarctic, humid, extreme winter",
    "Dsa": "Snowy winter, dry hot summer",
    "Dsb": "Snowy winter, dry warm summer",
    "Dsc": "Subarctic, dry summer",
    "Dsd": "Subarctic, dry summer, extreme winter",
    "Dwa": "Snowy dry winter, hot summer",
    "Dwb": "Snowy dry winter, warm summer",
    "Dwc": "Subarctic, dry winter",
    "Dwd": "Subarctic, dry winter, extreme cold",
    "EF": "Ice cap",
    "ET": "Tundra",
}
"""Koeppen-Geiger code -> title, after Rubel et al. (2016); As is rarely told apart from Aw, the source does."""

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
