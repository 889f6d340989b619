"""Digests of files: the sha256 of weights, and git's own sha1 of small files, as a hub states them."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from engine.errors import ArtifactError

CHUNK_BYTES = 1 << 20
_HEX = {40: "git-sha1", 64: "sha256"}


@dataclass(frozen=True)
class Digest:
    r"""What a file's content must be.

    Attributes:
        algorithm: ``sha256``, or ``git-sha1`` (git's name for a blob: sha1 over "blob SIZE\0" and the content).
        value: lower-case hex digits.
    """

    algorithm: str
    value: str

    @classmethod
    def sha256(cls, value: str | None) -> Self | None:
        """A sha256 digest, or None for None."""
        return None if value is None else cls("sha256", value)

    @classmethod
    def from_etag(cls, etag: str | None) -> Self | None:
        """The digest that a hub's ETag states: 64 hex digits for a large file, 40 for a small one; else None."""
        text = (etag or "").strip().removeprefix("W/").strip('"').lower()
        known = re.fullmatch(r"[0-9a-f]+", text) and _HEX.get(len(text))
        return cls(known, text) if known else None

    def of(self, path: Path, cancelled: Callable[[], bool] | None = None) -> Self:
        """The digest of the same algorithm of a file's content."""
        return type(self)(self.algorithm, digest_of(path, self.algorithm, cancelled))

    def __str__(self) -> str:
        return f"{self.algorithm} {self.value[:12]}..."


def digest_of(path: Path, algorithm: str = "sha256", cancelled: Callable[[], bool] | None = None) -> str:
    """Hex digest of a file's content, read in pieces of 1 MiB.

    Args:
        path: the file.
        algorithm: ``sha256`` or ``git-sha1``.
        cancelled: called between pieces; True stops.

    Raises:
        ArtifactError: the file cannot be read, or the caller cancelled.
    """
    try:
        with path.open("rb") as stream:
            state = hashlib.sha256() if algorithm == "sha256" else _git_blob(path.stat().st_size)
            while piece := stream.read(CHUNK_BYTES):
                state.update(piece)
                if cancelled is not None and cancelled():
                    raise ArtifactError(f"Checking {path.name} was stopped; start it again to have it checked.")
            return state.hexdigest()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ArtifactError(f"{path} cannot be read ({reason}); allow reading it or remove it.") from error


def _git_blob(size_bytes: int) -> "hashlib._Hash":
    """A sha1 state that has seen the header which git puts before a blob."""
    return hashlib.sha1(f"blob {size_bytes}\0".encode(), usedforsecurity=False)
