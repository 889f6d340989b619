"""Conformal calibration of highest-density regions: regions with a guaranteed coverage.

The score of a photo is the mass that its map ranks above the truth. If a new photo is exchangeable with the calibration
photos, the region that holds the mass q = ceil((n + 1) coverage)-th smallest score contains its true location with
at least that probability (split conformal prediction; Vovk et al. 2005), however wrong the map. Group-wise calibration
groups photos by the most probable population bucket of their map, which does not depend on the truth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ArtifactError, InputError
from engine.evaluation.bootstrap import Interval, share_interval
from engine.evaluation.cell_samples import CellSamples
from engine.evaluation.evidence import Positions
from engine.evaluation.recall_area import Scores
from engine.evaluation.records import read_record, write_record
from engine.geometry.sphere import unit_vectors
from engine.inference.search_map import SearchMap
from engine.partitions.partition import NOWHERE
from engine.typing import FloatArray

KIND = "calibration"
NOMINAL = (0.5, 0.8, 0.9, 0.95)
MOST_SCORES = 5000
"""Scores that a record keeps per group; more are thinned evenly, which moves a quantile by 1 in 10,000 at most."""
NO_BUCKET = "no bucket"


@dataclass(frozen=True)
class Advice:
    """The probability mass that a region needs for a coverage.

    Attributes:
        mass: of the region, 0 to 1.
        guaranteed: whether the coverage holds on exchangeable photos.
        note: one sentence for the user, or empty.
    """

    mass: float
    guaranteed: bool
    note: str = ""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Scores of calibration photos, of one ensemble on one grid.

    Attributes:
        scores: ``(photos,)`` ascending.
        photos: number of calibration photos (more than ``scores`` if these were thinned).
        groups: ascending scores and number of photos per most probable population bucket.
        ensemble: pooling of the maps: weights, prior weight, pooling, floors, grid.
    """

    scores: FloatArray
    photos: int
    groups: Mapping[str, tuple[FloatArray, int]] = field(default_factory=dict)
    ensemble: Mapping[str, Any] = field(default_factory=dict)

    def mass_for(self, coverage: float, group: str | None = None) -> Advice:
        """The mass that a region must hold to contain the truth with a chance of ``coverage``.

        Args:
            coverage: above 0, below 1.
            group: most probable population bucket of the map, for coverage within that group.

        Raises:
            InputError: the coverage is not between 0 and 1.
        """
        if not 0.0 < coverage < 1.0:
            raise InputError(
                f"The coverage {coverage:g} cannot be calibrated; give a share between 0 and 1, such as 0.9."
            )
        scores, photos = self.groups.get(group, (self.scores, self.photos)) if group else (self.scores, self.photos)
        if group and photos < needed_photos(coverage):
            wide = self.mass_for(coverage)
            few = f"Only {photos} calibration photos are of group {group!r}: coverage holds over all photos only."
            return Advice(wide.mass, wide.guaranteed, wide.note or few)
        if photos < needed_photos(coverage):
            return Advice(
                coverage,
                False,
                f"There are {photos} calibration photos and a coverage of {coverage:.0%} needs "
                f"{needed_photos(coverage)}; the region holds {coverage:.0%} of the map's probability instead.",
            )
        return Advice(quantile(scores, photos, coverage), True)

    def hit_rate(self, mass: float, group: str | None = None) -> tuple[float, Interval]:
        """Share of calibration photos whose region of this mass held the truth, with a 95 % interval.

        Raises:
            InputError: there is no calibration photo.
        """
        scores, photos = self.groups.get(group, (self.scores, self.photos)) if group else (self.scores, self.photos)
        if photos == 0:
            raise InputError("There is no calibration photo; calibrate with hereabouts evaluate --calibrate first.")
        share = np.searchsorted(scores, mass, side="right") / scores.size
        return float(share), share_interval(round(share * photos), photos)

    def curve(self, masses: FloatArray) -> FloatArray:
        """Coverage at each mass: the calibration curve."""
        return np.asarray(np.searchsorted(self.scores, masses, side="right") / max(self.scores.size, 1), np.float64)

    def save(self, path: Path) -> None:
        """Write the record. Raises ExportError if that is not possible."""
        groups = {name: {"photos": n, "scores": _round(scores)} for name, (scores, n) in self.groups.items()}
        facts = {
            "photos": self.photos,
            "scores": _round(self.scores),
            "groups": groups,
            "ensemble": dict(self.ensemble),
        }
        write_record(path, KIND, facts)


