import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from engine.artifacts.catalog import Catalog, parse_catalog
from engine.artifacts.store import Store
from engine.artifacts.transport import HttpTransport

ROOM = 10_000_000_000
CATALOG = """
[[artifact]]
name = "model"
title = "The model"
kind = "hub"
hub_id = "owner/model"
licence = "MIT"
citation = "nobody"
homepage = "https://example.org"
[[artifact.files]]
path = "weights.safetensors"
or_else = ["weights.bin"]
bytes_about = 1_000_000
[[artifact.files]]
path = "config.json"
"""
USER_RECORD = """
[[artifact]]
name = "mine"
title = "My model"
kind = "user"
licence = "unknown"
citation = "nobody"
homepage = "https://example.org"
[[artifact.files]]
path = "mine.ckpt"
bytes_about = 290_000_000
"""


def _load(name: str) -> ModuleType:
    """A module that lies beside this file (tests have no packages)."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name.rpartition('.')[2]}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


hubs = _load("hereabouts_tests.hub")
WEIGHTS = bytes(range(256)) * 2000  # 512,000 bytes
CONFIG = b'{"size": 224}'


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEREABOUTS_MODELS", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def hub() -> Iterator[object]:
    content = {"owner/model/weights.safetensors": WEIGHTS, "owner/model/config.json": CONFIG}
    with hubs.running(hubs.Hub(files=content)) as server:
        yield server


@pytest.fixture
def catalog() -> Catalog:
    return parse_catalog(CATALOG + USER_RECORD)


@pytest.fixture
def store_at(hub: object, catalog: Catalog) -> Callable[..., Store]:
    """Makes stores that ask the local hub and never sleep."""

    def make(root: Path, **options: object) -> Store:
        settings = {
            "catalog": catalog,
            "transport": HttpTransport(endpoint=hub.endpoint),
            "free_bytes": lambda _: ROOM,
            "pause": lambda _: None,
        }
        return Store(root, **{**settings, **options})

    return make


@pytest.fixture
def store(store_at: Callable[..., Store], tmp_path: Path) -> Store:
    return store_at(tmp_path / "models")


@pytest.fixture(name="hubs")
def _hubs() -> ModuleType:
    return hubs


@pytest.fixture
def catalog_text() -> str:
    return CATALOG
