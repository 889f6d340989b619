"""Algorithm 3 of Bianco et al. 2024 for many photos and many ensembles in one pass over stored evidence.

For a photo, every piece of evidence is gathered onto the cells once; an ensemble is then a weighted sum, its area a
comparison with the density at the truth and a dot product: nothing is sorted, and no ``SearchMap`` is built. Ties are
distinguished: the area of cells that are strictly denser than the truth's, and of those at least as dense.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.evaluation.ensembles import PRIOR, URBAN_LABELS, Ensemble
from engine.evaluation.evidence import Evidence, Positions
from engine.geometry.sphere import EARTH_AREA_KM2, cap_area_km2
from engine.inference.pooling import Pooling
from engine.inference.ranking import STEP_NATS, steps_below
from engine.inference.world import World
from engine.partitions.partition import NOWHERE
from engine.progress import Report
from engine.typing import FloatArray

CAPS_KM = (1, 25, 200, 750, 2500)
"""Radii of Bianco et al. 2024, section 5.3: street, city, region, country, continent."""
CAP_AREAS_KM2 = np.array([cap_area_km2(radius) for radius in CAPS_KM])
CHUNK = 64
"""Photos whose label rows are held at once: 64 x 13,250 float64 are 7 MB per piece of evidence."""
SMALLEST_AREA_KM2 = 1.0
"""Lower end of the log-area axis of the curve; the upper end is the area of the Earth."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What one ensemble did on each photo; every array ``(photos,)``.

    Attributes:
        ensemble: the ensemble.
        denser_km2: area of the cells that are strictly denser than the truth's: what is searched if ties go our way.
        reach_km2: area of the cells at least as dense (Algorithm 3): what is searched if ties go against us.
        mass_above: probability of the strictly denser cells, 0 to 1.
        mass_tied: probability of the cells that are exactly as dense as the truth's, the truth's included.
        nats: minus the log-density at the truth, per km2; ``inf`` where the map excludes it.
        top_cell: the densest cell, the first of equals.
        group: most probable population bucket of the map, -1 for none.
    """

    ensemble: Ensemble
    denser_km2: FloatArray
    reach_km2: FloatArray
    mass_above: FloatArray
    mass_tied: FloatArray
    nats: FloatArray
    top_cell: Positions
    group: Positions

    def __len__(self) -> int:
        """Number of photos."""
        return self.reach_km2.size

    def take(self, positions: Positions) -> "Scores":
        """Some of the photos, in the order given; repeated ones are allowed."""
        arrays = (getattr(self, name) for name in _ARRAYS)
        return Scores(self.ensemble, *(array[positions] for array in arrays))

    @property
    def expected_km2(self) -> FloatArray:
        """Area searched on average when equally dense cells are searched in a random order."""
        return (self.denser_km2 + self.reach_km2) / 2.0

    def hits(self, budget_km2: npt.ArrayLike, ties: str = "pessimistic") -> FloatArray:
        """``(photos, budgets)``: 1 where the truth is inside the budget, a share where ties decide and are expected.

        Args:
            budget_km2: area budgets.
            ties: ``optimistic``, ``expected`` or ``pessimistic`` (Algorithm 3).

        Raises:
            InputError: another word for ties.
        """
        budget = np.atleast_1d(np.asarray(budget_km2, np.float64))[None, :]
        low, high = self.denser_km2[:, None], self.reach_km2[:, None]
        if ties == "pessimistic":
            return (high <= budget * (1 + 1e-9)).astype(np.float64)
        if ties == "optimistic":
            return (low < budget).astype(np.float64)
        if ties == "expected":
            return np.asarray(np.clip((budget - low) / np.maximum(high - low, 1e-12), 0.0, 1.0), np.float64)
        raise InputError(f"Ties are optimistic, expected or pessimistic, not {ties!r}.")

    @cached_property
    def log_area_share(self) -> FloatArray:
        """Area under each photo's own step of the curve, log-area axis from 1 km2 to the Earth scaled to 0..1."""
        span = np.log(EARTH_AREA_KM2 / SMALLEST_AREA_KM2)
        reach = np.clip(self.expected_km2, SMALLEST_AREA_KM2, EARTH_AREA_KM2)
        return np.asarray(np.log(EARTH_AREA_KM2 / reach) / span, np.float64)


_ARRAYS = ("denser_km2", "reach_km2", "mass_above", "mass_tied", "nats", "top_cell", "group")


