"""MBTiles: a SQLite file of tiles, opened read-only and distrusted.

A file may be a stranger's: its views and triggers are its own code, so the schema is not trusted, nothing can be
written, a query that runs on is stopped and no value may be larger than a tile.
Source: MBTiles 1.3 specification; rows count from the south.
"""

import hashlib
import html
import re
import sqlite3
import threading
import time
import zlib
from contextlib import closing
from pathlib import Path

from engine.errors import InputError, LayerError
from engine.geometry.web_mercator import MAX_ZOOM, Tile
from engine.tile_search.imagery import LARGEST_BYTES, Bounds, Pixels, SourceRecord, TileError, decode_tile

LONGEST_S = 5.0
"""Seconds after which a query is stopped; a look-up takes a thousandth of one."""
STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock."""


class MbTiles:
    """A ``.mbtiles`` file as a tile source."""

    def __init__(self, path: Path) -> None:
        """Open the file and read what it says of itself.

        Raises:
            LayerError: it is missing, not SQLite, damaged, holds vector tiles or no tiles at all.
        """
        if not path.is_file():
            raise LayerError(f"There is no tile archive {path}; check the path.")
        self._path = path
        self._lock = threading.Lock()
        self._until = time.monotonic() + LONGEST_S
        self._connection: sqlite3.Connection | None = _open_database(path)
        self._connection.set_progress_handler(lambda: time.monotonic() > self._until, STEPS)
        try:
            self._record = _record(path, self._connection)
        except sqlite3.Error as error:
            self.close()
            raise LayerError(
                f"{path.name} is not a readable MBTiles archive ({error}); copy or download it again."
            ) from error
        except LayerError:
            self.close()
            raise

    @property
    def record(self) -> SourceRecord:
        """What the archive says of itself."""
        return self._record

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile; see ``TileSource``."""
        where = f"Tile {tile.path} of {self._path.name}"
        row = (1 << tile.z) - 1 - tile.y
        query = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
        try:
            with self._lock:
                if self._connection is None:
                    raise LayerError(f"{self._path.name} was closed; open it again.")
                self._until = time.monotonic() + LONGEST_S
                with closing(self._connection.execute(query, (tile.z, tile.x, row))) as cursor:
                    found = cursor.fetchone()
        except sqlite3.Error as error:
            raise TileError(f"{where} cannot be read ({error}); the archive is damaged, copy it again.") from error
        if found is None or not found[0]:
            return None
        if not isinstance(found[0], bytes):
            raise TileError(f"{where} is not stored as bytes; it was left out.")
        return decode_tile(decompress(found[0], where), where)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def decompress(data: bytes, where: str) -> bytes:
    """A tile without its gzip wrapping, if it has one; never more than a tile may have.

    Raises:
        TileError: the wrapping is damaged or unpacks to more.
    """
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        plain = zlib.decompressobj(wbits=31).decompress(data, LARGEST_BYTES + 1)
    except zlib.error as error:
        raise TileError(f"{where} is packed but damaged; it was left out.") from error
    if len(plain) > LARGEST_BYTES:
        raise TileError(f"{where} unpacks to more than a tile may have; it was left out.")
    return plain


def _open_database(path: Path) -> sqlite3.Connection:
    """A read-only connection that believes nothing of the file."""
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, timeout=5
        )
    except sqlite3.Error as error:
        raise LayerError(f"{path.name} cannot be opened ({error}); check that it may be read.") from error
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    return connection


def _record(path: Path, connection: sqlite3.Connection) -> SourceRecord:
    """The record of an archive from its metadata table; what is missing is counted or guessed on the safe side."""
    rows = connection.execute("SELECT name, value FROM metadata").fetchall()
    facts = {str(name): str(value) for name, value in rows if value is not None}
    if facts.get("format", "").lower() in ("pbf", "mvt"):
        raise LayerError(f"{path.name} holds vector tiles; the search needs pictures (PNG, JPEG or WebP).")
    low, high = _zooms(path, connection, facts)
    title = one_line(facts.get("name", "")) or path.stem
    return SourceRecord(
        name=f"mbtiles-{file_digest(path)}",
        title=title,
        attribution=one_line(facts.get("attribution", "")) or f"{title} (the archive names no attribution)",
        terms="Your own file; you answer for its terms.",
        min_zoom=low,
        max_zoom=high,
        bounds=_bounds(facts.get("bounds", "")),
        parallel=2,
    )


def _zooms(path: Path, connection: sqlite3.Connection, facts: dict[str, str]) -> tuple[int, int]:
    """Lowest and highest zoom: as stated, else as found."""
    try:
        low, high = int(facts["minzoom"]), int(facts["maxzoom"])
    except (KeyError, ValueError):
        low, high = connection.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    if connection.execute("SELECT 1 FROM tiles LIMIT 1").fetchone() is None or low is None:
        raise LayerError(f"{path.name} holds no tiles; copy or download it again.")
    if not 0 <= low <= high <= MAX_ZOOM:
        raise LayerError(f"{path.name} names zooms {low} to {high}, which make no sense; download it again.")
    return int(low), int(high)


def _bounds(text: str) -> Bounds:
    """``west,south,east,north`` of the metadata; the whole square where it makes no sense."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        return Bounds(south, west, north, east)
    except (ValueError, InputError):
        return Bounds()


def one_line(text: str) -> str:
    """A stranger's words as one short line, without control characters and the markup of links."""
    words = re.sub(r"<[^<>]*>", " ", html.unescape(text))
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())[:200]


def file_digest(path: Path) -> str:
    """A short name for the content of a file of any size: its length and three samples of it."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as stream:
        for at in (0, max(size // 2 - 65536, 0), max(size - 131072, 0)):
            stream.seek(at)
            digest.update(stream.read(131072))
    return digest.hexdigest()[:16]
