"""Speed as a ratio against the plain way, measured in one run. Not a test: nothing here passes or fails."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from engine.inference.pooling import Pooling, pool
from engine.inference.search_map import SearchMap
from engine.inference.world import World
from engine.partitions.overlay import Overlay
from engine.partitions.partition import gather_on_owners
from engine.predictors.base import Prediction, Record
from engine.progress import Report
from engine.typing import FloatArray

REPEATS = 301
"""The overlay takes about a millisecond: the median of so many runs is given, so that a busy machine shows less."""
LARGEST_RASTER_PIXELS = 120_000_000
"""Memory of the raster method, some 32 bytes a pixel."""
POINTS = 64
"""Places whose area is compared between the two ways."""

Result = TypeVar("Result")


def bench_overlay(world: World, report: Report | None = None, seed: int = 0) -> dict[str, object]:
    """Pool, rank and Algorithm 3 of Bianco et al. 2024 on the overlay and, literally, on the raster.

    On a grid too large for the raster way (933 million pixels would take 30 GB) the overlay is compared with the
    default grid's instead.

    Both multiply the same random softmax outputs of three predictors (Eq. 2), rank everything so that each area
    budget can be read off, and give the area to reach a point.

    Returns:
        ``grid, overlay_cells, raster_ms, overlay_ms, ratio, max_relative_area_error`` and the stages in ms; on a
        large grid ``raster`` is the reason why it was left out, and ``default_grid_overlay_ms`` and
        ``ratio_to_default_grid`` compare a photo's cost.
    """
    if world.overlay.grid.pixels > LARGEST_RASTER_PIXELS:
        return _against_the_default_grid(world, World.load(report=report), report, seed)
    rng = np.random.default_rng(seed)
    predictions = [_random(rng, world.overlay, name) for name in ("geocells_fine", "population", "land_cover")]
    points = _points(rng, world)
    _say(report, "Overlay", 0.0)
    runs = [_overlay_way(world, predictions, points[0]) for _ in range(REPEATS)]
    overlay_ms = {stage: float(np.median([run[0][stage] for run in runs])) for stage in runs[0][0]}
    raster_ms, errors = _raster_way(world.overlay, predictions, points, runs[-1][1], report)
    total_raster, total_overlay = sum(raster_ms.values()), sum(overlay_ms.values())
    return {
        "grid": "x".join(str(size) for size in world.overlay.grid.shape),
        "overlay_cells": world.overlay.cells,
        "raster_ms": total_raster,
        "overlay_ms": total_overlay,
        "ratio": total_raster / total_overlay,
        "max_relative_area_error": float(max(errors)),
        "raster_stages_ms": raster_ms,
        "overlay_stages_ms": overlay_ms,
    }


def _against_the_default_grid(world: World, other: World, report: Report | None, seed: int) -> dict[str, object]:
    """A photo's cost on two grids, measured in turns so that both see the same machine."""
    _say(report, "Overlay", 0.0)
    sets = []
    for one in (world, other):
        rng = np.random.default_rng(seed)
        predictions = [_random(rng, one.overlay, name) for name in ("geocells_fine", "population", "land_cover")]
        sets.append((one, predictions, _points(rng, one)[0]))
    runs = [[_overlay_way(*each)[0] for each in sets] for _ in range(REPEATS)]
    here, there = ({stage: float(np.median([run[n][stage] for run in runs])) for stage in runs[0][n]} for n in (0, 1))
    return {
        "grid": "x".join(str(size) for size in world.overlay.grid.shape),
        "overlay_cells": world.overlay.cells,
        "default_grid_overlay_cells": other.overlay.cells,
        "raster": f"left out: {world.overlay.grid.pixels:,} pixels do not fit; use the default grid",
        "overlay_ms": sum(here.values()),
        "default_grid_overlay_ms": sum(there.values()),
        "ratio_to_default_grid": sum(here.values()) / sum(there.values()),
        "overlay_stages_ms": here,
        "default_grid_overlay_stages_ms": there,
    }


