"""Stores the predictions of photos on disk, so that a new ensemble needs no new inference.

One folder per predictor and partition holds Arrow files of some hundred rows each: ``id`` and ``probability`` (a list
of float32). A file appears complete or not at all, so a killed run resumes where it stopped. ``photos/`` holds the
hash of every photo, or the reason why it could not be read.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError, ExportError, InputError
from engine.files import atomic_path
from engine.predictors.base import Prediction, Record

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
"""Raised whenever what is stored, or how, changes; older folders are refused."""
FORMAT_FILE = "outputs.json"
PHOTOS, FAILED = "photos", "failed"
OPEN_PARTS = 6
"""Arrow files that are mapped at the same time per process, so that memory stays small."""

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class OutputStore:
    """A folder of stored outputs.

    Attributes:
        folder: where it is; made when something is written.
    """

    folder: Path

    def check(self) -> None:
        """Refuse a folder that another version wrote.

        Raises:
            ArtifactError: it was, or it is not readable.
        """
        format_file = self.folder / FORMAT_FILE
        if not format_file.exists():
            return
        try:
            found = json.loads(format_file.read_text(encoding="utf-8")).get("format")
        except (OSError, ValueError, AttributeError) as error:
            raise ArtifactError(f"{format_file} cannot be read; delete the folder and evaluate again.") from error
        if found != FORMAT:
            raise ArtifactError(
                f"The stored outputs in {self.folder} have format {found}, this version writes format {FORMAT}; "
                "delete the folder or name another one with --outputs."
            )

    def write(self, predictions: Sequence[tuple[str, Prediction]]) -> None:
        """Store predictions ``(id, prediction)``; they may be of several predictors and partitions."""
        groups: dict[tuple[str, str, bytes], list[tuple[str, Prediction]]] = {}
        for photo, prediction in predictions:
            base = b"" if prediction.label_prior is None else prediction.label_prior.tobytes()
            groups.setdefault((prediction.predictor.name, prediction.partition, base), []).append((photo, prediction))
        for (name, partition, _), rows in groups.items():
            ids = [photo for photo, _ in rows]
            first = rows[0][1]
            values = np.stack([prediction.probability for _, prediction in rows]).astype(np.float32)
            self.write_rows(first.predictor, partition, ids, values, first.label_prior)
            del name

    def write_rows(
        self,
        record: Record,
        partition: str,
        ids: Sequence[str],
        probability: npt.NDArray[np.floating[Any]],
        label_prior: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Store the probabilities ``(photos, labels)`` of one predictor on one partition."""
        import pyarrow as pa

        values = np.ascontiguousarray(probability, np.float32)
        facts = {
            "format": FORMAT,
            "predictor": record.name,
            "version": record_version(record),
            "floor": record.floor,
            "weight": record.weight,
            "judges_ground": record.judges_ground,
            "partition": partition,
            "labels": values.shape[1],
            "label_prior": None if label_prior is None else [float(value) for value in label_prior],
        }
        lists = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])
        table = pa.table({"id": pa.array(list(ids), pa.string()), "probability": lists})
        self._write(Path(record.name) / partition, table.replace_schema_metadata({"hereabouts": json.dumps(facts)}))

    def write_failures(self, name: str, reasons: Sequence[tuple[str, str]]) -> None:
        """Store why a predictor could not answer: ``(id, sentence)`` each."""
        self._write_text(Path(name) / FAILED, reasons, "reason")

    def write_photos(self, hashes: Sequence[tuple[str, str]], unreadable: Sequence[tuple[str, str]]) -> None:
        """Store the SHA-256 of photos that were read and the sentences on those that could not be."""
        self._write_text(Path(PHOTOS), hashes, "sha256")
        self._write_text(Path(PHOTOS) / FAILED, unreadable, "reason")

    def _write_text(self, where: Path, rows: Sequence[tuple[str, str]], column: str) -> None:
        import pyarrow as pa

        if rows:
            ids, texts = zip(*rows, strict=True)
            self._write(where, pa.table({"id": pa.array(ids, pa.string()), column: pa.array(texts, pa.string())}))

    def _write(self, where: Path, table: "pa.Table") -> None:
        import pyarrow as pa

        folder = self.folder / where
        digest = hashlib.sha256("\n".join(table.column("id").to_pylist()).encode()).hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            format_file = self.folder / FORMAT_FILE
            if not format_file.exists():
                format_file.write_text(json.dumps({"format": FORMAT}), encoding="utf-8")
            with (
                atomic_path(folder / f"part-{digest}.arrow") as temporary,
                pa.OSFile(str(temporary), "wb") as sink,
                pa.ipc.new_file(sink, table.schema) as writer,
            ):
                writer.write_table(table)
        except OSError as error:
            reason = error.strerror or "unknown reason"
            raise ExportError(
                f"{folder} cannot be written ({reason}); choose another folder with --outputs."
            ) from error

    def predictors(self) -> tuple[str, ...]:
        """Names of the predictors that have stored something."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(f.name for f in self.folder.iterdir() if f.is_dir() and f.name != PHOTOS))

    def partitions(self, name: str) -> tuple[str, ...]:
        """Partitions on which a predictor has stored answers."""
        found = (f for f in (self.folder / name).iterdir() if f.is_dir()) if (self.folder / name).is_dir() else ()
        return tuple(sorted(folder.name for folder in found if folder.name != FAILED))

    def texts(self, where: str, column: str) -> dict[str, str]:
        """Stored ``{id: text}`` of a folder; empty where nothing is stored."""
        rows: dict[str, str] = {}
        for path in _part_files(self.folder / where):
            table = _read_table(path)
            rows.update(zip(table.column("id").to_pylist(), table.column(column).to_pylist(), strict=True))
        return rows

    def done(self, name: str) -> set[str]:
        """Ids that a predictor has answered on, or failed on."""
        answered = [StoredOutputs.open(self, name, partition).ids for partition in self.partitions(name)]
        return set(self.texts(f"{name}/{FAILED}", "reason")).union(*answered)


@dataclass(frozen=True, eq=False)
class StoredOutputs:
    """The stored probabilities of one predictor on one partition.

    Attributes:
        name, partition: whose, on what.
        floor, weight: of the predictor's record when it answered.
        labels: how many.
        version: digest of the record.
        parts: the files.
        place: file and row of each id.
        label_prior: one per file, ``(labels,)`` or None.
        judges_ground: as in the predictor's record when it answered.
    """

    name: str
    partition: str
    floor: float
    weight: float
    labels: int
    version: str
    parts: tuple[Path, ...]
    place: dict[str, tuple[int, int]]
    label_prior: tuple[npt.NDArray[np.float64] | None, ...]
    judges_ground: bool = False

    @classmethod
    def open(cls, store: OutputStore, name: str, partition: str) -> "StoredOutputs":
        """What is stored; only ids and facts are read here.

        Raises:
            ArtifactError: a file is damaged or of another version, or files disagree.
            InputError: nothing is stored.
        """
        paths = _part_files(store.folder / name / partition)
        if not paths:
            raise InputError(f"No outputs of {name!r} on {partition!r} are stored in {store.folder}; run it first.")
        place: dict[str, tuple[int, int]] = {}
        facts = [_facts(path) for path in paths]
        first = facts[0]
        if any(fact["labels"] != first["labels"] or fact["version"] != first["version"] for fact in facts):
            raise ArtifactError(
                f"The stored outputs of {name!r} come from two versions of it; "
                f"delete {store.folder / name} and evaluate again."
            )
        for number, path in enumerate(paths):
            for row, photo in enumerate(_ids(path)):
                place[photo] = (number, row)
        bases = tuple(None if fact["label_prior"] is None else np.array(fact["label_prior"]) for fact in facts)
        return cls(
            name,
            partition,
            float(first["floor"]),
            float(first["weight"]),
            int(first["labels"]),
            str(first["version"]),
            tuple(paths),
            place,
            bases,
            bool(first.get("judges_ground", False)),
        )

    @cached_property
    def ids(self) -> set[str]:
        """Ids that are stored."""
        return set(self.place)

    def read(self, ids: Sequence[str]) -> tuple[Rows, npt.NDArray[np.int64]]:
        """Probabilities ``(photos, labels)`` float32 and the file of each photo, -1 where it is not stored."""
        places = [self.place.get(photo, (-1, 0)) for photo in ids]
        part = np.array([p for p, _ in places], np.int64)
        row = np.array([r for _, r in places], np.int64)
        values = np.zeros((len(places), self.labels), np.float32)
        for number in np.unique(part[part >= 0]):
            here = np.flatnonzero(part == number)
            values[here] = _map_probabilities(self.parts[number])[row[here]]
        return values, part


def record_version(record: Record) -> str:
    """Digest of a predictor's record; a changed digest means another version of the predictor."""
    text = json.dumps([record.name, record.source, record.summary, record.floor])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_version(stored: StoredOutputs, record: Record, folder: Path) -> None:
    """Refuse outputs that another version of a predictor wrote.

    Raises:
        ArtifactError: they were.
    """
    if stored.version != record_version(record):
        raise ArtifactError(
            f"The stored outputs of {stored.name!r} in {folder} are of another version of that predictor; "
            f"delete {folder / stored.name} or name another folder with --outputs."
        )


