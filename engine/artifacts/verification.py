"""Verify files: hash each once, then trust its size and modification time.

A note, a small JSON beside the file, records what was verified and spares hashing gigabytes at every start. A file
whose size or time differs from its note (an edit, a manual copy) is hashed again before it is used. Does no network
access: a digest that the hub states is an argument.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from engine.artifacts import layout
from engine.artifacts.catalog import ArtifactRecord, FileRecord, Kind, bytes_text
from engine.artifacts.digest import Digest
from engine.errors import ArtifactError
from engine.files import write_text

SUFFIX = ".note.json"


@dataclass(frozen=True)
class Note:
    """State of a file when it was last verified.

    Attributes:
        bytes: its size.
        mtime_ns: modification time in nanoseconds, or 0 if it was not yet in place.
        digest: of its content.
        source: of the digest: ``catalogue``, ``hub`` or ``by hand`` (no published digest is known).
        commit: the hub's commit, or empty.
    """

    bytes: int
    mtime_ns: int
    digest: Digest
    source: str
    commit: str = ""

    @property
    def is_published(self) -> bool:
        """Whether the catalogue or the hub publishes this digest."""
        return self.source != "by hand"

    def matches(self, path: Path) -> bool:
        """Whether size and modification time are as noted; False if the file is gone. Reads no content."""
        try:
            stat = path.stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.bytes, self.mtime_ns)


def note_path(file: Path) -> Path:
    """Path of the note of a file."""
    return file.with_name(file.name + SUFFIX)


def read_note(file: Path) -> Note | None:
    """The note of a file; None when there is none or it is damaged (the file is then hashed again)."""
    try:
        table = json.loads(note_path(file).read_text(encoding="utf-8"))
        return Note(**{**table, "digest": Digest(**table["digest"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_note(file: Path, note: Note) -> None:
    """Write the note of a file, replacing the old one in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    target = note_path(file)
    write_text(target, json.dumps(asdict(note), indent=1) + "\n")


@dataclass(frozen=True)
class Check:
    """The result of hashing one file.

    Attributes:
        file: its path in the record.
        ok: whether its content is as expected.
        sentence: the result, with a remedy if it is wrong.
    """

    file: str
    ok: bool
    sentence: str


@dataclass(frozen=True)
class Verifier:
    """Compares files with the catalogue, the hub or earlier notes.

    Attributes:
        root: the store's folder, which holds the notes, also those of files in other folders.
    """

    root: Path
    _seen: dict[Path, Note] = field(default_factory=dict, repr=False)

    def is_verified(self, record: ArtifactRecord, file: FileRecord, path: Path) -> bool:
        """Whether the file is unchanged since its published digest was verified, by size and modification time."""
        if record.kind is Kind.PACKAGE:
            return path.stat().st_size == file.bytes
        note = self.note(record, file, path)
        return note is not None and note.is_published and note.matches(path) and not _contradicts(file, note)

    def accept(self, record: ArtifactRecord, file: FileRecord, path: Path, stated: Digest | None = None) -> Note:
        """The note of a usable file; hashes the file if it is new or has changed.

        Args:
            record: the record that it belongs to.
            file: its entry there.
            path: its path.
            stated: the hub's current digest, or None if not asked.

        Raises:
            ArtifactError: it is empty, or its size or content is wrong.
        """
        note = self.note(record, file, path)
        is_current = note is not None and note.matches(path) and not _contradicts(file, note)
        if note is not None and is_current and (note.is_published or not stated):
            return note
        note = self._examine(record, file, path, note=note, stated=stated)
        self._seen[path] = note
        with suppress(OSError):  # a read-only cache: remembered by this process only
            write_note(self._note_target(record, file, path), note)
        return note

    def check(
        self, record: ArtifactRecord, file: FileRecord, path: Path, cancelled: Callable[[], bool] | None = None
    ) -> Check:
        """Hash a file regardless of its note."""
        try:
            remembered = self.note(record, file, path)
            note = self._examine(record, file, path, note=remembered, cancelled=cancelled)
        except ArtifactError as error:
            return Check(file.path, False, str(error))
        if note.is_published:
            return Check(file.path, True, f"{path.name} is right ({note.digest}, from the {note.source}).")
        return Check(
            file.path, True, f"{path.name} was supplied manually; no digest is published for it ({note.digest})."
        )

    def note(self, record: ArtifactRecord, file: FileRecord, path: Path) -> Note | None:
        """The note of a file, or None."""
        return self._seen.get(path) or read_note(self._note_target(record, file, path))

    def forget(self, record: ArtifactRecord, file: FileRecord, path: Path) -> None:
        """Drop the note of a file."""
        self._seen.pop(path, None)
        note_path(self._note_target(record, file, path)).unlink(missing_ok=True)

    def _note_target(self, record: ArtifactRecord, file: FileRecord, path: Path) -> Path:
        """The path in the store's folder whose note is written, wherever the file itself is."""
        return self.root / record.name / layout.published_name(file, path)

    def _examine(
        self,
        record: ArtifactRecord,
        file: FileRecord,
        path: Path,
        *,
        note: Note | None,
        stated: Digest | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Note:
        """The new note of a file after hashing it; raises if it is wrong."""
        stat = path.stat()
        if stat.st_size == 0 or stat.st_size != (file.bytes or stat.st_size):
            size = "is empty" if stat.st_size == 0 else f"has {stat.st_size:,} bytes, not {file.bytes:,}"
            raise ArtifactError(f"{path} of {record.title} {size}; {_remedy(record)}.")
        known, source = _expected_digest(file, stated, note)
        if known is None:
            digest, source = Digest("sha256", "").of(path, cancelled), "by hand"
        elif (digest := known.of(path, cancelled)) != known:
            raise ArtifactError(
                f"{path} of {record.title} has {digest}, not {known} as the {source} states "
                f"({bytes_text(stat.st_size)}); {_remedy(record)}."
            )
        commit = note.commit if note is not None and note.digest == digest else ""
        return Note(stat.st_size, stat.st_mtime_ns, digest, source, commit)


def _expected_digest(file: FileRecord, stated: Digest | None, note: Note | None) -> tuple[Digest | None, str]:
    """The digest that a file must have and its source; None if none is published."""
    if file.sha256 is not None:
        return Digest("sha256", file.sha256), "catalogue"
    if stated is not None:
        return stated, "hub"
    return (note.digest, note.source) if note is not None and note.is_published else (None, "")


def _contradicts(file: FileRecord, note: Note) -> bool:
    """Whether the catalogue has a digest that differs from the note's."""
    return file.sha256 is not None and note.digest.algorithm == "sha256" and note.digest.value != file.sha256


def _remedy(record: ArtifactRecord) -> str:
    if record.kind is Kind.PACKAGE:
        return f"reinstall the package {record.package!r}"
    if record.kind is Kind.USER:
        return "put a good copy in its place"
    return f"remove it and run `hereabouts models fetch {record.name}`"
