"""Climate, elevation bands and relief on the lattice of evidence. Knows no country.

Each is smoothed by a vote of the neighbourhood: a sliver of a few kilometres says more of the source's own error than
of the ground, and each costs cells of the overlay.
"""

import numpy as np
from evidence_earth import Fields, Labels
from scipy import ndimage
from sources import CLIMATES, COLUMNS, ROWS, Bytes, Floats, Mask

EDGES_M = (-500.0, 0.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 9000.0)
"""Metres above the sea between neighbouring bands."""
HILLS_M, MOUNTAINS_M = 100.0, 300.0
"""Least range of elevation in the neighbourhood. 300 m within 7 km is what Kapos et al. (2000, 'Developing a map of the
world's mountain forests', UNEP-WCMC) ask of mountains below 1,500 m; Hammond (1964) calls less than 100 m plains. Their
rules for slope, and the one that all ground above 2,500 m is mountains, are left out: the analyst says what the photo
shows, and a plateau shows a plain."""
AROUND = 3
"""Pixels of 5 arc-minutes across which the range is taken: 9 km around the middle one."""
ACROSS = {"climate": 9, "elevation": 5, "relief": 9}
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


def draw_relief(fields: Fields, land: Mask) -> Labels:
    """0 flat, 1 hills, 2 mountains, -1 at sea."""
    altitude = np.maximum(fields.signed_altitude_m, -450)
    span = ndimage.maximum_filter(altitude, AROUND, mode=("nearest", "wrap")) - ndimage.minimum_filter(
        altitude, AROUND, mode=("nearest", "wrap")
    )
    drawn = np.searchsorted(np.array([HILLS_M, MOUNTAINS_M]), enlarged(span), side="right").astype(np.int16)
    return smoothed(drawn, land, 3, ACROSS["relief"])


def enlarged(field: Floats) -> Floats:
    """A field of 5 arc-minutes on the lattice, bilinear, joined at the date line."""
    ratio = field.shape[0] / ROWS
    rows = np.clip((np.arange(ROWS) + 0.5) * ratio - 0.5, 0, field.shape[0] - 1)
    columns = (np.arange(COLUMNS) + 0.5) * ratio - 0.5
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = np.minimum(top + 1, field.shape[0] - 1), (left + 1) % field.shape[1]
    across = (columns - left).astype(np.float32)
    wide = field[:, left % field.shape[1]] * (1 - across) + field[:, right] * across
    share = (rows - top).astype(np.float32)[:, None]
    return np.asarray(wide[top] * (1 - share) + wide[down] * share, np.float32)


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
