"""Choose what to do about one file: a pure function from what is known to a named decision. Touches nothing."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.artifacts.catalog import FileRecord, Kind
from engine.artifacts.digest import Digest

MARGIN_BYTES = 64_000_000
"""What has to stay free on the disk after a download."""


class Decision(StrEnum):
    """What to do about one file of a record."""

    USE = "use"
    """It is here and as it was when it was verified."""
    CHECK = "check"
    """It is here but was never verified, or has changed since: hash it first."""
    FETCH = "fetch"
    """It is not here: bring it."""
    RESUME = "resume"
    """A part of it is here: bring the rest."""
    SUPPLY = "supply"
    """It is not here and only the user can put it here."""
    TOO_LARGE = "too large"
    """The server offers more than this file may have."""
    EMPTY = "empty"
    """The server offers nothing under that name."""
    NO_ROOM = "no room"
    """The disk has not enough room for it."""


@dataclass(frozen=True)
class Offer:
    """What a server states about a file before it sends it.

    Attributes:
        address: where the content is, pinned to the commit where there is one.
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
    """What is known about one file.

    Attributes:
        kind: where the files of its record come from.
        found: where it lies, or None.
        as_noted: whether a note vouches for the file as it lies there.
        partial_bytes: how much of it an interrupted download left.
        offer: what the server states, or None while it was not asked.
        free_bytes: room on the disk, or None while it was not asked.
    """

    kind: Kind
    found: Path | None = None
    as_noted: bool = False
    partial_bytes: int = 0
    offer: Offer | None = None
    free_bytes: int | None = None


def decide(file: FileRecord, state: FileState) -> Decision:
    """What to do about a file, given what is known about it."""
    if state.found is not None:
        return Decision.USE if state.as_noted else Decision.CHECK
    if state.kind in (Kind.USER, Kind.PACKAGE):
        return Decision.SUPPLY
    if expected_bytes(file, state.offer) == 0:
        return Decision.EMPTY
    if (expected_bytes(file, state.offer) or 0) > file.cap_bytes:
        return Decision.TOO_LARGE
    if state.free_bytes is not None and state.free_bytes < needed_bytes(file, state):
        return Decision.NO_ROOM
    return Decision.RESUME if state.partial_bytes else Decision.FETCH


def expected_bytes(file: FileRecord, offer: Offer | None) -> int | None:
    """The size that the file will have: what the server states, else what the catalogue says."""
    if offer is not None and offer.bytes is not None:
        return offer.bytes
    return file.bytes


def needed_bytes(file: FileRecord, state: FileState) -> int:
    """Room that bringing the rest of the file takes, margin included."""
    size = expected_bytes(file, state.offer) or file.bytes_about or 0
    return max(size - state.partial_bytes, 0) + MARGIN_BYTES
