import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import ArtifactError, InputError
from engine.partitions.partition import NOWHERE
from engine.predictors.attribute_head import logits
from engine.training.distributed import Group
from engine.training.images import MEASURING
from engine.training.loop import LOG, STATE, Plan, Task, half_precision, learning_rate, measure, train

ROOT = Path(__file__).parents[2]
PLAN = Plan(epochs=4, batch=8, learning_rate=0.01, patience=9, save_every=2)


class Dots:
    """Photos of noise whose mean tells the first label; the noise depends on the epoch, as augmentation does."""

    def __getitem__(self, key):
        epoch, position = key
        rng = np.random.default_rng((max(epoch, 0), epoch == MEASURING, position))
        return (rng.normal(0, 1, (3, 6, 6)) + (position % 3 - 1)).astype(np.float32)


def network(seed=0):
    """A network with dropout, so that its random numbers have to be right too."""
    torch.manual_seed(seed)
    body = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(108, 16), torch.nn.ReLU(), torch.nn.Dropout(0.2))
    heads = torch.nn.ModuleDict({"a": torch.nn.Linear(16, 3), "b": torch.nn.Linear(16, 2)})
    return torch.nn.ModuleDict({"backbone": body, "heads": heads})


def task(count=60):
    positions = np.arange(count)
    labels = np.stack([positions % 3, np.where(positions % 5 == 0, NOWHERE, positions % 2)], axis=1)
    return Task(network(), logits, ("a", "b"), Dots(), labels, positions[:40], positions[40:])


def rows(folder):
    with (folder / LOG).open() as file:
        return [{key: float(value) for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


def test_it_learns_and_logs_every_epoch(tmp_path):
    learned = task()
    progress = train(learned, replace(PLAN, epochs=12), tmp_path, Group())
    assert len(progress.history) == 12 and progress.finished
    found = rows(tmp_path)
    assert found[-1]["train_loss"] < 0.75 * found[0]["train_loss"]
    assert found[-1]["validation_accuracy_a"] >= 0.9
    best = found[progress.best_epoch]
    after = measure(learned, learned.validation, PLAN, Group())
    assert after.loss.sum() == pytest.approx(best["validation_loss"])  # the best epoch's weights are in the network
    assert after.counts.tolist() == [20, 16]


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("steps", [1, 3, 5, 8, 13])
def test_a_stopped_training_goes_on_as_if_it_had_not_been(tmp_path, steps):
    train(task(), PLAN, tmp_path / "whole", Group())
    done = 0

    def stop(*_):
        nonlocal done
        done += 1
        if done == steps:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(task(), PLAN, tmp_path / "torn", Group(), stop)
    resumed = task()
    train(resumed, replace(PLAN, save_every=3), tmp_path / "torn", Group())
    assert rows(tmp_path / "torn") == rows(tmp_path / "whole")  # to the last bit
    once_more = train(resumed, PLAN, tmp_path / "torn", Group())
    assert once_more.finished and len(once_more.history) == 4


def test_a_training_killed_without_warning_goes_on(tmp_path):
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[2]); import torch; torch.set_num_threads(1)\n"
        "from pathlib import Path\n"
        "from test_loop import *\n"
        "plan = replace(PLAN, epochs=400, patience=400)\n"
        "train(task(), plan, Path(sys.argv[1]), Group(), lambda *_: time.sleep(0.005))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "torn"), str(Path(__file__).parent)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        deadline = time.monotonic() + 120
        while not (tmp_path / "torn" / LOG).is_file() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert (tmp_path / "torn" / STATE).is_file()
    short = replace(PLAN, epochs=400, patience=400)
    killed_at = len(rows(tmp_path / "torn"))
    first = killed_at + 3

    def stop_after(folder):
        def report(*_):
            if (folder / LOG).is_file() and len(rows(folder)) >= first:
                raise StoppedError

        return report

    for name in ("torn", "whole"):
        with pytest.raises(StoppedError):
            train(task(), short, tmp_path / name, Group(), stop_after(tmp_path / name))
    assert rows(tmp_path / "torn") == rows(tmp_path / "whole")


def test_early_stopping_waits_for_its_patience(tmp_path):
    hopeless = task()
    hopeless = replace(hopeless, labels=np.random.default_rng(0).integers(0, 2, hopeless.labels.shape))
    progress = train(hopeless, replace(PLAN, epochs=60, patience=3, learning_rate=0.02), tmp_path, Group())
    assert len(progress.history) < 60
    assert len(progress.history) == progress.best_epoch + 1 + 3


def test_half_precision_learns_too(tmp_path):
    plan = replace(PLAN, precision="bfloat16")
    assert half_precision(plan, Group()) == "bfloat16"
    assert half_precision(PLAN, Group()) == "float32"
    learned = train(task(), plan, tmp_path, Group())
    exact = train(task(), PLAN, tmp_path / "exact", Group())
    assert learned.history[-1]["train_loss"] == pytest.approx(exact.history[-1]["train_loss"], rel=0.1)
    assert learned.history[-1]["train_loss"] != exact.history[-1]["train_loss"]


def test_worker_processes_change_nothing(tmp_path):
    train(task(), replace(PLAN, epochs=1), tmp_path / "here", Group())
    train(task(), replace(PLAN, epochs=1, workers=1), tmp_path / "workers", Group())
    assert rows(tmp_path / "here") == rows(tmp_path / "workers")


def test_a_folder_of_another_training_is_refused(tmp_path):
    train(task(), replace(PLAN, epochs=1), tmp_path, Group())
    with pytest.raises(InputError, match=r"other photos, labels or settings.*--restart"):
        train(task(), replace(PLAN, epochs=1, batch=4), tmp_path, Group())
    with pytest.raises(InputError, match="other photos"):
        train(task(63), replace(PLAN, epochs=1), tmp_path, Group())


def test_a_damaged_state_is_refused(tmp_path):
    train(task(), replace(PLAN, epochs=1), tmp_path, Group())
    (tmp_path / STATE).write_bytes((tmp_path / STATE).read_bytes()[:100])
    with pytest.raises(ArtifactError, match="--restart"):
        train(task(), replace(PLAN, epochs=1), tmp_path, Group())


def test_no_pickle_is_written(tmp_path):
    train(task(), replace(PLAN, epochs=1), tmp_path, Group())
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".csv", ".safetensors", ".safetensors"]


def test_a_loss_that_explodes_is_said(tmp_path):
    with pytest.raises(InputError, match=r"loss became .* lower --learning-rate"):
        train(task(), replace(PLAN, learning_rate=1e30, epochs=3), tmp_path, Group())


def test_the_learning_rate_rises_then_falls_to_nothing():
    plan = Plan(learning_rate=1.0, warmup=0.1)
    rates = [learning_rate(plan, step, 100) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and max(rates) == rates[9] and rates[100] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"batch": 1}, {"learning_rate": float("nan")}, {"precision": "float8"}, {"workers": -1}]
)
def test_plans_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        Plan(**wrong)
