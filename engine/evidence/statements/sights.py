"""Statements about snow on the ground and palm trees: how likely a photo shows them, by climate, height and month.

The tables are judgement, not measurement, and therefore cautious: no chance is below 0.005 or above 0.95 of
the greatest. What they rest on: the Koeppen-Geiger classes themselves (Peel, Finlayson and McMahon 2007; the border of
the D climates, a coldest month below -3 degrees C, was drawn by Koeppen as the limit of a lasting snow cover), the
seasonal extent of snow (Robinson, Dewey and Heim 1993; Rutgers Global Snow Lab), and the cold that palms bear
(Reichgelt, West and Greenwood 2018: a coldest month of 2 to 5 degrees C at least), with room for planted ones.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from engine.errors import InputError
from engine.evidence.statements.likelihood import ELEVATION, RELIEF, CellShares, EvidenceMap
from engine.evidence.statements.sentences import MONTHS, Titles
from engine.partitions.overlay import Overlay, PartitionTable
from engine.typing import FloatArray, IntArray

CLIMATE = "climate"
"""Partition whose classes the tables are by."""

LEAST, MOST = 0.005, 0.95
"""Bounds of a chance relative to the greatest: a table may be wrong about any place."""


Sight = Literal["snow", "palm_trees"]

SIGHTS: Mapping[str, str] = {"snow": "Snow on the ground", "palm_trees": "Palm trees"}
"""What can be seen."""


@dataclass(frozen=True)
class Seen:
    """Something is seen that not every place has, or not all year.

    Attributes:
        what: snow on the ground, or palm trees.
        month: 1 to 12 where the month of the photo is known.
    """

    kind: ClassVar[str] = "seen"
    gradual: ClassVar[bool] = True

    what: Sight
    month: int | None = None

    def __post_init__(self) -> None:
        if self.what not in SIGHTS:
            raise InputError(f"There is no sight {self.what[:40]!r}; use one of {', '.join(SIGHTS)}.")
        if self.month is not None and self.month not in range(1, 13):
            raise InputError(f"There is no month {self.month}; give 1 to 12 or leave it out.")

    def sentence(self, titles: Titles | None = None) -> str:
        """``"Snow on the ground in March"``."""
        del titles
        return SIGHTS[self.what] + (f" in {MONTHS[self.month - 1]}" if self.month is not None else "")

    def likelihood(self, world: EvidenceMap) -> CellShares:
        """How likely each cell shows it beside the likeliest one."""
        return CellShares(chance_of(self, world.overlay, world.edges[ELEVATION], world.confusion.get(CLIMATE)))


@dataclass(frozen=True)
class Snow:
    """Chance that a photo taken outdoors shows snow on the ground.

    Attributes:
        winter: at midwinter.
        summer: at midsummer.
        months: months of the year in which it is at least half as likely as in winter.
    """

    winter: float
    summer: float
    months: float


SNOW: Mapping[str, Snow] = {
    "A": Snow(0.0, 0.0, 0.0),
    "BWh": Snow(0.005, 0.0, 2.0),
    "BSh": Snow(0.005, 0.0, 2.0),
    "BWk": Snow(0.2, 0.0, 3.0),
    "BSk": Snow(0.35, 0.0, 4.0),
    "Csa": Snow(0.04, 0.0, 2.0),
    "Csb": Snow(0.08, 0.0, 3.0),
    "Csc": Snow(0.4, 0.02, 5.0),
    "Cwa": Snow(0.01, 0.0, 2.0),
    "Cwb": Snow(0.03, 0.0, 2.0),
    "Cwc": Snow(0.2, 0.05, 4.0),
    "Cfa": Snow(0.1, 0.0, 3.0),
    "Cfb": Snow(0.15, 0.0, 4.0),
    "Cfc": Snow(0.5, 0.05, 6.0),
    "Da": Snow(0.55, 0.0, 4.0),
    "Db": Snow(0.75, 0.0, 5.0),
    "Dc": Snow(0.9, 0.03, 7.0),
    "Dd": Snow(0.95, 0.03, 7.5),
    "ET": Snow(0.9, 0.35, 8.5),
    "EF": Snow(0.98, 0.95, 12.0),
}
"""By class, by first and last letter for the D climates, or by first letter."""

SNOW_HIGH: tuple[tuple[float, float], ...] = ((4000.0, 0.5), (3000.0, 0.25), (2000.0, 0.1))
"""Metres, and the chance in winter that there is at least: a class covers a valley and the peaks around it."""

SNOW_ON_MOUNTAINS: Mapping[str, float] = {"BWk": 0.3, "BSk": 0.4, "Csb": 0.3, "Csc": 0.5, "Cfb": 0.35, "Cfc": 0.6}
"""By class the chance in winter that there is at least in mountains: the class is that of the valley."""

TROPICS_DEGREES = 23.5
"""Where a cool climate comes of height and not of winter: Bogota and Nairobi have the class of Brittany."""

SNOW_TROPICS: Mapping[str, Snow] = {"ET": Snow(0.25, 0.15, 6.0), "EF": Snow(0.95, 0.9, 12.0)}
"""Between the tropics no other class has snow but above ``SNOW_LINE_M``."""

SNOW_LINE_M, SNOW_ABOVE_THE_LINE = 4000.0, Snow(0.3, 0.2, 6.0)
"""Of the tropics: lasting snow begins near 5,000 m, and bands of height end at 4,000 m."""

PALMS: Mapping[str, float] = {
    "Af": 0.5, "Am": 0.5, "Aw": 0.35, "As": 0.35,
    "BWh": 0.25, "BSh": 0.25, "BWk": 0.03, "BSk": 0.04,
    "Csa": 0.25, "Csb": 0.12, "Csc": 0.01,
    "Cwa": 0.15, "Cwb": 0.08, "Cwc": 0.01, "Cfa": 0.15, "Cfb": 0.05, "Cfc": 0.005,
    "D": 0.003, "E": 0.0,
}  # fmt: skip
"""Chance that a photo taken outdoors shows a palm, by class or its first letter."""

PALMS_HIGH: tuple[tuple[float, float], ...] = ((3000.0, 0.03), (2000.0, 0.3), (1500.0, 0.6))
"""Metres, and what is left of the chance of a palm above them."""

PALMS_POLEWARD: Mapping[str, tuple[float, float]] = {"Cfa": (39.0, 0.25), "Csb": (46.0, 0.25)}
"""By class the latitude beyond which winters are colder than the class says, and what is left of the chance of a palm.

