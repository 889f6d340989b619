"""Start processes that fetch from one store, and kill them or wait for them. Run as a program of its own.

    fetch_many.py together COUNT ROOT ENDPOINT CATALOG   COUNT processes at once, none killed
    fetch_many.py killed   COUNT ROOT ENDPOINT CATALOG   COUNT processes one after another, each killed on its way
    fetch_many.py apart    COUNT ROOT ENDPOINT CATALOG   likewise, each in a folder of its own, then one more each

Forks before any thread is started, so a start costs milliseconds. Prints one JSON object.
"""

import hashlib
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

CHOOSE = random.Random(1)
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
    sizes = [0]
    for _ in range(count):
        pid = started(*arguments)
        while partial_bytes(arguments[0]) <= sizes[-1] and not os.waitpid(pid, os.WNOHANG)[0]:
            time.sleep(0.001)
        kill_soon(pid, 0.05)
        sizes.append(partial_bytes(arguments[0]))
    return {"partial_sizes": sizes[1:]}


def partial_bytes(root: str) -> int:
    return sum(path.stat().st_size for path in Path(root).rglob("*.part"))


def apart(count: int, root: str, *arguments: str) -> dict[str, object]:
    seen, codes = [], []
    for at in range(count):
        folder = f"{root}/{at}"
        kill_soon(started(folder, *arguments), 0.06)
        final = Path(folder) / FINAL
        seen.append(hashlib.sha256(final.read_bytes()).hexdigest() if final.exists() else "")
        codes.append(os.waitstatus_to_exitcode(os.waitpid(started(folder, *arguments), 0)[1]))
    return {"final_after_kill": seen, "codes": codes}


def kill_soon(pid: int, most_s: float) -> None:
    time.sleep(CHOOSE.uniform(0.0, most_s))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    act = {"together": together, "killed": killed, "apart": apart}[sys.argv[1]]
    print(json.dumps(act(int(sys.argv[2]), *sys.argv[3:])))  # noqa: T201
