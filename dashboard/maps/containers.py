"""Binary containers for the browser's map: a header that names sections, and sections of deflated byte planes.

Read by `dashboard/maps/web/container.js`, which fetches the head at once and what lies behind it by ranges of bytes.
Integers are stored as planes (all lowest bytes first, then all second ones), which deflate better. Knows no Earth.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

MAGIC = b"HBM1"
FAST, SMALL = 1, 6
"""Levels of deflate: what is made for every photo, and what is made once."""

PlaneType = Literal["u8", "u24", "u32", "f64"]
_WIDTH: dict[str, tuple[npt.DTypeLike, int]] = {
    "u8": ("<u1", 1),
    "u24": ("<u4", 3),
    "u32": ("<u4", 4),
    "f64": ("<f8", 8),
}


@dataclass(frozen=True, eq=False)
class Container:
    """Bytes as they are served.

    Attributes:
        data: all of them.
        head: how many bytes at the start the browser wants at once.
    """

    data: bytes
    head: int


def planes(values: npt.NDArray[Any], kind: PlaneType) -> bytes:
    """The byte planes of numbers, lowest bytes first."""
    dtype, width = _WIDTH[kind]
    raw = np.ascontiguousarray(values, dtype=dtype).reshape(-1)
    return np.ascontiguousarray(raw.view(np.uint8).reshape(raw.size, raw.itemsize)[:, :width].T).tobytes()


def pack(
    meta: Mapping[str, Any],
    arrays: Mapping[str, tuple[npt.NDArray[Any], PlaneType]],
    blobs: Mapping[str, Sequence[bytes]] | None = None,
    level: int = SMALL,
) -> Container:
    """A container of arrays, then of blobs that are fetched part by part.

    Args:
        meta: plain values for the header; a digest of everything is added.
        arrays: values and how they are stored, by the name of their section.
        blobs: already compressed pieces of a section, by its name.
        level: of deflate.
    """
    sections: dict[str, dict[str, Any]] = {}
    pieces: list[bytes] = []
    offset = 0
    for name, (values, kind) in arrays.items():
        data = zlib.compress(planes(values, kind), level)
        sections[name] = {"offset": offset, "length": len(data), "type": kind, "count": int(values.size)}
        pieces.append(data)
        offset += len(data)
    eager = offset
    for name, parts in (blobs or {}).items():
        length = sum(map(len, parts))
        sections[name] = {"offset": offset, "length": length, "type": "u8", "count": length}
        pieces += parts
        offset += length
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    # The digest stands in the header because Streamlit tells large files apart by their first bytes.
    header = json.dumps({"meta": {**meta, "digest": digest.hexdigest()}, "sections": sections}).encode()
    start = MAGIC + struct.pack("<I", len(header)) + header
    return Container(start + b"".join(pieces), len(start) + eager)
