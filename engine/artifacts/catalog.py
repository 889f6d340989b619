"""The records of every published file that the product can use: frozen, validated once, read from ``catalog.toml``.

A record of weights includes the preprocessing that they need.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from engine.errors import ArtifactError

_NAME = re.compile(r"[a-z0-9_]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
CAP_FACTOR = 3
"""A file may be this many times larger than ``bytes_about`` before the store refuses it."""
CAP_BYTES = 8_000_000_000
"""No file of unknown size may be larger than this."""


class Kind(StrEnum):
    """Where the files of a record come from."""

    HUB = "hub"
    URL = "url"
    PACKAGE = "package"
    USER = "user"


@dataclass(frozen=True)
class FileRecord:
    """One file of a record.

    Attributes:
        path: its path inside its repository, package or folder; relative, with forward slashes.
        bytes: exact size, or None if unknown.
        bytes_about: approximate size for messages and for the cap, or None.
        sha256: hex digest, or None where only the hub states one.
        or_else: other names under which the same content is published, tried in this order.
    """

    path: str
    bytes: int | None = None
    bytes_about: int | None = None
    sha256: str | None = None
    or_else: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every name under which this file may be found, the preferred one first."""
        return (self.path, *self.or_else)

    @property
    def cap_bytes(self) -> int:
        """The largest size that this file is allowed to have."""
        if self.bytes is not None:
            return self.bytes
        return CAP_BYTES if self.bytes_about is None else CAP_FACTOR * self.bytes_about + 100_000

    @property
    def size_text(self) -> str:
        """The size as text, for instance ``about 1.71 GB``."""
        if self.bytes is not None:
            return bytes_text(self.bytes)
        return "of unknown size" if self.bytes_about is None else f"about {bytes_text(self.bytes_about)}"


@dataclass(frozen=True)
class Preprocessing:
    """Preprocessing of an encoder's input.

    Attributes:
        size: side of the square input in pixels.
        mean: per channel (red, green, blue), of values in [0, 1].
        std: likewise.
        interpolation: ``bicubic`` or ``bilinear``.
        crop: ``centre`` (short side to ``resize``, then the centre), ``square_first`` (the centre square, then
            ``size``), ``squeeze`` (all of the photo, made square) or ``five`` (short side to ``resize``, then four
            corners and the centre).
        resize: length of the short side before cropping; None: ``size``.
    """

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = "bicubic"
    crop: str = "centre"
    resize: int | None = None


@dataclass(frozen=True)
class EncoderRecord:
    """Which network the weights belong to.

    Attributes:
        library: ``open_clip``, ``timm`` or ``efficientnet_lite``.
        architecture: the name that the library gives it.
        weights_format: ``open_clip``, ``timm``, ``efficientnet_lite`` or ``transformers`` (CLIP keys of
            that library, renamed on loading).
        dimension: length of an embedding.
    """

    library: str
    architecture: str
    weights_format: str
    dimension: int


@dataclass(frozen=True)
class ArtifactRecord:
    """One published model or data set.

    Attributes:
        name: short and unique, lower case with underscores; also its folder in the store.
        title: display name.
        kind: where its files come from.
        files: its files, at least one.
        licence: SPDX identifier or a short phrase.
        citation: the publication.
        homepage: address of its documentation.
        roles: what the product uses it for.
        needs: names of other records that it cannot be used without.
        non_commercial: whether the licence forbids commercial use, so that the user has to agree first.
        hub_id: ``owner/name`` on the hub, for kind ``hub``.
        revision: branch, tag or commit there.
        url: folder that the file paths are relative to, for kind ``url``.
        package: import name of the package that carries the files, for kind ``package``.
        hosts: further hosts that a download may be redirected to.
        preprocessing: of its encoder's input, or None.
        encoder: which network its weights belong to, or None.
    """

    name: str
    title: str
    kind: Kind
    files: tuple[FileRecord, ...]
    licence: str
    citation: str
    homepage: str
    roles: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    non_commercial: bool = False
    hub_id: str = ""
    revision: str = "main"
    url: str = ""
    package: str = ""
    hosts: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
    encoder: EncoderRecord | None = None

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise ArtifactError(f"Catalogue record {self.name!r} {problem}; correct engine/artifacts/catalog.toml.")

    def file(self, path: str | None = None) -> FileRecord:
        """The file of that path; without a path the record's only file.

        Raises:
            ArtifactError: the record has no such file, or several to choose from.
        """
        matches = [file for file in self.files if path is None or path in file.paths]
        if len(matches) == 1:
            return matches[0]
        known = ", ".join(file.path for file in self.files)
        raise ArtifactError(f"{self.title} has no single file {path or ''!r}; ask for one of: {known}.")

    @property
    def bytes_about(self) -> int:
        """Approximate size of all its files; files of unknown size count as 0."""
        return sum(file.bytes or file.bytes_about or 0 for file in self.files)


