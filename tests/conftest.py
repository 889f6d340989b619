"""Fixtures of the whole suite: the known world, and a cache of the real one that tests share."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import hypothesis
import platformdirs
import pytest

# Before anything reads them: tests see no model, layer or record of this machine's user, and keep the map of the
# Earth from run to run, since building it takes ten seconds.
os.environ.setdefault("HEREABOUTS_CACHE", platformdirs.user_cache_dir("hereabouts-tests", appauthor=False))
for kept in ("HEREABOUTS_DATA", "HEREABOUTS_RECORDS"):
    os.environ[kept] = tempfile.mkdtemp(prefix="hereabouts-tests-")
    atexit.register(shutil.rmtree, os.environ[kept], ignore_errors=True)
os.environ.pop("HEREABOUTS_MODELS", None)
if "PYTEST_XDIST_WORKER" in os.environ:  # every worker has a core; more threads would take those of the others
    os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HEREABOUTS_READ_SIGNS"] = "off"  # tests of signs switch it on; the others need no process that reads

# A slow machine is no failure: property tests have no clock.
hypothesis.settings.register_profile("untimed", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("untimed")

from engine.testing import make_evidence_world, make_locator, make_world  # noqa: E402 - after the folders above

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def keep_main_module():
    """AppTest leaves its script as the main module; a process that a later test spawns would run it again.

    Put back before a test as well: a page that a module's fixture opened may be the main module by then.
    """
    sys.modules["__main__"] = MAIN
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(scope="session")
def world():
    return make_world()


@pytest.fixture(scope="session")
def locator():
    return make_locator()


@pytest.fixture(scope="session")
def evidence_world(world):
    return make_evidence_world(world)


@pytest.fixture(scope="session")
def scales(evidence_world):
    from engine.evidence.weighing import EvidenceWeigher

    return EvidenceWeigher(evidence_world)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos and tiles beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with real photos is not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def real_world(tmp_path_factory):
    """The world of the default grid; built once per machine into the cache that the user has anyway."""
    from engine.inference.world import World
    from engine.predictors.registry import default_partitions

    return World.load(extra=default_partitions())


@pytest.fixture(scope="session")
def kauai() -> Path:
    """The photo of Kauai that the geoclip package carries."""
    import importlib.util

    spec = importlib.util.find_spec("geoclip")
    assert spec is not None and spec.origin is not None
    found = sorted(Path(spec.origin).parent.rglob("*auai*"))
    if not found:
        pytest.skip("this release of the geoclip package carries no photo of Kauai")
    return found[0]


def pytest_collection_modifyitems(config, items):
    """Tests that this machine cannot run say why."""
    reasons = {
        "network": "needs a network beyond package registries; set HEREABOUTS_TEST_NETWORK=1",
        "weights": "needs published weights; set HEREABOUTS_TEST_WEIGHTS=1",
        "big": "builds full-size models; set HEREABOUTS_TEST_BIG=1",
        "gpu": "needs an accelerator; set HEREABOUTS_TEST_GPU=1",
    }
    for item in items:
        for mark, reason in reasons.items():
            if item.get_closest_marker(mark) and not os.environ.get(f"HEREABOUTS_TEST_{mark.upper()}"):
                item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="the folder ../shared is not on this machine"))
