"""The browser's own modules by Node's test runner, and the bundles that ship: made from these sources by the script."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES, SHIPPED = ROOT / "dashboard/maps/web", ROOT / "assets/map"
SCRIPT = ROOT / "assets/scripts/map_bundle.py"
COMPRESSED_BYTES = 700_000


def test_modules_that_need_no_browser():
    if shutil.which("node") is None:
        pytest.skip("node is not on this machine: install Debian's `nodejs` to run the browser's modules")
    test = Path(__file__).parent / "web/pure.test.mjs"
    done = subprocess.run(["node", "--test", str(test)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_bundles_were_made_from_these_sources():
    files = [*SOURCES.glob("*.js"), *SOURCES.glob("*.css"), SCRIPT]
    now = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    made = json.loads((SHIPPED / "sources.json").read_text("utf-8"))
    assert now == made, "run `uv run python assets/scripts/map_bundle.py`, which bundles the map's scripts again"


def test_a_new_build_gives_the_same_bundles(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine: install Debian's `npm` to build the map's scripts again")
    command = [sys.executable, str(SCRIPT), "--into", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and "npm" in done.stderr:
        pytest.skip("npm could not install the packages: no registry can be reached from here")
    assert done.returncode == 0, done.stderr[-2000:]
    for built in tmp_path.iterdir():
        assert built.read_bytes() == (SHIPPED / built.name).read_bytes(), built.name


def test_scripts_are_small_and_name_no_host_to_ask():
    import gzip

    scripts = [(SHIPPED / name).read_bytes() for name in ("map.js", "worker.js", "draw.js")]
    assert sum(len(gzip.compress(script)) for script in scripts) < COMPRESSED_BYTES
    for path in SOURCES.glob("*.js"):
        text = path.read_text("utf-8")
        asked = [line for line in text.splitlines() if "https://" in line and "lat, lng" not in line]
        assert asked == [], path.name  # links of a click's card are followed by the user alone


def test_texts_of_others_never_become_markup():
    """What Python sends to a component is not escaped, so no script may write it as HTML or run it."""
    scripts = [*SOURCES.glob("*.js"), *(ROOT / "dashboard").glob("*/*.js")]
    assert len(scripts) > 20
    for path in scripts:
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", "document.write", "eval(", "DOMParser"):
            assert word not in path.read_text("utf-8"), (path.name, word)
