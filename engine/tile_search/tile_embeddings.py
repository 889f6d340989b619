"""Embeddings of tiles, kept on disk by (source, encoder digest, zoom, tile). Knows neither pixels nor networks.

One SQLite file per source and encoder: a row is there whole or not at all, whenever the process is killed, and several
processes may write. What is kept is only ever a saving: a damaged file is set aside and filled anew.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError, PredictorError
from engine.typing import FloatArray, IntArray

Vectors = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Kinds = npt.NDArray[np.uint8]
_ASKED_AT_ONCE = 10_000
_WIDENED_AT_ONCE = 4096
_ZOOM_BIT = 48
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Kind(IntEnum):
    """What is known of a tile."""

    UNKNOWN = 0
    """Nobody looked yet."""
    SEEN = 1
    """It was encoded."""
    ABSENT = 2
    """The source has no picture of it."""
    BLANK = 3
    """It was encoded and is all one colour."""
    FAILED = 4
    """It could not be had this time; never stored."""


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Embeddings of tiles in the order asked for.

    Attributes:
        kind: ``(n,)`` a ``Kind`` each.
        vector: ``(n, D)`` float16 of length 1; zeros where the kind is neither seen nor blank.
    """

    kind: Kinds
    vector: Halves

    @property
    def has_vector(self) -> npt.NDArray[np.bool_]:
        """``(n,)`` whether there is an embedding."""
        return np.asarray((self.kind == Kind.SEEN) | (self.kind == Kind.BLANK))

    def cosine(self, photo: Vectors) -> FloatArray:
        """``(n,)`` with an embedding of length 1; NaN where there is none. A few thousand at a time are widened."""
        found = np.full(self.kind.size, np.nan)
        for at in range(0, self.kind.size, _WIDENED_AT_ONCE):
            part = slice(at, at + _WIDENED_AT_ONCE)
            found[part] = self.vector[part].astype(np.float32) @ photo
        found[~self.has_vector] = np.nan
        return found


class EmbeddingCache(Protocol):
    """What computing embeddings needs of a store."""

    def get(self, zoom: int, codes: IntArray) -> Embeddings:
        """What is kept of some tiles of a zoom; its arrays may be written into."""
        ...

    def put(self, zoom: int, codes: IntArray, kinds: Kinds, vectors: Vectors | Halves) -> None:
        """Keep embeddings."""
        ...


