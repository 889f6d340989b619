"""How good the tile search is on photos with known places: paper B's Tables 1 to 3, and where the truth is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.earth import tiles
from engine.earth.sphere import FloatArray, great_circle_km
from engine.encoders import Encodable
from engine.errors import InputError
from engine.evaluation.distance import percent_within
from engine.evaluation.recall_area import CAPS_KM
from engine.progress import Report
from engine.search.beam import BeamState, Method
from engine.search.search import SearchResult, SearchSettings, TileSearch
from engine.search.tile_prior import TilePrior

PAPER_TABLE_1: dict[int, tuple[str, ...]] = {
    16: ("5.91", "11.81", "22.36", "42.62", "64.14", "8'38\""),
    32: ("6.35", "11.11", "15.87", "28.57", "55.56", "20'48\""),
    64: ("5.48", "12.33", "16.44", "32.88", "58.90", "30'33\""),
}
"""Paper B, Table 1, Im2GPS: percent within each radius and time a photo."""
PAPER_TABLE_2: dict[str, tuple[float, ...]] = {
    "ISNs": (16.9, 43.0, 51.9, 66.7, 80.2),
    "Translocator": (19.9, 48.1, 64.6, 75.6, 86.7),
    "GeoDecoder": (22.1, 50.2, 69.0, 80.0, 89.1),
    "PIGEOTTO": (14.8, 40.9, 63.3, 82.3, 91.1),
    "Paper B": (6.8, 11.3, 18.1, 34.0, 65.9),
}
"""Paper B, Table 2, Im2GPS, published figures."""
PAPER_TABLE_3: dict[str, tuple[float, ...]] = {
    "GeoCLIP": (17.30, 41.77, 60.76, 77.22, 89.87),
    "GeoCLIP attached to paper B": (14.29, 21.43, 28.57, 45.24, 69.05),
}
"""Paper B, Table 3, published figures."""


@dataclass(frozen=True, eq=False)
class Case:
    """One photo with its place."""

    photo: Encodable
    latitude: float
    longitude: float


PriorOf = Callable[[Case], TilePrior]
"""The map that the search of a photo begins from."""
PointOf = Callable[[Case], tuple[float, float]]
"""Latitude and longitude that another model gives for a photo."""


@dataclass(frozen=True, eq=False)
class PointRow:
    """Another model's points over all photos.

    Attributes:
        name: of the model.
        photos: how many it was asked about.
        percent: within each radius of ``CAPS_KM``.
        median_km: of the errors.
    """

    name: str
    photos: int
    percent: tuple[float, ...]
    median_km: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"name": self.name, "photos": self.photos, "gcd": _radii(self.percent), "median_km": self.median_km}


@dataclass(frozen=True, eq=False)
class Row:
    """A beam width over all photos.

    Attributes:
        k: tiles kept per level.
        method: the rule.
        photos: how many were searched.
        percent: within each radius of ``CAPS_KM``.
        median_km: of the errors.
        candidates_hold: per zoom, percent of photos whose true tile was among the candidates.
        kept_hold: per zoom, percent whose true tile was kept.
        tiles_encoded: per photo, mean.
        seconds: per photo, mean.
        failed: photos that gave no answer, by reason.
        attached: whose point was kept besides (k + 1), or empty.
        from_map: whether each search began from a map of the photo.
    """

    k: int
    method: Method
    photos: int
    percent: tuple[float, ...]
    median_km: float
    candidates_hold: dict[int, float]
    kept_hold: dict[int, float]
    tiles_encoded: float
    seconds: float
    failed: dict[str, int] = field(default_factory=dict)
    attached: str = ""
    from_map: bool = False

    @property
    def name(self) -> str:
        """The row's head in a table."""
        words = [f"k={self.k}{'+1' if self.attached else ''}", self.method.value]
        words += [f"{self.attached} attached"] if self.attached else []
        return ", ".join(words + (["from the map"] if self.from_map else []))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "k": self.k,
            "method": self.method.value,
            "photos": self.photos,
            "attached": self.attached,
            "from_map": self.from_map,
            "gcd": _radii(self.percent),
            "median_km": self.median_km,
            "candidates_hold": {str(zoom): value for zoom, value in self.candidates_hold.items()},
            "kept_hold": {str(zoom): value for zoom, value in self.kept_hold.items()},
            "tiles_encoded": self.tiles_encoded,
            "seconds": self.seconds,
            "failed": self.failed,
        }


def evaluate_search(
    search: TileSearch,
    cases: Sequence[Case],
    settings: SearchSettings,
    report: Report | None = None,
    prior_of: PriorOf | None = None,
    attached: tuple[str, PointOf] | None = None,
) -> Row:
    """Search every photo and measure.

    Args:
        search: what to search with.
        cases: the photos.
        settings: width and method.
        report: told how far it is.
        prior_of: gives the map that each search begins from; the search's own prior unless given.
        attached: name of another model and its points, each kept besides the best k (paper B, section 5.1).

    Raises:
        InputError: there is no photo, or the settings make no sense.
    """
    if not cases:
        raise InputError("There is no photo to search with; give a manifest with path, lat and lon.")
    results, seconds = [], 0.0
    for number, case in enumerate(cases):
        prior = search.prior if prior_of is None else prior_of(case)
        asked = settings if attached is None else replace(settings, attached=attached[1](case))
        started = time.perf_counter()
        results.append(search.with_prior(prior).run(case.photo, asked))
        seconds += time.perf_counter() - started
        if report is not None:
            report(f"k = {settings.k}: photo {number + 1} of {len(cases)}", (number + 1) / len(cases))
    row = _row(results, cases, settings, seconds / len(cases))
    return replace(row, attached="" if attached is None else attached[0], from_map=prior_of is not None)


