"""Areas in words: "an area like Costa Rica"; distances, factors and shares in their significant digits.

Land and inland water of well-known places, rounded, as the United Nations (Demographic Yearbook, table 3) and the
places' own statistics give them; city areas are those of the municipality. For a sense of size.
"""

import math

SIZES_KM2: tuple[tuple[float, str], ...] = (
    (0.49, "Vatican City"),
    (2.0, "Monaco"),
    (3.4, "Central Park in New York"),
    (6.8, "Gibraltar"),
    (21, "Nauru"),
    (34, "Macau"),
    (59, "Manhattan"),
    (105, "Paris"),
    (160, "Liechtenstein"),
    (316, "Malta"),
    (468, "Andorra"),
    (730, "Singapore"),
    (1_110, "Hong Kong"),
    (1_570, "Greater London"),
    (2_590, "Luxembourg"),
    (4_000, "Rhode Island"),
    (5_800, "Bali"),
    (9_250, "Cyprus"),
    (13_900, "Northern Ireland"),
    (20_300, "Slovenia"),
    (30_500, "Belgium"),
    (41_300, "Switzerland"),
    (51_100, "Costa Rica"),
    (69_800, "Georgia"),
    (84_000, "Austria"),
    (103_000, "Iceland"),
    (132_000, "Greece"),
    (181_000, "Cambodia"),
    (243_000, "the United Kingdom"),
    (301_000, "Italy"),
    (357_000, "Germany"),
    (450_000, "Sweden"),
    (506_000, "Spain"),
    (644_000, "France"),
    (783_000, "Turkey"),
    (1_002_000, "Egypt"),
    (1_285_000, "Peru"),
    (1_648_000, "Iran"),
    (2_150_000, "Saudi Arabia"),
    (2_780_000, "Argentina"),
    (3_290_000, "India"),
    (4_230_000, "the European Union"),
    (5_500_000, "the Amazon rainforest"),
    (7_690_000, "Australia"),
    (9_830_000, "the United States"),
    (13_700_000, "Antarctica"),
    (17_100_000, "Russia"),
    (24_300_000, "North America"),
    (30_300_000, "Africa"),
    (44_600_000, "Asia"),
    (85_000_000, "the Atlantic Ocean"),
    (149_000_000, "all land on Earth"),
    (361_000_000, "all seas on Earth"),
    (510_000_000, "the whole Earth"),
)
_ALIKE = 1.25
"""Areas within this factor count as alike."""


def compare_area(area_km2: float) -> str:
    """Compare an area with a well-known place: ``"an area like Costa Rica"`` or ``"less than Vatican City"``.

    Args:
        area_km2: 0 or more, at most the area of the Earth.
    """
    smallest, name = SIZES_KM2[0]
    if area_km2 < smallest / _ALIKE:
        return f"less than {name}"
    size, name = min(SIZES_KM2, key=lambda one: abs(math.log(area_km2 / one[0])))
    if area_km2 > size * _ALIKE:
        return f"somewhat more than {name}"
    return f"somewhat less than {name}" if area_km2 * _ALIKE < size else f"an area like {name}"


def readable_km2(area_km2: float) -> str:
    """An area in its significant digits: ``"52,000 km²"``, ``"3.4 km²"``, ``"310 m²"``, ``"4.1 million km²"``."""
    if area_km2 < 0.01:
        return f"{_two_digits(area_km2 * 1e6):,.0f} m²"
    if area_km2 < 10:
        return f"{_two_digits(area_km2):g} km²"
    if area_km2 < 995_000:
        return f"{_two_digits(area_km2):,.0f} km²"
    return f"{_two_digits(area_km2 / 1e6):g} million km²"


def readable_km(distance_km: float) -> str:
    """A distance: ``"340 km"``, ``"4.2 km"``, ``"90 m"``."""
    if distance_km < 1:
        return f"{_two_digits(distance_km * 1000):g} m"
    return f"{_two_digits(distance_km):g} km" if distance_km < 10 else f"{_two_digits(distance_km):,.0f} km"


def readable_factor(factor: float) -> str:
    """How many times, 1 or more: ``"1.8"``, ``"12"``, ``"more than 1,000"``."""
    if factor > 1000:
        return "more than 1,000"
    return f"{_two_digits(factor):g}"


def readable_share(share: float) -> str:
    """A share of 1 as per cent that never rounds to all or nothing: ``"97 %"``, ``"99.8 %"``, ``"less than 0.1 %"``."""
    if share <= 0 or share >= 1:
        return "all" if share >= 1 else "none"
    if share < 0.001:
        return "less than 0.1 %"
    if share > 0.999:
        return "more than 99.9 %"
    return f"{share:.1%}".replace("%", " %") if share < 0.01 or share > 0.99 else f"{share:.0%}".replace("%", " %")


def _two_digits(value: float) -> float:
    """Rounded to two significant digits; two more for whole numbers above 100 would only feign exactness."""
    return float(f"{value:.2g}")
