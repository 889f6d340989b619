"""PMTiles version 3: one file of tiles with a directory in front, read through a memory map.

The directory parsing is the ``pmtiles`` package's; what is added is distrust: every offset is checked against the file,
a directory may not unpack to more than a directory needs, and directories are parsed once.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError, LayerError
from engine.geometry.web_mercator import MAX_ZOOM, Tile
from engine.tile_search.imagery import Bounds, Pixels, SourceRecord, TileError, decode_tile
from engine.tile_search.sources.mbtiles import decompress, file_digest, one_line

if TYPE_CHECKING:
    from pmtiles.tile import Entry

LARGEST_DIRECTORY = 32_000_000
"""Bytes that a directory may unpack to; the specification asks for 16 kB packed."""
MAX_DEPTH = 4


class PmTiles:
    """A ``.pmtiles`` file as a tile source."""

    def __init__(self, path: Path) -> None:
        """Open the file and read its header.

        Raises:
            LayerError: it is missing, empty, of another version, damaged, or holds vector tiles.
        """
        if not path.is_file():
            raise LayerError(f"There is no tile archive {path}; check the path.")
        self._path = path
        with path.open("rb") as stream:
            try:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:  # an empty file cannot be mapped
                raise LayerError(f"{path.name} is empty; copy or download it again.") from error
        self._header = _header(path, self._map[:127])
        self._directory = lru_cache(maxsize=256)(self._read_directory)
        self._record = _record(path, self._header, self._facts())
        try:
            self._directory(self._header["root_offset"], self._header["root_length"])
        except TileError as error:
            raise LayerError(str(error)) from error

    @property
    def record(self) -> SourceRecord:
        """What the archive says of itself."""
        return self._record

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile; see ``TileSource``."""
        from pmtiles.tile import find_tile, zxy_to_tileid

        wanted, where = zxy_to_tileid(tile.z, tile.x, tile.y), f"Tile {tile.path} of {self._path.name}"
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(MAX_DEPTH):
            entry = find_tile(self._directory(offset, length), wanted)
            if entry is None:
                return None
            if entry.run_length:
                data = self._bytes(self._header["tile_data_offset"] + entry.offset, entry.length, where)
                return decode_tile(decompress(data, where), where) if data else None
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        raise TileError(f"{where} lies behind more directories than the format allows; copy the archive again.")

    def close(self) -> None:
        """Close the file."""
        self._directory.cache_clear()
        self._map.close()

    def _facts(self) -> Mapping[str, Any]:
        """What the archive says of itself in words; nothing where that is damaged, since no tile depends on it."""
        offset, length = self._header["metadata_offset"], self._header["metadata_length"]
        try:
            packed = self._bytes(offset, length, "The metadata")
            plain = zlib.decompressobj(wbits=31).decompress(packed, LARGEST_DIRECTORY)
            facts = json.loads(plain)
        except (TileError, zlib.error, ValueError, RecursionError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        """One directory."""
        from pmtiles.tile import deserialize_directory

        where = f"A directory of {self._path.name}"
        packed = self._bytes(offset, length, where)
        try:
            if len(zlib.decompressobj(wbits=31).decompress(packed, LARGEST_DIRECTORY + 1)) > LARGEST_DIRECTORY:
                raise TileError(f"{where} unpacks to more than a directory may have; use another archive.")
            return list(deserialize_directory(packed))
        except (EOFError, OSError, zlib.error, ValueError, OverflowError, IndexError) as error:
            raise TileError(f"{where} is damaged; copy or download it again.") from error

    def _bytes(self, offset: int, length: int, where: str) -> bytes:
        if offset < 0 or length < 0 or offset + length > len(self._map):
            raise TileError(f"{where} would lie beyond the end of the file; it is cut short, copy it again.")
        return self._map[offset : offset + length]


def _header(path: Path, head: bytes) -> Mapping[str, Any]:
    """The header, checked."""
    from pmtiles.tile import Compression, MagicNumberNotFound, SpecVersionUnsupported, TileType, deserialize_header

    try:
        header = deserialize_header(head)
    except SpecVersionUnsupported as error:
        raise LayerError(f"{path.name} is PMTiles of version {head[7]}; version 3 is read, convert it.") from error
    except (MagicNumberNotFound, UnicodeDecodeError, IndexError, ValueError) as error:
        raise LayerError(f"{path.name} is not a PMTiles archive or is cut short; copy or download it again.") from error
    if header["tile_type"] not in (TileType.PNG, TileType.JPEG, TileType.WEBP):
        kind = header["tile_type"].name
        raise LayerError(f"{path.name} holds tiles of type {kind}; the search needs pictures (PNG, JPEG or WebP).")
    if header["internal_compression"] is not Compression.GZIP:
        raise LayerError(f"{path.name} packs its directories in another way than gzip; convert it.")
    if not 0 <= header["min_zoom"] <= header["max_zoom"] <= MAX_ZOOM:
        raise LayerError(f"{path.name} names zooms that make no sense; copy or download it again.")
    return dict(header)


def _record(path: Path, header: Mapping[str, Any], facts: Mapping[str, Any]) -> SourceRecord:
    edges = [header[f"{name}_e7"] / 1e7 for name in ("min_lat", "min_lon", "max_lat", "max_lon")]
    try:
        bounds = Bounds(*edges)
    except InputError:
        bounds = Bounds()
    title = one_line(str(facts.get("name") or "")) or path.stem[:100]
    return SourceRecord(
        name=f"pmtiles-{file_digest(path)}",
        title=title,
        attribution=one_line(str(facts.get("attribution") or "")) or f"{title} (the archive names no attribution)",
        terms="Your own file; you answer for its terms.",
        min_zoom=header["min_zoom"],
        max_zoom=header["max_zoom"],
        bounds=bounds,
        parallel=2,
    )