def load_calibration(path: Path) -> Calibration:
    """A calibration that was saved.

    Raises:
        ArtifactError: the file is missing, damaged or of another version.
    """
    facts = read_record(path, KIND)
    try:
        groups = {name: (np.array(g["scores"], np.float64), int(g["photos"])) for name, g in facts["groups"].items()}
        return Calibration(np.array(facts["scores"], np.float64), int(facts["photos"]), groups, facts["ensemble"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"The calibration {path} is damaged; create it again with hereabouts evaluate.") from error


def calibrate(
    scores: Scores,
    position: FloatArray,
    buckets: tuple[str, ...],
    ensemble: Mapping[str, Any] | None = None,
) -> Calibration:
    """Calibrate on photos with known locations.

    Args:
        scores: of one ensemble on the calibration photos.
        position: ``(photos,)`` position of each truth in its cell, 0 to 1; see ``position_in_cell``.
        buckets: names of the population buckets.
        ensemble: facts about the pooling, stored with the record.
    """
    mass = truth_mass(scores, position)
    groups = {}
    for number in np.unique(scores.group):
        name = buckets[number] if number != NOWHERE else NO_BUCKET
        members = np.sort(mass[scores.group == number])
        groups[name] = (_thin(members), members.size)
    return Calibration(_thin(np.sort(mass)), mass.size, groups, ensemble or {})


def truth_mass(scores: Scores, position: FloatArray) -> FloatArray:
    """``(photos,)`` mass of the smallest region of each map that holds the truth."""
    return np.clip(scores.mass_above + position * scores.mass_tied, 0.0, 1.0)


def quantile(scores: FloatArray, photos: int, coverage: float) -> float:
    """The ceil((n + 1) coverage)-th smallest of n scores."""
    rank = int(np.ceil((photos + 1) * coverage - 1e-9))
    index = min(int(np.ceil(rank * scores.size / photos)) - 1, scores.size - 1)
    return float(scores[max(index, 0)])


def needed_photos(coverage: float) -> int:
    """Least number of calibration photos for which a coverage can be guaranteed: ceil(c / (1 - c))."""
    return int(np.ceil(coverage / (1 - coverage) - 1e-9))


def position_in_cell(samples: CellSamples, cell: Positions, latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """Share of each true cell that a region includes before the truth; cells fill from the centre."""
    towards = unit_vectors(latitude, longitude)
    position = np.empty(cell.size)
    for photo, one in enumerate(cell):
        here = slice(samples.start[one], samples.start[one + 1])
        center = samples.center[one]
        closer = samples.vector[here] @ center > towards[photo] @ center
        position[photo] = (np.count_nonzero(closer) + 0.5) / (closer.size + 1)
    return position


def coverage_table(
    calibration: Calibration, scores: Scores, position: FloatArray, buckets: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Empirical coverage of calibrated and of uncalibrated regions on other photos, overall and per group."""
    mass = truth_mass(scores, position)
    rows = []
    for nominal in NOMINAL:
        rows.append(_coverage_row("all", nominal, mass, calibration.mass_for(nominal)))
        for number in np.unique(scores.group):
            name = buckets[number] if number != NOWHERE else NO_BUCKET
            rows.append(_coverage_row(name, nominal, mass[scores.group == number], calibration.mass_for(nominal, name)))
    return rows


def _coverage_row(group: str, nominal: float, mass: FloatArray, advice: Advice) -> dict[str, Any]:
    hits = int((mass <= advice.mass).sum())
    low, high = share_interval(hits, mass.size)
    return {
        "group": group,
        "nominal": nominal,
        "photos": int(mass.size),
        "mass": advice.mass,
        "coverage": hits / mass.size,
        "interval": [low, high],
        "uncalibrated": float((mass <= nominal).mean()),
        "guaranteed": advice.guaranteed,
        "note": advice.note,
    }


def most_probable_bucket(search_map: SearchMap) -> str:
    """The most probable population bucket of a map: the group of its photo."""
    table = search_map.overlay.table("population")
    shares = np.bincount(table.cell_label - NOWHERE, search_map.probability, minlength=len(table.labels) + 1)
    number = int(shares.argmax()) + NOWHERE
    return table.labels[number] if number != NOWHERE else NO_BUCKET


def _thin(ascending: FloatArray) -> FloatArray:
    if ascending.size <= MOST_SCORES:
        return ascending
    ranks = np.ceil(np.arange(1, MOST_SCORES + 1) * ascending.size / MOST_SCORES).astype(np.int64) - 1
    return ascending[ranks]


def _round(scores: FloatArray) -> list[float]:
    return [round(float(value), 7) for value in scores]


def applies(
    calibration: Calibration,
    weights: Mapping[str, float],
    prior_weight: float,
    pooling: str,
    grid: str,
    floors: Mapping[str, float] | None = None,
) -> bool:
    """Whether a calibration was made for maps pooled in this way.

    Args:
        calibration: whose ``ensemble`` is compared.
        weights: exponent per predictor.
        prior_weight: exponent of the prior.
        pooling: ``corrected`` or ``product``.
        grid: rows x columns.
        floors: floor per predictor where it differs from its record's.
    """
    facts = calibration.ensemble
    fitted_with = {name.split(":")[0]: float(weight) for name, weight in facts.get("weights", {}).items()}
    raised = {name.split(":")[0]: float(floor) for name, floor in facts.get("floors", {}).items()}
    same = fitted_with.keys() == weights.keys() and all(abs(fitted_with[n] - w) < 1e-9 for n, w in weights.items())
    rule = facts.get("pooling") == pooling and facts.get("prior_weight") == prior_weight and not facts.get("urban")
    return bool(same and rule and facts.get("grid") == grid and raised == dict(floors or {}))


def find_calibration(
    folder: Path,
    weights: Mapping[str, float],
    prior_weight: float,
    pooling: str,
    grid: str,
    floors: Mapping[str, float] | None = None,
) -> Calibration | None:
    """The calibration in a folder for maps pooled in this way, if any; damaged ones are skipped."""
    for path in sorted(folder.glob("calibration-*.json")) if folder.is_dir() else []:
        try:
            found = load_calibration(path)
        except ArtifactError:
            continue
        if applies(found, weights, prior_weight, pooling, grid, floors):
            return found
    return None
