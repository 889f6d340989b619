"""How far the next lake and the next river are, as bands of great-circle distance. Knows no country."""

import numpy as np
import numpy.typing as npt
from evidence_earth import FINE, Labels, arc_km, centres
from scipy.spatial import KDTree
from sources import COLUMNS, EARTH_RADIUS_KM, ROWS, Mask
from water import lake_mask, river_mask

LAKE_EDGES_KM = (0.0, 2.0, 5.0, 10.0, 25.0, 6000.0)
RIVER_EDGES_KM = (0.0, 3.0, 6000.0)
"""Distance between neighbouring bands. Rivers are drawn to about a kilometre and are everywhere: a second band would
tell little and cut a quarter more cells."""


def distance_to_lakes(land: Mask) -> Labels:
    """Bands of distance to the next lake; see ``draw_water_distance``."""
    return draw_water_distance(lake_mask(all_touched=True), land, LAKE_EDGES_KM)


def distance_to_rivers(land: Mask) -> Labels:
    """Bands of distance to the next river; see ``draw_water_distance``."""
    return draw_water_distance(river_mask(), land, RIVER_EDGES_KM)


def draw_water_distance(water: Mask, land: Mask, edges_km: tuple[float, ...]) -> Labels:
    """Band of each pixel's middle in ``edges_km``, -1 at sea; a pixel that holds any water is in the first band.

    Args:
        water: lakes or rivers at 30 arc-seconds.
        land: pixels of the lattice that get a band.
        edges_km: ascending, from 0.
    """
    tree = KDTree(_outline(water))
    drawn = np.full((ROWS, COLUMNS), -1, np.int16)
    rows, columns = np.nonzero(land)
    farthest = 2 * np.sin(edges_km[-2] / EARTH_RADIUS_KM / 2) + 1e-9
    for start in range(0, rows.size, 1_000_000):
        some = slice(start, start + 1_000_000)
        place = rows[some], columns[some]
        chords = tree.query(centres(*place, (ROWS, COLUMNS)), distance_upper_bound=farthest, workers=2)[0]
        distance = arc_km(np.where(np.isfinite(chords), chords, 2.0))
        drawn[place] = np.searchsorted(np.array(edges_km[1:-1]), distance, side="right")
    wet = water.reshape(ROWS, FINE, COLUMNS, FINE).any((1, 3))
    drawn[wet & land] = 0
    return drawn


def _outline(water: Mask) -> npt.NDArray[np.float32]:
    """Unit vectors of the pixels of water that have a neighbour without."""
    inner = water & np.roll(water, 1, 1) & np.roll(water, -1, 1)
    inner[1:] &= water[:-1]
    inner[:-1] &= water[1:]
    return centres(*np.nonzero(water & ~inner), water.shape)
