"""Tiles kept on disk as they came, so that a server is asked once; bounded in size, oldest out first.

A tile appears whole or not at all (written beside its name, then renamed), an empty file says that the source has none,
and nothing here is needed for a right answer: whatever is missing or damaged is fetched again.
"""

import threading
import time
from contextlib import suppress
from pathlib import Path

from engine.files import TEMPORARY_PREFIX, write_bytes
from engine.geometry.web_mercator import Tile

LARGEST_BYTES = 2_000_000_000
"""Size of the whole cache unless the caller says otherwise."""
SWEEP_BYTES = 100_000_000
"""After so many written bytes the size is counted again."""
KEEP_S = 90 * 86400.0
"""A tile older than this is fetched anew."""


class TileFiles:
    """A folder of tile files by source, zoom, column and row. Safe for several threads and processes."""

    def __init__(self, folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        """Name the folder; it is made with the first tile."""
        self._folder, self._largest = folder, largest_bytes
        self._written = SWEEP_BYTES  # the first write sweeps what killed processes left
        self._lock = threading.Lock()

    def get(self, source: str, tile: Tile) -> bytes | None:
        """The bytes of a tile; empty when the source has none; None when it is not here."""
        path = self._path(source, tile)
        try:
            if time.time() - path.stat().st_mtime > KEEP_S:
                return None
            return path.read_bytes()
        except OSError:
            return None

    def put(self, source: str, tile: Tile, data: bytes) -> None:
        """Keep a tile; a disk that is full or not writable only means that nothing is kept."""
        path = self._path(source, tile)
        with suppress(OSError):
            write_bytes(path, data, sync=False)
            self._count(len(data) + 512)

    def drop(self, source: str, tile: Tile) -> None:
        """Forget a tile that turned out to be damaged."""
        with suppress(OSError):
            self._path(source, tile).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove the oldest tiles until the cache is a tenth below its bound; gives the bytes left."""
        found, now = [], time.time()
        for path in self._folder.rglob("*"):
            with suppress(OSError):
                stat = path.stat()
                if path.name.startswith(TEMPORARY_PREFIX) and now - stat.st_mtime > 3600:
                    path.unlink()
                elif path.is_file():
                    found.append((stat.st_mtime, stat.st_size + 512, path))
        total = sum(size for _, size, _ in found)
        if total > self._largest:
            for _, size, path in sorted(found):
                if total <= 0.9 * self._largest:
                    break
                with suppress(OSError):
                    path.unlink()
                    total -= size
        return total

    def _count(self, size: int) -> None:
        with self._lock:
            self._written += size
            due = self._written >= min(SWEEP_BYTES, max(self._largest // 10, 1))
            if due:
                self._written = 0
        if due:
            self.sweep()

    def _path(self, source: str, tile: Tile) -> Path:
        return self._folder / source / str(tile.z) / str(tile.x) / str(tile.y)
