"""Fetch one file: stream to a partial file, resume, verify, and only then move it into place.

The name of a partial file contains the digest of its content, so a later run resumes the same content or none. Bytes
are written unbuffered, so a killed process loses nothing that it received. No file has its final name before its digest
was verified.
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
from engine.artifacts.decide import RemoteFile, expected_bytes
from engine.artifacts.digest import Digest
from engine.artifacts.transport import Body, TransferError, Transport
from engine.errors import ArtifactError

ATTEMPTS = 5
"""Failures in a row without a byte received after which the store gives up."""
MAX_ROUNDS = 60
"""Interruptions of one file in one call after which the store gives up."""
REPORTS = 400
"""Approximate number of progress reports per file."""


class Progress(Protocol):
    """Called while bytes arrive, from the thread that fetches."""

    def __call__(self, done_bytes: int, total_bytes: int | None) -> None:
        """Bytes of the record received, and how many there will be (None: unknown)."""
        ...


@dataclass(frozen=True)
class Download:
    """One file to fetch.

    Attributes:
        record: the record that it belongs to.
        file: its entry there.
        remote: what the server states about it.
        partial: path that receives its bytes.
        final: path after its digest was verified.
    """

    record: ArtifactRecord
    file: FileRecord
    remote: RemoteFile
    partial: Path
    final: Path

    @property
    def total_bytes(self) -> int | None:
        """Its size, or None if unknown."""
        return expected_bytes(self.file, self.remote)

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Digests that its content must have: the catalogue's and the server's."""
        stated = (Digest.sha256(self.file.sha256), self.remote.digest)
        return tuple(dict.fromkeys(digest for digest in stated if digest is not None))


