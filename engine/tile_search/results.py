"""What a search is asked and what it answers: settings, what a level cost, tiles with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.geometry.sphere import great_circle_km
from engine.geometry.web_mercator import LEVELS, Tile
from engine.tile_search.beam import BeamState, Method
from engine.tile_search.imagery import SourceRecord


@dataclass(frozen=True)
class SearchSettings:
    """What a search is asked to do.

    Attributes:
        k: tiles kept per level.
        method: the rule.
        levels: zooms wanted; those that the source lacks are left out and said.
        attached: latitude and longitude of another model's point to keep (paper's variant k + 1).
    """

    k: int = 64
    method: Method = Method.PATH
    levels: tuple[int, ...] = LEVELS
    attached: tuple[float, float] | None = None


@dataclass(frozen=True)
class LevelReport:
    """What one level cost.

    Attributes:
        zoom: its zoom.
        candidates: tiles looked at.
        encoded: tiles that passed the encoder.
        cache_hits: tiles that were known.
        absent: tiles that the source does not have.
        failed: tiles that could not be had.
        blank: tiles of one colour.
        kept: tiles looked into.
        seconds: time taken.
    """

    zoom: int
    candidates: int
    encoded: int
    cache_hits: int
    absent: int
    failed: int
    blank: int
    kept: int
    seconds: float


@dataclass(frozen=True)
class TileScore:
    """A tile of the last level.

    Attributes:
        tile: which one.
        latitude, longitude: its middle, degrees.
        probability: of the path to it, given the whole walk.
        cosine: with the photo, NaN where its picture could not be had.
    """

    tile: Tile
    latitude: float
    longitude: float
    probability: float
    cosine: float


@dataclass(frozen=True, eq=False)
class SearchProgress:
    """A search as far as it got: the walk, what it cost and what to say about it."""

    state: BeamState
    reports: tuple[LevelReport, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The answer of a search.

    Attributes:
        source: the imagery that was searched; its attribution must be shown.
        settings: what was asked for.
        state: the whole walk.
        best: the best tiles of the last level that was reached, best first.
        reports: what each level cost.
        notes: what was missing, one sentence each.
        seconds: time taken.
    """

    source: SourceRecord
    settings: SearchSettings
    state: BeamState
    best: tuple[TileScore, ...]
    reports: tuple[LevelReport, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def tiles_encoded(self) -> int:
        """Tiles that passed the encoder."""
        return sum(report.encoded for report in self.reports)

    @property
    def cache_hits(self) -> int:
        """Tiles that were known before."""
        return sum(report.cache_hits for report in self.reports)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        top = self.best[0]
        return {
            "source": {"name": self.source.name, "title": self.source.title, "attribution": self.source.attribution},
            "method": self.settings.method.value,
            "k": self.settings.k,
            "levels": [{**report.__dict__, "seconds": round(report.seconds, 4)} for report in self.reports],
            "tiles_encoded": self.tiles_encoded,
            "cache_hits": self.cache_hits,
            "seconds": round(self.seconds, 4),
            "best_tile": top.tile.path,
            "zoom": top.tile.z,
            "lat": top.latitude,
            "lon": top.longitude,
            "path_probability": top.probability,
            "tile_width_km": tile_width_km(top.tile),
            "best": [score_facts(score) for score in self.best],
            "notes": list(self.notes),
        }


def score_facts(score: TileScore) -> dict[str, Any]:
    """One tile as plain values."""
    return {
        "tile": score.tile.path,
        "lat": score.latitude,
        "lon": score.longitude,
        "probability": score.probability,
        "cosine": score.cosine if np.isfinite(score.cosine) else None,
    }


def tile_width_km(tile: Tile) -> float:
    """Width of a tile at its middle, km."""
    latitude, _ = tile.center
    quarter = great_circle_km(latitude, 0.0, latitude, 90.0 / (1 << tile.z))  # a quarter is never half-way round
    return round(4.0 * float(quarter), 4)
