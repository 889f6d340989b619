"""What the grid of 30 arc-seconds costs from rasters of the published size: time, memory, disk. Not a test.

Every step runs in a process of its own, so that its memory can be measured.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.errors import ArtifactError
from engine.geometry.grid import Grid
from engine.inference.world import World
from engine.layers.attributes import LAND_COVER, POPULATION
from engine.layers.convert import ReadOptions
from engine.layers.user_layers import add_layer
from engine.progress import Report
from engine.testing.synthetic_layers import write_land_cover, write_population

FULL_ROWS = (21600, 64800, 21600)
"""Rows of the population, of the land cover and of the grid."""
STEPS = ("population", "land_cover", "build", "load")


def bench_layers(rows: tuple[int, int, int] = FULL_ROWS, report: Report | None = None) -> dict[str, object]:
    """Make rasters up, add them, build the overlay, read it back.

    Args:
        rows: of the population raster, the land-cover raster and the grid.
        report: called with the running step.

    Returns:
        Per step ``<step>_s`` and ``<step>_peak_mb`` (largest resident memory), and what came out.

    Raises:
        ArtifactError: a step failed; its last words are in the sentence.
    """
    figures: dict[str, object] = {"rows": list(rows), "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory(prefix="hereabouts-bench-") as folder:
        for number, step in enumerate(("make_up", *STEPS)):
            if report is not None:
                report(step.replace("_", " ").capitalize(), number / (len(STEPS) + 1))
            figures |= {f"{step}_{name}": value for name, value in _run_in_process(step, rows, Path(folder)).items()}
    return figures


def _run_in_process(step: str, rows: tuple[int, int, int], folder: Path) -> dict[str, Any]:
    environment = {**os.environ, "HEREABOUTS_DATA": str(folder / "data"), "HEREABOUTS_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "engine.bench.layers", step, json.dumps(rows), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ArtifactError(
            f"The step {step} of the benchmark failed ({last[:200]}); free memory and disk and run it again."
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _step(step: str, rows: tuple[int, int, int], folder: Path) -> dict[str, object]:
    """One step in this process: seconds, megabytes and facts."""
    options = ReadOptions(coarse=True)
    work: dict[str, Callable[[], dict[str, object]]] = {
        "make_up": lambda: _write_rasters(rows, folder),
        "population": lambda: _facts_of(add_layer(folder / "p.tif", POPULATION, options)),
        "land_cover": lambda: _facts_of(add_layer(folder / "c.tif", LAND_COVER, options)),
        "build": lambda: _world(rows[2]),
        "load": lambda: _world(rows[2]),
    }
    start = time.perf_counter()
    facts = work[step]()
    return {"s": time.perf_counter() - start, "peak_mb": _peak_mb(), **facts}


def _write_rasters(rows: tuple[int, int, int], folder: Path) -> dict[str, object]:
    write_population(folder / "p.tif", rows[0])
    write_land_cover(folder / "c.tif", rows[1])
    return {"mb": [(folder / name).stat().st_size / 1e6 for name in ("p.tif", "c.tif")]}


def _facts_of(layer: Any) -> dict[str, object]:
    return {"mb": layer.bytes / 1e6, "land_shares": list(layer.land_shares)}


def _world(rows: int) -> dict[str, object]:
    world = World.load(Grid(rows, 2 * rows))
    folder = Path(os.environ["HEREABOUTS_CACHE"])
    stored = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"cells": world.overlay.cells, "tile_pairs": world.overlay.tiles.cell.size, "disk_mb": stored / 1e6}


def _peak_mb() -> float:
    """Largest resident memory of this process so far."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


if __name__ == "__main__":
    print(json.dumps(_step(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]))))  # noqa: T201 - read by the parent
