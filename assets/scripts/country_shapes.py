"""Natural Earth 1:10m countries drawn as ISO 3166 codes. Knows no other partition.

What ISO and Natural Earth see differently, and what is done here:

- Natural Earth draws overseas parts of France, Norway, the Netherlands and New Zealand with the mother country. ISO
  gives them codes of their own, and they have another continent or telephone prefix: ``PARTS`` splits them.
- Areas without an ISO code that lie in the territory ISO gives to a country take that country's code: Northern Cyprus,
  the buffer zone and the British bases on Cyprus are CY, Somaliland is SO, Baikonur KZ, Guantanamo CU, ...
- Natural Earth draws who is in control; here Crimea is UA and Western Sahara EH up to its border at 27 degrees 40
  minutes north, as ISO and the United Nations list them.
- Kosovo has no ISO code; it takes XK, which ISO leaves free for users and GeoNames, CLDR and the EU use.
- Siachen Glacier, the Spratly Islands, Scarborough Reef, Bajo Nuevo and Serranilla Bank belong to no country here.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from evidence_earth import nearest_label
from rasterio.features import rasterize
from rasterio.transform import from_origin
from shapely.affinity import translate
from shapely.geometry import Point, Polygon, box
from sources import COLUMNS, ROWS, Cities, Mask, arcs_in_degrees, rings_of

Labels = npt.NDArray[np.int16]

WITHOUT_ID = {
    "Dhekelia": "CY",
    "Akrotiri": "CY",
    "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY",
    "Somaliland": "SO",
    "Kosovo": "XK",
    "USNB Guantanamo Bay": "CU",
    "Baikonur": "KZ",
    "Coral Sea Is.": "AU",
    "Clipperton I.": "FR",
    "Indian Ocean Ter.": "CX",
    "Siachen Glacier": "",
    "Spratly Is.": "",
    "Bajo Nuevo Bank": "",
    "Serranilla Bank": "",
    "Scarborough Reef": "",
}
"""Code of each area that Natural Earth gives no number; empty for those that belong to no country here."""

PARTS = {
    "FR": {
        "GF": (1, 7, -56, -51),
        "GP": (15.7, 16.7, -62, -60.9),
        "MQ": (14.3, 15, -61.4, -60.7),
        "RE": (-22, -20, 54, 57),
        "YT": (-13.2, -12.4, 44.8, 45.5),
    },
    "NO": {"SJ": (70.5, 82, -10, 36), "BV": (-55, -54, 3, 4)},
    "NL": {"BQ": (11.5, 18, -69, -62)},
    "RU": {"UA": (44.3, 46.3, 32.4, 36.7)},
    "NZ": {"TK": (-10, -8, -174, -170)},
    "CX": {"CC": (-13, -11, 96, 98)},
}
"""South, north, west and east of the parts of a country that have a code of their own."""

MAINLAND_NORTH = {"SJ": 73.0}
"""Jan Mayen lies west of the meridian; east of it the mainland of Norway ends and Svalbard begins here."""

SAHARA_BORDER = 27.0 + 40.0 / 60.0
ISLET_DEGREES = 0.003
BORDER_PIXELS = 2
"""So far over a border a town may stand on the map, by the error of both sources."""
FAR_KM = 100.0
"""Land that Natural Earth does not draw takes the nearest country's code when that is no farther."""


def country_polygons(topology: dict[str, Any], code_of_number: dict[int, str]) -> list[tuple[Polygon, str]]:
    """Every polygon, in degrees with longitude first, and its code; large ones first, so that small ones lie on top."""
    arcs, found = arcs_in_degrees(topology), []
    for country in topology["objects"]["countries"]["geometries"]:
        number, name = country.get("id"), country["properties"]["name"]
        code = code_of_number[int(number)] if number else WITHOUT_ID[name]
        for rings in rings_of(country, arcs):
            found += [(polygon, _part(code, polygon)) for polygon in _on_the_map(rings)]
    return sorted(found, key=lambda each: -each[0].area)


def _on_the_map(rings: list[list[list[float]]]) -> Iterator[Polygon]:
    """The pieces of a polygon between 180 W and 180 E; world-atlas runs across the date line and around the pole."""
    whole = [unrolled(np.array(ring)) for ring in rings if len(ring) > 3]
    if len(rings[0]) < 4:  # some islets, and the Vatican, are rounded to a line
        yield Point(rings[0][0]).buffer(ISLET_DEGREES)
        return
    polygon = Polygon(whole[0], whole[1:]).buffer(0)
    for turn in (-360, 0, 360):
        piece = translate(polygon, turn).intersection(box(-180, -90, 180, 90))
        yield from (part for part in getattr(piece, "geoms", [piece]) if part.geom_type == "Polygon" and part.area)


