"""`hereabouts embed`: the embeddings of a manifest's photos in one Parquet table, through ``engine.networks.encoders``.

Written in parts, so that a run that was killed goes on where it was; the table says in its metadata which encoder made
it, so that a head trained on it can read photos. No place is needed and none is used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.artifacts.catalog import ArtifactRecord
from engine.errors import ExportError, InputError, PhotoError
from engine.files import atomic_path
from engine.networks.encoders import ImageEncoder, image_encoder
from engine.photos.photo import Photo, open_photo
from engine.progress import Report
from engine.training.features import METADATA
from engine.training.manifest import Rows, read_rows
from engine.training.scan import NOT_A_PHOTO

if TYPE_CHECKING:
    import pyarrow as pa

    from engine.artifacts.store import Store

BATCH, PART = 16, 1024
"""Photos in memory at once, and photos per part."""


@dataclass(frozen=True, eq=False)
class EmbedOptions:
    """What to embed.

    Attributes:
        manifest: CSV file or folder of photos.
        out: the ``.parquet`` file.
        record: the encoder.
        store: where its weights are.
        random_weights: seed of random weights, for trials; None for the published ones.
        device: torch's name, or None for the best here.
    """

    manifest: Path
    out: Path
    record: ArtifactRecord
    store: Store | None = None
    random_weights: int | None = None
    device: str | None = None


def embed_photos(options: EmbedOptions, report: Report | None = None) -> dict[str, Any]:
    """Store the embeddings of every photo that can be opened.

    Returns:
        ``photos, dimension, encoder, excluded, examples``.

    Raises:
        InputError: the manifest makes no sense, no photo can be opened, or the parts are of another encoder.
        ArtifactError: the weights are missing.
        ExportError: the table cannot be written.
    """
    if options.out.suffix.lower() != ".parquet":
        raise InputError(f"{options.out.name} does not end in .parquet; embeddings are stored as Parquet.")
    rows = _read_manifest(options.manifest)
    encoder = image_encoder(options.record, options.store, device=options.device, random_weights=options.random_weights)
    facts = {"encoder": options.record.name, "random_weights": options.random_weights, "dimension": encoder.dimension}
    folder = options.out.with_name(f".{options.out.name}.parts")
    broken: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for at in range(0, len(rows), PART):
            file = folder / f"{at // PART:06d}.parquet"
            if _facts_of(file) != {**facts, "ids": list(rows.ids[at : at + PART])}:
                _write_part(file, rows, range(at, min(at + PART, len(rows))), encoder, facts, report)
            files.append(file)
        count = _concatenate_parts(files, options.out, facts)
        broken = [text for file in files for text in json.loads(_metadata(file)[b"broken"])]
        _clear(folder)
    except OSError as error:
        raise ExportError(f"{options.out} could not be written ({error.strerror}); choose another folder.") from error
    excluded = {**rows.excluded, **({NOT_A_PHOTO: len(broken)} if broken else {})}
    return {**facts, "photos": count, "excluded": excluded, "examples": broken[:5], "out": str(options.out)}


def _read_manifest(manifest: Path) -> Rows:
    """The rows of a manifest; ids are text of their own."""
    return read_rows(manifest)


def _write_part(
    file: Path, rows: Rows, positions: range, encoder: ImageEncoder, facts: dict[str, Any], report: Report | None
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    ids: list[str] = []
    found: list[np.ndarray] = []
    broken: list[str] = []
    for at in range(positions.start, positions.stop, BATCH):
        batch = range(at, min(at + BATCH, positions.stop))
        photos = _open_photos([(rows.ids[n], rows.paths[n]) for n in batch], broken)
        ids += [key for key, _ in photos]
        found.append(encoder.encode_photos([photo for _, photo in photos]))
        if report is not None:
            report("Embedding the photos", batch.stop / len(rows))
    values = np.concatenate(found) if found else np.zeros((0, encoder.dimension), np.float32)
    columns: dict[str, Any] = {"id": pa.array(ids, pa.string())}
    columns |= {f"f{n:04d}": pa.array(np.ascontiguousarray(values[:, n])) for n in range(encoder.dimension)}
    told = {**facts, "ids": [rows.ids[n] for n in positions]}
    table = pa.table(columns).replace_schema_metadata({METADATA: json.dumps(told), b"broken": json.dumps(broken)})
    with atomic_path(file) as temporary:
        parquet.write_table(table, temporary)


def _open_photos(files: Sequence[tuple[str, Path | None]], broken: list[str]) -> list[tuple[str, Photo]]:
    """The photos that can be opened; a sentence for each that cannot."""
    found = []
    for key, path in files:
        if path is None:
            continue
        try:
            found.append((key, open_photo(path)))
        except PhotoError as error:
            broken.append(str(error))
    return found


def _concatenate_parts(files: Sequence[Path], out: Path, facts: dict[str, Any]) -> int:
    """All parts as one table, a row group each; how many photos it has."""
    from pyarrow import parquet

    first = parquet.read_schema(files[0])
    schema = first.with_metadata({METADATA: json.dumps(facts)})
    count = 0
    with atomic_path(out) as temporary:
        with parquet.ParquetWriter(temporary, schema) as writer:
            for file in files:
                table: pa.Table = parquet.read_table(file)
                count += table.num_rows
                writer.write_table(table.replace_schema_metadata(schema.metadata))
        if count == 0:
            raise InputError("No photo of the manifest can be opened, so nothing is embedded; give JPEG or PNG photos.")
    return count


def _metadata(file: Path) -> dict[bytes, bytes]:
    from pyarrow import parquet

    return dict(parquet.read_schema(file).metadata or {})


def _facts_of(file: Path) -> dict[str, Any] | None:
    """What a finished part says of itself; None where there is none."""
    if not file.is_file():
        return None
    import pyarrow as pa

    try:
        return dict(json.loads(_metadata(file)[METADATA]))
    except (pa.ArrowInvalid, KeyError, ValueError):
        return None


def _clear(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