@dataclass(frozen=True)
class Downloader:
    """Fetches files.

    Attributes:
        transport: the network.
        pause: sleeps for that many seconds between attempts.
    """

    transport: Transport
    pause: Callable[[float], None] = time.sleep

    def fetch(self, item: Download, progress: Progress, cancelled: Callable[[], bool]) -> Digest:
        """Fetch a file to ``item.final``; returns the digest that verified it.

        Raises:
            ArtifactError: the server fails, the content is wrong, the disk is full or not writable, or the caller
                cancelled. What was received stays for the next run, unless it is wrong.
        """
        if not item.digests:
            raise ArtifactError(
                f"No digest is published for {item.file.path} of {item.record.title}, so it cannot be verified; "
                "fetch it manually from a source that you trust."
            )
        try:
            resumed = size_of(item.partial) > 0
            self._receive_all(item, progress, cancelled)
            if resumed and not _has_digests(item, cancelled):
                item.partial.unlink()  # an older run or a power cut left wrong bytes: start again
                self._receive_all(item, progress, cancelled)
            return _install(item, cancelled)
        except OSError as error:
            raise disk_error(error, item.final) from error

    def _receive_all(self, item: Download, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Receive until the partial file is complete, resuming after interruptions."""
        item.partial.parent.mkdir(parents=True, exist_ok=True)
        idle = 0
        for _ in range(MAX_ROUNDS):
            before = size_of(item.partial)
            trouble = self._receive_some(item, progress, cancelled)
            if trouble is None:
                return
            idle = 0 if size_of(item.partial) > before else idle + 1
            if idle >= ATTEMPTS:
                raise trouble
            self.pause(min(0.25 * 2**idle, 8.0))
        raise TransferError(_interrupted_message(item))

    def _receive_some(self, item: Download, progress: Progress, cancelled: Callable[[], bool]) -> TransferError | None:
        """One request; None when the file is complete, else the error to raise if a retry does not help."""
        try:
            self._receive(item, progress, cancelled)
        except TransferError as error:
            if not error.again:
                raise
            return error
        return None if _is_complete(item) else TransferError(_interrupted_message(item), again=True)

    def _receive(self, item: Download, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """One request: append its body to the partial file."""
        have = size_of(item.partial)
        if item.total_bytes is not None and have > item.total_bytes:
            item.partial.unlink()
            have = 0
        if have and have == item.total_bytes:
            return
        try:
            with self.transport.body(item.record, item.remote.address, have) as body:
                _refuse_size(item, body)
                _append(item, body, progress, cancelled)
        except TransferError as error:
            if error.status != 416:  # the range is beyond the end: what we have is not this file
                raise
            item.partial.unlink(missing_ok=True)
            raise TransferError(_interrupted_message(item), again=True) from error


def size_of(path: Path) -> int:
    """Size of a file in bytes, 0 if there is none: another download may have just moved it."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def disk_error(error: OSError, path: Path) -> ArtifactError:
    """The error for a file that the operating system refuses to write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ArtifactError(
            f"The disk is full while writing {path.name}; free some space in {path.parent} and run it again, "
            "what was received so far is kept."
        )
    return ArtifactError(
        f"{path} cannot be written ({error.strerror or error}); choose a folder that you may write to."
    )


def _append(item: Download, body: Body, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Append the pieces of a body, up to the size limit of the file."""
    limit = item.total_bytes if item.total_bytes is not None else item.file.cap_bytes
    step = max((item.total_bytes or limit) // REPORTS, 1)
    done, reported = body.start_byte, body.start_byte - step
    with item.partial.open("r+b" if body.start_byte else "wb", buffering=0) as stream:
        stream.seek(body.start_byte)
        for piece in body.pieces:
            if done + len(piece) > limit:
                stream.truncate(0)
                raise TransferError(_oversize_message(item, limit))
            _write_all(stream.write, piece)
            done += len(piece)
            if done - reported >= step:
                progress(done, item.total_bytes)
                reported = done
            if cancelled():
                raise ArtifactError(_cancelled_message(item, done))
    progress(done, item.total_bytes)


def _write_all(write: Callable[[memoryview], int | None], piece: bytes) -> None:
    """Write every byte: an unbuffered write may accept only some."""
    rest = memoryview(piece)
    while rest:
        rest = rest[write(rest) or 0 :]


def _is_complete(item: Download) -> bool:
    """Whether the partial file has its expected size; with an unknown size, the end of the body is the end."""
    return item.total_bytes is None or size_of(item.partial) == item.total_bytes


def _has_digests(item: Download, cancelled: Callable[[], bool]) -> bool:
    """Whether the partial file has every expected digest."""
    return all(digest.of(item.partial, cancelled) == digest for digest in item.digests)


def _install(item: Download, cancelled: Callable[[], bool]) -> Digest:
    """Verify, flush to the disk, and rename. A wrong file is removed."""
    if not _has_digests(item, cancelled):
        wrong = next(digest for digest in item.digests if digest.of(item.partial) != digest)
        got = wrong.of(item.partial)
        item.partial.unlink()
        raise ArtifactError(
            f"{item.final.name} of {item.record.title} came with {got}, not {wrong} as stated, and was discarded; "
            "run it again, and if it happens again fetch it manually from a network that you trust."
        )
    _make_durable(item.partial)
    item.final.parent.mkdir(parents=True, exist_ok=True)
    item.partial.replace(item.final)
    with suppress(OSError):  # a folder cannot be synced on every system; the file itself was
        _make_durable(item.final.parent)
    return item.digests[0]


def _make_durable(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_size(item: Download, body: Body) -> None:
    """Refuse a body of another size than the file's, before reading it."""
    if body.total_bytes is None or item.total_bytes is None or body.total_bytes == item.total_bytes:
        return
    if body.total_bytes > item.total_bytes:
        raise TransferError(_oversize_message(item, item.total_bytes))
    raise TransferError(
        f"The server sends {bytes_text(body.total_bytes)} for {item.final.name} of {item.record.title}, where "
        f"{bytes_text(item.total_bytes)} were stated; try again later."
    )


def _oversize_message(item: Download, limit: int) -> str:
    return (
        f"The server sends more than the {bytes_text(limit)} that {item.final.name} of {item.record.title} may have; "
        "nothing of it was kept: try again later, or fetch it manually from a source that you trust."
    )


def _interrupted_message(item: Download) -> str:
    have, total = size_of(item.partial), item.total_bytes
    of = "" if total is None else f" of {bytes_text(total)}"
    return f"The server stopped after {bytes_text(have)}{of} of {item.final.name}; run it again to resume."


def _cancelled_message(item: Download, done_bytes: int) -> str:
    return (
        f"Fetching {item.record.title} was stopped; the {bytes_text(done_bytes)} of {item.final.name} that came are "
        "kept: fetch it again to resume, or remove it."
    )