@dataclass(frozen=True)
class Catalog:
    """All records, by name. Iterates in the order of the table."""

    records: Mapping[str, ArtifactRecord]

    def __iter__(self) -> Iterator[ArtifactRecord]:
        return iter(self.records.values())

    def record(self, name: str) -> ArtifactRecord:
        """The record of that name.

        Raises:
            ArtifactError: there is none.
        """
        if name in self.records:
            return self.records[name]
        raise ArtifactError(f"There is no model {name!r} in the catalogue; choose one of: {', '.join(self.records)}.")

    def bundle(self, name: str) -> tuple[ArtifactRecord, ...]:
        """The record and everything it needs, needed ones first, each once."""
        record = self.record(name)
        needed = [each for other in record.needs for each in self.bundle(other)]
        return tuple({each.name: each for each in (*needed, record)}.values())


def bytes_text(count: int) -> str:
    """A number of bytes as text, in decimal units: 759 B, 3.94 MB, 1.71 GB."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} B"


@cache
def default_catalog() -> Catalog:
    """The catalogue that ships with the product, read once."""
    return parse_catalog((Path(__file__).parent / "catalog.toml").read_text(encoding="utf-8"))


def parse_catalog(text: str) -> Catalog:
    """A catalogue from TOML text with ``[[artifact]]`` tables.

    Raises:
        ArtifactError: not TOML, a field is unknown or missing, a record is inconsistent, or names repeat.
    """
    try:
        tables = tomllib.loads(text).get("artifact", [])
        records = [_record(table) for table in tables]
    except (tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise ArtifactError(f"The catalogue cannot be read ({error}); restore catalog.toml.") from error
    by_name = {record.name: record for record in records}
    if len(by_name) != len(records):
        raise ArtifactError("The catalogue names a record twice; give each a name of its own.")
    for record in records:
        if missing := set(record.needs) - set(by_name):
            raise ArtifactError(f"Catalogue record {record.name!r} needs unknown {sorted(missing)}; add them.")
    return Catalog(by_name)


def _record(table: dict[str, Any]) -> ArtifactRecord:
    """One record from its table; lists become tuples, sub-tables records."""
    values: dict[str, Any] = {**table, "kind": Kind(table["kind"])}
    values["files"] = tuple(FileRecord(**_frozen(FileRecord, file)) for file in table["files"])
    if "preprocessing" in table:
        values["preprocessing"] = Preprocessing(**_frozen(Preprocessing, table["preprocessing"]))
    if "encoder" in table:
        values["encoder"] = EncoderRecord(**_frozen(EncoderRecord, table["encoder"]))
    return ArtifactRecord(**_frozen(ArtifactRecord, values))


def _frozen(of: type, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with lists as tuples; an unknown key is a TypeError that names it."""
    if unknown := set(table) - {field.name for field in fields(of)}:
        raise TypeError(f"unknown field {sorted(unknown)[0]!r} in a {of.__name__}")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _problems(record: ArtifactRecord) -> Iterator[str]:
    """Problems of a record, worded to follow its name."""
    if not _NAME.fullmatch(record.name):
        yield "has a name that is not lower case letters, digits and underscores"
    if not record.files:
        yield "has no files"
    required = {Kind.HUB: record.hub_id, Kind.URL: record.url, Kind.PACKAGE: record.package, Kind.USER: "none"}
    if not required[record.kind]:
        yield f"is of kind {record.kind.value} but does not say from where"
    for file in record.files:
        yield from _file_problems(record, file)


def _file_problems(record: ArtifactRecord, file: FileRecord) -> Iterator[str]:
    """Problems of one of its files."""
    if any(PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or not path for path in file.paths):
        yield f"has a file path {file.path!r} that leaves its folder"
    if file.sha256 is not None and not _SHA256.fullmatch(file.sha256):
        yield f"has a sha256 for {file.path!r} that is not 64 hex digits"
    if file.sha256 is None and record.kind in (Kind.URL, Kind.PACKAGE):
        yield f"gives no sha256 for {file.path!r}, and no hub states one"
    if file.sha256 is not None and file.or_else:
        yield f"gives one sha256 for several names of {file.path!r}"
