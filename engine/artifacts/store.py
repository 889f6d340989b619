"""The store of published files: decide, fetch, verify, return a path. Returning a path needs no network.

Layout of the store's folder::

    clip_vit_l14_openai/open_clip_model.safetensors            verified, complete, or not there at all
    clip_vit_l14_openai/open_clip_model.safetensors.note.json  its verified digest
    .partial/clip_vit_l14_openai/<file>.<digest>.part          left by an interrupted download; the next one resumes
    .locks/clip_vit_l14_openai.lock                            one process fetches, the others wait for it

A second folder (``HEREABOUTS_MODELS``) may be filled manually; it is only read. In either folder a file is found as
``<record>/<file>``, as ``<owner>/<name>/<file>`` (a clone from the hub) or in ``models--<owner>--<name>/snapshots``
(a hub cache). Constructing a Store touches neither disk nor network.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.artifacts import layout
from engine.artifacts.catalog import ArtifactRecord, Catalog, FileRecord, Kind, bytes_text, default_catalog
from engine.artifacts.decide import MARGIN_BYTES, Decision, FileState, RemoteFile, decide, expected_bytes, needed_bytes
from engine.artifacts.digest import Digest
from engine.artifacts.download import ATTEMPTS, Download, Downloader, Progress, disk_error, size_of
from engine.artifacts.layout import FileStatus, Status, hold_lock, try_lock
from engine.artifacts.transport import HttpTransport, TransferError, Transport
from engine.artifacts.verification import Check, Note, Verifier, write_note
from engine.errors import ArtifactError
from engine.paths import cache_folder

Cancelled = Callable[[], bool]


def ignore_progress(done_bytes: int, total_bytes: int | None) -> None:
    """Report nothing."""


def never_cancelled() -> bool:
    """Never cancel."""
    return False


class Store:
    """Published files on this machine. Safe to use from several threads and processes at once.

    Attributes:
        root: the folder that the store writes to.
        by_hand: a folder that the user filled, only read, or None.
        catalog: the records.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        by_hand: Path | None = None,
        catalog: Catalog | None = None,
        transport: Transport | None = None,
        free_bytes: Callable[[Path], int] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Describe a store; nothing is read or written yet.

        Args:
            root: folder to write to; the user's cache folder when None.
            by_hand: folder that the user filled manually; the environment's ``HEREABOUTS_MODELS`` when None.
            catalog: records; the product's own when None.
            transport: network; the real one when None. A mirror: ``HttpTransport(endpoint="https://...")``.
            free_bytes: free disk space of a folder; as the system reports when None.
            pause: sleeps between attempts.
        """
        self.root = root if root is not None else default_root()
        named = os.environ.get("HEREABOUTS_MODELS")
        self.by_hand = by_hand if by_hand is not None else Path(named) if named else None
        self.catalog = catalog if catalog is not None else default_catalog()
        self._transport = transport if transport is not None else HttpTransport()
        self._free_bytes = free_bytes if free_bytes is not None else _free_bytes
        self._pause = pause
        self._verifier = Verifier(self.root)

    def status(self, name: str) -> Status:
        """Status of a record on this machine; hashes no file and does no network access."""
        record = self.catalog.record(name)
        return Status(record, tuple(self._file_status(record, file) for file in record.files))

    def path(self, name: str, file: str | None = None) -> Path:
        """Path of a verified file. Does no network access.

        Args:
            name: name of the record.
            file: path of the file in its record; None when the record has only one.

        Raises:
            ArtifactError: it is missing (the message says how large it is and where to put it) or damaged.
        """
        record = self.catalog.record(name)
        wanted = record.file(file)
        found = self._find(record, wanted)
        if found is None:
            raise ArtifactError(self._missing_message(record, wanted))
        self._verifier.accept(record, wanted, found)
        return found

    def fetch(
        self,
        name: str,
        progress: Progress = ignore_progress,
        cancelled: Cancelled = never_cancelled,
        *,
        accept_non_commercial: bool = False,
    ) -> tuple[Path, ...]:
        """Fetch and verify every file of a record; one process fetches, others wait for it.

        Args:
            name: name of the record. What it needs is fetched separately: ``catalog.bundle(name)``.
            progress: called while bytes arrive.
            cancelled: called often; True stops and keeps what was received (``threading.Event().is_set`` fits).
            accept_non_commercial: the user has agreed to a licence that forbids commercial use.

        Returns:
            The paths, in the order of the record's files.

        Raises:
            ArtifactError: a file cannot be fetched; the message says why and what to do.
        """
        record = self.catalog.record(name)
        if record.kind in (Kind.HUB, Kind.URL) and not self._is_done(record):
            if record.non_commercial and not accept_non_commercial:
                raise ArtifactError(
                    f"{record.title} may not be used commercially ({record.licence}); agree to that, then fetch it."
                )
            self.sweep()
            with self._record_lock(record, cancelled):
                self._fetch(record, progress, cancelled)
        return tuple(self.path(name, file.path) for file in record.files)

    def verify(self, name: str, cancelled: Cancelled = never_cancelled) -> tuple[Check, ...]:
        """Hash every file of a record again, regardless of the notes: one result per file, missing ones included."""
        record = self.catalog.record(name)
        return tuple(self._check_file(record, file, cancelled) for file in record.files)

    def remove(self, name: str) -> int:
        """Remove a record's files, notes and partial files; returns the bytes freed.

        Files in the folder that the user filled stay.

        Raises:
            ArtifactError: it belongs to a package, or the folder cannot be written.
        """
        record = self.catalog.record(name)
        if record.kind is Kind.PACKAGE:
            raise ArtifactError(f"{record.title} comes with the package {record.package!r}; uninstall that instead.")
        with self._record_lock(record, never_cancelled):
            folders = [self.root / record.name, layout.partial_folder(self.root, record)]
            freed = sum(size_of(file) for folder in folders for file in folder.rglob("*") if file.is_file())
            for folder in folders:
                if folder.exists():
                    shutil.rmtree(folder)
        return freed

    def sweep(self) -> int:
        """Remove left-overs of killed processes that no later run will resume; returns the number of files removed.

        A partial file stays when its record is in the catalogue, the record is not complete, and it is younger than
        a week. Records that another process has locked are skipped.
        """
        return sum(self._sweep_record(name) for name in layout.names_with_leftovers(self.root))

    def _sweep_record(self, name: str) -> int:
        record = self.catalog.records.get(name)
        keep_partials = record is not None and not self._is_done(record)
        with try_lock(layout.lock_path(self.root, name)) as ours:
            return layout.sweep_leftovers(self.root, name, keep_partials) if ours else 0

    def _fetch(self, record: ArtifactRecord, progress: Progress, cancelled: Cancelled) -> None:
        """Fetch what is missing; runs under the record's lock, so it checks again what is here."""
        items = [item for file in record.files if (item := self._plan_download(record, file)) is not None]
        self._refuse_no_room(record, items)
        sizes = [item.total_bytes for item in items if item.total_bytes is not None]
        total = sum(sizes) if len(sizes) == len(items) else None
        downloader, before = Downloader(self._transport, self._pause), 0
        for item in items:
            digest = downloader.fetch(item, _offset_progress(progress, before, total), cancelled)
            self._write_note(item, digest)
            before += size_of(item.final)

    def _plan_download(self, record: ArtifactRecord, file: FileRecord) -> Download | None:
        """The download of one file; None if a verified file is here."""
        found = self._find(record, file)
        if found is not None and self._is_usable(record, file, found):
            return None
        path, remote = self._describe(record, file)
        partial = layout.partial_path(self.root, record, file, remote)
        for other in layout.partials_of(self.root, record, file):
            if other != partial:  # the hub has another content by now
                other.unlink()
        state = FileState(record.kind, partial_bytes=size_of(partial), remote=remote)
        if decide(file, state) in (Decision.TOO_LARGE, Decision.EMPTY):
            raise ArtifactError(
                f"The server offers {bytes_text(expected_bytes(file, remote) or 0)} for {file.path} of {record.title}, "
                f"which should be {file.size_text}; nothing was received: update Hereabouts, or fetch it manually."
            )
        return Download(record, file, remote, partial, self.root / record.name / path)

    def _is_usable(self, record: ArtifactRecord, file: FileRecord, found: Path) -> bool:
        """Whether a file that is here can be used; asks the hub for its digest if no published digest is known.

        A wrong file in the store's own folder is removed, to be fetched again; elsewhere it is an error.
        """
        try:
            if not self._verifier.accept(record, file, found).is_published:
                with suppress(TransferError):
                    stated = self._transport.describe(record, layout.published_name(file, found)).digest
                    self._verifier.accept(record, file, found, stated)
        except ArtifactError:
            if not found.is_relative_to(self.root):
                raise
            found.unlink()
            self._verifier.forget(record, file, found)
            return False
        return True

    def _describe(self, record: ArtifactRecord, file: FileRecord) -> tuple[str, RemoteFile]:
        """The server's description of a file, under the first of its names that exists there."""
        *first, last = file.paths
        for path in first:
            with suppress(_NoSuchFileError):
                return path, self._describe_with_retries(record, file, path)
        return last, self._describe_with_retries(record, file, last)

    def _describe_with_retries(self, record: ArtifactRecord, file: FileRecord, path: str) -> RemoteFile:
        """Ask the server, and retry while it is busy."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._transport.describe(record, path)
            except TransferError as error:
                if error.offline:
                    what = str(error).split(";")[0]
                    raise ArtifactError(f"{what}, and {self._missing_message(record, file)}") from error
                if error.status == 404 and path != file.paths[-1]:
                    raise _NoSuchFileError from error
                if not error.again or attempt == ATTEMPTS:
                    raise
            self._pause(min(0.25 * 2**attempt, 8.0))
        raise AssertionError("the last attempt returns or raises")

    def _refuse_no_room(self, record: ArtifactRecord, items: list[Download]) -> None:
        """Refuse before the first byte if the disk has too little space for all files together."""
        free = self._free_bytes(self.root)
        states = [FileState(record.kind, partial_bytes=size_of(item.partial), remote=item.remote) for item in items]
        each = [needed_bytes(item.file, state) - MARGIN_BYTES for item, state in zip(items, states, strict=True)]
        needed = sum(each) + MARGIN_BYTES
        if items and free < needed:
            raise ArtifactError(
                f"{record.title} needs {bytes_text(needed)} on the disk, and {self.root} has {bytes_text(free)} left; "
                "free some space there or choose another folder."
            )

    def _write_note(self, item: Download, digest: Digest) -> None:
        """Write the note of a file that was just installed."""
        source = "hub" if item.remote.digest is not None else "catalogue"
        stat = item.final.stat()
        write_note(item.final, Note(stat.st_size, stat.st_mtime_ns, digest, source, item.remote.commit))

    def _check_file(self, record: ArtifactRecord, file: FileRecord, cancelled: Cancelled) -> Check:
        found = self._find(record, file)
        if found is None:
            return Check(file.path, False, self._missing_message(record, file))
        return self._verifier.check(record, file, found, cancelled)

    def _file_status(self, record: ArtifactRecord, file: FileRecord) -> FileStatus:
        found = self._find(record, file)
        partial = max((size_of(path) for path in layout.partials_of(self.root, record, file)), default=0)
        if found is None:
            return FileStatus(file, None, 0, partial, False)
        return FileStatus(file, found, size_of(found), partial, self._verifier.is_verified(record, file, found))

    def _is_done(self, record: ArtifactRecord) -> bool:
        """Whether a record needs no fetch: all of it is verified, or it is here and the store is read-only."""
        found = [(file, self._find(record, file)) for file in record.files]
        present = all(path is not None for _, path in found)
        if present and self.root.exists() and not os.access(self.root, os.W_OK):
            return True
        return present and all(path and self._verifier.is_verified(record, file, path) for file, path in found)

    def _find(self, record: ArtifactRecord, file: FileRecord) -> Path | None:
        return layout.find(record, file, [self.root] if self.by_hand is None else [self.by_hand, self.root])

    def _missing_message(self, record: ArtifactRecord, file: FileRecord) -> str:
        """One sentence: what is missing, how large it is, where to get it and where to put it."""
        if record.kind is Kind.PACKAGE:
            return f"{record.title} needs {file.path} of the package {record.package!r}; reinstall that package."
        place = (self.by_hand or self.root) / record.name / file.path
        missing = f"{record.title} needs {file.path} ({file.size_text}), which is not on this machine"
        if record.kind is Kind.USER:
            return f"{missing} and is not published; put your own copy at {place}."
        source = record.url or f"{record.hub_id} on the hub"
        return f"{missing}; run `hereabouts models fetch {record.name}`, or put a copy from {source} at {place}."

    @contextmanager
    def _record_lock(self, record: ArtifactRecord, cancelled: Cancelled) -> Iterator[None]:
        """Hold the record's lock; an operating system's refusal becomes a sentence."""
        try:
            with hold_lock(layout.lock_path(self.root, record.name), record.title, cancelled):
                yield
        except OSError as error:
            raise disk_error(error, self.root) from error


class _NoSuchFileError(Exception):
    """The server has no file of that name; another name may do."""


def default_root() -> Path:
    """The folder ``models`` in the user's cache folder."""
    return cache_folder() / "models"


def _free_bytes(folder: Path) -> int:
    """Room on the disk of a folder that exists."""
    return shutil.disk_usage(folder).free


def _offset_progress(progress: Progress, before_bytes: int, record_bytes: int | None) -> Progress:
    """Progress of one file as progress of its record."""

    def report(done_bytes: int, total_bytes: int | None) -> None:  # noqa: ARG001 - the file's total is not the record's
        progress(before_bytes + done_bytes, record_bytes)

    return report