Cfa reaches from Florida to New York, Csb from Los Angeles to Seattle.
"""

_MIDWINTER = 0.75  # months after the New Year in the north: the snow lags behind the sun


def chance_of(
    statement: Seen, overlay: Overlay, edges_m: Sequence[float], confusion: FloatArray | None = None
) -> FloatArray:
    """``(cells,)`` chance of a sight relative to the greatest there is, in [0, 1]; sea has the least.

    Args:
        statement: what was seen.
        overlay: has the partitions ``climate``, ``elevation`` and ``relief``.
        edges_m: of the bands of elevation, ascending.
        confusion: ``(classes, classes)`` of the climate layer, as ``Confusion.true``; none where it is right.
    """
    climate, height, relief = (overlay.table(name) for name in (CLIMATE, ELEVATION, RELIEF))
    table = _chances(statement, climate.labels, tuple(float(edge) for edge in edges_m[:-1]))
    if confusion is not None:
        table = table.copy()
        table[:, :-1] = np.einsum("ct,ktb->kcb", confusion, table[:, :-1])
    found = np.asarray(table[_kind_of(overlay, relief), climate.cell_label, height.cell_label], np.float64)
    return found if statement.what == "snow" else np.maximum(found * _palm_factor(overlay), LEAST)


@lru_cache(maxsize=64)
def _chances(statement: Seen, codes: tuple[str, ...], lower_m: tuple[float, ...]) -> FloatArray:
    """Relative chances ``(8, codes + 1, bands + 1)`` by kind; -1, no label, reads the last entries."""
    kinds = [_Kind(south, tropics, hilly) for south in (0, 1) for tropics in (0, 1) for hilly in (0, 1)]
    chances = np.array([[[_chance(statement, code, m, kind) for m in lower_m] for code in codes] for kind in kinds])
    bounded = np.clip(chances / chances.max(), LEAST, MOST)
    return np.pad(bounded, ((0, 0), (0, 1), (0, 1)), constant_values=LEAST)


class _Kind(NamedTuple):
    """What else a chance hangs on, each 0 or 1: the southern hemisphere, between the tropics, in mountains."""

    south: int
    tropics: int
    mountains: int


def _kind_of(overlay: Overlay, relief: PartitionTable) -> IntArray:
    """``(cells,)`` number of each cell's kind, in the order of ``chance_of``."""
    up = overlay.unit_center[:, 2]
    tropics = np.abs(up) < np.sin(np.radians(TROPICS_DEGREES))
    mountains = np.array([label == "mountains" for label in (*relief.labels, "")])[relief.cell_label]
    return np.asarray(4 * (up < 0) + 2 * tropics + mountains, np.int64)


