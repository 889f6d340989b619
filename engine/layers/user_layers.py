"""The user's own layers: converted once, stored in the user's data folder, each with its record.

A layer is two files, ``<name>.tif`` with class numbers and ``<name>.toml`` with what is on record about it. The record
is written last and names the digest of the raster: what is half done is not there.
"""

import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import LayerError
from engine.layers.archive import unpack_raster
from engine.layers.attributes import PUBLISHED, Attribute, LogBuckets, read_attribute
from engine.layers.builtin import LayerClass
from engine.layers.convert import Converted, ReadOptions, convert, convert_open
from engine.layers.fetch import COLLECTION, Catalogue, fetched_tiles
from engine.layers.mosaic import mosaic_of
from engine.layers.orientation import check_orientation
from engine.paths import data_folder
from engine.progress import Part, Report

_READ_BYTES = 1 << 22


@dataclass(frozen=True)
class UserLayer:
    """A layer of the user.

    Attributes:
        name: of the layer and its partition.
        title: a few words.
        classes: the labels and how they are shown.
        path: the raster of class numbers; 255 is no data.
        rows, columns: its size.
        sha256, bytes: of the raster.
        source_file, source_sha256, source_bytes: the source file.
        source: what to cite.
        licence: of the product.
        thresholds: least value of each class but the first; empty where classes go by whole number.
        land_shares: percent per class of the area that has data and is not water.
        paper_shares: percent of the land per class in Bianco et al. 2024; empty where not printed.
        covered: percent of the Earth that has data.
        per_pixel: whether values were divided by the area of their pixel.
        added: when, ISO 8601 in UTC.
    """

    name: str
    title: str
    classes: tuple[LayerClass, ...]
    path: Path
    rows: int
    columns: int
    sha256: str
    bytes: int
    source_file: str
    source_sha256: str
    source_bytes: int
    source: str
    licence: str
    thresholds: tuple[float, ...]
    land_shares: tuple[float, ...]
    paper_shares: tuple[float, ...]
    covered: float
    per_pixel: bool
    added: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the partition."""
        return tuple(entry.label for entry in self.classes)


def layers_folder() -> Path:
    """Folder of the user's layers: below ``HEREABOUTS_DATA`` or the operating system's data folder."""
    return data_folder() / "layers"


def add_layer(
    source: Path,
    attribute: Attribute,
    options: ReadOptions | None = None,
    licence: str = "",
    report: Report | None = None,
    folder: Path | None = None,
) -> UserLayer:
    """Check a raster, convert it and use it in place of the built-in layer of that name.

    Args:
        source: GeoTIFF, NetCDF, or a zip archive with one of them.
        attribute: what it measures; ``attributes.POPULATION``, ``attributes.LAND_COVER`` or the user's own.
        options: how to read it.
        licence: of the product, where it is not the usual one.
        report: called with the progress.
        folder: where to keep it; ``layers_folder()`` unless given.

    Raises:
        LayerError: the raster does not fit its description; nothing is then changed.
    """
    options = options or ReadOptions()
    with _work_folder(folder or layers_folder()) as work:
        digest = digest_of(source, Part(report, "Reading the file", 0.0, 0.1))
        converted = work / f"{attribute.name}.tif"
        with unpack_raster(source, work) as raster:
            found = convert(raster, attribute, converted, options, _later(report, 0.1))
        origin = Origin(source.name, digest, source.stat().st_size)
        return _store_layer(attribute, converted, origin, found, options, licence)


def add_fetched(
    year: int,
    catalogue: Catalogue,
    report: Report | None = None,
    folder: Path | None = None,
    options: ReadOptions | None = None,
) -> UserLayer:
    """Fetch the land cover of a year from a STAC catalogue and use it in place of the built-in one.

    Raises:
        LayerError: the download fails, or the raster does not fit its description; fetched tiles are reused.
    """
    folder, attribute, options = folder or layers_folder(), PUBLISHED["land_cover"], options or ReadOptions()
    first = None if report is None else lambda what, share: report(what, 0.7 * share)
    with _work_folder(folder) as work, fetched_tiles(catalogue, year, folder, first) as (tiles, digest):
        converted, name = work / f"{attribute.name}.tif", f"{COLLECTION} {year}"
        found = convert_open(mosaic_of(tiles), name, attribute, converted, options, _later(report, 0.7))
        origin = Origin(name, digest, sum(tile.stat().st_size for tile in tiles))
        return _store_layer(attribute, converted, origin, found, options, "")


@dataclass(frozen=True)
class Origin:
    """What a layer was converted from."""

    file: str
    sha256: str
    bytes: int


@contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside the layers; disk errors become a clear LayerError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".adding-") as work:
            yield Path(work)
    except OSError as error:
        raise LayerError(
            f"The layer cannot be stored in {folder} ({error.strerror or error}); "
            "free some space there or set HEREABOUTS_DATA to a folder that can be written."
        ) from error


def _store_layer(
    attribute: Attribute, converted: Path, origin: Origin, found: Converted, options: ReadOptions, licence: str
) -> UserLayer:
    """Check the converted raster and move it into the layers folder, the parent of the work folder."""
    check_orientation(attribute.name, found.sample, origin.file)
    layer = _layer(attribute, converted, origin, found, options, licence)
    _place(converted, layer)
    return layer


def _later(report: Report | None, start: float) -> Report | None:
    """The report for the rest of the progress bar."""
    return None if report is None else lambda what, share: report(what, start + (1 - start) * share)


def digest_of(path: Path, progress: Part | None = None) -> str:
    """SHA-256 of a file in hexadecimal.

    Raises:
        LayerError: it cannot be read.
    """
    digest, done = hashlib.sha256(), 0
    try:
        size = max(path.stat().st_size, 1)
        with path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                digest.update(piece)
                done += len(piece)
                if progress is not None:
                    progress(done / size)
    except OSError as error:
        raise LayerError(
            f"The raster {path.name} is missing or cannot be read ({error.strerror}); check its name and permissions."
        ) from error
    return digest.hexdigest()


def _layer(
    attribute: Attribute, converted: Path, origin: Origin, found: Converted, options: ReadOptions, licence: str
) -> UserLayer:
    return UserLayer(
        name=attribute.name,
        title=attribute.title,
        classes=attribute.classes,
        path=converted.parent.parent / converted.name,
        rows=found.rows,
        columns=found.columns,
        sha256=digest_of(converted),
        bytes=converted.stat().st_size,
        source_file=origin.file,
        source_sha256=origin.sha256,
        source_bytes=origin.bytes,
        source=attribute.source,
        licence=licence or attribute.licence,
        thresholds=found.edges,
        land_shares=tuple(round(share, 5) for share in found.land_shares),
        paper_shares=attribute.paper_shares,
        covered=round(found.covered, 4),
        per_pixel=options.per_pixel and isinstance(attribute.rule, LogBuckets),
        added=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _place(converted: Path, layer: UserLayer) -> None:
    """Move the raster, then write the record; in between an older layer is absent, never incomplete."""
    record = layer.path.with_suffix(".toml")
    written = converted.with_suffix(".toml")
    written.write_text(_as_toml(layer), encoding="utf-8")
    record.unlink(missing_ok=True)
    shutil.move(converted, layer.path)
    shutil.move(written, record)


def _as_toml(layer: UserLayer) -> str:
    """The record as TOML; JSON's texts, numbers and lists are TOML's."""
    fields = {key: value for key, value in asdict(layer).items() if key not in ("path", "classes")}
    lines = ["# What is on record about the raster beside this file. Written by `hereabouts layers add`."]
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    for entry in layer.classes:
        lines += ["", "[[class]]", *(f"{key} = {json.dumps(value)}" for key, value in asdict(entry).items())]
    return "\n".join(lines) + "\n"


def user_layers(folder: Path | None = None) -> tuple[UserLayer, ...]:
    """The layers that are there, by name.

    Raises:
        LayerError: a record cannot be read.
    """
    return tuple(_read_record(path) for path in sorted((folder or layers_folder()).glob("*.toml")))


def _read_record(path: Path) -> UserLayer:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        classes = tuple(LayerClass(**entry) for entry in table.pop("class"))
        fields: Mapping[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
        layer = UserLayer(**fields, classes=classes, path=path.with_suffix(".tif"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise LayerError(
            f"The record {path.name} of a layer cannot be read ({type(error).__name__}); "
            f"add the layer again or remove it with: hereabouts layers remove {path.stem}."
        ) from error
    if layer.name != path.stem:
        raise LayerError(f"The record {path.name} is that of {layer.name!r}; give it its name back or add it again.")
    return layer


def verify(layer: UserLayer) -> None:
    """Check a layer's raster against its record.

    Raises:
        LayerError: it is missing or another.
    """
    remedy = f"add it again or remove it with: hereabouts layers remove {layer.name}"
    if not layer.path.is_file():
        raise LayerError(f"The layer {layer.path.name} is on record but its raster is missing; {remedy}.")
    if (digest := digest_of(layer.path)) != layer.sha256:
        raise LayerError(
            f"The layer {layer.path.name} has SHA-256 {digest[:12]}..., "
            f"its record says {layer.sha256[:12]}...; {remedy}."
        )


def remove_layer(name: str, folder: Path | None = None) -> None:
    """Remove a layer of the user; the built-in one of that name is then in use again.

    Raises:
        LayerError: there is no such layer.
    """
    record = (folder or layers_folder()) / f"{name}.toml"
    known = [path.stem for path in record.parent.glob("*.toml")]
    if name not in known:
        raise LayerError(f"There is no layer {name!r} of yours; there is {', '.join(known) or 'none'}.")
    record.unlink()
    record.with_suffix(".tif").unlink(missing_ok=True)


def attribute_named(name: str, record: Path | None = None) -> Attribute:
    """The attribute of Bianco et al. 2024 by its name, or the one of a record file.

    Raises:
        LayerError: the name is unknown and no record is given, or the record is of another name or not readable.
    """
    wanted = name.replace("-", "_")
    if record is None:
        if wanted not in PUBLISHED:
            raise LayerError(
                f"The layer {name!r} is none of {', '.join(PUBLISHED)}; describe it with --attribute RECORD.toml, "
                "see docs/layers.md."
            )
        return PUBLISHED[wanted]
    attribute = read_attribute(record)
    if attribute.name != wanted:
        raise LayerError(f"The attribute {record.name} is of {attribute.name!r}, not of {name!r}; use the same name.")
    return attribute