def _part_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.arrow")) if folder.is_dir() else []


def _damage_error(path: Path) -> ArtifactError:
    return ArtifactError(f"The stored output {path} is damaged; delete that file and evaluate again.")


def _read_table(path: Path) -> "pa.Table":
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise _damage_error(path) from error


def _ids(path: Path) -> Iterable[str]:
    return _read_table(path).column("id").to_pylist()  # type: ignore[no-any-return]


def _facts(path: Path) -> dict[str, Any]:
    metadata = _read_table(path).schema.metadata or {}
    try:
        facts: dict[str, Any] = json.loads(metadata[b"hereabouts"])
    except (KeyError, ValueError) as error:
        raise _damage_error(path) from error
    if facts.get("format") != FORMAT:
        raise ArtifactError(
            f"The stored output {path} has format {facts.get('format')}, this version reads format {FORMAT}; "
            "delete the folder and evaluate again."
        )
    return facts


@lru_cache(maxsize=OPEN_PARTS)
def _map_probabilities(path: Path) -> Rows:
    """Probabilities of one file, mapped from disk."""
    column = _read_table(path).column("probability")
    if column.num_chunks != 1:
        raise _damage_error(path)
    flat = column.chunk(0).values.to_numpy(zero_copy_only=True)
    return flat.reshape(len(column), -1)  # type: ignore[no-any-return]