@dataclass(frozen=True, eq=False)
class Bench:
    """What every photo is measured against: the world, the true cells and the evidence.

    Attributes:
        world: overlay and prior.
        truth_cell: ``(photos,)`` overlay cell of each true place.
        evidence: pieces of evidence by name.
    """

    world: World
    truth_cell: Positions
    evidence: Mapping[str, Evidence]

    @classmethod
    def on(cls, world: World, latitude: FloatArray, longitude: FloatArray, evidence: Sequence[Evidence]) -> "Bench":
        """A bench for photos with true places in degrees."""
        return cls(world, world.overlay.cell_at(latitude, longitude), {piece.name: piece for piece in evidence})

    @cached_property
    def roles(self) -> dict[str, str]:
        """Role of each piece of evidence."""
        return {name: piece.role for name, piece in self.evidence.items()}


def score(
    bench: Bench,
    ensembles: Sequence[Ensemble],
    positions: Positions | None = None,
    threads: int = 2,
    report: Report | None = None,
    masses: bool = True,
) -> tuple[Scores, ...]:
    """Every ensemble on some photos (all unless given); photos are shared out over threads.

    Args:
        bench: evidence and true cells.
        ensembles: what to measure.
        positions: of photos.
        threads: how many share the photos.
        report: progress.
        masses: whether to measure probabilities too; without them ``mass_above``, ``mass_tied`` and ``nats`` are NaN
            and ``group`` is -1, and a photo takes half the time.

    Raises:
        InputError: an ensemble names evidence that is not there.
    """
    check_evidence(bench, ensembles)
    chosen = np.arange(bench.truth_cell.size) if positions is None else positions
    result = [_Result(chosen.size) for _ in ensembles]
    starts = range(0, chosen.size, CHUNK)
    done = 0
    with ThreadPoolExecutor(max(threads, 1)) as workers:
        work = [
            workers.submit(_score_chunk, bench, ensembles, chosen[start : start + CHUNK], start, result, masses)
            for start in starts
        ]
        try:
            for future in work:
                future.result()
                done += 1
                if report is not None:
                    report("Measuring photos", done / len(work))
        finally:  # a report may stop the work by raising: what has not begun is then left undone
            workers.shutdown(cancel_futures=True)
    return tuple(found.scores(ensemble) for found, ensemble in zip(result, ensembles, strict=True))


def check_evidence(bench: Bench, ensembles: Sequence[Ensemble]) -> None:
    """Refuse ensembles that name evidence that is not there.

    Raises:
        InputError: one does.
    """
    for ensemble in ensembles:
        absent = sorted(set(ensemble.weights) - set(bench.evidence))
        if absent:
            known = ", ".join([PRIOR, *bench.evidence])
            raise InputError(
                f"The ensemble {ensemble.name!r} names {absent[0]!r}, which is not there; there are {known}."
            )


class _Result:
    """Arrays that the threads fill, each its own photos."""

    def __init__(self, photos: int) -> None:
        self.floats = np.zeros((5, photos))
        self.cells = np.zeros((2, photos), np.int64)

    def scores(self, ensemble: Ensemble) -> Scores:
        return Scores(ensemble, *self.floats, *self.cells)


def _score_chunk(
    bench: Bench,
    ensembles: Sequence[Ensemble],
    positions: Positions,
    start: int,
    result: Sequence[_Result],
    masses: bool,
) -> None:
    """Measure every ensemble on a chunk of photos."""
    pool = ChunkPool(bench, ensembles, positions)
    meter = _Meter(bench.world, masses)
    for number, position in enumerate(positions):
        truth = int(bench.truth_cell[position])
        pool.gather(number)
        for ensemble, found in zip(ensembles, result, strict=True):
            meter.measure(pool.pooled(ensemble), truth, found, start + number)


class ChunkPool:
    """Pools ensembles photo by photo; each piece of evidence is gathered once per photo."""

    def __init__(self, bench: Bench, ensembles: Sequence[Ensemble], positions: Positions) -> None:
        """Read the label rows of a chunk of photos."""
        self.bench = bench
        cells = bench.world.overlay.cells
        self.keys = list(dict.fromkeys(_key(e, name) for e in ensembles for name, w in e.weights.items() if w > 0))
        self.rows = {key: bench.evidence[key[0]].rows(positions, key[1], key[2]) for key in self.keys}
        self.values = {key: np.empty(cells) for key in self.keys}
        self.base = {id(e): _base(bench.world, e) for e in ensembles}
        self.total, self.term = np.empty(cells), np.empty(cells)

    def gather(self, number: int) -> None:
        """Bring the evidence of one photo of the chunk to the cells."""
        for key in self.keys:
            self.bench.evidence[key[0]].spread(self.rows[key][number], self.values[key])

    def value(self, ensemble: Ensemble, name: str) -> FloatArray:
        """``(cells,)`` log-values of one piece of evidence for the last gathered photo, as an ensemble uses them."""
        return self.values[_key(ensemble, name)]

    def pooled(self, ensemble: Ensemble) -> FloatArray:
        """Unnormalised log-density per cell of the photo gathered last; overwritten by the next call."""
        np.copyto(self.total, self.base[id(ensemble)])
        for name, weight in ensemble.weights.items():
            if weight == 1.0:
                self.total += self.values[_key(ensemble, name)]
            elif weight > 0:
                np.multiply(self.values[_key(ensemble, name)], weight, out=self.term)
                self.total += self.term
        return self.total


