"""Accuracy of the tile search on photos with known locations: Tables 1 to 3 of Kim, Jang and Kim, recall per level."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.errors import HereaboutsError, InputError
from engine.evaluation.distance import percent_within
from engine.evaluation.recall_area import CAPS_KM
from engine.geometry import web_mercator
from engine.geometry.sphere import great_circle_km
from engine.networks.encoders import Encodable
from engine.progress import Report
from engine.tile_search.beam import BeamState, Method
from engine.tile_search.results import SearchResult, SearchSettings
from engine.tile_search.search import TileSearch
from engine.tile_search.tile_prior import TilePrior
from engine.typing import FloatArray

PAPER_TABLE_1: dict[int, tuple[str, ...]] = {
    16: ("5.91", "11.81", "22.36", "42.62", "64.14", "8'38\""),
    32: ("6.35", "11.11", "15.87", "28.57", "55.56", "20'48\""),
    64: ("5.48", "12.33", "16.44", "32.88", "58.90", "30'33\""),
}
"""Kim, Jang and Kim, Table 1, Im2GPS: percent within each radius and time a photo."""
PAPER_TABLE_2: dict[str, tuple[float, ...]] = {
    "ISNs": (16.9, 43.0, 51.9, 66.7, 80.2),
    "Translocator": (19.9, 48.1, 64.6, 75.6, 86.7),
    "GeoDecoder": (22.1, 50.2, 69.0, 80.0, 89.1),
    "PIGEOTTO": (14.8, 40.9, 63.3, 82.3, 91.1),
    "Kim, Jang and Kim": (6.8, 11.3, 18.1, 34.0, 65.9),
}
"""Kim, Jang and Kim, Table 2, Im2GPS, published figures."""
PAPER_TABLE_3: dict[str, tuple[float, ...]] = {
    "GeoCLIP": (17.30, 41.77, 60.76, 77.22, 89.87),
    "GeoCLIP attached to Kim, Jang and Kim": (14.29, 21.43, 28.57, 45.24, 69.05),
}
"""Kim, Jang and Kim, Table 3, published figures."""


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
        tiles_looked_at: per photo, mean.
        tiles_encoded: per photo, mean; the others were known from before, from a narrower row for instance.
        seconds: per photo, mean.
        failed: photos that gave no answer, by reason; they count in no other figure.
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
    tiles_looked_at: float
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
            "tiles_looked_at": self.tiles_looked_at,
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
        attached: name of another model and its points, each kept besides the best k (Kim, Jang and Kim, section 5.1).

    Raises:
        InputError: there is no photo, or the settings make no sense.
        LayerError: not one photo could be searched.
    """
    if not cases:
        raise InputError("There is no photo to search with; give a manifest with path, lat and lon.")
    found: list[tuple[Case, SearchResult, float]] = []
    failed: list[HereaboutsError] = []
    for number, case in enumerate(cases):
        asked = settings if attached is None else replace(settings, attached=attached[1](case))
        try:
            found.append(
                (case, *_time_search(search if prior_of is None else search.with_prior(prior_of(case)), case, asked))
            )
        except InputError:
            raise
        except HereaboutsError as error:
            failed.append(error)
        if report is not None:
            report(f"k = {settings.k}: photo {number + 1} of {len(cases)}", (number + 1) / len(cases))
    if not found:
        raise failed[-1]
    reasons = dict(Counter(map(str, failed)))
    name = "" if attached is None else attached[0]
    return replace(_row(found, settings), failed=reasons, attached=name, from_map=prior_of is not None)


def _time_search(search: TileSearch, case: Case, settings: SearchSettings) -> tuple[SearchResult, float]:
    """The search of one photo and its seconds; the map that it begins from is made before and not counted."""
    started = time.perf_counter()
    result = search.run(case.photo, settings)
    return result, time.perf_counter() - started


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


def _row(found: Sequence[tuple[Case, SearchResult, float]], settings: SearchSettings) -> Row:
    errors: FloatArray = np.array(
        [
            float(great_circle_km(case.latitude, case.longitude, result.best[0].latitude, result.best[0].longitude))
            for case, result, _ in found
        ]
    )
    walks = [truth_on_the_way(result.state, case.latitude, case.longitude) for case, result, _ in found]
    zooms = sorted({zoom for walk in walks for zoom in walk})
    held = {zoom: [walk.get(zoom, (False, False)) for walk in walks] for zoom in zooms}
    return Row(
        settings.k,
        settings.method,
        len(found),
        tuple(float(p) for p in percent_within(errors)),
        float(np.median(errors)),
        {zoom: 100.0 * float(np.mean([seen for seen, _ in pairs])) for zoom, pairs in held.items()},
        {zoom: 100.0 * float(np.mean([kept for _, kept in pairs])) for zoom, pairs in held.items()},
        float(np.mean([sum(level.candidates for level in result.reports) for _, result, _ in found])),
        float(np.mean([result.tiles_encoded for _, result, _ in found])),
        float(np.mean([seconds for *_, seconds in found])),
    )


