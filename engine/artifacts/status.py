"""How a record lies on this machine: what the Models page and ``hereabouts models list`` show."""

from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.catalog import ArtifactRecord, FileRecord


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