def _key(ensemble: Ensemble, name: str) -> tuple[str, Pooling, float | None]:
    return name, ensemble.pooling, ensemble.floors.get(name)


def _base(world: World, ensemble: Ensemble) -> FloatArray:
    """Log-density before any evidence: the prior, flat under a product without it, and the urban mask."""
    product_alone = ensemble.pooling is Pooling.PRODUCT and ensemble.prior_weight == 0
    base = np.zeros(world.overlay.cells) if product_alone else world.prior.log_density(ensemble.prior_weight)
    return np.where(urban_cells(world), base, -np.inf) if ensemble.urban else base


def urban_cells(world: World) -> npt.NDArray[np.bool_]:
    """``(cells,)`` whether a cell lies in one of the two highest population buckets."""
    table = world.overlay.table("population")
    urban = [number for number, label in enumerate(table.labels) if label in URBAN_LABELS]
    return np.isin(table.cell_label, urban)


class _Meter:
    """Algorithm 3 and what comes with it for one log-density; buffers are reused."""

    def __init__(self, world: World, masses: bool) -> None:
        cells = world.overlay.cells
        self.masses, self.area = masses, world.overlay.area_km2
        self.inside, self.mass = np.empty(cells), np.empty(cells)
        table = world.overlay.table("population")
        self.buckets = len(table.labels)
        self.bucket = (table.cell_label - NOWHERE).astype(np.intp)

    def measure(self, log_density: FloatArray, truth: int, found: _Result, photo: int) -> None:
        at_truth, top = log_density[truth], int(log_density.argmax())
        if log_density[top] == -np.inf:  # the predictors contradict each other: the whole Earth is searched
            found.floats[:, photo] = 0.0, EARTH_AREA_KM2, 0.0, 1.0, np.inf
            found.cells[:, photo] = 0, NOWHERE
            return
        total, group = self._weigh(log_density, top) if self.masses else (np.nan, NOWHERE)
        step = float(steps_below(at_truth, float(log_density[top])))  # ties are those of the ranking
        np.greater(log_density, log_density[top] - (step - 0.5) * STEP_NATS, out=self.inside)
        denser, above = self._sums(total)
        np.greater_equal(log_density, log_density[top] - (step + 0.5) * STEP_NATS, out=self.inside)
        reached, mass_reached = self._sums(total)
        nats = np.log(total) - (at_truth - log_density[top])
        found.floats[:, photo] = denser, reached, above, mass_reached - above, nats
        found.cells[:, photo] = top, group

    def _weigh(self, log_density: FloatArray, top: int) -> tuple[float, int]:
        """Unnormalised mass per cell, its sum, and the population bucket that has most of it."""
        np.subtract(log_density, log_density[top], out=self.mass)
        np.exp(self.mass, out=self.mass)
        self.mass *= self.area
        shares = np.bincount(self.bucket, self.mass, minlength=self.buckets + 1)
        return float(shares.sum()), int(shares.argmax()) + NOWHERE

    def _sums(self, total: float) -> tuple[float, float]:
        """Area and share of the mass of the cells in ``inside``."""
        area = _dot(self.inside, self.area)
        return area, _dot(self.inside, self.mass) / total if self.masses else np.nan


def _dot(a: FloatArray, b: FloatArray) -> float:
    # Not BLAS: its own threads would fight with ours over vectors of this size.
    return float(np.einsum("i,i->", a, b))


def recall_curve(scores: Scores, areas_km2: FloatArray, ties: str = "pessimistic") -> FloatArray:
    """Recall (0 to 1) at each area budget: Eq. 1 of Bianco et al. 2024."""
    if len(scores) == 0:
        return np.full(np.size(areas_km2), np.nan)
    if ties == "expected":
        return np.asarray([scores.hits(area, ties).mean() for area in areas_km2], np.float64)
    if ties == "optimistic":
        return np.asarray(np.searchsorted(np.sort(scores.denser_km2), areas_km2, side="left") / len(scores), np.float64)
    limit = areas_km2 * (1 + 1e-9)
    return np.asarray(np.searchsorted(np.sort(scores.reach_km2), limit, side="right") / len(scores), np.float64)
