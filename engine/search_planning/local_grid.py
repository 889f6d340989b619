"""A fine grid around the last known point: rings of small sectors, tens of metres near it, 30 arc-seconds far away.

Rings and sectors follow the distribution exactly, so that a circle of 12 km is a circle and the cells' probabilities
sum to 1. Nothing special happens at a pole or at the date line.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely

from engine.errors import InputError
from engine.evidence.shapes.polygons import Polygon, area_km2, in_plane
from engine.geometry.local_plane import LocalPlane
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM, check_point
from engine.search_planning.radial import RadialDistribution
from engine.typing import FloatArray, IntArray

SECTORS = 720
FINEST_KM, COARSEST_KM = 0.01, 0.9
"""Widths of rings: 10 m at the point, growing as sectors do, up to 30 arc-seconds."""

MOST_RINGS = 1_500
SAMPLES, MOST_SIDE = 120_000, 16
"""Sample points along the outline of a shape; each cell there is cut into 2 x 2 to 16 x 16."""

GOLDEN, SILVER = (math.sqrt(5.0) - 1.0) / 2.0, math.sqrt(2.0) - 1.0
"""Irrational steps, whose multiples fill the unit interval evenly."""

FEW_CELLS = 500
"""Cells of a shape up to which its sampled area is corrected by the exact one."""

OUTLINE_POINTS = 60_000
"""Points along an outline by which the cells on it are found."""


@dataclass(frozen=True, eq=False)
class Membership:
    """Which cells a shape holds.

    Attributes:
        cell: numbers of the cells.
        share: of each cell's area, above 0 and at most 1.
    """

    cell: IntArray
    share: FloatArray


@dataclass(frozen=True, eq=False)
class LocalGrid:
    """Cells of equal turn between rings, and their probability.

    Attributes:
        latitude, longitude: of the last known point, degrees.
        edges_km: ``(rings + 1,)`` from 0 to the reach of the distribution.
        probability: ``(rings * SECTORS,)`` of the cells, ring by ring; sums to 1.
    """

    latitude: float
    longitude: float
    edges_km: FloatArray
    probability: FloatArray

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.probability.size

    @cached_property
    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes of the cells' middles, degrees."""
        ring, sector = np.divmod(np.arange(self.cells), SECTORS)
        return self._points(ring + 0.5, sector + 0.5)

    @cached_property
    def area_km2(self) -> FloatArray:
        """``(cells,)`` area of each cell on the sphere."""
        caps = EARTH_AREA_KM2 * np.sin(self.edges_km / (2.0 * EARTH_RADIUS_KM)) ** 2
        return np.asarray(np.repeat(np.diff(caps) / SECTORS, SECTORS), np.float64)

    def weighed(self, factor: FloatArray) -> "LocalGrid":
        """The same cells with probabilities multiplied by ``(cells,)`` factors of 0 or more, and summing to 1 again.

        Raises:
            InputError: nothing is left.
        """
        product = self.probability * factor
        total = float(product.sum())
        if not total > 0.0:
            raise InputError(
                "The distances around the last known point and the rest of the case have no place in common; move the "
                "point, choose another category, or take the other evidence out."
            )
        return replace(self, probability=product / total)

    def membership(self, polygons: Sequence[Polygon]) -> Membership:
        """The cells that polygons hold: those inside whole, those on the outline by the share of sample points."""
        shape = shapely.MultiPolygon([in_plane(polygon) for polygon in polygons])
        shapely.prepare(shape)
        share = np.zeros(self.cells)
        near = self._near(shape)
        if near.size:
            latitude, longitude = self.centres
            share[near] = _inside(shape, latitude[near], longitude[near])
        edge = self._on_outline(shape)
        if edge.size:
            side = int(np.clip(math.sqrt(SAMPLES / edge.size), 2, MOST_SIDE))
            ring, sector = np.divmod(edge, SECTORS)
            # Each cell's points are shifted: an outline along a ring would meet the same step in every sector.
            out = (np.arange(side) + (edge * GOLDEN % 1.0)[:, None]) / side
            turn = (np.arange(side) + (edge * SILVER % 1.0)[:, None]) / side
            points = self._points(ring[:, None, None] + out[:, :, None], sector[:, None, None] + turn[:, None, :])
            share[edge] = _inside(shape, *points).reshape(edge.size, -1).mean(axis=1)
        cell = np.flatnonzero(share)
        if cell.size == 0:
            return self._single(polygons)
        return Membership(cell, self._corrected(cell, share[cell], polygons))

    def _corrected(self, cell: IntArray, share: FloatArray, polygons: Sequence[Polygon]) -> FloatArray:
        """Shares of a small shape scaled to its exact area: a few sample points give it roughly alone."""
        if cell.size > FEW_CELLS or cell.max() >= self.cells - SECTORS:
            return share
        return np.minimum(share * (area_km2(polygons) / float(share @ self.area_km2[cell])), 1.0)

    def _on_outline(self, shape: shapely.MultiPolygon) -> IntArray:
        """Cells that the outline runs through, and their neighbours."""
        outline = shapely.boundary(shape)
        points = shapely.get_coordinates(shapely.segmentize(outline, max(outline.length / OUTLINE_POINTS, 1e-9)))
        cell = np.unique(self.cells_at(points[:, 1], points[:, 0]))
        ring, sector = np.divmod(cell[cell >= 0], SECTORS)
        rings = self.edges_km.size - 1
        around = [(ring + up, (sector + turn) % SECTORS) for up in (-1, 0, 1) for turn in (-1, 0, 1)]
        found = [up[(up >= 0) & (up < rings)] * SECTORS + turn[(up >= 0) & (up < rings)] for up, turn in around]
        return np.unique(np.concatenate(found))

    def _single(self, polygons: Sequence[Polygon]) -> Membership:
        """The cell in which something smaller than all sample points lies, by its share of the area."""
        inner = in_plane(polygons[0]).representative_point()
        (cell,) = self.cells_at(np.array([inner.y]), np.array([inner.x]))
        if cell < 0:
            return Membership(np.zeros(0, np.int64), np.zeros(0))
        share = min(area_km2(polygons) / float(self.area_km2[cell]), 1.0)
        return Membership(np.array([cell], np.int64), np.array([share]))

    def cells_at(self, latitude: FloatArray, longitude: FloatArray) -> IntArray:
        """The cells of points in degrees; -1 beyond the reach."""
        east, north = LocalPlane(self.latitude, self.longitude).from_degrees(latitude, longitude)
        distance = np.hypot(east, north)
        ring = np.searchsorted(self.edges_km, distance, side="right") - 1
        turn = np.arctan2(east, north) % (2.0 * math.pi) / (2.0 * math.pi)
        cell = ring * SECTORS + np.minimum((turn * SECTORS).astype(np.int64), SECTORS - 1)
        return np.where(distance < self.edges_km[-1], cell, -1)

    def _near(self, shape: shapely.MultiPolygon) -> IntArray:
        """Cells that may meet a shape: those whose middle is in its box, or nearly."""
        latitude, longitude = self.centres
        west, south, east, north = shape.bounds
        width = np.repeat(np.maximum(np.diff(self.edges_km), self.edges_km[1:] * 2 * math.pi / SECTORS), SECTORS)
        tall = np.degrees(width / EARTH_RADIUS_KM)
        wide = tall / np.maximum(np.cos(np.radians(np.minimum(np.abs(latitude) + tall, 89.9))), 1e-3)
        middle, half = (west + east) / 2, (east - west) / 2
        apart = np.abs((longitude - middle + 180.0) % 360.0 - 180.0)
        met = (latitude >= south - tall) & (latitude <= north + tall) & (apart <= half + wide)
        return np.flatnonzero(met)

    def _points(self, ring: FloatArray, sector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points by fractional numbers of ring and sector."""
        whole = np.minimum(np.floor(ring).astype(np.int64), self.edges_km.size - 2)
        inner, outer = self.edges_km[whole], self.edges_km[whole + 1]
        distance = np.sqrt(inner**2 + (ring - whole) * (outer**2 - inner**2))  # halves the area, not the width
        return LocalPlane(self.latitude, self.longitude).at_bearing(distance, 2.0 * math.pi * sector / SECTORS)


def build_grid(latitude: float, longitude: float, distribution: RadialDistribution) -> LocalGrid:
    """The grid around a point in degrees.

    Raises:
        InputError: the point is not on the globe.
    """
    latitude, longitude = check_point(latitude, longitude)
    edges = _with_steps(_edges(distribution.reach_km), distribution)
    shares = np.diff(distribution.share_within(edges))
    probability = np.repeat(shares / shares.sum() / SECTORS, SECTORS)
    return LocalGrid(latitude, longitude, edges, probability)


def _edges(reach_km: float) -> FloatArray:
    """Edges of rings as wide as their sectors, within the limits; a very wide search takes wider rings."""
    turn, coarsest = 2.0 * math.pi / SECTORS, max(COARSEST_KM, reach_km / MOST_RINGS)
    edges = [0.0]
    while edges[-1] < reach_km:
        edges.append(edges[-1] + min(max(FINEST_KM, edges[-1] * turn), coarsest))
    edges[-1] = reach_km
    return np.array(edges)


def _with_steps(edges: FloatArray, distribution: RadialDistribution) -> FloatArray:
    """The edges, and the radii at which the density changes by a tenth or more: no ring lies across one."""
    radius = distribution.radius_km
    density = np.diff(distribution.within) / np.diff(radius**2)
    jumps = radius[1:-1][np.abs(np.diff(density)) > 0.1 * np.maximum(density[:-1], density[1:])]
    found = np.union1d(edges, jumps)
    return np.asarray(found[np.append(True, np.diff(found) > 1e-9)], np.float64)


def _inside(shape: shapely.MultiPolygon, latitude: FloatArray, longitude: FloatArray) -> np.ndarray:
    """Whether points lie in a shape whose longitudes may run on beyond 180."""
    west, _, east, _ = shape.bounds
    found = np.zeros(latitude.shape, bool)
    for turn in (-360.0, 0.0, 360.0):
        moved = longitude + turn
        if (moved.max() >= west) and (moved.min() <= east):
            found |= shapely.contains_xy(shape, moved, latitude)
    return found
