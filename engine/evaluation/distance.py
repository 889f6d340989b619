"""Great-circle distance of single points: the classic table of geolocation (Bianco et al. 2024, section 5.3; GCD).

A photo counts within a radius when its error is at most the radius; percentages are of the photos that have both a
true place and a prediction.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.evaluation.bootstrap import Interval, mean_interval, median_interval
from engine.evaluation.columns import ID_NAMES, LATITUDE_NAMES, LONGITUDE_NAMES, CsvTable, number, on_globe, read_csv
from engine.evaluation.manifest import Manifest, check_unique, read_manifest
from engine.evaluation.recall_area import CAPS_KM
from engine.geometry.sphere import great_circle_km
from engine.typing import FloatArray

UNREADABLE = "prediction is not a point on the globe"
NO_TRUTH = "prediction has no true place"
NO_PREDICTION = "photo has no prediction"


@dataclass(frozen=True, eq=False)
class Points:
    """Points of another model.

    Attributes:
        ids: unique text per row.
        latitude, longitude: ``(rows,)`` degrees.
        confidence: ``(rows,)``, NaN where none is given.
        excluded: number of rows per reason.
    """

    ids: tuple[str, ...]
    latitude: FloatArray
    longitude: FloatArray
    confidence: FloatArray
    excluded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DistanceTable:
    """The classic GCD row.

    Attributes:
        photos: how many have both a true place and a prediction.
        percent: per radius of ``CAPS_KM``.
        interval: 95 % bootstrap interval per radius, percent.
        median_km, mean_km: of the errors.
        median_interval_km: 95 % interval of the median.
        excluded: number of rows per reason.
    """

    photos: int
    percent: Mapping[int, float]
    interval: Mapping[int, Interval]
    median_km: float
    mean_km: float
    median_interval_km: Interval
    excluded: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "photos": self.photos,
            "gcd": {str(radius): value for radius, value in self.percent.items()},
            "gcd_interval": {str(radius): list(pair) for radius, pair in self.interval.items()},
            "median_km": self.median_km,
            "median_km_interval": list(self.median_interval_km),
            "mean_km": self.mean_km,
            "excluded": dict(self.excluded),
        }


def percent_within(errors_km: FloatArray, radii_km: Sequence[float] = CAPS_KM) -> FloatArray:
    """Percentage of errors that are at most each radius."""
    if errors_km.size == 0:
        return np.full(len(radii_km), np.nan)
    return np.asarray([100.0 * np.count_nonzero(errors_km <= radius) / errors_km.size for radius in radii_km])


def distance_table(errors_km: FloatArray, excluded: Mapping[str, int] | None = None) -> DistanceTable:
    """The GCD row of errors in km ``(photos,)``.

    Raises:
        InputError: there is no error to count.
    """
    if errors_km.size == 0:
        raise InputError("No photo has both a true place and a prediction; check that the ids of both files match.")
    percent = percent_within(errors_km)
    intervals = {radius: mean_interval(errors_km <= radius, scale=100.0) for radius in CAPS_KM}
    return DistanceTable(
        errors_km.size,
        dict(zip(CAPS_KM, (float(value) for value in percent), strict=True)),
        intervals,
        float(np.median(errors_km)),
        float(errors_km.mean()),
        median_interval(errors_km),
        dict(excluded or {}),
    )


def read_points(
    path: Path, latitude_column: str | None = None, longitude_column: str | None = None, id_column: str | None = None
) -> Points:
    """Points ``id, lat, lon[, confidence]`` from a CSV file; columns by name, usual other names are understood.

    Raises:
        InputError: the file cannot be read, lacks a column or repeats an id.
    """
    table = read_csv(path)
    ids = table.column(table.need((id_column,) if id_column else ID_NAMES, "id"))
    latitude, longitude = (
        np.array([number(text) for text in table.column(table.need((own,) if own else names, what))])
        for own, names, what in (
            (latitude_column, LATITUDE_NAMES, "latitude"),
            (longitude_column, LONGITUDE_NAMES, "longitude"),
        )
    )
    good = np.array([on_globe(a, b) for a, b in zip(latitude, longitude, strict=True)], bool)
    valid = [photo for photo, keep in zip(ids, good, strict=True) if keep]
    check_unique(valid, path.name)
    bad = {UNREADABLE: int((~good).sum())} if not good.all() else {}
    return Points(tuple(valid), latitude[good], longitude[good], _confidence(table)[good], bad)


def _confidence(table: CsvTable) -> FloatArray:
    position = table.find(("confidence", "score", "probability", "prob"))
    if position is None:
        return np.full(len(table.rows), np.nan)
    return np.array([number(text) for text in table.column(position)])


def match_ids(truth: Sequence[str], predicted: Sequence[str]) -> tuple[dict[str, int], int]:
    """Row of the prediction of each true id, and how many predictions match no true id.

    Ids are compared as they are; those left over by file name, then by file name without ending.
    """
    rows: dict[str, int] = {}
    forms: tuple[Callable[[str], str], ...] = (str, lambda text: Path(text).name, lambda text: Path(text).stem)
    for form in forms:
        used = set(rows.values())
        counts = Counter(form(text) for text in predicted)
        by_form = {form(text): n for n, text in enumerate(predicted) if n not in used and counts[form(text)] == 1}
        for text in truth:
            if text not in rows and form(text) in by_form:
                rows[text] = by_form[form(text)]
    return rows, len(predicted) - len(set(rows.values()))


def evaluate_points(truth: Manifest, points: Points) -> DistanceTable:
    """The GCD row of a model's points against true places; what does not match is counted.

    Raises:
        InputError: nothing matches.
    """
    rows, strangers = match_ids(truth.ids, points.ids)
    here = np.array([n for n, photo in enumerate(truth.ids) if photo in rows], np.int64)
    pick = np.array([rows[truth.ids[n]] for n in here], np.int64)
    errors = great_circle_km(truth.latitude[here], truth.longitude[here], points.latitude[pick], points.longitude[pick])
    counted = {**truth.excluded, **points.excluded, NO_PREDICTION: len(truth) - here.size, NO_TRUTH: strangers}
    return distance_table(errors, {reason: count for reason, count in counted.items() if count})


def evaluate_points_files(truth: Path, predictions: Path, columns: Mapping[str, str] | None = None) -> DistanceTable:
    """``hereabouts evaluate-points TRUTH.csv PREDICTIONS.csv``.

    Args:
        truth: a manifest; extra columns do not matter.
        predictions: points; see ``read_points``.
        columns: ``id``, ``lat`` and ``lon`` of the predictions, where their names are unusual.

    Raises:
        InputError: a file cannot be parsed or nothing matches.
    """
    named = columns or {}
    return evaluate_points(
        read_manifest(truth), read_points(predictions, named.get("lat"), named.get("lon"), named.get("id"))
    )