class EmbeddingStore:
    """Where embeddings of one source and one encoder are kept. Safe for several threads and processes."""

    def __init__(self, folder: Path, source: str, encoder_digest: str, dimension: int) -> None:
        """Name the file; it is opened, or made, with the first use."""
        self.path = folder / source / f"{encoder_digest}.sqlite"
        self.dimension = dimension
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._whole: dict[int, Embeddings] = {}

    def get(self, zoom: int, codes: IntArray) -> Embeddings:
        """What is kept of some tiles of a zoom."""
        if zoom in self._whole:
            whole = self._whole[zoom]
            if codes.size == whole.kind.size and whole.has_vector.all() and (codes == np.arange(codes.size)).all():
                return whole  # all of them: no copy of 67 MB; nobody writes into what is known
            return Embeddings(whole.kind[codes], whole.vector[codes])
        found = Embeddings(np.zeros(codes.size, np.uint8), np.zeros((codes.size, self.dimension), np.float16))
        for at in range(0, codes.size, _ASKED_AT_ONCE):
            part = slice(at, at + _ASKED_AT_ONCE)
            self._fill(_keys(zoom, codes[part]), found.kind[part], found.vector[part])
        return found

    def put(self, zoom: int, codes: IntArray, kinds: Kinds, vectors: Vectors | Halves) -> None:
        """Keep embeddings; all of them or, if the process dies, none.

        Raises:
            PredictorError: an embedding is not a finite vector.
            ArtifactError: the disk is full or not writable.
        """
        if not np.isfinite(vectors).all():
            raise PredictorError("The tile encoder gave numbers that are not finite; its weights are damaged.")
        small = np.ascontiguousarray(vectors, np.float16)
        empty = b""
        rows = [
            (int(key), int(kind), vector.tobytes() if kind in (Kind.SEEN, Kind.BLANK) else empty)
            for key, kind, vector in zip(_keys(zoom, codes), kinds, small, strict=True)
        ]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO tile VALUES (?, ?, ?)", rows)

        self._whole.pop(zoom, None)
        self._run(write)

    def mark_complete(self, zoom: int, tiles: int) -> None:
        """Note that every tile of a zoom that the source may have was looked at."""

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("INSERT OR REPLACE INTO complete VALUES (?, ?)", (zoom, tiles))

        self._run(write)

    def complete_zooms(self) -> frozenset[int]:
        """Zooms that were computed as a whole; nothing is made where there is no file yet."""
        if not self.path.is_file():
            return frozenset()
        return frozenset(self._run(lambda c: [int(row[0]) for row in c.execute("SELECT zoom FROM complete")]))

    def load_whole(self, zoom: int) -> None:
        """Keep a whole zoom in memory (67 MB for zoom 8), so that later searches only multiply."""
        if zoom in self._whole:
            return
        low, high = zoom << _ZOOM_BIT, (zoom + 1) << _ZOOM_BIT
        query = "SELECT key, kind, vector FROM tile WHERE key >= ? AND key < ?"
        kind = np.zeros(4**zoom, np.uint8)
        vector = np.zeros((4**zoom, self.dimension), np.float16)

        def read(connection: sqlite3.Connection) -> None:
            with closing(connection.execute(query, (low, high))) as rows:
                while part := rows.fetchmany(4096):
                    codes = np.array([row[0] - low for row in part])
                    self._unpack(part, codes, kind, vector)

        self._run(read)
        self._whole[zoom] = Embeddings(kind, vector)

    def count(self, zoom: int) -> int:
        """How many tiles of a zoom are kept."""
        if not self.path.is_file():
            return 0
        low, high = zoom << _ZOOM_BIT, (zoom + 1) << _ZOOM_BIT
        query = "SELECT count(*) FROM tile WHERE key >= ? AND key < ?"
        return int(self._run(lambda c: c.execute(query, (low, high)).fetchone()[0]))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _fill(self, keys: IntArray, kind: Kinds, vector: Halves) -> None:
        """Write what is kept of some keys into arrays."""
        query = f"SELECT key, kind, vector FROM tile WHERE key IN ({','.join('?' * keys.size)})"  # noqa: S608
        rows = self._run(lambda c: c.execute(query, keys.tolist()).fetchall())
        if rows:
            order = np.argsort(keys, kind="stable")
            places = order[np.searchsorted(keys[order], np.array([row[0] for row in rows]))]
            self._unpack(rows, places, kind, vector)

    def _unpack(self, rows: Sequence[tuple[int, int, bytes]], places: IntArray, kind: Kinds, vector: Halves) -> None:
        """Rows of the table into arrays; a row of another length is as good as none."""
        wide = 2 * self.dimension
        full = [n for n, row in enumerate(rows) if len(row[2]) == wide]
        if full:
            values = np.frombuffer(b"".join(rows[n][2] for n in full), np.float16).reshape(-1, self.dimension)
            vector[places[full]] = values
        kind[places] = [row[1] if len(row[2]) == wide or row[1] == Kind.ABSENT else Kind.UNKNOWN for row in rows]

    def _run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do something with the file; a damaged one is set aside once and the work done on a new one."""
        with self._lock:
            try:
                return work(self._connect())
            except sqlite3.OperationalError as error:
                raise self._storage_error(error) from error
            except sqlite3.DatabaseError:
                self._set_aside()
            try:
                return work(self._connect())
            except sqlite3.Error as error:
                raise self._storage_error(error) from error

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._storage_error(error) from error
            connection = sqlite3.connect(self.path, check_same_thread=False, timeout=30)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                with connection:
                    connection.execute(
                        "CREATE TABLE IF NOT EXISTS tile (key INTEGER PRIMARY KEY, kind INT, vector BLOB)"
                    )
                    connection.execute("CREATE TABLE IF NOT EXISTS complete (zoom INTEGER PRIMARY KEY, tiles INT)")
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _set_aside(self) -> None:
        """Move a damaged file away, so that it is filled anew."""
        self.close()
        _log.warning("Tile embeddings in %s are damaged; they are set aside and computed again.", self.path.name)
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                found = self.path.with_name(self.path.name + end)
                found.replace(found.with_name(f"{found.name}.damaged-{time.time_ns()}"))

    def _storage_error(self, error: Exception) -> ArtifactError:
        return ArtifactError(
            f"Tile embeddings cannot be kept in {self.path.parent} ({error}); make room there or set HEREABOUTS_CACHE "
            "to a folder that can be written."
        )


def _keys(zoom: int, codes: IntArray) -> IntArray:
    return np.asarray(codes + (zoom << _ZOOM_BIT), np.int64)
