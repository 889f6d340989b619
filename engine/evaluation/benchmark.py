"""The evaluation: measures every ensemble on the collected outputs, with confidence intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from engine.evaluation.bootstrap import Interval, intervals, mean_interval, median_interval, resampled_means
from engine.evaluation.cell_samples import CellSamples, cell_samples
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.evidence import Positions
from engine.evaluation.groups import Grouping, draw_balanced, groupings
from engine.evaluation.manifest import Manifest
from engine.evaluation.recall_area import CAP_AREAS_KM2, CAPS_KM, Bench, Scores, score
from engine.geometry.sphere import great_circle_km
from engine.inference.world import World
from engine.progress import Report
from engine.typing import FloatArray

RECORD_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Measured:
    """One ensemble on one set of photos.

    Attributes:
        scores: Algorithm 3.
        error_km: ``(photos,)`` distance of the densest cell's anchor from the truth.
    """

    scores: Scores
    error_km: FloatArray

    @property
    def ensemble(self) -> Ensemble:
        """The ensemble."""
        return self.scores.ensemble

    def take(self, positions: Positions) -> "Measured":
        """Some of the photos."""
        return Measured(self.scores.take(positions), self.error_km[positions])

    @cached_property
    def columns(self) -> FloatArray:
        """``(photos, 11)``: hits at the five cap areas, within the five radii, and the share of the log-area axis."""
        near = (self.error_km[:, None] <= np.array(CAPS_KM)).astype(np.float64)
        share = self.scores.log_area_share[:, None]
        return np.concatenate([self.scores.hits(CAP_AREAS_KM2), near, share], axis=1)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Every ensemble on the test photos of a manifest.

    Attributes:
        manifest: the photos that were measured.
        world: what they were measured on.
        measured: one per ensemble, in the order of the table.
        groups: breakdowns.
        notes: sentences for the reader: exclusions, what was fitted on what.
        facts: more for ``summary.json``: predictors, leakage, fits.
        balance: positions of the balanced set, or None where all photos count.
    """

    manifest: Manifest
    world: World
    measured: tuple[Measured, ...]
    groups: tuple[Grouping, ...]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    balance: Positions | None = None

    @property
    def shown(self) -> tuple[Measured, ...]:
        """The results of tables and figures: of the balanced set, if there is one."""
        return self.measured if self.balance is None else tuple(m.take(self.balance) for m in self.measured)

    def named(self, name: str) -> Measured:
        """The ensemble of a name; KeyError if there is none."""
        return {m.ensemble.name: m for m in self.measured}[name]


def measure(
    bench: Bench,
    manifest: Manifest,
    ensembles: Sequence[Ensemble],
    positions: Positions | None = None,
    samples: CellSamples | None = None,
    threads: int = 2,
    report: Report | None = None,
    masses: bool = True,
) -> tuple[Measured, ...]:
    """Algorithm 3 and the top-1 distance of every ensemble on photos of a manifest (all unless given).

    ``masses`` as in ``score``: whether probabilities are measured too.

    Raises:
        InputError: an ensemble names evidence that is not there.
    """
    chosen = np.arange(len(manifest)) if positions is None else positions
    found = score(bench, ensembles, chosen, threads, report, masses)
    latitude, longitude = (samples or cell_samples(bench.world.overlay)).anchor_point
    truth = manifest.latitude[chosen], manifest.longitude[chosen]
    return tuple(Measured(s, great_circle_km(latitude[s.top_cell], longitude[s.top_cell], *truth)) for s in found)


