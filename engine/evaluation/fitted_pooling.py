"""Maximum-likelihood exponents, temperature and floor of the pool, fitted on photos with known locations.

The pool of ``engine.inference.pooling`` is an exponential family in its exponents, so the likelihood has one maximum
(see ``pooling_likelihood``). A ridge pulls towards equal exponents; its strength is chosen by cross-validation.
A predictor has one exponent for all its partitions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ArtifactError
from engine.evaluation.bootstrap import paired_difference
from engine.evaluation.ensembles import PRIOR, Ensemble
from engine.evaluation.evidence import Positions
from engine.evaluation.pooling_likelihood import Family, newton, predictors_of
from engine.evaluation.recall_area import Bench, Scores, score
from engine.evaluation.records import read_record, write_record
from engine.inference.pooling import Pooling
from engine.progress import Report
from engine.typing import FloatArray

KIND = "fitted_pooling"
RIDGES = (0.003, 0.03, 0.3)
FLOORS = (0.005, 0.02, 0.06, 0.15)
FOLDS = 3
MOST_PHOTOS = 2000
"""Photos that a fit uses; more would change exponents by less than their standard error."""
BUDGETS_KM2 = np.geomspace(10.0, 5.1e8, 40)
"""Area budgets at which a fit is compared with the best single base."""


@dataclass(frozen=True)
class FittedPooling:
    """Fitted exponents, and how they were fitted.

    Attributes:
        weights: exponent per predictor, as ``engine.inference.pooling.pool`` takes it.
        prior_weight: exponent of the photo prior.
        floor: of every predictor, instead of its record's.
        temperature: common divisor; ``weights[k] * temperature`` are exponents relative to 1.
        ridge: strength of the pull towards equal exponents.
        photos: number of photos in the fit.
        figures: cross-validated nats per photo: ``plain``, ``fitted``, ``base``; ``guard``: how far the fit was used.
        grid: rows x columns.
    """

    weights: Mapping[str, float]
    prior_weight: float
    floor: float
    temperature: float
    ridge: float
    photos: int
    figures: Mapping[str, Any] = field(default_factory=dict)
    grid: str = ""

    def ensemble(self, bench: Bench, name: str = "fitted") -> Ensemble:
        """The fit as an ensemble."""
        return _ensemble(bench, self.weights, self.prior_weight, self.floor, name)

    def fits(self, predictors: Sequence[str], grid: str) -> bool:
        """Whether it was fitted for exactly these predictors on this grid."""
        return set(self.weights) == set(predictors) and self.grid == grid

    def save(self, path: Path) -> None:
        """Write the record. Raises ExportError if that is not possible."""
        write_record(path, KIND, {name: getattr(self, name) for name in _FIELDS})


_FIELDS = ("weights", "prior_weight", "floor", "temperature", "ridge", "photos", "figures", "grid")


def load_fitted(path: Path) -> FittedPooling:
    """A fit that was saved.

    Raises:
        ArtifactError: the file is missing, damaged or of another version.
    """
    facts = read_record(path, KIND)
    try:
        weights = {str(name): float(value) for name, value in facts["weights"].items()}
        prior_weight, floor, temperature, ridge = (float(facts[name]) for name in _FIELDS[1:5])
        photos, figures, grid = int(facts["photos"]), facts["figures"], str(facts["grid"])
        return FittedPooling(weights, prior_weight, floor, temperature, ridge, photos, figures, grid)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"The fitted pooling {path} is damaged; fit it again with hereabouts evaluate.") from error


def fit_pooling(
    bench: Bench,
    positions: Positions,
    ridges: Sequence[float] = RIDGES,
    floors: Sequence[float] = FLOORS,
    seed: int = 0,
    report: Report | None = None,
) -> FittedPooling:
    """Fit on photos with known locations.

    The fit is used in full only if its cross-validated recall does not fall below that of the best single base at any
    budget beyond the paired bootstrap interval; otherwise exponents move towards that base until that holds.

    Args:
        bench: evidence and true cells.
        positions: photos to fit on; at most ``MOST_PHOTOS`` of them are used.
        ridges: strengths of the pull towards equal exponents; cross-validation selects one.
        floors: floors to try.
        seed: of folds and of the choice of photos.
        report: progress.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(positions)[:MOST_PHOTOS])
    fold = rng.permutation(chosen.size) % FOLDS
    step = _step_reporter(report, len(floors) + len(ridges) * FOLDS + 2)
    at = {floor: newton(Family(bench, chosen, floor), ridges[len(ridges) // 2], step) for floor in floors}
    floor = min(at, key=lambda one: at[one].loss)
    losses, parts = {}, {}
    for ridge in ridges:
        parts[ridge] = [
            newton(Family(bench, chosen[fold != f], floor), ridge, step, at[floor].exponents) for f in range(FOLDS)
        ]
        losses[ridge] = sum(
            Family(bench, chosen[fold == f], floor).loss(parts[ridge][f].exponents) * np.mean(fold == f)
            for f in range(FOLDS)
        )
    ridge = min(losses, key=lambda one: losses[one])
    whole = newton(Family(bench, chosen, floor), ridge, step, at[floor].exponents)
    shares = [_by_name(bench, found.exponents) for found in parts[ridge]]
    return _shrink_to_base(bench, chosen, fold, _by_name(bench, whole.exponents), shares, floor, ridge)


def _step_reporter(report: Report | None, steps: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if report is not None:
            report("Fitting the pooling", min(done / steps, 1.0))

    return step


def _by_name(bench: Bench, exponents: FloatArray) -> dict[str, float]:
    return dict(zip([PRIOR, *predictors_of(bench)], (float(value) for value in exponents), strict=True))


def _ensemble(bench: Bench, weights: Mapping[str, float], prior_weight: float, floor: float, name: str) -> Ensemble:
    spread = {piece: weights.get(piece.split(":")[0], 0.0) for piece in bench.evidence}
    return Ensemble(name, spread, prior_weight, Pooling.CORRECTED, floors=dict.fromkeys(bench.evidence, floor))


def single_bases(bench: Bench) -> tuple[Ensemble, ...]:
    """The prior alone and every base model alone, at exponent 1."""
    bases = [name for name, role in bench.roles.items() if role == "base"]
    return (Ensemble(PRIOR, {}, 1.0), *(Ensemble(name, {name: 1.0}, 1.0) for name in bases))


def _shrink_to_base(
    bench: Bench,
    chosen: Positions,
    fold: Positions,
    whole: Mapping[str, float],
    parts: Sequence[Mapping[str, float]],
    floor: float,
    ridge: float,
) -> FittedPooling:
    """Move the fit towards the best single base until, cross-validated, it is nowhere below it."""
    plain = Ensemble("plain", dict.fromkeys(bench.evidence, 1.0), 1.0)
    singles = score(bench, (*single_bases(bench), plain), chosen)
    best = max(singles[:-1], key=lambda s: float(s.log_area_share.mean()))
    base = dict.fromkeys(whole, 0.0) | {PRIOR: 1.0} | dict.fromkeys(best.ensemble.weights, 1.0)
    for share in (1.0, 0.5, 0.25, 0.0):
        scores, order = _cross_validate(bench, chosen, fold, [_mix(part, base, share) for part in parts], floor)
        if share == 0.0 or not below(scores, best.take(order)):
            break
    final = _mix(whole, base, share)
    facts = {
        "plain": float(singles[-1].nats.mean()),
        "fitted": float(scores.nats.mean()),
        "base": float(best.nats.mean()),
        "base_name": best.ensemble.name,
        "area_under_curve": {
            "plain": float(singles[-1].log_area_share.mean()),
            "fitted": float(scores.log_area_share.mean()),
            "base": float(best.log_area_share.mean()),
        },
        "guard": "used as fitted"
        if share == 1.0
        else f"moved towards {best.ensemble.name}: {share:.0%} of the fit used",
    }
    free = [value for name, value in final.items() if name != PRIOR]
    temperature = (len(free) + 1.0) / (sum(free) + 1.0)
    grid = "x".join(str(size) for size in bench.world.overlay.grid.shape)
    weights = {name: value for name, value in final.items() if name != PRIOR}
    return FittedPooling(weights, final[PRIOR], floor, temperature, ridge, int(chosen.size), facts, grid)


def _mix(fit: Mapping[str, float], base: Mapping[str, float], share: float) -> dict[str, float]:
    return {name: share * value + (1 - share) * base.get(name, 0.0) for name, value in fit.items()}


def _cross_validate(
    bench: Bench, chosen: Positions, fold: Positions, parts: Sequence[Mapping[str, float]], floor: float
) -> tuple[Scores, Positions]:
    """Scores of every photo by the fit that did not see it, fold after fold, and their order in ``chosen``."""
    found = []
    for number, part in enumerate(parts):
        weights = {name: value for name, value in part.items() if name != PRIOR}
        ensemble = _ensemble(bench, weights, part[PRIOR], floor, "fitted")
        found.append(score(bench, (ensemble,), chosen[fold == number])[0])
    order = np.concatenate([np.flatnonzero(fold == number) for number in range(len(parts))])
    return join_scores(found), order


def join_scores(parts: Sequence[Scores]) -> Scores:
    """Scores of several sets of photos as one."""
    names = ("denser_km2", "reach_km2", "mass_above", "mass_tied", "nats", "top_cell", "group")
    return Scores(parts[0].ensemble, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def below(scores: Scores, base: Scores) -> bool:
    """Whether recall is below a base's at any budget, beyond the paired bootstrap interval, on the same photos.

    Ties are expected, as regions cut cells: Algorithm 3 takes whole cells, so that at budgets smaller than a cell it
    compares sizes of cells and not maps.
    """
    _, bounds = paired_difference(scores.hits(BUDGETS_KM2, "expected"), base.hits(BUDGETS_KM2, "expected"), 400)
    return bool((bounds[1] < 0).any())
