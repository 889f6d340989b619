"""Tile scores back as one more predictor: what the walk found, as a probability over the labels of a partition.

The leaves of a walk are the tiles that were dropped on the way and the candidates of its last level; they cover the
Mercator square without overlap and their probabilities sum to 1. What the *tiles* say of a leaf is how much its
probability exceeds its prior mass. Inside a leaf the map's own density is kept, so

    mass of a cell = sum over the leaves of  p(leaf) * map(cell inside leaf) / map(leaf),

summed on the display lattice (10 arc-minutes; a smaller leaf counts where its middle lies). The map's own mass goes
along as ``label_prior`` and is divided out by pooling, so that the prior of the walk does not count twice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry import web_mercator
from engine.partitions.overlay import PartitionTable
from engine.predictors.base import Prediction, Record
from engine.tile_search.beam import BeamState, Method
from engine.tile_search.tile_prior import MapPrior
from engine.typing import FloatArray, IntArray

RECORD = Record(
    name="tile_search",
    title="Tile search",
    summary="Compares the photo with satellite tiles from coarse to fine (Kim, Jang and Kim) and says how "
    "much more likely each location became than the map had it.",
    licence="as the imagery and the encoders",
    source="hierarchical tile search, CLIP ViT-B/32",
    floor=0.05,
)
LATTICE_ZOOM = 11
"""From this zoom on a tile is smaller than a lattice tile everywhere."""


def leaves(state: BeamState) -> list[tuple[int, IntArray, FloatArray, FloatArray]]:
    """The leaves of a walk by level: zoom, codes, probabilities (all sum to 1), log prior mass."""
    found = []
    for number, level in enumerate(state.done):
        out = np.ones(level.codes.size, bool)
        if number + 1 < len(state.done):
            out[level.kept] = False
        found.append((level.zoom, level.codes[out], np.exp(level.log_probability[out]), level.log_mass[out]))
    return found


def as_prediction(state: BeamState, prior: MapPrior, partition: str = "geocells_fine") -> Prediction:
    """What a walk with a map as its prior says over the labels of a partition of that map.

    Raises:
        InputError: the walk was the paper's (its scores are no probabilities) or has not begun.
    """
    if state.plan.method is not Method.PATH or not state.done:
        raise InputError(
            "Only a search by path with at least one level gives evidence; run one without --method paper."
        )
    overlay = prior.search_map.overlay
    table = overlay.table(partition)
    pair_mass = prior.density[overlay.tiles.cell] * overlay.tiles.area_km2
    lattice = np.add.reduceat(pair_mass, overlay.tiles.start[:-1])
    ratio = _lattice_ratio(state, lattice, overlay.tiles.shape)
    before = _by_label(table, overlay.tiles.cell, pair_mass)
    after = _by_label(table, overlay.tiles.cell, pair_mass * np.repeat(ratio, np.diff(overlay.tiles.start)))
    note = f"The tile search reached zoom {state.done[-1].zoom}."
    return Prediction(RECORD, partition, after / after.sum(), before / before.sum(), note)


def _lattice_ratio(state: BeamState, prior_mass: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """How much more likely each lattice tile became; 1 where no leaf speaks of it."""
    rows, columns = np.divmod(np.arange(prior_mass.size), shape[1])
    latitude = 90.0 - (rows + 0.5) * 180.0 / shape[0]
    longitude = (columns + 0.5) * 360.0 / shape[1] - 180.0
    ratio, small = np.ones(prior_mass.size), np.zeros(prior_mass.size)
    fine = np.zeros(prior_mass.size, bool)
    for zoom, codes, probability, log_mass in leaves(state):
        if zoom < LATTICE_ZOOM:
            _paint(
                ratio, web_mercator.codes_at(latitude, longitude, zoom), codes, np.log(probability + 1e-300) - log_mass
            )
        else:
            at = web_mercator.centers(zoom, codes)
            place = _lattice_tile(*at, shape)
            np.add.at(small, place, probability)
            fine[place] = True
    ratio[fine] = small[fine] / np.maximum(prior_mass[fine], 1e-300)
    return ratio


def _paint(ratio: FloatArray, code_of: IntArray, codes: IntArray, log_ratio: FloatArray) -> None:
    """Set the ratio of the lattice tiles whose middle lies in one of the leaves."""
    order = np.argsort(codes)
    ranked = codes[order]
    place = np.minimum(np.searchsorted(ranked, code_of), ranked.size - 1) if ranked.size else np.zeros(0, np.int64)
    if ranked.size:
        hit = ranked[place] == code_of
        ratio[hit] = np.exp(np.clip(log_ratio[order][place[hit]], -60, 60))


def _lattice_tile(latitude: FloatArray, longitude: FloatArray, shape: tuple[int, int]) -> IntArray:
    row = np.clip(((90.0 - latitude) / 180.0 * shape[0]).astype(np.int64), 0, shape[0] - 1)
    column = np.clip(((longitude + 180.0) / 360.0 * shape[1]).astype(np.int64), 0, shape[1] - 1)
    return np.asarray(row * shape[1] + column, np.int64)


def _by_label(table: PartitionTable, cell: npt.NDArray[np.integer], mass: FloatArray) -> FloatArray:
    """Mass per label of a partition; what lies in no mask is left out."""
    label = table.cell_label[cell].astype(np.int64)
    return np.asarray(np.bincount(label + 1, weights=mass, minlength=len(table.labels) + 1)[1:], np.float64)