def evaluate_points(name: str, cases: Sequence[Case], point_of: PointOf) -> PointRow:
    """How far another model's points are from the truth.

    Raises:
        InputError: there is no photo.
    """
    if not cases:
        raise InputError(f"There is no photo to ask {name} about; give a manifest with path, lat and lon.")
    pairs = [(point_of(case), (case.latitude, case.longitude)) for case in cases]
    errors: FloatArray = np.array([float(great_circle_km(*found, *truth)) for found, truth in pairs])
    return PointRow(name, len(cases), tuple(float(p) for p in percent_within(errors)), float(np.median(errors)))


def _row(results: Sequence[SearchResult], cases: Sequence[Case], settings: SearchSettings, seconds: float) -> Row:
    errors: FloatArray = np.array(
        [
            float(great_circle_km(case.latitude, case.longitude, result.best[0].latitude, result.best[0].longitude))
            for result, case in zip(results, cases, strict=True)
        ]
    )
    walks = [
        truth_on_the_way(result.state, case.latitude, case.longitude)
        for result, case in zip(results, cases, strict=True)
    ]
    zooms = sorted({zoom for walk in walks for zoom in walk})
    held = {zoom: [walk.get(zoom, (False, False)) for walk in walks] for zoom in zooms}
    return Row(
        settings.k,
        settings.method,
        len(cases),
        tuple(float(p) for p in percent_within(errors)),
        float(np.median(errors)),
        {zoom: 100.0 * float(np.mean([seen for seen, _ in pairs])) for zoom, pairs in held.items()},
        {zoom: 100.0 * float(np.mean([kept for _, kept in pairs])) for zoom, pairs in held.items()},
        float(np.mean([result.tiles_encoded for result in results])),
        seconds,
    )


def truth_on_the_way(state: BeamState, latitude: float, longitude: float) -> dict[int, tuple[bool, bool]]:
    """Per zoom, whether the true tile was a candidate and whether it was kept; at the last zoom, whether best."""
    found = {}
    for number, level in enumerate(state.done):
        code = int(tiles.codes_at(latitude, longitude, level.zoom))
        kept = level.kept if number + 1 < len(state.done) else level.kept[:1]
        found[level.zoom] = (bool((level.codes == code).any()), bool((level.codes[kept] == code).any()))
    return found


def tables(rows: Sequence[Row], points: Sequence[PointRow] = ()) -> str:
    """Paper B's tables with ours beside the published figures, in Markdown."""
    head = "| | 1 km | 25 km | 200 km | 750 km | 2500 km | time a photo | tiles encoded |"
    lines = ["Accuracy, % within a radius, as Table 1 of paper B", "", head, "|---" * 8 + "|"]
    for row in rows:
        lines.append(
            _line(
                f"{row.name} ({row.photos} photos)",
                row.percent,
                _clock(row.seconds),
                row.tiles_encoded,
            )
        )
        if row.k in PAPER_TABLE_1 and not row.attached:
            lines.append(
                f"| k={row.k}, published (Im2GPS) | {' | '.join(PAPER_TABLE_1[row.k])} | {256 + 6 * 16 * row.k} |"
            )
    lines += [_line(f"{each.name} alone ({each.photos} photos)", each.percent) for each in points]
    lines += ["", "Other models, published on Im2GPS, as Tables 2 and 3 of paper B", "", head, "|---" * 8 + "|"]
    lines += [_line(name, percent) for name, percent in {**PAPER_TABLE_2, **PAPER_TABLE_3}.items()]
    lines += ["", "Where the truth is lost: % of photos whose true tile was kept, by zoom", ""]
    zooms = sorted({zoom for row in rows for zoom in row.kept_hold})
    lines += ["| | " + " | ".join(f"z{zoom}" for zoom in zooms) + " |", "|---" * (len(zooms) + 1) + "|"]
    for row in rows:
        values = " | ".join(f"{row.kept_hold.get(zoom, float('nan')):.1f}" for zoom in zooms)
        lines.append(f"| {row.name} | {values} |")
    return "\n".join(lines)


def _radii(percent: Sequence[float]) -> dict[str, float]:
    return {str(radius): value for radius, value in zip(CAPS_KM, percent, strict=True)}


def _line(name: str, percent: Sequence[float], clock: str = "", encoded: float | None = None) -> str:
    values = " | ".join(f"{value:.2f}" for value in percent)
    return f"| {name} | {values} | {clock} | {'' if encoded is None else f'{encoded:.0f}'} |"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}'{seconds % 60:04.1f}\"" if seconds >= 60 else f"{seconds:.2f} s"