def _random(rng: np.random.Generator, overlay: Overlay, partition: str) -> Prediction:
    """A softmax of normal logits: as peaked as a real model's."""
    logits = rng.normal(0.0, 3.0, len(overlay.table(partition).labels))
    weights = np.exp(logits - logits.max())
    record = Record(partition, partition, "random numbers for timing", "none", "random")
    return Prediction(record, partition, weights / weights.sum())


def _points(rng: np.random.Generator, world: World) -> list[tuple[float, float]]:
    """Places where photos are taken, so that the areas are those of real queries."""
    cells = rng.choice(world.overlay.cells, POINTS, p=world.prior.probability)
    pixels = [int(rng.choice(world.overlay.pixels_of(int(cell)))) for cell in cells]
    latitudes, longitudes = world.overlay.grid.point_of(pixels)
    return [(float(a), float(b)) for a, b in zip(latitudes, longitudes, strict=True)]


def _overlay_way(
    world: World, predictions: list[Prediction], point: tuple[float, float]
) -> tuple[dict[str, float], SearchMap]:
    pool_ms, search_map = _time(lambda: pool(world.overlay, predictions, world.prior, pooling=Pooling.PRODUCT))
    rank_ms, _ = _time(lambda: (search_map.area_up_to, search_map.probability_up_to))
    reach_ms, _ = _time(lambda: search_map.area_to_reach(*point))
    return {"pool": pool_ms, "rank": rank_ms, "area_to_reach": reach_ms}, search_map


def _raster_way(
    overlay: Overlay,
    predictions: list[Prediction],
    points: list[tuple[float, float]],
    search_map: SearchMap,
    report: Report | None,
) -> tuple[dict[str, float], list[float]]:
    """The same on pixels; the label rasters are made beforehand and not timed."""
    rasters = [overlay.table(p.partition).cell_label[np.asarray(overlay.pixel_cell)] for p in predictions]
    values = [_mask_density(overlay, p) for p in predictions]
    pixel_area = np.repeat(overlay.grid.pixel_area_km2, overlay.grid.columns)
    _say(report, "Raster: product", 0.2)
    pool_ms, product = _time(lambda: _product(values, rasters))
    _say(report, "Raster: rank", 0.3)
    rank_ms, _ = _time(lambda: _rank_pixels(product, pixel_area))
    _say(report, "Raster: Algorithm 3", 0.8)
    timed = [_time(lambda p=point: _algorithm_3(overlay, product, pixel_area, p)) for point in points]  # type: ignore[misc]
    errors = [abs(area / search_map.area_to_reach(*point) - 1) for (_, area), point in zip(timed, points, strict=True)]
    reach_ms = float(np.median([milliseconds for milliseconds, _ in timed]))
    return {"pool": pool_ms, "rank": rank_ms, "area_to_reach": reach_ms}, errors


def _mask_density(overlay: Overlay, prediction: Prediction) -> FloatArray:
    """p_j / area(m_j), with a 0 at the end for pixels outside every mask."""
    table = overlay.table(prediction.partition)
    mass = gather_on_owners(prediction.probability, table.owner)
    density = np.divide(mass, table.area_km2, out=np.zeros_like(mass), where=table.area_km2 > 0)
    return np.asarray(np.append(density, 0.0), np.float64)


def _product(values: list[FloatArray], rasters: list[np.ndarray]) -> FloatArray:
    """Algorithms 1 and 2 of Bianco et al. 2024."""
    product = values[0][rasters[0]]
    for value, raster in zip(values[1:], rasters[1:], strict=True):
        product *= value[raster]
    return np.asarray(product.reshape(-1), np.float64)


def _rank_pixels(product: FloatArray, pixel_area: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Area and mass of the n best pixels, for every n."""
    order = np.argsort(-product)
    return np.cumsum(pixel_area[order]), np.cumsum((product * pixel_area)[order])


def _algorithm_3(overlay: Overlay, product: FloatArray, pixel_area: FloatArray, point: tuple[float, float]) -> float:
    at_truth = product[int(overlay.grid.pixel_of(*point))]
    return float(np.sum(pixel_area * (product >= at_truth)))


def _time(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return 1000.0 * (time.perf_counter() - start), result


def _say(report: Report | None, what: str, share: float) -> None:
    if report is not None:
        report(what, share)