def evaluate(
    bench: Bench,
    manifest: Manifest,
    ensembles: Sequence[Ensemble],
    balance: bool = False,
    seed: int = 0,
    threads: int = 2,
    report: Report | None = None,
    notes: Sequence[str] = (),
    facts: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Measure every ensemble on the test photos of a manifest; photos of the fit split are not measured.

    Args:
        bench: evidence and true cells of all photos of the manifest.
        manifest: the photos.
        ensembles: the rows of the table.
        balance: whether the table is of equally many photos of each population bucket.
        seed: of the balanced sample.
        threads: how many share the photos.
        report: progress.
        notes: sentences to carry along.
        facts: values to carry along into the summary.

    Raises:
        InputError: an ensemble names evidence that is not there.
    """
    test = manifest.where("test")
    measured = measure(bench, manifest, ensembles, test, threads=threads, report=report)
    used = manifest.take(test)
    groups = groupings(bench.world.overlay, used.latitude, used.longitude)
    chosen, remarks = draw_balanced(groups[0], seed) if balance else (None, ())
    silent = [f"{e.name} has no prediction for {e.missing} photos." for e in bench.evidence.values() if e.missing]
    everything = tuple(dict.fromkeys((*used.notes, *silent, *notes, *remarks)))
    return Evaluation(used, bench.world, measured, groups, everything, facts or {}, chosen)


def summary(evaluation: Evaluation, resamples: int = 1000, seed: int = 0) -> dict[str, Any]:
    """``summary.json``: percentages, areas in km2, distances in km, each with a 95 % interval.

    ``ensembles`` is of the balanced set, if there is one; ``ensembles_all`` is then of all photos.
    """
    values: dict[str, Any] = {
        "format": RECORD_FORMAT,
        "grid": "x".join(str(size) for size in evaluation.world.overlay.grid.shape),
        "balance": "none" if evaluation.balance is None else "population",
        "ensembles": rows(evaluation.shown, resamples, seed),
        "notes": list(evaluation.notes),
        "excluded": dict(evaluation.manifest.excluded),
        "breakdown": {grouping.name: breakdown(evaluation, grouping) for grouping in evaluation.groups},
        **evaluation.facts,
    }
    if evaluation.balance is not None:
        values["ensembles_all"] = rows(evaluation.measured, resamples, seed)
    return values


COLUMNS = 11


def rows(measured: Sequence[Measured], resamples: int = 1000, seed: int = 0) -> list[dict[str, Any]]:
    """One dictionary per ensemble; all of them are resampled together, so that differences to a base are paired."""
    if not measured or not len(measured[0].scores):
        return [_row(m, np.full((2, COLUMNS), np.nan)) for m in measured]
    table = np.concatenate([m.columns for m in measured], axis=1)
    means = resampled_means(table, resamples, seed).reshape(-1, len(measured), COLUMNS)
    names = [m.ensemble.name for m in measured]
    found = []
    for number, one in enumerate(measured):
        row = _row(one, intervals(means[:, number]))
        if one.ensemble.base in names and one.ensemble.base != one.ensemble.name:
            other = names.index(one.ensemble.base)
            row["gain"] = _gain(one, measured[other], means[:, number] - means[:, other])
        found.append(row)
    return found


def _gain(one: Measured, base: Measured, differences: FloatArray) -> dict[str, Any]:
    """What an ensemble adds to its base, in points, with the paired 95 % interval."""
    value = one.columns.mean(axis=0) - base.columns.mean(axis=0)
    low, high = intervals(differences)
    points = [[plain(100 * v), plain(100 * a), plain(100 * b)] for v, a, b in zip(value, low, high, strict=True)]
    rva = {str(cap): points[n] for n, cap in enumerate(CAPS_KM)}
    gcd = {str(cap): points[5 + n] for n, cap in enumerate(CAPS_KM)}
    area = [plain(value[10]), plain(low[10]), plain(high[10])]
    return {"base": base.ensemble.name, "rva": rva, "gcd": gcd, "area_under_curve": area}


def _row(measured: Measured, bounds: FloatArray) -> dict[str, Any]:
    scores, ensemble = measured.scores, measured.ensemble
    values = measured.columns.mean(axis=0) if len(scores) else np.full(11, np.nan)
    return {
        "name": ensemble.name,
        "photos": len(scores),
        "rva": _by_cap(100 * values[:5]),
        "gcd": _by_cap(100 * values[5:10]),
        "median_area_km2": plain(np.median(scores.reach_km2)) if len(scores) else None,
        "median_km": plain(np.median(measured.error_km)) if len(scores) else None,
        "area_under_curve": plain(values[10]),
        "nats": plain(scores.nats.mean()) if len(scores) else None,
        "excluded_truths": int(np.isinf(scores.nats).sum()),
        "rva_optimistic": _by_cap(100 * scores.hits(CAP_AREAS_KM2, "optimistic").mean(axis=0)),
        "rva_expected": _by_cap(100 * scores.hits(CAP_AREAS_KM2, "expected").mean(axis=0)),
        "rva_interval": _pairs_by_cap(100 * bounds[:, :5]),
        "gcd_interval": _pairs_by_cap(100 * bounds[:, 5:10]),
        "median_area_km2_interval": pair(median_interval(scores.reach_km2)),
        "median_km_interval": pair(median_interval(measured.error_km)),
        "area_under_curve_interval": pair((float(bounds[0, 10]), float(bounds[1, 10]))),
        "pooling": str(ensemble.pooling),
        "prior_weight": ensemble.prior_weight,
        "weights": dict(ensemble.weights),
        "urban_mask": ensemble.urban,
    }


def breakdown(evaluation: Evaluation, grouping: Grouping) -> list[dict[str, Any]]:
    """Per group and ensemble: photos, recall at the cap areas with intervals, median area, median km."""
    found = []
    for number, label in enumerate(grouping.labels):
        here = np.flatnonzero(grouping.group == number)
        for measured in evaluation.measured if here.size else ():
            part = measured.take(here)
            hits = part.scores.hits(CAP_AREAS_KM2)
            found.append(
                {
                    "group": label,
                    "name": measured.ensemble.name,
                    "photos": int(here.size),
                    "rva": _by_cap(100 * hits.mean(axis=0)),
                    "rva_interval": {str(cap): pair(mean_interval(hits[:, n], 100.0)) for n, cap in enumerate(CAPS_KM)},
                    "median_area_km2": plain(np.median(part.scores.reach_km2)),
                    "median_km": plain(np.median(part.error_km)),
                }
            )
    return found


def plain(value: float | np.floating[Any]) -> float | None:
    """A number for JSON; None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def pair(interval: Interval) -> list[float | None]:
    """An interval for JSON."""
    return [plain(interval[0]), plain(interval[1])]


def _by_cap(values: FloatArray) -> dict[str, float | None]:
    return {str(cap): plain(value) for cap, value in zip(CAPS_KM, values, strict=True)}


def _pairs_by_cap(bounds: FloatArray) -> dict[str, list[float | None]]:
    return {str(cap): pair((float(bounds[0, n]), float(bounds[1, n]))) for n, cap in enumerate(CAPS_KM)}
