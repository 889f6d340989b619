"""`hereabouts evaluate` from a manifest to files: composes the modules of this package."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.evaluation.benchmark import Evaluation, Measured, evaluate
from engine.evaluation.calibration import Calibration, calibrate, coverage_table, position_in_cell
from engine.evaluation.cell_samples import CellSamples, cell_samples
from engine.evaluation.collect import collect_outputs, stored_pieces, without_missing, without_unreadable
from engine.evaluation.distance import read_points
from engine.evaluation.ensembles import PRIOR, Ensemble, parse_ensembles
from engine.evaluation.evidence import Evidence, Positions
from engine.evaluation.feature_head import feature_evidence, read_features
from engine.evaluation.fitted_pooling import FittedPooling, fit_pooling
from engine.evaluation.leakage import leakage_report
from engine.evaluation.manifest import Manifest
from engine.evaluation.outputs import PHOTOS, OutputStore
from engine.evaluation.point_kernel import point_evidence
from engine.evaluation.recall_area import Bench, score
from engine.inference.world import World
from engine.predictors.base import Predictor
from engine.progress import Report

FIT_PHOTOS = 200
"""Photos of the fit split from which on pooling is fitted and coverage calibrated by default."""
FITTED, DEFAULT = "fitted", "everything"


@dataclass(frozen=True)
class Plan:
    """What is to be evaluated.

    Attributes:
        predictors: to run on photos; empty for coordinates alone.
        points: ``(name, file)`` of other models' points.
        features: ``(name, file, partition)`` of tables of features.
        ensembles: as text; see ``parse_ensembles``.
        balance: whether the table is balanced over population buckets.
        fit: True to fit pooling and calibrate even without a split (on a random half), False never, None if it can.
        outputs: folder of stored outputs.
        seed: of everything random.
        threads: how many share the photos.
    """

    predictors: tuple[Predictor, ...] = ()
    points: tuple[tuple[str, Path], ...] = ()
    features: tuple[tuple[str, Path, str], ...] = ()
    ensembles: tuple[str, ...] = ()
    balance: bool = False
    fit: bool | None = None
    outputs: Path = Path("outputs")
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an evaluation leaves behind.

    Attributes:
        evaluation: the figures.
        fitted: the fitted pooling, if there was enough to fit on.
        calibrations: by name of the ensemble.
    """

    evaluation: Evaluation
    fitted: FittedPooling | None = None
    calibrations: dict[str, Calibration] = field(default_factory=dict)


def run(world: World, manifest: Manifest, plan: Plan, report: Report | None = None) -> Outcome:
    """Evaluate a plan on a manifest.

    Raises:
        InputError: the plan does not fit the manifest.
        ArtifactError: stored outputs are of another version or damaged.
        ExportError: outputs cannot be stored.
    """
    store = OutputStore(plan.outputs)
    store.check()
    if plan.fit and not manifest.has_split:
        manifest = manifest.halved(plan.seed)
    used = _with_outputs(world, manifest, plan, store, report)
    if not len(used):
        raise InputError("No photo of the manifest can be used; check the paths and that the files are photos.")
    bench, notes = _bench(world, used, plan, store)
    ensembles = parse_ensembles(plan.ensembles, bench.roles)
    fitted, calibrations, more, remarks = _fit_pooling(bench, used, plan, within(report, 0.3, 0.6))
    notes = [*notes, *remarks]
    names = {e.name for e in ensembles}
    ensembles = (*ensembles, *(e for e in more if e.name not in names))
    facts = _facts(bench, used, store, fitted)
    found = evaluate(
        bench, used, ensembles, plan.balance, plan.seed, plan.threads, within(report, 0.6, 1.0), notes, facts
    )
    covered = {name: _coverage(found, found.named(name), one) for name, one in calibrations.items()}
    return Outcome(replace(found, facts={**facts, "coverage": covered}), fitted, calibrations)


def within(report: Report | None, start: float, stop: float) -> Report | None:
    """A report for a share of the whole work."""
    if report is None:
        return None
    return lambda what, share: report(what, start + (stop - start) * share)


def _with_outputs(world: World, manifest: Manifest, plan: Plan, store: OutputStore, report: Report | None) -> Manifest:
    """The usable photos, after the predictors have run on those without stored outputs."""
    if not plan.predictors:
        return manifest
    there = without_missing(manifest, store)
    collect_outputs(there, plan.predictors, store, world, within(report, 0.0, 0.3), plan.threads)
    return without_unreadable(there, store)


