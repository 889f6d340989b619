"""Arrays computed once and kept: written whole or not at all, read without pickle, computed again if damaged."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.files import atomic_path

Float32 = npt.NDArray[np.float32]


def cached_array(path: Path | None, shape: tuple[int, ...], build: Callable[[], Float32]) -> Float32:
    """The array of a file, or computed and written there.

    Args:
        path: ``.npy`` whose name holds a digest of everything that the array depends on; None keeps nothing.
        shape: what it must have; a file with another one is computed again.
        build: computes it.

    Returns:
        float32, read-only. A folder that cannot be written is no error: the array is computed in every process.
    """
    found = _read(path, shape) if path is not None else None
    if found is None:
        found = build()
        if path is not None:
            with suppress(OSError):
                _write(path, found)
    found.setflags(write=False)
    return found


def _read(path: Path, shape: tuple[int, ...]) -> Float32 | None:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if found.dtype != np.float32 or found.shape != shape or not np.isfinite(found).all():
        return None
    return np.asarray(found)


def _write(path: Path, values: Float32) -> None:
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, values, allow_pickle=False)
