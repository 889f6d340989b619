"""The build of the evidence map in a process of its own."""

import subprocess
import sys
import threading

import pytest

from dashboard.common import background_build
from engine.errors import ArtifactError
from engine.inference.world import EvidenceWorld, World


class Started:
    """What `subprocess.Popen` was given, in its place."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **_: object) -> "Started":
        self.commands.append(command)
        return self

    def terminate(self) -> None: ...

    def wait(self, timeout: float) -> int:
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    found = Started()
    monkeypatch.setattr(subprocess, "Popen", found)
    monkeypatch.setattr(background_build, "_started", threading.Lock())
    return found


def test_it_starts_once_where_the_map_is_not_stored(started: Started, world: World, monkeypatch) -> None:
    monkeypatch.setattr(EvidenceWorld, "is_stored", classmethod(lambda cls, base, cache=None: False))
    assert background_build.start_once(world) is not None
    assert background_build.start_once(world) is None
    assert started.commands == [[sys.executable, "-m", "dashboard.common.background_build"]]


def test_a_map_that_is_stored_or_needs_no_store_starts_nothing(started: Started, world: World) -> None:
    assert background_build.start_once(world) is None
    assert started.commands == []


def test_a_cache_that_cannot_be_written_ends_it_with_status_1(monkeypatch, capsys) -> None:
    def fail(*_: object) -> None:
        raise ArtifactError("The map data cannot be stored.")

    monkeypatch.setattr(background_build.Locator, "load", fail)
    monkeypatch.setattr(background_build.os, "nice", lambda _: 0)
    assert background_build.main() == 1
    assert "cannot be stored" in capsys.readouterr().err
