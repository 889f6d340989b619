"""Bring one file: stream to a partial file, resume, verify, and only then put it in its place.

A partial file is named by the content it will have (its digest), so a later run goes on with the same content or not at
all. Bytes are handed to the system piece by piece with no buffer of ours, so a killed process loses nothing it got.
Nobody ever sees a file under its final name before its digest was checked.
"""

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.artifacts.catalog import ArtifactRecord, FileRecord, bytes_text
from engine.artifacts.decide import Offer, expected_bytes
from engine.artifacts.digest import Digest
from engine.artifacts.transport import Body, TransferError, Transport
from engine.errors import ArtifactError

ATTEMPTS = 5
"""How often in a row a server may fail without sending a byte before the store gives up."""
MAX_ROUNDS = 60
"""How often one file may be interrupted in one call, bytes or no bytes."""
REPORTS = 400
"""About how many times the progress of one file is reported."""


class Progress(Protocol):
    """Called while bytes arrive, from the thread that fetches."""

    def __call__(self, done_bytes: int, total_bytes: int | None) -> None:
        """Bytes of the record that are here, and how many there will be (None: the server does not say)."""
        ...


@dataclass(frozen=True)
class Wish:
    """One file to bring.

    Attributes:
        record: what it belongs to.
        file: its record.
        offer: what the server states about it.
        partial: where its bytes gather.
        final: where it goes when its digest is right.
    """

    record: ArtifactRecord
    file: FileRecord
    offer: Offer
    partial: Path
    final: Path

    @property
    def total_bytes(self) -> int | None:
        """The size that it will have, or None."""
        return expected_bytes(self.file, self.offer)

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every digest that its content must have: the catalogue's and the server's."""
        stated = (Digest.sha256(self.file.sha256), self.offer.digest)
        return tuple(dict.fromkeys(digest for digest in stated if digest is not None))


@dataclass(frozen=True)
class Downloader:
    """Brings files.

    Attributes:
        transport: the network.
        pause: sleeps for that many seconds between attempts.
    """

    transport: Transport
    pause: Callable[[float], None] = time.sleep

    def bring(self, wish: Wish, progress: Progress, cancelled: Callable[[], bool]) -> Digest:
        """Bring a file to ``wish.final`` and give the digest that it was verified by.

        Raises:
            ArtifactError: the server fails for good, what it sends is not what was asked for, the disk is full or
                not writable, or the caller stopped it. What was received stays for the next run, unless it is wrong.
        """
        if not wish.digests:
            raise ArtifactError(
                f"Nobody states a digest for {wish.file.path} of {wish.record.title}, so it cannot be verified; "
                "fetch it by hand from a source that you trust."
            )
        try:
            resumed = size_of(wish.partial) > 0
            self._gather(wish, progress, cancelled)
            if resumed and not _is_right(wish, cancelled):
                wish.partial.unlink()  # an older run or a power cut left wrong bytes: once more from the start
                self._gather(wish, progress, cancelled)
            return _put_in_place(wish, cancelled)
        except OSError as error:
            raise disk_error(error, wish.final) from error

    def _gather(self, wish: Wish, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Receive until the partial file is complete, however often the server stops on the way."""
        wish.partial.parent.mkdir(parents=True, exist_ok=True)
        idle = 0
        for _ in range(MAX_ROUNDS):
            before = size_of(wish.partial)
            trouble = self._receive_some(wish, progress, cancelled)
            if trouble is None:
                return
            idle = 0 if size_of(wish.partial) > before else idle + 1
            if idle >= ATTEMPTS:
                raise trouble
            self.pause(min(0.25 * 2**idle, 8.0))
        raise TransferError(_stopped(wish))

    def _receive_some(self, wish: Wish, progress: Progress, cancelled: Callable[[], bool]) -> TransferError | None:
        """One request; None when the file is complete, else what to say if trying again does not help."""
        try:
            self._receive(wish, progress, cancelled)
        except TransferError as error:
            if not error.again:
                raise
            return error
        return None if _is_complete(wish) else TransferError(_stopped(wish), again=True)

    def _receive(self, wish: Wish, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """One request: append what comes to the partial file."""
        have = size_of(wish.partial)
        if wish.total_bytes is not None and have > wish.total_bytes:
            wish.partial.unlink()
            have = 0
        if have and have == wish.total_bytes:
            return
        try:
            with self.transport.body(wish.record, wish.offer.address, have) as body:
                _refuse_size(wish, body)
                _append(wish, body, progress, cancelled)
        except TransferError as error:
            if error.status != 416:  # the range is beyond the end: what we have is not this file
                raise
            wish.partial.unlink(missing_ok=True)
            raise TransferError(_stopped(wish), again=True) from error


def size_of(path: Path) -> int:
    """Size of a file in bytes, 0 when there is none: a download that ends meanwhile moves its part away."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def disk_error(error: OSError, path: Path) -> ArtifactError:
    """The sentence for an operating system's refusal to write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ArtifactError(
            f"The disk is full while writing {path.name}; make room in {path.parent} and run it again, "
            "what was received so far is kept."
        )
    return ArtifactError(
        f"{path} cannot be written ({error.strerror or error}); choose a folder that you may write to."
    )


