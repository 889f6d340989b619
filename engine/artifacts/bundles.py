"""A model with everything that it needs: described, required, fetched and removed as one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.catalog import ArtifactRecord, Kind, bytes_text
from engine.artifacts.download import Progress
from engine.artifacts.layout import Status
from engine.artifacts.store import Cancelled, Store, never
from engine.errors import ArtifactError, PredictorError

BundleProgress = Callable[[str, int, int], None]
"""Called while bytes arrive: the title of the record that is coming, bytes of all missing files that are here by now,
and about how many there will be."""


def quiet(what: str, done_bytes: int, total_bytes: int) -> None:
    """Progress for nobody."""


@dataclass(frozen=True)
class BundleStatus:
    """A record and all that it needs, as they lie on this machine.

    Attributes:
        parts: one status a record, needed ones first, the record itself last.
    """

    parts: tuple[Status, ...]

    @property
    def record(self) -> ArtifactRecord:
        """The record that was asked about."""
        return self.parts[-1].record

    @property
    def present(self) -> bool:
        """Whether every file of every part is here."""
        return all(part.present for part in self.parts)

    @property
    def bytes_about(self) -> int:
        """About how large all of it is; files of unknown size that are not here count nothing."""
        return sum(part.bytes + _to_come(part) for part in self.parts)

    @property
    def missing_bytes_about(self) -> int:
        """About how much is still to come."""
        return sum(part.missing_bytes_about for part in self.parts)

    @property
    def partial_bytes(self) -> int:
        """How much interrupted downloads left."""
        return sum(_bytes_left(part) for part in self.parts)

    @property
    def non_commercial(self) -> tuple[ArtifactRecord, ...]:
        """Its records whose licence forbids commercial use."""
        return tuple(part.record for part in self.parts if part.record.non_commercial)

    @property
    def can_fetch(self) -> bool:
        """Whether what is missing can be fetched at all: all of it is published."""
        return all(part.present or part.record.kind in (Kind.HUB, Kind.URL) for part in self.parts)


def bundle_status(store: Store, name: str) -> BundleStatus:
    """How a record and all that it needs lie here; nothing is hashed or asked of a server.

    Raises:
        ArtifactError: there is no such record.
    """
    return BundleStatus(tuple(store.status(record.name) for record in store.catalog.bundle(name)))


def missing(store: Store, name: str) -> tuple[ArtifactRecord, ...]:
    """The records of a bundle that are not wholly here; nothing is hashed or asked of a server."""
    return tuple(record for record in store.catalog.bundle(name) if not store.status(record.name).present)


def require(store: Store, name: str) -> None:
    """Nothing, when the record and all that it needs are here.

    Raises:
        PredictorError: what is missing, how large it is and how to get it.
    """
    lacking = missing(store, name)
    by_hand = [record for record in lacking if record.kind in (Kind.USER, Kind.PACKAGE)]
    if by_hand:
        try:
            for file in by_hand[0].files:
                store.path(by_hand[0].name, file.path)
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
    progress: BundleProgress = quiet,
    cancelled: Cancelled = never,
    *,
    accept_non_commercial: bool = False,
) -> tuple[Path, ...]:
    """Make a record and all that it needs present and verified; gives every path.

    Raises:
        ArtifactError: one sentence on what stands in the way and what to do. What has come stays.
    """
    status, before = bundle_status(store, name), 0
    paths: list[Path] = []
    for number, part in enumerate(status.parts):
        report = _shifted(progress, part, before, sum(_to_come(each) for each in status.parts[number + 1 :]))
        if not part.present:
            report(_bytes_left(part), None)
        paths += store.fetch(part.record.name, report, cancelled, accept_non_commercial=accept_non_commercial)
        before += store.status(part.record.name).bytes - part.bytes
    return tuple(paths)


def removable(store: Store, name: str) -> tuple[ArtifactRecord, ...]:
    """What goes when a record is removed: its own files, and those that it needs and no other record here needs."""
    bundle = store.catalog.bundle(name)
    others = [record for record in store.catalog if record not in bundle and _is_ours(store, record)]
    needed = {record.name for other in others for record in store.catalog.bundle(other.name)}
    needed.discard(name)
    return tuple(record for record in bundle if record.name not in needed and _is_ours(store, record))


def remove_bundle(store: Store, name: str) -> tuple[tuple[ArtifactRecord, int], ...]:
    """Remove what ``removable`` names; each record with the bytes that it gave back.

    Raises:
        ArtifactError: a folder cannot be written.
    """
    return tuple((record, store.remove(record.name)) for record in removable(store, name))


def source_of(record: ArtifactRecord) -> str:
    """Where the files of a record come from, in words."""
    return {
        Kind.HUB: f"{record.hub_id} on the hub",
        Kind.URL: record.url,
        Kind.PACKAGE: f"the package {record.package}",
        Kind.USER: "your own copy",
    }[record.kind]


def _is_ours(store: Store, record: ArtifactRecord) -> bool:
    """Whether the store itself holds something of a record: a file, or a part of one."""
    if record.kind is Kind.PACKAGE:
        return False
    files = store.status(record.name).files
    own = [each for each in files if each.path is not None and each.path.is_relative_to(store.root / record.name)]
    return bool(own) or any(each.partial_bytes for each in files)


def _bytes_left(part: Status) -> int:
    """How much of one record's missing files an interrupted download left."""
    return sum(each.partial_bytes for each in part.files if each.path is None)


def _to_come(part: Status) -> int:
    """About how large the files are that are not wholly here."""
    return part.missing_bytes_about + _bytes_left(part)


def _shifted(progress: BundleProgress, part: Status, before: int, later: int) -> Progress:
    """Progress of one record as progress of its bundle; a size that the server states replaces the catalogue's."""

    def report(done_bytes: int, total_bytes: int | None) -> None:
        own = max(_to_come(part) if total_bytes is None else total_bytes, done_bytes)
        progress(part.record.title, before + done_bytes, before + own + later)

    return report
