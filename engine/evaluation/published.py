"""Tables 1 and 2 of Bianco et al. 2024 as printed, percent on the balanced sets; the 1 km column of RvA is empty there.

Source: "Ensembling satellite attribute predictors" (Bianco et al. 2024), section 5.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Row = tuple[tuple[float, ...], tuple[float, ...]]
"""RvA at 25, 200, 750, 2500 km caps and GCD at 1, 25, 200, 750, 2500 km."""


@dataclass(frozen=True)
class PublishedTable:
    """One table of the paper.

    Attributes:
        title: what it is about.
        photos: number of photos on the balanced set.
        rows: by name.
    """

    title: str
    photos: int
    rows: Mapping[str, Row]


IM2GPS3K = PublishedTable(
    "Im2GPS3k (balanced), Table 1 of Bianco et al. 2024",
    2160,
    {
        "GeoEst.": ((39.42, 65.98, 85.37, 97.02), (4.21, 23.24, 31.25, 43.89, 60.97)),
        "GeoEst. +LS": ((35.08, 65.58, 85.89, 97.45), (3.33, 20.79, 28.94, 41.02, 58.94)),
        "GeoEst. +LS urban prior": ((31.60, 43.20, 47.45, 47.50), (3.61, 21.25, 28.94, 42.22, 59.77)),
        "GeoEst. +LC": ((36.91, 65.90, 86.78, 97.23), (3.43, 22.55, 31.20, 43.94, 61.02)),
        "GeoEst. +LS+LC": ((32.75, 61.81, 84.20, 97.07), (3.01, 20.46, 28.70, 41.16, 58.94)),
        "GeoCLIP": ((41.19, 68.34, 88.42, 97.40), (4.91, 30.37, 43.84, 62.22, 79.81)),
        "GeoCLIP +LS": ((40.96, 70.97, 90.57, 97.84), (4.07, 28.61, 42.59, 61.39, 78.98)),
        "GeoCLIP +LS urban prior": ((32.96, 44.18, 47.22, 47.22), (4.35, 27.96, 41.34, 61.34, 78.94)),
        "GeoCLIP +LC": ((40.29, 71.29, 90.24, 97.86), (4.40, 29.12, 43.01, 62.82, 79.68)),
        "GeoCLIP +LS+LC": ((37.48, 69.14, 89.88, 97.86), (3.80, 27.82, 42.31, 61.30, 78.75)),
    },
)

STREET_VIEW = PublishedTable(
    "Street View (balanced), Table 2 of Bianco et al. 2024",
    6768,
    {
        "GeoEst.": ((7.96, 34.73, 68.21, 92.45), (0.00, 5.00, 11.03, 33.53, 60.44)),
        "GeoEst. +LS": ((9.85, 42.14, 74.27, 94.39), (0.15, 5.59, 13.82, 36.18, 62.35)),
        "GeoEst. +LS urban prior": ((9.36, 33.63, 41.06, 41.21), (0.00, 5.00, 11.18, 34.12, 60.88)),
        "GeoEst. +LC": ((8.29, 40.25, 75.43, 94.37), (0.00, 5.15, 11.47, 35.29, 61.32)),
        "GeoEst. +LS+LC": ((9.39, 39.83, 73.95, 94.67), (0.15, 5.74, 14.12, 36.76, 62.06)),
        "GeoCLIP": ((13.28, 44.70, 77.51, 93.97), (0.00, 12.43, 29.24, 64.18, 81.14)),
        "GeoCLIP +LS": ((16.56, 54.42, 83.37, 94.62), (0.44, 12.28, 30.26, 64.18, 83.33)),
        "GeoCLIP +LS urban prior": ((15.76, 38.06, 42.03, 42.04), (0.00, 12.43, 29.39, 63.89, 81.58)),
        "GeoCLIP +LC": ((15.69, 51.33, 82.69, 94.97), (0.00, 12.43, 30.12, 63.45, 80.70)),
        "GeoCLIP +LS+LC": ((16.09, 53.25, 83.21, 95.03), (0.44, 12.28, 30.70, 63.60, 83.19)),
    },
)

TABLES = {"im2gps3k": IM2GPS3K, "street_view": STREET_VIEW}
