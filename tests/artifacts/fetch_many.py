"""Start processes that fetch from one store, and kill them or wait for them. Run as a program of its own.

    fetch_many.py together COUNT ROOT ENDPOINT CATALOG     COUNT processes at once, none killed
    fetch_many.py killed   COUNT ROOT ENDPOINT CATALOG     COUNT processes one after another, each killed in mid-download

Forks before any thread is started, so a start costs milliseconds. Prints one JSON object.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import httpx  # noqa: F401 - so that the forked processes have it already
import huggingface_hub.errors

from engine.artifacts.catalog import parse_catalog
from engine.artifacts.store import Store
from engine.artifacts.transport import HttpTransport

FINAL = Path("model") / "weights.safetensors"
assert huggingface_hub.get_hf_file_metadata
assert huggingface_hub.errors


def fetch(root: Path, endpoint: str, catalog: str) -> int:
    store = Store(root, catalog=parse_catalog(Path(catalog).read_text()), transport=HttpTransport(endpoint=endpoint))
    store.fetch("model")
    return 0


def started(*arguments: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = fetch(Path(arguments[0]), *arguments[1:])
    finally:
        os._exit(code)


def together(count: int, *arguments: str) -> dict[str, object]:
    pids = [started(*arguments) for _ in range(count)]
    return {"codes": [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]}


def killed(count: int, *arguments: str) -> dict[str, object]:
    choose, partial_sizes, seen = random.Random(1), [], 0
    for _ in range(count):
        pid = started(*arguments)
        time.sleep(choose.uniform(0.01, 0.12))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        seen += (Path(arguments[0]) / FINAL).exists()
        partial_sizes.append(sum(path.stat().st_size for path in Path(arguments[0]).rglob("*.part")))
    return {"final_seen": seen, "partial_sizes": partial_sizes}


if __name__ == "__main__":
    act = {"together": together, "killed": killed}[sys.argv[1]]
    print(json.dumps(act(int(sys.argv[2]), *sys.argv[3:])))  # noqa: T201
