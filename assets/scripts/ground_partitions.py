"""Climate, elevation bands and relief on the lattice of evidence. Knows no country.

Each is smoothed by a vote of the neighbourhood: a sliver of a few kilometres says more of the source's own error than
of the ground, and each costs cells of the overlay.
"""

import numpy as np
from evidence_earth import Fields, Labels, enlarged
from relief_model import Ranges
from scipy import ndimage
from sources import CLIMATES, Bytes, Mask

EDGES_M = (-500.0, 0.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 9000.0)
"""Metres above the sea between neighbouring bands."""
HILLS_M, MOUNTAINS_M, SKYLINE_M = 50.0, 250.0, 600.0
"""Least range of elevation: near a place, of hills and of mountains; around it, of mountains (``relief_model`` says how
far). Hammond (1964, 'Classes of land-surface form') and Kapos et al. (2000, 'Developing a map of the world's mountain
forests', UNEP-WCMC) draw their lines at 30 to 90 m and at 300 m, over other distances. A valley among mountains is
mountains here, a plateau is flat: the analyst says what the photo shows, and it shows the skyline."""
ACROSS = {"climate": 9, "elevation": 5, "relief": 3}
"""Pixels of 2 arc-minutes across which neighbours vote."""
CLIMATE_CODES = tuple(code for code in CLIMATES if code not in ("none", "Ocean"))


def draw_climate(fields: Fields, land: Mask) -> Labels:
    """Index into ``CLIMATE_CODES``, -1 at sea."""
    codes = np.array([CLIMATE_CODES.index(code) if code in CLIMATE_CODES else -1 for code in CLIMATES], np.int16)
    drawn = codes[fields.raw_climate]
    nearest = ndimage.distance_transform_edt(drawn < 0, return_distances=False, return_indices=True)
    return smoothed(drawn[tuple(nearest)], land, len(CLIMATE_CODES), ACROSS["climate"])


def draw_elevation(fields: Fields, land: Mask) -> Labels:
    """Band in ``EDGES_M``, -1 at sea."""
    metres = enlarged(fields.signed_altitude_m)
    drawn = np.searchsorted(np.array(EDGES_M[1:-1]), metres, side="right").astype(np.int16)
    return smoothed(drawn, land, len(EDGES_M) - 1, ACROSS["elevation"])


def draw_relief(ranges: Ranges, land: Mask) -> Labels:
    """0 flat, 1 hills, 2 mountains, -1 at sea."""
    drawn = np.searchsorted(np.array([HILLS_M, MOUNTAINS_M]), ranges.near, side="right").astype(np.int16)
    drawn[ranges.around >= SKYLINE_M] = 2
    return smoothed(drawn, land, 3, ACROSS["relief"])


def smoothed(drawn: Labels, land: Mask, classes: int, across: int) -> Labels:
    """The class that most land pixels around each one have, the lower number on a tie; -1 where there is no land."""
    best, winner = np.zeros(drawn.shape, np.uint8), np.full(drawn.shape, -1, np.int16)
    for label in range(classes):
        votes = box_count(land & (drawn == label), across)
        ahead = votes > best
        best[ahead], winner[ahead] = votes[ahead], label
    return np.where(land, winner, -1).astype(np.int16)


def box_count(mask: Mask, across: int) -> Bytes:
    """How many pixels of a square around each one are in the mask; joined at the date line."""
    half = across // 2
    wide = np.pad(mask.astype(np.uint8), ((half, half), (0, 0)))
    wide = np.pad(wide, ((0, 0), (half, half)), mode="wrap")
    down = np.zeros((mask.shape[0], wide.shape[1]), np.uint8)
    for step in range(across):
        down += wide[step : step + mask.shape[0]]
    count = np.zeros(mask.shape, np.uint8)
    for step in range(across):
        count += down[:, step : step + mask.shape[1]]
    return count
