"""Files that are written whole or not at all.

A file is written under a temporary name in the folder of its target, flushed to the disk, and renamed: a reader sees
the old file or the new one, even after a power cut.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY_PREFIX = ".part-"
"""Names of temporary files start with this; what a killed process left can be found by it."""


@contextmanager
def atomic_path(target: Path, *, sync: bool = True, create_folder: bool = True) -> Iterator[Path]:
    """A temporary path that replaces ``target`` when the block ends without an error, and is removed otherwise.

    For files that a library writes by name. The temporary name has no suffix, so that no reader that lists files by
    suffix takes what a killed process left for a whole file.

    Args:
        target: the file to write.
        sync: flush to the disk before renaming; False for caches, whose readers check what they read.
        create_folder: create missing folders.

    Raises:
        OSError: the file cannot be written.
    """
    if create_folder:
        target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
        yield temporary
        if sync:
            _flush(temporary)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_bytes(target: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file of bytes; see ``atomic_path``."""
    with atomic_path(target, sync=sync) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str, *, sync: bool = True) -> None:
    """Write a UTF-8 text with line ends as given; see ``atomic_path``."""
    write_bytes(target, text.encode("utf-8"), sync=sync)


def _flush(path: Path) -> None:
    """Flush a closed file to the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
