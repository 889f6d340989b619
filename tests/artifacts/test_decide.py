from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts.catalog import FileRecord, Kind
from engine.artifacts.decide import MARGIN_BYTES, Decision, FileState, RemoteFile, decide, needed_bytes

FILE = FileRecord("f.bin", bytes_about=1000)
HERE = Path("f.bin")


def remote_file(size: int | None) -> RemoteFile:
    return RemoteFile("https://example.org/f.bin", size, None)


@pytest.mark.parametrize(
    ("state", "decision"),
    [
        (FileState(Kind.HUB), Decision.FETCH),
        (FileState(Kind.HUB, partial_bytes=5), Decision.RESUME),
        (FileState(Kind.HUB, found=HERE, as_noted=True), Decision.USE),
        (FileState(Kind.HUB, found=HERE), Decision.CHECK),
        (FileState(Kind.USER), Decision.SUPPLY),
        (FileState(Kind.PACKAGE), Decision.SUPPLY),
        (FileState(Kind.USER, found=HERE), Decision.CHECK),
        (FileState(Kind.HUB, remote=remote_file(10_000_000_000)), Decision.TOO_LARGE),
        (FileState(Kind.HUB, remote=remote_file(0)), Decision.EMPTY),
        (FileState(Kind.HUB, remote=remote_file(2000), free_bytes=MARGIN_BYTES + 1999), Decision.NO_ROOM),
        (FileState(Kind.HUB, remote=remote_file(2000), free_bytes=MARGIN_BYTES + 2000), Decision.FETCH),
        (
            FileState(Kind.HUB, remote=remote_file(2000), partial_bytes=1, free_bytes=MARGIN_BYTES + 1999),
            Decision.RESUME,
        ),
    ],
)
def test_each_state_has_one_decision(state, decision):
    assert decide(FILE, state) is decision


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_what_is_already_here_needs_no_room(size, partial):
    state = FileState(Kind.HUB, partial_bytes=partial, remote=remote_file(size))
    needed = needed_bytes(FILE, state)
    assert needed >= MARGIN_BYTES
    assert needed == max((size or 1000) - partial, 0) + MARGIN_BYTES


def test_a_measured_size_is_the_cap():
    exact = FileRecord("f.bin", bytes=1000)
    assert decide(exact, FileState(Kind.HUB, remote=remote_file(1001))) is Decision.TOO_LARGE
    assert decide(exact, FileState(Kind.HUB, remote=remote_file(1000))) is Decision.FETCH
