"""One process at a time brings a record; the others wait and may stop waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ArtifactError

if TYPE_CHECKING:
    from filelock import BaseFileLock

POLL_S = 0.1


@contextmanager
def held(path: Path, title: str, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock file while the block runs, waiting for other processes and threads.

    Args:
        path: the lock file; its folder is made.
        title: what is waited for, for the message.
        cancelled: asked while waiting; True gives up.

    Raises:
        ArtifactError: the caller gave up.
        OSError: the folder cannot be written.
    """
    from filelock import Timeout

    lock = _lock(path)
    while not lock.is_locked:
        with suppress(Timeout):
            lock.acquire(timeout=POLL_S, poll_interval=POLL_S / 4)
        if not lock.is_locked and cancelled():
            raise ArtifactError(f"Waiting for {title} was stopped; fetch it again when you want it.")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def held_if_free(path: Path) -> Iterator[bool]:
    """Hold a lock file while the block runs if nobody else does; gives whether it is held."""
    try:
        lock = _lock(path)
        lock.acquire(timeout=0)
    except OSError:  # somebody else is at it (filelock's Timeout is an OSError), or the folder cannot be written
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _lock(path: Path) -> BaseFileLock:
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)
