"""The evidence map is built while the analyst looks at the first page: a process of its own, at low priority.

Run as ``python -m dashboard.common.background_build`` it builds what the first statement needs into the cache. The
cache's lock serves both: a server that needs the map meanwhile waits for this build and does not start a second.
"""

import atexit
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from dashboard.maps.cell_containers import cell_containers
from engine.cli.launch import dashboard_grid
from engine.errors import HereaboutsError
from engine.inference.world import EvidenceWorld, World
from engine.locate.locator import Locator

NICENESS = 10
"""Below the server and the browser, above nothing else that matters."""
WAIT_AT_EXIT_S = 2.0
PROJECT = Path(__file__).parents[2]

_started = threading.Lock()


def start_once(world: World) -> subprocess.Popen[bytes] | None:
    """Start the build unless the evidence map is stored already or this server started it before."""
    if EvidenceWorld.is_stored(world) or not _started.acquire(blocking=False):
        return None
    command = [sys.executable, "-m", "dashboard.common.background_build"]
    with suppress(OSError):  # without it the first statement builds the map, as it does wherever this was too slow
        process = subprocess.Popen(  # noqa: S603 (this interpreter and a module of our own)
            command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        atexit.register(_stop, process)
        return process
    return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(WAIT_AT_EXIT_S)


def main() -> int:
    """Build the evidence map and its cells for the browser; the exit status."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        world = Locator.load(dashboard_grid()).world
        cell_containers(EvidenceWorld.of(world).overlay)
    except HereaboutsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
