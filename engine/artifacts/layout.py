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
from engine.artifacts.decide import Offer
from engine.errors import ArtifactError
from engine.files import TEMPORARY_PREFIX

if TYPE_CHECKING:
    from filelock import BaseFileLock

PARTIALS = ".partial"
LOCKS = ".locks"
POLL_S = 0.1
KEEP_PARTIAL_S = 7 * 24 * 3600.0
"""A partial file that nobody went on with for this long is an orphan."""


@dataclass(frozen=True)
class FileStatus:
    """One file of a record as it lies on this machine.

    Attributes:
        file: its record.
        path: where it lies, or None.
        bytes: its size there; 0 when it is not here.
        partial_bytes: how much of it an interrupted download left.
        verified: whether catalogue or hub vouch for it as it lies there.
    """

    file: FileRecord
    path: Path | None
    bytes: int
    partial_bytes: int
    verified: bool


@dataclass(frozen=True)
class Status:
    """A record as it lies on this machine.

    Attributes:
        record: the record.
        files: its files, in the record's order.
    """

    record: ArtifactRecord
    files: tuple[FileStatus, ...]

    @property
    def present(self) -> bool:
        """Whether every file is here."""
        return all(each.path is not None for each in self.files)

    @property
    def verified(self) -> bool:
        """Whether every file is here and vouched for."""
        return self.present and all(each.verified for each in self.files)

    @property
    def bytes(self) -> int:
        """Size of what is here."""
        return sum(each.bytes for each in self.files)

    @property
    def missing_bytes_about(self) -> int:
        """About how much is still to come; files of unknown size count nothing."""
        missing = [each for each in self.files if each.path is None]
        sizes = [(each.file.bytes or each.file.bytes_about or 0) - each.partial_bytes for each in missing]
        return sum(max(size, 0) for size in sizes)


def find(record: ArtifactRecord, file: FileRecord, folders: Sequence[Path]) -> Path | None:
    """The first place where a file lies, or None. Reads names only."""
    if record.kind is Kind.PACKAGE:
        folders = [folder] if (folder := package_folder(record.package)) is not None else []
    return next((path for path in _places(record, file, folders) if path.is_file()), None)


def package_folder(package: str) -> Path | None:
    """The folder of an installed package; the package is not imported."""
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    return Path(next(iter(places))) if places else None


def _places(record: ArtifactRecord, file: FileRecord, folders: Sequence[Path]) -> Iterator[Path]:
    """Every place where a file may lie, the preferred one first."""
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
    """Under which of its published names a file lies at ``path``."""
    return next((name for name in file.paths if path.as_posix().endswith("/" + name)), file.path)


def partial_folder(root: Path, record: ArtifactRecord) -> Path:
    """Where the partial files of a record gather."""
    return root / PARTIALS / record.name


def partial_path(root: Path, record: ArtifactRecord, file: FileRecord, offer: Offer) -> Path:
    """Where one content of a file gathers; another content of the same file gathers elsewhere."""
    content = file.sha256 or (offer.digest.value if offer.digest is not None else "unknown")
    return partial_folder(root, record) / f"{_flat(file)}.{content[:16]}.part"


def partials_of(root: Path, record: ArtifactRecord, file: FileRecord) -> list[Path]:
    """The partial files of one file, of whatever content."""
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
    """Remove a record's temporary files and those partial files that nobody will go on with; gives how many.

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