def _bench(world: World, manifest: Manifest, plan: Plan, store: OutputStore) -> tuple[Bench, list[str]]:
    names = [predictor.record.name for predictor in plan.predictors]
    pieces: list[Evidence] = list(stored_pieces(store, manifest, world, names))
    notes: list[str] = []
    for name, path in plan.points:
        points = point_evidence(name, world, cell_samples(world.overlay), manifest, read_points(path), plan.seed)
        pieces.append(points)
        notes += points.notes
    for name, path, partition in plan.features:
        table = world.overlay.table(partition)
        head, remarks = feature_evidence(name, world, table, manifest, read_features(path, table.labels), plan.seed)
        pieces.append(head)
        notes += remarks
    repeated = [piece.name for piece in pieces if [p.name for p in pieces].count(piece.name) > 1]
    if repeated or PRIOR in {piece.name for piece in pieces}:
        raise InputError(
            f"Two pieces of evidence are called {(repeated or [PRIOR])[0]!r}; give each a name of its own."
        )
    return Bench.on(world, manifest.latitude, manifest.longitude, pieces), notes


def _fit_pooling(
    bench: Bench, manifest: Manifest, plan: Plan, report: Report | None
) -> tuple[FittedPooling | None, dict[str, Calibration], list[Ensemble], list[str]]:
    """Pooling fitted on one half of the fit split, coverage calibrated on the other half."""
    fit = manifest.where("fit")
    if plan.fit is False or (plan.fit is None and fit.size < FIT_PHOTOS):
        few = f"Pooling was not fitted: {fit.size} photos are marked split=fit, {FIT_PHOTOS} are needed (or --fit)."
        return None, {}, [], [few] if plan.fit is None and manifest.has_split else []
    half = np.random.default_rng(plan.seed + 1).permutation(fit.size) < fit.size // 2
    fitted = fit_pooling(bench, fit[half], seed=plan.seed, report=report) if bench.evidence else None
    everything = Ensemble(DEFAULT, dict.fromkeys(bench.evidence, 1.0), 1.0)
    chosen = [everything, *([fitted.ensemble(bench, FITTED)] if fitted else [])]
    calibrations = calibrations_of(bench, manifest, chosen, fit[~half])
    remarks = [f"Pooling was fitted on {int(half.sum())} photos, coverage calibrated on {int((~half).sum())} others."]
    return fitted, calibrations, chosen, remarks


def calibrations_of(
    bench: Bench, manifest: Manifest, ensembles: Sequence[Ensemble], positions: Positions
) -> dict[str, Calibration]:
    """Calibrations of some ensembles on photos that nothing else was fitted on."""
    samples = cell_samples(bench.world.overlay)
    place = _places(bench, manifest, samples, positions)
    found = score(bench, ensembles, positions)
    buckets = bench.world.overlay.table("population").labels
    return {s.ensemble.name: calibrate(s, place, buckets, ensemble_facts(bench.world, s.ensemble)) for s in found}


def ensemble_facts(world: World, ensemble: Ensemble) -> dict[str, Any]:
    """The pooling that a calibration is valid for."""
    return {
        "weights": dict(ensemble.weights),
        "prior_weight": ensemble.prior_weight,
        "pooling": str(ensemble.pooling),
        "floors": dict(ensemble.floors),
        "urban": ensemble.urban,
        "grid": "x".join(str(size) for size in world.overlay.grid.shape),
    }


def _places(bench: Bench, manifest: Manifest, samples: CellSamples, positions: Positions) -> np.ndarray:
    truth = bench.truth_cell[positions]
    return position_in_cell(samples, truth, manifest.latitude[positions], manifest.longitude[positions])


def _coverage(evaluation: Evaluation, measured: Measured, calibration: Calibration) -> list[dict[str, Any]]:
    """Coverage on the test photos."""
    used, overlay = evaluation.manifest, evaluation.world.overlay
    truth = overlay.cell_at(used.latitude, used.longitude)
    place = position_in_cell(cell_samples(overlay), truth, used.latitude, used.longitude)
    return coverage_table(calibration, measured.scores, place, overlay.table("population").labels)


def _facts(bench: Bench, manifest: Manifest, store: OutputStore, fitted: FittedPooling | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "evidence": {name: {"role": piece.role, "missing": piece.missing} for name, piece in bench.evidence.items()},
        "leakage": leakage_report(manifest, store.texts(PHOTOS, "sha256")),
    }
    if fitted is not None:
        fields = ("weights", "prior_weight", "floor", "temperature", "ridge", "photos", "figures")
        facts["fitted_pooling"] = {name: getattr(fitted, name) for name in fields}
    return facts