def _append(wish: Wish, body: Body, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Write the pieces of a body after what is there, up to the size that the file may have."""
    limit = wish.total_bytes if wish.total_bytes is not None else wish.file.cap_bytes
    step = max((wish.total_bytes or limit) // REPORTS, 1)
    done, reported = body.start_byte, body.start_byte - step
    with wish.partial.open("r+b" if body.start_byte else "wb", buffering=0) as stream:
        stream.seek(body.start_byte)
        for piece in body.pieces:
            if done + len(piece) > limit:
                stream.truncate(0)
                raise TransferError(_more_than(wish, limit))
            _write_all(stream.write, piece)
            done += len(piece)
            if done - reported >= step:
                progress(done, wish.total_bytes)
                reported = done
            if cancelled():
                raise ArtifactError(_cancelled(wish, done))
    progress(done, wish.total_bytes)


def _write_all(write: Callable[[memoryview], int | None], piece: bytes) -> None:
    """Write every byte: an unbuffered write may take only some."""
    rest = memoryview(piece)
    while rest:
        rest = rest[write(rest) or 0 :]


def _is_complete(wish: Wish) -> bool:
    """Whether the partial file has the size it should have; without a stated size, the end of the body is the end."""
    return wish.total_bytes is None or size_of(wish.partial) == wish.total_bytes


def _is_right(wish: Wish, cancelled: Callable[[], bool]) -> bool:
    """Whether the partial file has every digest that it must have."""
    return all(digest.of(wish.partial, cancelled) == digest for digest in wish.digests)


def _put_in_place(wish: Wish, cancelled: Callable[[], bool]) -> Digest:
    """Verify, make it durable, and rename in one step. What is wrong is removed."""
    if not _is_right(wish, cancelled):
        wrong = next(digest for digest in wish.digests if digest.of(wish.partial) != digest)
        got = wrong.of(wish.partial)
        wish.partial.unlink()
        raise ArtifactError(
            f"{wish.final.name} of {wish.record.title} came with {got}, not {wrong} as stated, and was thrown away; "
            "run it again, and if it happens again fetch it by hand from a network that you trust."
        )
    _make_durable(wish.partial)
    wish.final.parent.mkdir(parents=True, exist_ok=True)
    wish.partial.replace(wish.final)
    with suppress(OSError):  # a folder cannot be synced on every system; the file itself was
        _make_durable(wish.final.parent)
    return wish.digests[0]


def _make_durable(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_size(wish: Wish, body: Body) -> None:
    """Refuse a body whose stated size is not the file's, before a byte of it is taken."""
    if body.total_bytes is None or wish.total_bytes is None or body.total_bytes == wish.total_bytes:
        return
    if body.total_bytes > wish.total_bytes:
        raise TransferError(_more_than(wish, wish.total_bytes))
    raise TransferError(
        f"The server sends {bytes_text(body.total_bytes)} for {wish.final.name} of {wish.record.title}, where "
        f"{bytes_text(wish.total_bytes)} were stated; try again later."
    )


def _more_than(wish: Wish, limit: int) -> str:
    return (
        f"The server sends more than the {bytes_text(limit)} that {wish.final.name} of {wish.record.title} may have; "
        "nothing of it was kept: try again later, or fetch it by hand from a source that you trust."
    )


def _stopped(wish: Wish) -> str:
    have, total = size_of(wish.partial), wish.total_bytes
    of = "" if total is None else f" of {bytes_text(total)}"
    return f"The server stopped after {bytes_text(have)}{of} of {wish.final.name}; run it again to go on from there."


def _cancelled(wish: Wish, done_bytes: int) -> str:
    return (
        f"Fetching {wish.record.title} was stopped; the {bytes_text(done_bytes)} of {wish.final.name} that came are "
        "kept: fetch it again to go on from there, or remove it."
    )
