"""The legend of ESA-CCI Land Cover: 38 values, 22 classes of the first level, 7 merged classes. Data, hardly any code.

Values and names are those of the product (Land Cover CCI Product User Guide version 2, 2017, table 3.1, and the
``flag_values`` of its NetCDF files); the merge is that of Bianco et al. 2024, section 5.2: cropland 10-40, broad-leaved
50-60, remaining trees on dry land 70-100, short vegetation 110-150, flooded 160-180, urban 190, bare, water and snow
200-220.
"""

NO_DATA_VALUE = 0
"""The 38th value: no data."""
WATER_VALUE = 210
"""Lakes and sea."""

FIRST_LEVEL: dict[int, str] = {
    10: "Cropland, rainfed",
    20: "Cropland, irrigated or post-flooding",
    30: "Mosaic cropland (more than half) with natural vegetation",
    40: "Mosaic natural vegetation (more than half) with cropland",
    50: "Tree cover, broad-leaved, evergreen",
    60: "Tree cover, broad-leaved, deciduous",
    70: "Tree cover, needle-leaved, evergreen",
    80: "Tree cover, needle-leaved, deciduous",
    90: "Tree cover, mixed leaf type",
    100: "Mosaic trees and shrubs (more than half) with herbs",
    110: "Mosaic herbs (more than half) with trees and shrubs",
    120: "Shrubland",
    130: "Grassland",
    140: "Lichens and mosses",
    150: "Sparse vegetation",
    160: "Tree cover, flooded, fresh or brackish water",
    170: "Tree cover, flooded, saline water",
    180: "Shrubs or herbs, flooded",
    190: "Urban areas",
    200: "Bare areas",
    210: "Water bodies",
    220: "Permanent snow and ice",
}
"""The 22 classes of the first level."""

SECOND_LEVEL: dict[int, int] = {
    11: 10,
    12: 10,
    61: 60,
    62: 60,
    71: 70,
    72: 70,
    81: 80,
    82: 80,
    121: 120,
    122: 120,
    151: 150,
    152: 150,
    153: 150,
    201: 200,
    202: 200,
}
"""The 15 regional values and the class of the first level that each belongs to."""

MERGED: dict[str, tuple[int, ...]] = {
    "cropland": (10, 20, 30, 40),
    "broadleaf_forest": (50, 60),
    "other_forest": (70, 80, 90, 100),
    "short_vegetation": (110, 120, 130, 140, 150),
    "flooded_vegetation": (160, 170, 180),
    "urban": (190,),
    "bare_water_snow": (200, 210, 220),
}
"""The seven classes of Bianco et al. 2024 and the classes of the first level in each."""


def first_level_of(value: int) -> int:
    """The class of the first level of a value of the product other than 0."""
    return SECOND_LEVEL.get(value, value)


def values_of(label: str) -> tuple[int, ...]:
    """All values of the product in one of the seven classes, ascending."""
    first = MERGED[label]
    return tuple(sorted([*first, *(value for value, parent in SECOND_LEVEL.items() if parent in first)]))
