"""Opens the dashboard: starts Streamlit on the dashboard's script, reachable from this machine only."""

import os
import subprocess
import sys
from pathlib import Path

from engine.errors import ArtifactError
from engine.geometry.grid import Grid
from engine.geometry.grids import parse_grid

GRID = "HEREABOUTS_GRID"
"""Environment variable that carries the grid from the command line to the dashboard."""

ROOT = Path(__file__).resolve().parents[2]
"""Where ``dashboard`` and ``.streamlit`` lie, in a checkout and in an installed wheel alike."""


def open_dashboard(port: int, browser: bool, grid: Grid) -> int:
    """Run the dashboard until it is stopped; its exit status.

    Where the operating system can, this process becomes the server, so that whoever stops it stops the server.

    Raises:
        ArtifactError: the dashboard's files are not where they belong.
    """
    command, environment, folder = dashboard_command(port, browser), dashboard_environment(grid), settings_folder()
    print(f"Hereabouts opens on http://127.0.0.1:{port} - stop it with Ctrl+C.", flush=True)
    if os.name == "posix":
        os.chdir(folder)
        os.execve(command[0], command, environment)  # noqa: S606 - our own interpreter and script
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode  # noqa: S603 - as above


def dashboard_command(port: int, browser: bool) -> list[str]:
    """The command that starts the server; everything else it reads from ``.streamlit/config.toml``."""
    script = ROOT / "dashboard" / "app.py"
    if not script.is_file():
        raise ArtifactError(f"The dashboard's script is missing at {script}; install Hereabouts again.")
    chosen = [f"--server.port={port}", f"--server.headless={'false' if browser else 'true'}"]
    return [sys.executable, "-m", "streamlit", "run", str(script), *chosen]


def settings_folder() -> Path:
    """The folder whose ``.streamlit/config.toml`` holds the settings: Streamlit reads it from where it is started."""
    for folder in (ROOT, ROOT / "dashboard"):  # a checkout, an installed wheel
        if (folder / ".streamlit" / "config.toml").is_file():
            return folder
    raise ArtifactError(f"The dashboard's settings are missing below {ROOT}; install Hereabouts again.")


def dashboard_environment(grid: Grid | None = None) -> dict[str, str]:
    """This process's environment, with the project importable by Streamlit's script runner, and the grid."""
    path, size = os.environ.get("PYTHONPATH"), grid or Grid()
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{path}" if path else str(ROOT),
        GRID: f"{size.rows}x{size.columns}",
    }


def dashboard_grid() -> Grid:
    """The grid that the dashboard was started with; 5400 x 10800 unless said otherwise.

    Raises:
        InputError: ``HEREABOUTS_GRID`` is no grid.
    """
    named = os.environ.get(GRID)
    return parse_grid(named) if named else Grid()
