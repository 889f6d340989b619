"""A statement as numbers: the log-likelihood of what was stated, per cell of the evidence world.

Most statements have a *share*: how much of a cell they hold on, 0 to 1. A statement that is right with probability p
is a predictor that says p for where it holds and 1 - p for elsewhere; its evidence is that over the prior's mass pi,

    ratio = p / (1 - p) * max(1, (1 - pi) / pi),

so that "likely within 50 km of Nairobi", by itself, puts nine tenths of the map there: a false statement would rarely
have named just this place. Where a statement holds almost everywhere it says little, but never less than its odds:
"likely not in Chile" counts nine to one against Chile. A certain statement leaves ``EXCLUDED`` elsewhere instead of
nothing, so that statements that contradict each other still draw a map.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, singledispatch
from typing import Protocol

import numpy as np
from scipy.special import ndtr

from engine.errors import InputError
from engine.evidence.countries.visibility import seen_in
from engine.evidence.statements.sightings import chance_of
from engine.evidence.statements.values import (
    CoastWithin,
    CountryFact,
    CountryIs,
    Elevation,
    Evidence,
    LabelIs,
    Seen,
    Statement,
    SunSeen,
)
from engine.evidence.sun.likelihood import FLOOR, likelihood_of_places
from engine.evidence.sun.places import SunPlaces
from engine.inference.prior import PhotoPrior
from engine.partitions.overlay import Overlay, PartitionTable
from engine.partitions.partition import NOWHERE
from engine.typing import BoolArray, FloatArray

EXCLUDED = 1e-30
"""Likelihood of a place that a certain statement rules out."""

LEAST_MASS = 1e-12
"""Mass below which a place is not made up for any further: ground that the prior almost rules out."""

KM_PER_DEGREE = 111.195
"""Of arc on the sphere."""


COUNTRIES, ELEVATION, RELIEF, COAST, ZONES = "countries", "elevation", "relief", "coast_distance", "time_zones"
"""Partitions that statements speak of by themselves."""

VALLEYS_M = {"flat": 20.0, "hills": 150.0, "mountains": 600.0}
"""By relief, how far ground lies from the mean of its pixel: a third of the range by which the classes are told apart,
and in mountains about that between Chamonix (1,035 m) and its pixel (over 2,000 m)."""

UPWARD = 0.6
"""Ground lies so much less far above the mean than below it, where people are: valleys are wide and summits are not."""


class Ground(Protocol):
    """What statements are weighed on: an overlay with the evidence partitions, a prior, edges of the banded ones."""

    @property
    def overlay(self) -> Overlay:
        """The cells."""
        ...

    @property
    def prior(self) -> PhotoPrior:
        """Where people take photos at all, on the cells."""
        ...

    @property
    def edges(self) -> Mapping[str, tuple[float, ...]]:
        """Per banded partition its edges, one more than labels."""
        ...


def log_of_share(share: FloatArray, probability: float, mass: float) -> FloatArray:
    """Log-likelihood of shares ``(n,)`` in [0, 1], up to a constant; where nothing holds it is ``log(1 - p)``.

    Args:
        share: how much of each place the statement holds on.
        probability: p, that the statement is right.
        mass: pi, what the prior holds where the statement does, 0 to 1.
    """
    right = probability * max(1.0, (1.0 - mass) / max(mass, LEAST_MASS))
    likelihood = (1.0 - probability) * (1.0 - share) + right * share
    return np.asarray(np.log(np.maximum(likelihood, EXCLUDED)), np.float64)


def log_searched(inside: FloatArray, detection: float) -> FloatArray:
    """Log-likelihood that a search finds nothing, given the shares that were searched: ``1 - POD`` where all was."""
    return np.log(np.maximum(1.0 - detection * inside, EXCLUDED))


def log_likelihood(evidence: Evidence, ground: Ground) -> FloatArray:
    """``(cells,)`` log-likelihood of a statement that is not drawn.

    Raises:
        InputError: it names something that the ground does not know.
    """
    labels = label_shares(evidence.statement, ground)
    if labels is None:
        by_cell = cell_shares(evidence.statement, ground)
        return log_of_share(by_cell, evidence.probability, float((ground.prior.probability * by_cell).sum()))
    name, share = labels
    table = ground.overlay.table(name)
    on_labels = ground.prior.on(table)
    mass = float((on_labels * share[:-1]).sum() + max(0.0, 1.0 - on_labels.sum()) * share[-1])
    return np.asarray(log_of_share(share, evidence.probability, mass)[table.cell_label], np.float64)


@singledispatch
def label_shares(statement: Statement, ground: Ground) -> tuple[str, FloatArray] | None:
    """Where a statement is a matter of one partition: its name, and the share per label ``(labels + 1,)``.

    The last entry is for places that have no label, so that the label ``NOWHERE``, -1, reads it.
    """
    del statement, ground
    return None


@label_shares.register
def _(statement: CountryIs, ground: Ground) -> tuple[str, FloatArray]:
    return COUNTRIES, _either(_chosen(ground.overlay.table(COUNTRIES), statement.codes), statement.negated)


@label_shares.register
def _(statement: CountryFact, ground: Ground) -> tuple[str, FloatArray]:
    seen = seen_in(statement.fact, statement.value)
    table = ground.overlay.table(COUNTRIES)
    share = np.zeros(len(table.labels) + 1)
    for label, code in enumerate(table.labels):
        share[table.owner[label]] = max(share[table.owner[label]], seen.get(code, 0.0))
    return COUNTRIES, _either(share, statement.negated)


@label_shares.register
def _(statement: LabelIs, ground: Ground) -> tuple[str, FloatArray]:
    table = ground.overlay.table(statement.partition)
    return statement.partition, _either(_chosen(table, statement.labels), statement.negated)


@label_shares.register
def _(statement: CoastWithin, ground: Ground) -> tuple[str, FloatArray]:
    near = np.append(band_shares(ground.edges[COAST], -statement.km, statement.km), 0.0)
    return COAST, _either(near, statement.negated)


@singledispatch
def cell_shares(statement: Statement, ground: Ground) -> FloatArray:
    """``(cells,)`` share of each cell, for statements that several partitions or the place itself decide.

    Raises:
        InputError: this statement is not weighed by cells.
    """
    del ground
    raise InputError(f"A statement of kind {type(statement).__name__} is drawn; weigh it through its shape.")


@cell_shares.register
def _(statement: Elevation, ground: Ground) -> FloatArray:
    low = -np.inf if statement.lowest_m is None else statement.lowest_m
    high = np.inf if statement.highest_m is None else statement.highest_m
    elevation, relief = ground.overlay.table(ELEVATION), ground.overlay.table(RELIEF)
    by_relief = [height_shares(ground.edges[ELEVATION], low, high, VALLEYS_M.get(name, 0.0)) for name in relief.labels]
    bands = np.stack([*by_relief, band_shares(ground.edges[ELEVATION], low, high)])  # the last: no relief is known
    at_sea = np.full((bands.shape[0], 1), float(low <= 0.0 < high))
    shares = np.hstack([bands, at_sea])
    return np.asarray(shares[relief.cell_label, elevation.cell_label], np.float64)


@cell_shares.register
def _(statement: Seen, ground: Ground) -> FloatArray:
    return chance_of(statement, ground.overlay, ground.edges[ELEVATION])


@cell_shares.register
def _(statement: SunSeen, ground: Ground) -> FloatArray:
    fit = likelihood_of_places(statement.observation, _sun_places(ground.overlay))
    return np.clip((fit - FLOOR) / (1.0 - FLOOR), 0.0, 1.0)  # the strength says how likely it is simply wrong


@lru_cache(maxsize=1)  # of the world that is in use
def _sun_places(overlay: Overlay) -> SunPlaces:
    zones = overlay.table(ZONES)
    extent = np.sqrt(overlay.area_km2 / np.pi) / KM_PER_DEGREE  # radius of a disc as large as the cell
    return SunPlaces.of(overlay.unit_center, extent, zones.cell_label.astype(np.int64), zones.labels)


def height_shares(edges: Sequence[float], low: float, high: float, spread_m: float) -> FloatArray:
    """Share of the ground of each band between ``edges`` that lies from ``low`` to ``high``, in a land of valleys.

    The layer holds the mean height of some 9 km; ground in one of its pixels lies around that by ``spread_m`` (one
    standard deviation; less upwards), so that a town in a deep valley is not ruled out by the summits above it. Beside
    the sea no valley is deeper than the sea: only bands below 0 have ground below 0.
    """
    if spread_m <= 0.0:
        return band_shares(edges, low, high)
    lower, upper = np.asarray(edges[:-1], np.float64)[:, None], np.asarray(edges[1:], np.float64)[:, None]
    heights = lower + (upper - lower) * (np.arange(8) + 0.5) / 8.0
    below_low, below_high = (_ground_below(bound, heights, spread_m, lower < 0.0) for bound in (low, high))
    return np.asarray((below_high - below_low).mean(axis=1), np.float64)


def _ground_below(bound: float, heights: FloatArray, spread_m: float, dry_depths: BoolArray) -> FloatArray:
    """Share of the ground around each mean height that lies below a bound."""
    if not np.isfinite(bound):
        return np.full(heights.shape, float(bound > 0))
    away = (bound - heights) / spread_m
    share = ndtr(np.where(away > 0.0, away / UPWARD, away))
    return np.asarray(np.where((bound > 0.0) | dry_depths, share, 0.0), np.float64)


def band_shares(edges: Sequence[float], low: float, high: float) -> FloatArray:
    """Share of each band between ascending ``edges`` that lies from ``low`` to ``high``: linear inside a band."""
    lower, upper = np.asarray(edges[:-1], np.float64), np.asarray(edges[1:], np.float64)
    return np.clip((np.minimum(upper, high) - np.maximum(lower, low)) / (upper - lower), 0.0, 1.0)


def _chosen(table: PartitionTable, labels: Sequence[str]) -> FloatArray:
    """1 for the chosen labels, 0 for the others and for places without a label."""
    number = {label: place for place, label in enumerate(table.labels)}
    unknown = [label for label in labels if label not in number]
    if unknown:
        raise InputError(f"The map has no {unknown[0]!r} among its {table.name}; choose one from the list.")
    share = np.zeros(len(table.labels) + 1)
    share[table.owner[[number[label] for label in labels]]] = 1.0
    return share


def _either(share: FloatArray, negated: bool) -> FloatArray:
    return 1.0 - share if negated else share


assert NOWHERE == -1  # noqa: S101 - the last entry of a table of shares is read by it