def truth_on_the_way(state: BeamState, latitude: float, longitude: float) -> dict[int, tuple[bool, bool]]:
    """Per zoom, whether the true tile was a candidate and whether it was kept; at the last zoom, whether best."""
    found = {}
    for number, level in enumerate(state.done):
        code = int(web_mercator.codes_at(latitude, longitude, level.zoom))
        kept = level.kept if number + 1 < len(state.done) else level.kept[:1]
        found[level.zoom] = (bool((level.codes == code).any()), bool((level.codes[kept] == code).any()))
    return found


def tables(rows: Sequence[Row], points: Sequence[PointRow] = ()) -> str:
    """Tables 1 to 3 of Kim, Jang and Kim, ours beside the published figures, and the recall per level, in Markdown."""
    own = [row for row in rows if not row.attached]
    attached = [row for row in rows if row.attached]
    parts = [_table_1(own), _table_2(own), _table_3(points, attached), _recall(rows)]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _table_1(rows: Sequence[Row]) -> list[str]:
    costs = ("Inference time", "Tiles looked at", "of them encoded")
    lines = _head("Table 1. Accuracy and time by k", "k and method", *costs)
    for row in rows:
        cost = (_clock(row.seconds), f"{row.tiles_looked_at:,.0f}", f"{row.tiles_encoded:,.0f}")
        lines.append(_line(f"{row.name} ({row.photos} photos)", row.percent, *cost))
        if row.k in PAPER_TABLE_1:
            count = f"{256 + 6 * 16 * row.k:,}"
            lines.append(f"| k={row.k}, published (Im2GPS) | {' | '.join(PAPER_TABLE_1[row.k])} | {count} | {count} |")
    return lines


def _table_2(rows: Sequence[Row]) -> list[str]:
    lines = _head("Table 2. Beside other models; the published ones on Im2GPS", "Method")
    lines += [_line(f"{name}, published", percent) for name, percent in PAPER_TABLE_2.items()]
    return lines + [_line(f"Ours: {row.name} ({row.photos} photos)", row.percent) for row in rows]


def _table_3(points: Sequence[PointRow], attached: Sequence[Row]) -> list[str]:
    lines = _head("Table 3. GeoCLIP by itself and attached; the published ones on Im2GPS", "Ablation")
    lines += [_line(f"{name}, published", percent) for name, percent in PAPER_TABLE_3.items()]
    lines += [_line(f"{each.name} alone ({each.photos} photos)", each.percent) for each in points]
    return lines + [_line(f"{row.name} ({row.photos} photos)", row.percent) for row in attached]


def _recall(rows: Sequence[Row]) -> list[str]:
    zooms = sorted({zoom for row in rows for zoom in row.kept_hold})
    lines = ["Where the truth is lost: % of photos whose true tile was kept, at the last zoom the best, by zoom", ""]
    lines += ["| | " + " | ".join(f"z{zoom}" for zoom in zooms) + " |", "|---" * (len(zooms) + 1) + "|"]
    for row in rows:
        values = " | ".join(f"{row.kept_hold.get(zoom, float('nan')):.1f}" for zoom in zooms)
        lines.append(f"| {row.name} | {values} |")
    return lines


def _head(title: str, first: str, *more: str) -> list[str]:
    """Title and head of a table in the paper's layout."""
    radii = ("Street 1 km", "City 25 km", "Region 200 km", "Country 750 km", "Continent 2,500 km")
    names = (first, *radii, *more)
    return [f"{title} (% within the distance)", "", f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def _radii(percent: Sequence[float]) -> dict[str, float]:
    return {str(radius): value for radius, value in zip(CAPS_KM, percent, strict=True)}


def _line(name: str, percent: Sequence[float], *more: str) -> str:
    return f"| {' | '.join([name, *(f'{value:.2f}' for value in percent), *more])} |"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}'{seconds % 60:04.1f}\"" if seconds >= 60 else f"{seconds:.2f} s"
