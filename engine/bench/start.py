"""Start-up time of the command line, as ratios to an interpreter that does nothing."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.errors import HereaboutsError
from engine.progress import Report

ROOT = Path(__file__).resolve().parents[2]


def bench_start(runs: int = 5, report: Report | None = None, grid: str = "5400x10800") -> dict[str, object]:
    """Time ``python -c pass``, ``hereabouts --help`` and ``hereabouts locate`` in turn.

    A run of each before the measurement builds the overlay cache where it is missing and compiles the modules, in a
    folder of its own: an environment that stores no bytecode would otherwise measure the compiler.

    Args:
        runs: how often each command is timed.
        report: told of progress.
        grid: common grid of ``locate``.

    Returns:
        ``pass_s``, ``help_s``, ``locate_s`` (medians, seconds of wall time), ``help_ratio`` and ``locate_ratio``.

    Raises:
        HereaboutsError: one of the commands failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-c", "from engine.cli.main import main; main()"]
        locate = [*program, "locate", str(_write_photo(Path(folder))), "--grid", grid, "--json"]
        commands = {"pass": [sys.executable, "-c", "pass"], "help": [*program, "--help"], "locate": locate}
        environment = _environment(Path(folder) / "bytecode")
        for command in commands.values():
            _time(command, environment)
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for run in range(runs):
            for name, command in commands.items():
                if report is not None:
                    report(f"Timing {name}", run / runs)
                seconds[name].append(_time(command, environment))
    median = {name: statistics.median(times) for name, times in seconds.items()}
    ratios = {f"{name}_ratio": median[name] / median["pass"] for name in ("help", "locate")}
    return {**{f"{name}_s": value for name, value in median.items()}, **ratios}


def _write_photo(folder: Path) -> Path:
    """A picture of noise, 640 x 480."""
    from PIL import Image

    path = folder / "noise.png"
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def _environment(bytecode: Path) -> dict[str, str]:
    """This process's environment with the project importable, and bytecode stored in a folder."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    found = {**os.environ, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(bytecode)}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def _time(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Seconds that a command takes."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise HereaboutsError(
            f"{' '.join(command[3:5]) or 'python'} ended with status {done.returncode}: {done.stderr.strip()}"
        )
    return time.perf_counter() - begun
