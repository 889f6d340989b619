"""What can be searched and with what: imagery as the Tile search page describes it, and the encoders. Draws nothing."""

import io
import threading
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from dashboard.models import worker as models_work
from dashboard.models.worker import Model
from engine.geometry.web_mercator import Tile
from engine.tile_search.destinations import check_template
from engine.tile_search.imagery import Pixels, SourceRecord
from engine.tile_search.sources.builtin_imagery import BuiltinImagery
from engine.tile_search.sources.opening import BUILTIN, catalogue, is_own_template, open_source, records
from engine.tile_search.sources.xyz import own_record
from engine.tile_search.tile_encoders import ARTIFACT, RECORD_FILE, MapEncoders, load_encoders

PICTURE_PIXELS = 256
BASE_ZOOM = 3
"""The base picture is made of all tiles of this zoom: 2,048 pixels."""


def named_sources() -> dict[str, SourceRecord]:
    """What can be asked for by name, the built-in imagery first."""
    built_in, *others = records()
    return {BUILTIN: built_in, **{record.name: record for record in others}}


def described(source: str, max_zoom: int = 16) -> SourceRecord:
    """What a source says of itself; a file is opened for it, a server is not asked.

    Raises:
        InputError: it is no source.
        LayerError: the file is missing or damaged.
    """
    named = named_sources()
    if source in named:
        return named[source]
    if is_own_template(source):
        return own_record(check_template(source), max_zoom)
    try:
        found = Path(source).stat()
        stamp = found.st_mtime_ns, found.st_size
    except (OSError, ValueError):
        stamp = 0, 0
    return _opened_record(source, stamp)


@lru_cache(maxsize=16)
def _opened_record(source: str, stamp: object) -> SourceRecord:
    """Read once as long as the file stays the same."""
    del stamp
    opened = open_source(source)
    try:
        return opened.record
    finally:
        opened.close()


def is_server(source: str) -> bool:
    """Whether a search would ask another machine for tiles."""
    return source in catalogue() or is_own_template(source)


def encoder_model() -> Model:
    """The photo encoder as a model that can be fetched."""
    return next(model for model in models_work.encoders(models_work.store()) if model.name == ARTIFACT)


def encoder_ready() -> bool:
    """Whether the photo encoder is on this machine."""
    return encoder_model().status.present


def encoders(folder: Path | None) -> MapEncoders:
    """The encoders, loaded once for all searches of this server.

    Raises:
        ArtifactError: weights are missing or damaged.
    """
    key = folder, _stamp(folder)
    with _LOADING:
        if key not in _ENCODERS:
            _ENCODERS.clear()  # 0.4 GB each
            _ENCODERS[key] = load_encoders(folder=folder)
        return _ENCODERS[key]


def _stamp(folder: Path | None) -> int:
    try:
        return 0 if folder is None else (folder / RECORD_FILE).stat().st_mtime_ns
    except OSError:
        return 0


_ENCODERS: dict[object, MapEncoders] = {}
_LOADING = threading.Lock()


def jpeg(pixels: Pixels, largest: int = PICTURE_PIXELS) -> bytes:
    """Pixels as a small file for the browser."""
    image, sink = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((largest, largest))
    image.save(sink, "JPEG", quality=75)
    return sink.getvalue()


@cache
def base_picture() -> bytes:
    """The whole Mercator square as one JPEG, from the imagery that ships with the product; made once."""
    source, side = BuiltinImagery(), range(1 << BASE_ZOOM)
    rows = [np.concatenate([_built_in(source, x, y) for x in side], axis=1) for y in side]
    return jpeg(np.concatenate(rows), 256 << BASE_ZOOM)


def _built_in(source: BuiltinImagery, x: int, y: int) -> Pixels:
    pixels = source.read(Tile(BASE_ZOOM, x, y))
    return np.zeros((256, 256, 3), np.uint8) if pixels is None else pixels
