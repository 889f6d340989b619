"""Regions with languages of their own, drawn on the lattice; see ``language_region_table``."""

import numpy as np
from evidence_earth import Fields, Labels, centres, chord, unit
from language_region_table import REGIONS, Region
from scipy.spatial import KDTree
from sources import COLUMNS, ROWS


def draw_language_regions(fields: Fields, countries: Labels, codes: tuple[str, ...]) -> Labels:
    """Index into ``REGIONS`` per pixel, -1 where languages are those of the country.

    A region of first-level divisions takes the pixels of its country whose nearest place of GeoNames lies in one.
    """
    drawn = np.full((ROWS, COLUMNS), -1, np.int16)
    for country in dict.fromkeys(region.country for region in REGIONS):
        rows, columns = np.nonzero(countries == codes.index(country))
        places = centres(rows, columns, (ROWS, COLUMNS))
        divisions = _divisions(fields, country, places)
        for number, region in enumerate(REGIONS):
            if region.country == country:
                inside = np.isin(divisions, region.admin1) | _in_circles(region, places)
                drawn[rows[inside], columns[inside]] = number
    return drawn


def _divisions(fields: Fields, country: str, places: np.ndarray) -> np.ndarray:
    """GeoNames' first-level code at each place, of the nearest town of the country."""
    towns = [town for town in fields.towns if town["countrycode"] == country]
    tree = KDTree(unit([town["latitude"] for town in towns], [town["longitude"] for town in towns]))
    return np.array([town["admin1code"] for town in towns])[tree.query(places, workers=2)[1]]


def _in_circles(region: Region, places: np.ndarray) -> np.ndarray:
    inside = np.zeros(len(places), bool)
    for latitude, longitude, km in region.circles:
        inside |= ((places - unit(latitude, longitude)) ** 2).sum(1) <= chord(km) ** 2
    return inside


def language_regions() -> list[dict[str, object]]:
    """What is said of each region, for the file beside the raster."""
    return [
        {
            "label": each.label,
            "title": each.title,
            "country": each.country,
            "languages": each.languages,
            "reason": each.reason,
        }
        for each in REGIONS
    ]
