"""Algorithm 3 and the top-1 distance from stored outputs, against the raster of Bianco et al. 2024, in one run.

Not a test: nothing here passes or fails. The raster multiplies 58 million pixels per photo, so it is timed on a few.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from engine.evaluation.benchmark import Measured, measure
from engine.evaluation.cell_samples import cell_samples
from engine.evaluation.collect import stored_pieces
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.manifest import Manifest
from engine.evaluation.outputs import OutputStore, StoredOutputs
from engine.evaluation.recall_area import Bench
from engine.geometry.sphere import great_circle_km
from engine.inference.pooling import Pooling
from engine.inference.world import World
from engine.partitions.overlay import PartitionTable
from engine.partitions.partition import gather_on_owners
from engine.predictors.base import Record
from engine.progress import Report
from engine.typing import FloatArray

PARTITIONS = ("geocells_fine", "population", "land_cover")
PHOTOS = 5000
RASTER_PHOTOS = 3
BLOCK = 500
WARM_UP = 256


def bench_evaluate(
    world: World, photos: int = PHOTOS, report: Report | None = None, folder: Path | None = None, seed: int = 0
) -> dict[str, Any]:
    """Store random softmax outputs of three predictors, evaluate their product, then do some photos on the raster.

    Args:
        world: overlay and prior.
        photos: number of photos; 49,829 is the Street View set of Bianco et al. 2024 (its outputs take 2.7 GB of disk).
        report: progress.
        folder: where outputs are stored for the while; a temporary folder unless given.
        seed: of the outputs and the true places.

    Returns:
        ``grid, photos, photos_per_s, seconds, processor_seconds, peak_mb, stored_mb, raster_ms_per_photo, ratio,
        max_relative_area_error, max_relative_area_error_photos``. Reading the outputs from disk is part of the time.
    """
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        store = OutputStore(Path(temporary) / "outputs")
        manifest = _store_random(world, store, photos, seed, report)
        samples = cell_samples(world.overlay)
        bench = Bench.on(world, manifest.latitude, manifest.longitude, stored_pieces(store, manifest, world))
        ensemble = Ensemble("product", dict.fromkeys(bench.evidence, 1.0), 0.0, Pooling.PRODUCT)
        measure(bench, manifest, [ensemble], np.arange(min(WARM_UP, photos)), samples, masses=False)
        start, worked = time.perf_counter(), time.process_time()
        (found,) = measure(bench, manifest, [ensemble], samples=samples, report=report, masses=False)
        seconds, worked = time.perf_counter() - start, time.process_time() - worked
        peak = peak_megabytes()
        stored = sum(path.stat().st_size for path in store.folder.rglob("*.arrow")) / 1e6
        raster_ms, error = _raster_way(world, store, manifest, found)
    return {
        "grid": "x".join(str(size) for size in world.overlay.grid.shape),
        "photos": photos,
        "photos_per_s": photos / seconds,
        "seconds": seconds,
        "processor_seconds": worked,
        "peak_mb": peak,
        "stored_mb": stored,
        "raster_ms_per_photo": raster_ms,
        "ratio": raster_ms / (1000 * seconds / photos),
        "max_relative_area_error": error,
        "max_relative_area_error_photos": min(RASTER_PHOTOS, photos),
    }


def peak_megabytes() -> float | None:
    """Largest memory that this process has used so far, MB; None where the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def _store_random(world: World, store: OutputStore, photos: int, seed: int, report: Report | None) -> Manifest:
    """Softmax outputs of normal logits, as peaked as a real model's, and places where photos are taken."""
    rng = np.random.default_rng(seed)
    ids = tuple(f"photo-{number}" for number in range(photos))
    for start in range(0, photos, BLOCK):
        some = ids[start : start + BLOCK]
        for name in PARTITIONS:
            logits = rng.standard_normal((len(some), len(world.overlay.table(name).labels)), np.float32)
            logits *= 3.0
            np.exp(logits, out=logits)
            logits /= logits.sum(axis=1, keepdims=True)
            store.write_rows(Record(name, name, "random numbers for timing", "none", "random"), name, some, logits)
        if report is not None:
            report("Storing random outputs", (start + len(some)) / photos)
    cells = rng.choice(world.overlay.cells, photos, p=world.prior.probability)
    samples = cell_samples(world.overlay)
    count = np.diff(samples.start)[cells]
    pixel = samples.pixel[samples.start[cells] + (rng.random(photos) * count).astype(np.int64)]
    latitude, longitude = world.overlay.grid.point_of(pixel)
    return Manifest(ids, latitude, longitude)


def _raster_way(world: World, store: OutputStore, manifest: Manifest, found: Measured) -> tuple[float, float]:
    """Milliseconds per photo of Algorithms 1, 2 and 3 on pixels, and the largest relative difference of an area.

    The label rasters are made beforehand and not timed.
    """
    overlay = world.overlay
    tables = [overlay.table(name) for name in PARTITIONS]
    pixel_cell = np.asarray(overlay.pixel_cell).reshape(-1)
    rasters = [table.cell_label[pixel_cell] for table in tables]  # -1 reads the last entry of a table of densities
    pixel_area = np.repeat(overlay.grid.pixel_area_km2, overlay.grid.columns)
    outputs = [StoredOutputs.open(store, name, name) for name in PARTITIONS]
    milliseconds, errors = [], []
    for photo in range(min(RASTER_PHOTOS, len(manifest))):
        values = [_mask_density(t, o.read([manifest.ids[photo]])[0][0]) for t, o in zip(tables, outputs, strict=True)]
        start = time.perf_counter()
        product = values[0][rasters[0]]
        product *= values[1][rasters[1]]
        product *= values[2][rasters[2]]
        at_truth = product[int(overlay.grid.pixel_of(manifest.latitude[photo], manifest.longitude[photo]))]
        area = float(np.sum(pixel_area * (product >= at_truth)))
        top = overlay.grid.point_of(int(product.argmax()))
        great_circle_km(*top, manifest.latitude[photo], manifest.longitude[photo])
        milliseconds.append(1000 * (time.perf_counter() - start))
        errors.append(abs(area / float(found.scores.reach_km2[photo]) - 1))
    return float(np.median(milliseconds)), max(errors)


def _mask_density(table: PartitionTable, probability: np.ndarray) -> FloatArray:
    """Algorithm 1: p_j / area(m_j), with a 0 at the end for pixels outside every mask."""
    rows = probability.astype(np.float64)
    mass = gather_on_owners(rows / rows.sum(), table.owner)
    density = np.divide(mass, table.area_km2, out=np.zeros_like(mass), where=table.area_km2 > 0)
    return np.append(density, 0.0)