def unrolled(ring: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A ring without jumps of longitude; one that goes around the Earth is closed along the south pole."""
    steps = np.diff(ring[:, 0])
    turns = np.concatenate([[0.0], np.cumsum(-360 * np.round(steps / 360))])
    flat = np.column_stack([ring[:, 0] + turns, ring[:, 1]])
    if abs(flat[-1, 0] - flat[0, 0]) < 180:
        return flat
    return np.concatenate([flat, [[flat[-1, 0], -90], [flat[0, 0], -90]]])


def _part(code: str, polygon: Polygon) -> str:
    middle = polygon.representative_point()
    for part, (south, north, west, east) in PARTS.get(code, {}).items():
        lowest = MAINLAND_NORTH[part] if part in MAINLAND_NORTH and middle.x > 0 else south
        if lowest <= middle.y <= north and west <= middle.x <= east:
            return part
    return code


def draw_countries(
    topology: dict[str, Any], code_of_number: dict[int, str], land: Mask, towns: Cities
) -> tuple[Labels, tuple[str, ...]]:
    """Index into the codes per pixel, -1 at sea and where no country is; and the codes, in alphabetical order.

    Pixels whose centre is in a country are its own where there is any land; other land takes the nearest country
    within ``FAR_KM``, so that no coastal town is at sea; an island or a country that got no pixel takes the one at its
    middle, and a place of GeoNames the pixel it stands on.
    """
    polygons = country_polygons(topology, code_of_number)
    codes = tuple(sorted({code for _, code in polygons if code}))
    numbers = {code: index for index, code in enumerate(codes)} | {"": len(codes)}
    drawn = _by_centre([(polygon, numbers[code]) for polygon, code in polygons])
    drawn[~land] = -1
    nobody = drawn == len(codes)
    filled = nearest_label(drawn, land & (drawn < 0), FAR_KM)
    filled[nobody | (filled == len(codes))] = -1
    _western_sahara(filled, codes)
    _islands(filled, [(polygon, numbers[code]) for polygon, code in polygons if code])
    _towns(filled, codes, towns)
    _smallest(filled, [(polygon, numbers[code]) for polygon, code in polygons if code])
    return filled, codes


def _western_sahara(drawn: Labels, codes: tuple[str, ...]) -> None:
    """Morocco ends where Western Sahara begins."""
    south = slice(int(np.ceil((90 - SAHARA_BORDER) / 180 * ROWS)), ROWS)
    drawn[south][drawn[south] == codes.index("MA")] = codes.index("EH")


def _by_centre(shapes: list[tuple[Polygon, int]]) -> Labels:
    place = from_origin(-180, 90, 360.0 / COLUMNS, 180.0 / ROWS)
    return rasterize(shapes, (ROWS, COLUMNS), fill=-1, transform=place, dtype="int16")


def pixel_of(polygon: Polygon) -> tuple[int, int]:
    """Row and column of a point inside."""
    middle = polygon.representative_point()
    row, column = int((90 - middle.y) / 180 * ROWS), int((middle.x + 180) / 360 * COLUMNS)
    return min(max(row, 0), ROWS - 1), min(max(column, 0), COLUMNS - 1)


def _islands(drawn: Labels, shapes: list[tuple[Polygon, int]]) -> None:
    """An island that the land mask does not know takes the pixel at its middle, unless that is somebody's."""
    for polygon, number in shapes:
        pixel = pixel_of(polygon)
        if drawn[pixel] == -1:
            drawn[pixel] = number


def _towns(drawn: Labels, codes: tuple[str, ...], towns: Cities) -> None:
    """A place of GeoNames brings its country to the pixel it stands on, where that is nobody's or just over a border.

    Larger places come last, so that a pixel with towns of two countries is that of the larger one.
    """
    numbers = np.array([codes.index(code) if code in codes else -1 for code in towns.country], np.int16)
    rows, columns = town_pixels(towns)
    before = drawn.copy()
    for place in np.argsort(towns.population, kind="stable").tolist():
        row, column, number = int(rows[place]), int(columns[place]), int(numbers[place])
        if number < 0:
            continue
        around = before[max(row - BORDER_PIXELS, 0) : row + BORDER_PIXELS + 1]
        near = around[:, np.arange(column - BORDER_PIXELS, column + BORDER_PIXELS + 1) % COLUMNS]
        if before[row, column] == -1 or (near == number).any():
            drawn[row, column] = number


def town_pixels(towns: Cities) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and column of the pixel that each place stands on."""
    rows = np.clip((90 - towns.latitude) / 180 * ROWS, 0, ROWS - 1).astype(np.int64)
    return rows, ((towns.longitude + 180) / 360 * COLUMNS).astype(np.int64) % COLUMNS


def _smallest(drawn: Labels, shapes: list[tuple[Polygon, int]]) -> None:
    """A country without a pixel takes the one at the middle of its largest polygon."""
    owning = set(np.unique(drawn).tolist())
    for polygon, number in shapes:
        if number not in owning:
            drawn[pixel_of(polygon)] = number
            owning.add(number)
