"""What the store remembers of a file: a small JSON beside it, written whole or not at all.

A note spares hashing gigabytes at every start: as long as size and time of change are as noted, the file is the one
that was verified. Anything else (an edit, a copy by hand) is hashed again before it is used.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.artifacts.digest import Digest
from engine.files import write_text

SUFFIX = ".note.json"


@dataclass(frozen=True)
class Note:
    """What was true of a file when it was last verified.

    Attributes:
        bytes: its size.
        mtime_ns: its time of change in nanoseconds, or 0 when it was not yet in place.
        digest: what its content was.
        source: where the digest came from: ``catalogue``, ``hub`` or ``by hand`` (nobody vouches for it).
        commit: the hub's commit, or empty.
    """

    bytes: int
    mtime_ns: int
    digest: Digest
    source: str
    commit: str = ""

    @property
    def vouched(self) -> bool:
        """Whether catalogue or hub state this digest, as opposed to whoever copied the file here."""
        return self.source != "by hand"

    def matches(self, path: Path) -> bool:
        """Whether the file is as noted by size and time of change (its content is not read); not when it is gone."""
        try:
            stat = path.stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.bytes, self.mtime_ns)


def note_path(file: Path) -> Path:
    """Where the note of a file lies."""
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
