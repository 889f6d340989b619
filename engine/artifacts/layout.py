"""Where files lie: the store's own folder, a folder filled by hand, an installed package. Paths and names only."""

import importlib.util
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from engine.artifacts.catalog import ArtifactRecord, FileRecord, Kind
from engine.artifacts.decide import Offer
from engine.files import TEMPORARY_PREFIX

PARTIALS = ".partial"
LOCKS = ".locks"
KEEP_PARTIAL_S = 7 * 24 * 3600.0
"""A partial file that nobody went on with for this long is an orphan."""


def find(record: ArtifactRecord, file: FileRecord, folders: Sequence[Path]) -> Path | None:
    """The first place where a file lies, or None. Reads names only."""
    if record.kind is Kind.PACKAGE:
        folders = [folder] if (folder := package_folder(record.package)) is not None else []
    return next((path for path in _places(record, file, folders) if path.is_file()), None)


def package_folder(package: str) -> Path | None:
    """The folder of an installed package; the package is not imported."""
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    return Path(next(iter(places))) if places else None


def _places(record: ArtifactRecord, file: FileRecord, folders: Sequence[Path]) -> Iterator[Path]:
    """Every place where a file may lie, the preferred one first."""
    for folder in folders:
        for path in file.paths:
            if record.kind is Kind.PACKAGE:
                yield folder / path
                continue
            yield folder / record.name / path
            if record.hub_id:
                yield folder / record.hub_id / path
                yield from sorted(folder.glob(f"models--{record.hub_id.replace('/', '--')}/snapshots/*/{path}"))


def published_name(file: FileRecord, path: Path) -> str:
    """Under which of its published names a file lies at ``path``."""
    return next((name for name in file.paths if path.as_posix().endswith("/" + name)), file.path)


def partial_folder(root: Path, record: ArtifactRecord) -> Path:
    """Where the partial files of a record gather."""
    return root / PARTIALS / record.name


def partial_path(root: Path, record: ArtifactRecord, file: FileRecord, offer: Offer) -> Path:
    """Where one content of a file gathers; another content of the same file gathers elsewhere."""
    content = file.sha256 or (offer.digest.value if offer.digest is not None else "unknown")
    return partial_folder(root, record) / f"{_flat(file)}.{content[:16]}.part"


def partials_of(root: Path, record: ArtifactRecord, file: FileRecord) -> list[Path]:
    """The partial files of one file, of whatever content."""
    return sorted(partial_folder(root, record).glob(f"{_flat(file)}.*.part"))


def _flat(file: FileRecord) -> str:
    return file.path.replace("/", "__")


def lock_path(root: Path, name: str) -> Path:
    """The lock file of a record."""
    return root / LOCKS / f"{name}.lock"


def names_with_leftovers(root: Path) -> list[str]:
    """Names of records that have partial or temporary files."""
    partials = {path.name for path in (root / PARTIALS).glob("*") if path.is_dir()}
    temporary = {path.relative_to(root).parts[0] for path in root.glob(f"[!.]*/**/{TEMPORARY_PREFIX}*")}
    return sorted(partials | temporary)


def sweep_leftovers(root: Path, name: str, keep_partials: bool) -> int:
    """Remove a record's temporary files and those partial files that nobody will go on with; gives how many.

    Raises:
        OSError: a file cannot be removed.
    """
    partials = list((root / PARTIALS / name).glob("*"))
    orphans = [path for path in partials if not keep_partials or _is_old(path)]
    orphans += list((root / name).glob(f"**/{TEMPORARY_PREFIX}*"))
    for path in orphans:
        path.unlink(missing_ok=True)
    with suppress(OSError):  # not there, or not empty: both are fine
        (root / PARTIALS / name).rmdir()
    return len(orphans)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > KEEP_PARTIAL_S
