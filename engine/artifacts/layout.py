"""How records lie on this machine: paths, locks, left-over files, and the status that people see.

Files lie in the store's own folder, in a folder that the user filled, or in an installed package.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.artifacts.catalog import ArtifactRecord, FileRecord, Kind
from engine.artifacts.decide import RemoteFile
from engine.errors import ArtifactError
from engine.files import TEMPORARY_PREFIX

if TYPE_CHECKING:
    from filelock import BaseFileLock

PARTIALS = ".partial"
LOCKS = ".locks"
POLL_S = 0.1
KEEP_PARTIAL_S = 7 * 24 * 3600.0
"""Partial files older than this are removed."""


@dataclass(frozen=True)
class FileStatus:
    """Status of one file of a record on this machine.

    Attributes:
        file: its entry in the record.
        path: its path, or None if it is missing.
        bytes: its size; 0 if it is missing.
        partial_bytes: bytes that an interrupted download left.
        verified: whether it is unchanged since a published digest was verified.
    """

    file: FileRecord
    path: Path | None
    bytes: int
    partial_bytes: int
    verified: bool


@dataclass(frozen=True)
class Status:
    """Status of a record on this machine.

    Attributes:
        record: the record.
        files: its files, in the record's order.
    """

    record: ArtifactRecord
    files: tuple[FileStatus, ...]

    @property
    def present(self) -> bool:
        """Whether every file is on this machine."""
        return all(each.path is not None for each in self.files)

    @property
    def verified(self) -> bool:
        """Whether every file is on this machine and verified."""
        return self.present and all(each.verified for each in self.files)

    @property
    def bytes(self) -> int:
        """Size of the files on this machine."""
        return sum(each.bytes for each in self.files)

    @property
    def missing_bytes_about(self) -> int:
        """Approximate size of what is missing; files of unknown size count as 0."""
        missing = [each for each in self.files if each.path is None]
        sizes = [(each.file.bytes or each.file.bytes_about or 0) - each.partial_bytes for each in missing]
        return sum(max(size, 0) for size in sizes)


def find(record: ArtifactRecord, file: FileRecord, folders: Sequence[Path]) -> Path | None:
    """The first existing path of a file, or None. Reads names only."""
    if record.kind is Kind.PACKAGE:
        folders = [folder] if (folder := package_folder(record.package)) is not None else []
    return next((path for path in _places(record, file, folders) if path.is_file()), None)


def package_folder(package: str) -> Path | None:
    """The folder of an installed package; the package is not imported."""
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    return Path(next(iter(places))) if places else None


def _places(record: ArtifactRecord, file: FileRecord, folders: Sequence[Path]) -> Iterator[Path]:
    """Every possible path of a file, in order of preference."""
    for folder in folders:
        for path in file.paths:
            if record.kind is Kind.PACKAGE:
                yield folder / path
                continue
            yield folder / record.name / path
            if record.hub_id:
                yield folder / record.hub_id / path
                yield from sorted(folder.glob(f"models--{record.hub_id.replace('/', '--')}/snapshots/*/{path}"))


def published_name(file: FileRecord, path: Path) -> str:
    """The published name of a file at ``path``."""
    return next((name for name in file.paths if path.as_posix().endswith("/" + name)), file.path)


def partial_folder(root: Path, record: ArtifactRecord) -> Path:
    """Folder of the partial files of a record."""
    return root / PARTIALS / record.name


def partial_path(root: Path, record: ArtifactRecord, file: FileRecord, remote: RemoteFile) -> Path:
    """Path of the partial file of one content; another content of the same file has another path."""
    content = file.sha256 or (remote.digest.value if remote.digest is not None else "unknown")
    return partial_folder(root, record) / f"{_flat(file)}.{content[:16]}.part"


def partials_of(root: Path, record: ArtifactRecord, file: FileRecord) -> list[Path]:
    """The partial files of one file, of any content."""
    return sorted(partial_folder(root, record).glob(f"{_flat(file)}.*.part"))


def _flat(file: FileRecord) -> str:
    return file.path.replace("/", "__")


def lock_path(root: Path, name: str) -> Path:
    """The lock file of a record."""
    return root / LOCKS / f"{name}.lock"


def names_with_leftovers(root: Path) -> list[str]:
    """Names of records that have partial or temporary files."""
    partials = {path.name for path in (root / PARTIALS).glob("*") if path.is_dir()}
    temporary = {path.relative_to(root).parts[0] for path in root.glob(f"[!.]*/**/{TEMPORARY_PREFIX}*")}
    return sorted(partials | temporary)


def sweep_leftovers(root: Path, name: str, keep_partials: bool) -> int:
    """Remove a record's temporary files and outdated partial files; returns how many.

    Raises:
        OSError: a file cannot be removed.
    """
    partials = list((root / PARTIALS / name).glob("*"))
    orphans = [path for path in partials if not keep_partials or _is_old(path)]
    orphans += list((root / name).glob(f"**/{TEMPORARY_PREFIX}*"))
    for path in orphans:
        path.unlink(missing_ok=True)
    with suppress(OSError):  # not there, or not empty: both are fine
        (root / PARTIALS / name).rmdir()
    return len(orphans)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > KEEP_PARTIAL_S


@contextmanager
def hold_lock(path: Path, title: str, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock file while the block runs, waiting for other processes and threads.

    Args:
        path: the lock file; its folder is created.
        title: of the record, for the message.
        cancelled: called while waiting; True gives up.

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
def try_lock(path: Path) -> Iterator[bool]:
    """Hold a lock file while the block runs, unless another process does; yields whether it is held."""
    try:
        lock = _lock(path)
        lock.acquire(timeout=0)
    except OSError:  # another process holds it (filelock's Timeout is an OSError), or the folder cannot be written
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
