"""Groups of photos: population bucket, land cover and continent of the true place; balanced resampling.

Continents come from a coarse table of latitude-longitude boxes (no continent layer ships with the project): right for
about 99 photos in 100, wrong along borders such as the Urals, the Caucasus and the Levant. Say so where they are shown.
"""

from dataclasses import dataclass

import numpy as np

from engine.evaluation.evidence import Positions
from engine.partitions.overlay import Overlay
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

ELSEWHERE = "elsewhere"

CONTINENT_BOXES = (
    # name, south, north, west, east in degrees; the first box that holds a point decides
    ("Antarctica", -90, -60, -180, 180),
    ("Europe", 62, 68, -26, -12),  # Iceland
    ("North America", 59, 85, -74, -10),  # Greenland
    ("North America", 6.9, 13, -94, -77.3),  # Panama to Guatemala
    ("South America", -60, 12.7, -93, -33),
    ("Oceania", -30, 30, -180, -120),  # Hawaii and the eastern Pacific
    ("North America", 7, 85, -169, -50),
    ("Oceania", -60, -10.5, 110, 180),  # Australia, New Zealand
    ("Oceania", -12, 0, 130.9, 180),  # New Guinea
    ("Oceania", -30, 25, 144, 180),  # Micronesia and the western Pacific
    ("Asia", 60, 82, -180, -169),  # Chukotka
    ("Africa", 34.5, 37.6, -7, 11.7),  # the coast from Morocco to Tunisia
    ("Asia", 34.4, 36, 32, 60),  # Cyprus, Syria
    ("Asia", 36, 41.4, 26.3, 60),  # Turkey, Iran
    ("Europe", 34.5, 47, -32, 40),
    ("Europe", 47, 82, -32, 60),
    ("Asia", 28, 38, 34.3, 180),  # Sinai and the Levant eastwards
    ("Asia", 20, 28, 37, 180),  # Arabia
    ("Asia", 12.7, 20, 42.5, 180),
    ("Africa", -36, 37.6, -32, 52),
    ("Africa", -30, 0, 52, 65),  # islands of the Indian Ocean
    ("Asia", -11, 82, 45, 180),
)


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which group each photo belongs to.

    Attributes:
        name: ``population``, ``land_cover`` or ``continent``.
        labels: names of the groups.
        group: ``(photos,)`` index into ``labels``.
        note: how far to trust it, or empty.
    """

    name: str
    labels: tuple[str, ...]
    group: Positions
    note: str = ""


def by_label(overlay: Overlay, partition: str, truth_cell: Positions) -> Grouping:
    """Groups by the label of a partition at the true place; ``elsewhere`` outside all of them."""
    table = overlay.table(partition)
    label = table.cell_label[truth_cell].astype(np.int64)
    return Grouping(partition, (*table.labels, ELSEWHERE), np.where(label == NOWHERE, len(table.labels), label))


def by_continent(latitude: FloatArray, longitude: FloatArray) -> Grouping:
    """Groups by continent, coarsely; see the module."""
    names = tuple(dict.fromkeys(box[0] for box in CONTINENT_BOXES))
    group = np.full(latitude.size, len(names))
    for name, south, north, west, east in reversed(CONTINENT_BOXES):
        inside = (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)
        group[inside] = names.index(name)
    return Grouping("continent", (*names, ELSEWHERE), group, "Continents are a coarse table of boxes, not borders.")


def groupings(overlay: Overlay, latitude: FloatArray, longitude: FloatArray) -> tuple[Grouping, ...]:
    """All breakdowns of a table."""
    truth = overlay.cell_at(latitude, longitude)
    return (
        by_label(overlay, "population", truth),
        by_label(overlay, "land_cover", truth),
        by_continent(latitude, longitude),
    )


def draw_balanced(buckets: Grouping, seed: int = 0) -> tuple[Positions, tuple[str, ...]]:
    """Equally many photos of every population bucket, drawn without replacement (Bianco et al. 2024, section 5.3).

    Returns:
        Positions, ascending, and sentences on what the balance leaves out.
    """
    rng = np.random.default_rng(seed)
    real = [n for n, label in enumerate(buckets.labels) if label != ELSEWHERE]
    counts = {n: int((buckets.group == n).sum()) for n in real}
    present = [n for n in real if counts[n]]
    notes = [
        f"No photo lies in the bucket {buckets.labels[n]!r}; the balance leaves it out." for n in real if not counts[n]
    ]
    outside = int((buckets.group == buckets.labels.index(ELSEWHERE)).sum())
    if outside:
        notes.append(f"{outside} photos lie in no population bucket (at sea); the balance leaves them out.")
    if not present:
        return np.empty(0, np.int64), tuple(notes)
    each = min(counts[n] for n in present)
    chosen = [rng.choice(np.flatnonzero(buckets.group == n), each, replace=False) for n in present]
    notes.append(f"Balanced: {each} photos of each of {len(present)} buckets out of {[counts[n] for n in present]}.")
    return np.sort(np.concatenate(chosen)), tuple(notes)
