"""Choose what to do about one file: a pure function from its state to a named decision."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.artifacts.catalog import FileRecord, Kind
from engine.artifacts.digest import Digest

MARGIN_BYTES = 64_000_000
"""Disk space that has to stay free after a download."""


class Decision(StrEnum):
    """What to do about one file of a record."""

    USE = "use"
    """It is on this machine, unchanged since it was verified."""
    CHECK = "check"
    """It is on this machine but was never verified, or has changed since: hash it first."""
    FETCH = "fetch"
    """It is missing: fetch it."""
    RESUME = "resume"
    """Part of it is here: fetch the rest."""
    SUPPLY = "supply"
    """It is missing and only the user can supply it."""
    TOO_LARGE = "too large"
    """The server offers more than this file may have."""
    EMPTY = "empty"
    """The server offers nothing under that name."""
    NO_ROOM = "no room"
    """The disk has too little space for it."""


@dataclass(frozen=True)
class RemoteFile:
    """What a server states about a file before it sends it.

    Attributes:
        address: of the content, pinned to the commit where there is one.
        bytes: its size, or None where the server does not say.
        digest: its digest, or None.
        commit: the hub's commit, or empty.
    """

    address: str
    bytes: int | None
    digest: Digest | None
    commit: str = ""


@dataclass(frozen=True)
class FileState:
    """State of one file.

    Attributes:
        kind: where the files of its record come from.
        found: its path, or None.
        as_noted: whether it is unchanged since its note was written.
        partial_bytes: bytes that an interrupted download left.
        remote: what the server states, or None if not asked yet.
        free_bytes: free disk space, or None if not asked yet.
    """

    kind: Kind
    found: Path | None = None
    as_noted: bool = False
    partial_bytes: int = 0
    remote: RemoteFile | None = None
    free_bytes: int | None = None


def decide(file: FileRecord, state: FileState) -> Decision:
    """What to do about a file in a state."""
    if state.found is not None:
        return Decision.USE if state.as_noted else Decision.CHECK
    if state.kind in (Kind.USER, Kind.PACKAGE):
        return Decision.SUPPLY
    if expected_bytes(file, state.remote) == 0:
        return Decision.EMPTY
    if (expected_bytes(file, state.remote) or 0) > file.cap_bytes:
        return Decision.TOO_LARGE
    if state.free_bytes is not None and state.free_bytes < needed_bytes(file, state):
        return Decision.NO_ROOM
    return Decision.RESUME if state.partial_bytes else Decision.FETCH


def expected_bytes(file: FileRecord, remote: RemoteFile | None) -> int | None:
    """Size of the file: the server's, else the catalogue's."""
    if remote is not None and remote.bytes is not None:
        return remote.bytes
    return file.bytes


def needed_bytes(file: FileRecord, state: FileState) -> int:
    """Disk space that fetching the rest of the file takes, margin included."""
    size = expected_bytes(file, state.remote) or file.bytes_about or 0
    return max(size - state.partial_bytes, 0) + MARGIN_BYTES
