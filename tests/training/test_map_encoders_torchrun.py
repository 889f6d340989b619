"""Map encoders as torchrun trains them, full size, random weights: the curve of one process, and on after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.tile_search.tile_encoders import RECORD_FILE
from engine.training.zoom_training import STATE_FILE

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["train", "map-encoders", "--source", "builtin", "--random-weights", "0", "--epochs", "2", "--batch", "8",
         "--learning-rate", "1e-5", "--save-every", "1", "--device", "cpu", "--json"]  # fmt: skip


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    folder, rng, lines = tmp_path_factory.mktemp("photos"), np.random.default_rng(0), ["id,path,lat,lon"]
    for number in range(32):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(folder / f"{number}.png")
        lines.append(f"{number},{number}.png,{rng.uniform(-60, 60)},{rng.uniform(-180, 180)}")
    (folder / "manifest.csv").write_text("\n".join(lines))
    return folder / "manifest.csv"


def build_network(launcher, manifest, out):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "engine.cli", *WORDS, "--out", str(out), str(manifest)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def killed(process):
    """End torchrun and its workers, which are no part of its group, as a machine that loses power would."""
    pids = [process.pid, *descendants(process.pid)]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=60)  # their output ends: none of them is left
    return len(pids)


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def finished(process):
    said, told = process.communicate(timeout=500)
    assert process.returncode == 0, told[-2000:]
    return json.loads(said)["zooms"]


def curve(zooms):
    return [row["train_loss"] for zoom in sorted(zooms) for row in zooms[zoom]["history"]]


@pytest.mark.big
def test_two_processes_of_torchrun_give_the_curve_of_one_and_go_on_after_a_kill(manifest, tmp_path):
    alone = finished(build_network([], manifest, tmp_path / "one"))
    both = build_network(TORCHRUN, manifest, tmp_path / "two")
    deadline = time.monotonic() + 400
    while not (tmp_path / "two" / STATE_FILE).is_file() and time.monotonic() < deadline and both.poll() is None:
        time.sleep(0.05)
    assert killed(both) >= 3 and both.returncode == -signal.SIGKILL
    assert not (tmp_path / "two" / RECORD_FILE).exists()  # not even the first zoom was done
    again = finished(build_network(TORCHRUN, manifest, tmp_path / "two"))
    assert set(again) == set(alone) == {"4", "6"}
    assert curve(again) == pytest.approx(curve(alone), rel=2e-3)
