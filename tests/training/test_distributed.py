"""Two processes that torchrun starts give the loss curve of one: the loop alone, and a whole attribute training."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.training.attributes import AttributeOptions, train_attributes
from engine.training.distributed import Group, join_group
from engine.training.loop import LOG, Plan

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
sys.path.insert(0, str(Path(sys.argv[0]).parent))
from engine.training.attributes import AttributeOptions, train_attributes
from engine.training.loop import Plan
from made_up_world import layers

manifest, out = Path(sys.argv[1]), Path(sys.argv[2])
plan = Plan(epochs=3, batch=16, learning_rate=2e-3)
train_attributes(AttributeOptions(
    manifest, out, layers(), "test_efficientnet_gn", random_weights=True, heads="shared", size=32, plan=plan,
    device="cpu",
))
"""


def rows(out):
    with (out / "train-population-land_cover" / LOG).open() as file:
        return [{key: float(value) for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


def test_two_processes_give_the_loss_curve_of_one(tmp_path, small_world):
    script = tmp_path / "both.py"
    script.write_text(SCRIPT)
    (tmp_path / "made_up_world.py").write_text((Path(__file__).parent / "made_up_world.py").read_text())
    plan = Plan(epochs=3, batch=16, learning_rate=2e-3)
    train_attributes(
        AttributeOptions(
            small_world.manifest, tmp_path / "one", small_world.layers, "test_efficientnet_gn", random_weights=True,
            heads="shared", size=32, plan=plan, device="cpu",
        )
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script),
         str(small_world.manifest), str(tmp_path / "two")],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Warning" not in done.stderr
    one, two = rows(tmp_path / "one"), rows(tmp_path / "two")
    assert len(one) == len(two) == 3
    for first, second in zip(one, two, strict=True):
        assert first == pytest.approx(second, rel=2e-3, abs=1e-4)
    assert (tmp_path / "two" / "attribute_head.safetensors").is_file()


def test_one_process_is_a_group_of_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with join_group("cpu") as group:
        assert group == Group(0, 1, "cpu") and group.is_first and not group.on_cuda
        group.wait()


def test_a_device_that_is_not_here_is_refused():
    with pytest.raises(InputError, match=r"no device 'cuda:77'|no device 'quantum'"), join_group("quantum"):
        pass
