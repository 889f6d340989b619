"""A model with everything that it needs: described, required, fetched and removed as one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.catalog import ArtifactRecord, Kind, bytes_text
from engine.artifacts.download import Progress
from engine.artifacts.layout import Status
from engine.artifacts.store import Cancelled, Store, never_cancelled
from engine.errors import ArtifactError, PredictorError

BundleProgress = Callable[[str, int, int], None]
"""Called while bytes arrive: title of the record, bytes of all missing files received so far, and about how many
there will be."""


def ignore_progress(what: str, done_bytes: int, total_bytes: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class BundleStatus:
    """Status of a record and of all that it needs on this machine.

    Attributes:
        parts: one status a record, needed ones first, the record itself last.
    """

    parts: tuple[Status, ...]

    @property
    def record(self) -> ArtifactRecord:
        """The record itself."""
        return self.parts[-1].record

    @property
    def present(self) -> bool:
        """Whether every file of every part is on this machine."""
        return all(part.present for part in self.parts)

    @property
    def bytes_about(self) -> int:
        """Approximate size of all parts; missing files of unknown size count as 0."""
        return sum(part.bytes + _missing_bytes(part) for part in self.parts)

    @property
    def missing_bytes_about(self) -> int:
        """Approximate size of what is still to be fetched."""
        return sum(part.missing_bytes_about for part in self.parts)

    @property
    def partial_bytes(self) -> int:
        """Bytes left by interrupted downloads."""
        return sum(_bytes_left(part) for part in self.parts)

    @property
    def non_commercial(self) -> tuple[ArtifactRecord, ...]:
        """Its records whose licence forbids commercial use."""
        return tuple(part.record for part in self.parts if part.record.non_commercial)

    @property
    def can_fetch(self) -> bool:
        """Whether everything that is missing is published, so that it can be fetched."""
        return all(part.present or part.record.kind in (Kind.HUB, Kind.URL) for part in self.parts)


def bundle_status(store: Store, name: str) -> BundleStatus:
    """Status of a record and of all that it needs; hashes no file and does no network access.

    Raises:
        ArtifactError: there is no such record.
    """
    return BundleStatus(tuple(store.status(record.name) for record in store.catalog.bundle(name)))


def missing(store: Store, name: str) -> tuple[ArtifactRecord, ...]:
    """The records of a bundle that are incomplete; hashes no file and does no network access."""
    return tuple(record for record in store.catalog.bundle(name) if not store.status(record.name).present)


def require(store: Store, name: str) -> None:
    """Check that a record and all that it needs are on this machine.

    Raises:
        PredictorError: something is missing; the message says how large it is and how to get it.
    """
    lacking = missing(store, name)
    supplied = [record for record in lacking if record.kind in (Kind.USER, Kind.PACKAGE)]
    if supplied:
        try:
            for file in supplied[0].files:
                store.path(supplied[0].name, file.path)
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
    if lacking:
        size = sum(store.status(record.name).missing_bytes_about for record in lacking)
        raise PredictorError(
            f"{store.catalog.record(name).title} is not on this machine yet (about {bytes_text(size)} to fetch); "
            f"run `hereabouts models fetch {name}`, or fetch it on the Models page."
        )


def fetch_bundle(
    store: Store,
    name: str,
    progress: BundleProgress = ignore_progress,
    cancelled: Cancelled = never_cancelled,
    *,
    accept_non_commercial: bool = False,
) -> tuple[Path, ...]:
    """Fetch and verify a record and all that it needs; returns every path.

    Raises:
        ArtifactError: a file cannot be fetched. What was received so far stays.
    """
    status, before = bundle_status(store, name), 0
    paths: list[Path] = []
    for number, part in enumerate(status.parts):
        later = sum(_missing_bytes(each) for each in status.parts[number + 1 :])
        report = _offset_progress(progress, part, before, later)
        if not part.present:
            report(_bytes_left(part), None)
        paths += store.fetch(part.record.name, report, cancelled, accept_non_commercial=accept_non_commercial)
        before += store.status(part.record.name).bytes - part.bytes
    return tuple(paths)


def removable(store: Store, name: str) -> tuple[ArtifactRecord, ...]:
    """Records to remove with a record: itself, and those that it needs and no other installed record needs."""
    bundle = store.catalog.bundle(name)
    others = [record for record in store.catalog if record not in bundle and _is_ours(store, record)]
    needed = {record.name for other in others for record in store.catalog.bundle(other.name)}
    needed.discard(name)
    return tuple(record for record in bundle if record.name not in needed and _is_ours(store, record))


def remove_bundle(store: Store, name: str) -> tuple[tuple[ArtifactRecord, int], ...]:
    """Remove what ``removable`` names; returns each record with the bytes freed.

    Raises:
        ArtifactError: a folder cannot be written.
    """
    return tuple((record, store.remove(record.name)) for record in removable(store, name))


def source_of(record: ArtifactRecord) -> str:
    """Source of the files of a record, as text."""
    return {
        Kind.HUB: f"{record.hub_id} on the hub",
        Kind.URL: record.url,
        Kind.PACKAGE: f"the package {record.package}",
        Kind.USER: "your own copy",
    }[record.kind]


def _is_ours(store: Store, record: ArtifactRecord) -> bool:
    """Whether the store's own folder holds a file, or part of one, of a record."""
    if record.kind is Kind.PACKAGE:
        return False
    files = store.status(record.name).files
    own = [each for each in files if each.path is not None and each.path.is_relative_to(store.root / record.name)]
    return bool(own) or any(each.partial_bytes for each in files)


def _bytes_left(part: Status) -> int:
    """Bytes of one record's missing files that an interrupted download left."""
    return sum(each.partial_bytes for each in part.files if each.path is None)


def _missing_bytes(part: Status) -> int:
    """Approximate size of the files that are incomplete."""
    return part.missing_bytes_about + _bytes_left(part)


def _offset_progress(progress: BundleProgress, part: Status, before: int, later: int) -> Progress:
    """Progress of one record as progress of its bundle; the server's size replaces the catalogue's."""

    def report(done_bytes: int, total_bytes: int | None) -> None:
        own = max(_missing_bytes(part) if total_bytes is None else total_bytes, done_bytes)
        progress(part.record.title, before + done_bytes, before + own + later)

    return report
