import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "fetch_many.py"
ROOT = Path(__file__).parents[2]
BYTES = 12_000_000
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by fork")


@pytest.fixture
def run(hub, tmp_path, catalog_text):
    """Runs fetch_many.py against the local hub."""
    hub.files["owner/model/weights.safetensors"] = os.urandom(BYTES)
    (tmp_path / "catalog.toml").write_text(catalog_text.replace("1_000_000", "12_000_000"))

    def act(verb, count):
        arguments = [str(tmp_path / "models"), hub.endpoint, str(tmp_path / "catalog.toml")]
        done = subprocess.run(
            [sys.executable, "-W", "error", str(PROGRAM), verb, str(count), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return act


def final(tmp_path, below="models"):
    return tmp_path / below / "model" / "weights.safetensors"


@pytest.mark.parametrize("count", [2, 16])
def test_many_processes_fetch_once(run, hub, tmp_path, count):
    assert run("together", count)["codes"] == [0] * count
    assert hub.gets == 2  # one for each file
    assert hub.sent_bytes == BYTES + 13
    assert final(tmp_path).read_bytes() == hub.files["owner/model/weights.safetensors"]


def test_fifty_kills_leave_nothing_half_written_and_the_next_run_mends_it(run, hub, tmp_path):
    hub.faults.bytes_per_s = 2_500_000
    result = run("killed", 50)
    sizes = result["partial_sizes"]
    assert len(sizes) == 50
    assert all(0 < size < BYTES for size in sizes), "each was killed on its way"
    assert sizes == sorted(set(sizes)), "each went on from where the one before was killed"
    hub.faults.bytes_per_s = 0
    before = hub.sent_bytes
    assert run("together", 1)["codes"] == [0]
    assert final(tmp_path).read_bytes() == hub.files["owner/model/weights.safetensors"]
    assert hub.sent_bytes - before <= BYTES - sizes[-1] + 13
    assert not list((tmp_path / "models").rglob("*.part"))
    assert not list((tmp_path / "models").rglob("*.tmp"))


def test_a_kill_while_it_is_finished_leaves_it_whole_or_not_there(run, hub, tmp_path):
    result = run("apart", 25)
    whole = hashlib.sha256(hub.files["owner/model/weights.safetensors"]).hexdigest()
    assert set(result["final_after_kill"]) <= {"", whole}
    assert result["codes"] == [0] * 25
    for at in range(25):
        assert hashlib.sha256(final(tmp_path / "models" / str(at), "").read_bytes()).hexdigest() == whole
