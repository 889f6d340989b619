"""Photos beside tiles, as map encoders learn from them: read, encoded once, and split by place.

The split is the paper's 10 : 1 : 1 with one difference: photos of one zoom-12 tile stay on one side, so that validation
is not by heart.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.errors import HereaboutsError, InputError
from engine.evaluation.manifest import Manifest
from engine.evaluation.records import write_text
from engine.geometry import web_mercator
from engine.photos.photo import open_photo
from engine.progress import Part, Report
from engine.tile_search.tile_embeddings import Vectors
from engine.tile_search.tile_encoders import MapEncoders
from engine.typing import FloatArray, IntArray

SPLIT_ZOOM = 12
"""Photos of one tile of this zoom (about 8 km) stay on one side of the split."""
TEST_FILE = "test.csv"
"""A manifest of the photos that were held out, for ``hereabouts evaluate-search``."""
TRAINING, VALIDATION, TESTING = 0, 1, 2
"""Sides of the split."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Photos with their places and their embeddings, split.

    Attributes:
        embedding: ``(photos, D)`` of length 1, by the unmodified encoder.
        latitude, longitude: ``(photos,)`` degrees.
        side: ``(photos,)`` ``TRAINING``, ``VALIDATION`` or ``TESTING``.
        left_out: photos that could not be used, by reason.
        row: ``(photos,)`` of the manifest, where they came from one.
    """

    embedding: Vectors
    latitude: FloatArray
    longitude: FloatArray
    side: IntArray
    left_out: dict[str, int] = field(default_factory=dict)
    row: IntArray | None = None


def split_sides(latitude: FloatArray, longitude: FloatArray, seed: int) -> IntArray:
    """Side of each photo, 10 : 1 : 1 by place: 0 training, 1 validation, 2 testing."""
    codes = web_mercator.codes_at(latitude, longitude, SPLIT_ZOOM)
    places, member = np.unique(codes, return_inverse=True)
    words = (hashlib.sha256(f"{seed} {code}".encode()).digest() for code in places.tolist())
    share = np.array([int.from_bytes(word[:4], "big") % 12 for word in words])
    return np.asarray(np.select([share == 10, share == 11], [VALIDATION, TESTING], TRAINING)[member], np.int64)


def read_pairs(manifest: Manifest, encoders: MapEncoders, seed: int = 0, report: Report | None = None) -> Pairs:
    """Photos of a manifest, encoded by the photo encoder; what cannot be opened is counted.

    Raises:
        InputError: hardly a photo can be used.
    """
    kept, vectors = [], []
    left_out: dict[str, int] = {}
    part = Part(report, "Reading the photos", 0.0, 1.0)
    for number, path in enumerate(manifest.paths):
        part(number / len(manifest))
        try:
            if path is None:
                raise InputError("The manifest names no file for this photo.")
            vectors.append(encoders.photo(open_photo(path)))
            kept.append(number)
        except HereaboutsError as error:
            reason = type(error).__name__
            left_out[reason] = left_out.get(reason, 0) + 1
    if len(kept) < 12:
        raise InputError(f"Only {len(kept)} photos can be used; training needs at least 12, and hundreds to be of use.")
    latitude, longitude = manifest.latitude[kept], manifest.longitude[kept]
    sides = split_sides(latitude, longitude, seed)
    return Pairs(np.stack(vectors), latitude, longitude, sides, left_out, np.array(kept, np.int64))


def write_test_manifest(folder: Path, manifest: Manifest, pairs: Pairs) -> Path | None:
    """Write the photos that no training saw as a manifest into a folder; None where there are none."""
    if pairs.row is None or not (held_out := pairs.row[pairs.side == TESTING]).size:
        return None
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["id", "path", "lat", "lon"])
    for row in held_out.tolist():
        place = repr(float(manifest.latitude[row])), repr(float(manifest.longitude[row]))
        lines.writerow([manifest.ids[row], Path(manifest.paths[row] or "").resolve(), *place])
    write_text(folder / TEST_FILE, text.getvalue())
    return folder / TEST_FILE