def _palm_factor(overlay: Overlay) -> FloatArray:
    """``(cells,)`` what is left of the chance of a palm at each cell's latitude, for classes that reach far."""
    climate = overlay.table("climate")
    latitude = np.degrees(np.arcsin(np.abs(overlay.unit_center[:, 2])))
    left = np.ones(overlay.cells)
    for code, (beyond, share) in PALMS_POLEWARD.items():
        if code in climate.labels:
            left[(climate.cell_label == climate.labels.index(code)) & (latitude > beyond)] = share
    return left


def _chance(statement: Seen, code: str, height_m: float, kind: _Kind) -> float:
    if statement.what == "palm_trees":
        left = next((share for above, share in PALMS_HIGH if height_m >= above), 1.0)
        return left * (PALMS.get(code) or PALMS.get(code[0], 0.0))
    snow = _snow_in_tropics(code, height_m) if kind.tropics else _snow(code, height_m, kind.mountains)
    months = range(1, 13) if statement.month is None else [statement.month]
    return sum(snow_in_month(snow, month, kind.south) for month in months) / len(months)


def _snow(code: str, height_m: float, mountains: int) -> Snow:
    """Beyond the tropics."""
    snow = SNOW.get(code) or SNOW.get(code[0] + code[-1]) or SNOW[code[0]]
    least = next((chance for above, chance in SNOW_HIGH if height_m >= above), 0.0)
    if mountains:
        least = max(least, SNOW_ON_MOUNTAINS.get(code, 0.0))
    if height_m >= SNOW_HIGH[-1][0]:
        return Snow(max(snow.winter, least), max(snow.summer, least / 4), max(snow.months, 4.0))
    return Snow(max(snow.winter, least), snow.summer, max(snow.months, 4.0 if least else 0.0))


def _snow_in_tropics(code: str, height_m: float) -> Snow:
    return SNOW_TROPICS.get(code) or (SNOW_ABOVE_THE_LINE if height_m >= SNOW_LINE_M else Snow(0.0, 0.0, 0.0))


def snow_in_month(snow: Snow, month: int, south: int) -> float:
    """Chance of snow in a month, 1 to 12: a plateau of ``snow.months`` around midwinter with soft ends."""
    away = abs((month - 0.5 - _MIDWINTER - 6.0 * south + 6.0) % 12.0 - 6.0)
    share = 1.0 / (1.0 + math.exp((away - snow.months / 2.0) / 0.5))
    return snow.summer + (snow.winter - snow.summer) * share
