"""Continents by geography: a country may lie on two, and people disagree about some ground.

Labels are continent codes, or two joined by ``_`` where both answers are usual: the first is the likelier. The
boundaries are the usual ones of atlases (the watershed of the Urals, the river Ural, the Caucasus, the Bosporus,
Suez, Panama's border with Colombia); wide strips are left undecided where the line is a convention.
"""

import numpy as np
from evidence_earth import Labels
from rasterio.features import rasterize
from rasterio.transform import from_origin
from shapely.geometry import Polygon, box
from sources import COLUMNS, ROWS

CONTINENTS = ("AF", "AN", "AS", "EU", "NA", "OC", "SA")
NAMES = {
    "AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania",
    "SA": "South America",
}  # fmt: skip

BY_COUNTRY = {
    "AM": "AS_EU", "AW": "SA_NA", "AZ": "AS_EU", "BQ": "SA_NA", "BV": "AN_AF", "CC": "AS_OC", "CW": "SA_NA",
    "CX": "AS_OC", "CY": "EU_AS", "EG": "AF", "GE": "AS_EU", "GL": "NA_EU", "GS": "AN_SA", "HM": "AN_OC", "ID": "AS",
    "IS": "EU", "KZ": "AS", "RU": "EU", "TF": "AN_AF", "TL": "AS_OC", "TR": "AS", "TT": "SA_NA", "UM": "OC",
}  # fmt: skip
"""Where a country's continent is not the first that GeoNames has, or is in doubt."""

URALS = ((69.5, 68.5), (68.0, 66.5), (66.5, 65.5), (62.0, 64.5), (59.5, 61.5), (59.3, 58.5), (59.0, 55.5), (58.5, 52.5))
URAL_RIVER = ((58.5, 52.5), (58.5, 51.2), (55.0, 51.0), (51.4, 51.2), (51.8, 47.0))
"""Longitude and latitude along the line between Europe and Asia, from the Kara Sea to the Caspian."""

EAST_OF_THE_URALS = (
    *((48.5, 43.5), (51.8, 47.0)), *URAL_RIVER[::-1][1:], *URALS[::-1][1:],
    *((69.5, 82.0), (180.0, 82.0), (180.0, 41.0), (48.5, 41.0)),
)  # fmt: skip
ALONG_THE_URALS = (
    *((57.0, 51.0), (57.0, 59.5), (59.0, 63.0), (63.5, 67.0), (66.0, 69.5)),
    *((70.0, 69.5), (68.0, 65.5), (63.0, 61.0), (62.0, 56.5), (62.0, 51.0)),
)

AREAS = (
    # country (all where empty), label, longitude and latitude of the corners
    ("RU", "AS", EAST_OF_THE_URALS),
    ("RU", "AS", box(-180, 60, -160, 75)),
    ("RU", "EU_AS", ALONG_THE_URALS),
    ("RU", "EU_AS", ((36.5, 45.2), (39.5, 45.2), (47.5, 44.8), (48.5, 41.0), (36.5, 41.0))),  # north of the Caucasus
    ("KZ", "EU_AS", ((46.0, 46.2), (46.0, 52.0), (51.4, 52.0), (51.8, 47.0))),
    ("TR", "EU_AS", box(25.5, 40.0, 29.4, 42.2)),  # Thrace and all of Istanbul
    ("EG", "AF_AS", box(32.3, 27.6, 35.0, 31.5)),  # Sinai
    ("US", "OC", box(-180, 15, -150, 30)),  # Hawaii
    ("UM", "NA", box(-80, 15, -70, 22)),  # Navassa
    ("FR", "NA", box(-112, 8, -105, 13)),  # Clipperton
    ("ES", "AF_EU", box(-19, 27, -13, 30)),  # Canary Islands
    ("ES", "AF_EU", box(-6, 35.0, -2, 35.95)),  # Ceuta, Melilla
    ("PT", "EU_AF", box(-18, 29, -15, 34)),  # Madeira
    ("IT", "EU_AF", box(11.5, 35, 13, 37)),  # Lampedusa, Pantelleria
    ("YE", "AS_AF", box(51.5, 11.5, 55, 13)),  # Socotra
    ("ID", "OC_AS", box(129.0, -10, 142, 1)),  # western New Guinea and the islands before it
    ("ID", "AS_OC", box(124.5, -9, 129.0, 4)),  # the Moluccas
    ("CL", "OC_SA", box(-112, -30, -100, -20)),  # Easter Island
    ("CO", "NA_SA", box(-83, 11, -80, 15)),  # San Andres
    ("JP", "AS_OC", box(140, 20, 155, 28)),  # Ogasawara
    ("AU", "AN_OC", box(155, -56, 162, -53)),  # Macquarie Island
    ("PA", "NA_SA", box(-80, 7, -77, 9.7)),  # east of the canal
)  # fmt: skip


def draw_continents(countries: Labels, codes: tuple[str, ...], usual: dict[str, str]) -> tuple[Labels, tuple[str, ...]]:
    """Index into the labels per pixel, -1 where no country is; and the labels.

    Args:
        countries: index into ``codes`` per pixel.
        codes: of countries.
        usual: continent of each country as GeoNames has it.
    """
    of_code = [BY_COUNTRY.get(code, usual[code]) for code in codes]
    labels = tuple(
        sorted({*of_code, *(label for _, label, _ in AREAS), *CONTINENTS}, key=lambda each: (len(each), each))
    )
    number = np.array([labels.index(label) for label in of_code] + [-1], np.int16)
    drawn = number[countries]
    place = from_origin(-180, 90, 360.0 / COLUMNS, 180.0 / ROWS)
    for code, label, corners in AREAS:
        shape = corners if isinstance(corners, Polygon) else Polygon(corners)
        inside = rasterize([shape], (ROWS, COLUMNS), transform=place, dtype="uint8").astype(bool)
        drawn[inside & (countries == codes.index(code))] = labels.index(label)
    return drawn, labels


def continent_title(label: str) -> str:
    """``"Europe"``, ``"Asia or Europe"``."""
    return " or ".join(NAMES[code] for code in label.split("_"))
