"""Runs predictors on the photos of a manifest once and stores their predictions."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import ArtifactError, InputError, PhotoError
from engine.evaluation.evidence import Evidence, stored_evidence
from engine.evaluation.manifest import MISSING_PHOTO, Manifest
from engine.evaluation.outputs import FAILED, PHOTOS, OutputStore, StoredOutputs, check_version
from engine.inference.outcomes import Outcome
from engine.inference.world import World
from engine.locate.locator import Locator
from engine.photos.photo import Photo, open_photo
from engine.predictors.base import Prediction, Predictor
from engine.progress import Report

CHUNK = 32
"""Photos per file of stored outputs; a killed run loses at most one file."""
UNREADABLE_PHOTO = "photo cannot be opened"


@dataclass
class _ChunkOutputs:
    """The outputs of one chunk of photos."""

    predictions: list[tuple[str, Prediction]] = field(default_factory=list)
    failures: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    hashes: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def add(self, photo: str, outcome: Outcome) -> None:
        if outcome.reason:
            self.failures.setdefault(outcome.record.name, []).append((photo, outcome.reason))
        self.predictions.extend((photo, prediction) for prediction in outcome.predictions)


def collect_outputs(
    manifest: Manifest,
    predictors: Sequence[Predictor],
    store: OutputStore,
    world: World,
    report: Report | None = None,
    threads: int = 2,
) -> None:
    """Run predictors on photos without stored outputs; resumes where a killed run stopped.

    Raises:
        ArtifactError: the store is of another version.
        ExportError: the store cannot be written.
    """
    store.check()
    _check_versions(store, predictors)
    unreadable = store.texts(f"{PHOTOS}/{FAILED}", "reason")
    seen = {predictor.record.name: store.done(predictor.record.name) for predictor in predictors}
    todo = [
        n
        for n, photo in enumerate(manifest.ids)
        if photo not in unreadable and any(photo not in done for done in seen.values())
    ]
    with ThreadPoolExecutor(max(threads, 1)) as workers:
        for done, chunk in enumerate(_chunks(todo), start=1):
            answers = _ChunkOutputs()
            work = ((manifest, n, [p for p in predictors if manifest.ids[n] not in seen[p.record.name]]) for n in chunk)
            for photo, opened, outcomes in workers.map(lambda job: _predict(world, *job), work):
                _add_outputs(answers, photo, opened, outcomes)
            _store(store, answers)
            if report is not None:
                report("Running the predictors", min(done * CHUNK / max(len(todo), 1), 1.0))


def _chunks(todo: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(todo), CHUNK):
        yield todo[start : start + CHUNK]


def _check_versions(store: OutputStore, predictors: Sequence[Predictor]) -> None:
    for predictor in predictors:
        for partition in store.partitions(predictor.record.name):
            check_version(StoredOutputs.open(store, predictor.record.name, partition), predictor.record, store.folder)


def _predict(
    world: World, manifest: Manifest, number: int, predictors: Sequence[Predictor]
) -> tuple[str, Photo | str, tuple[Outcome, ...]]:
    path = manifest.paths[number] if manifest.paths else None
    if path is None:
        return manifest.ids[number], "No photo file is named in the manifest.", ()
    try:
        photo = open_photo(path)
    except PhotoError as error:
        return manifest.ids[number], str(error), ()
    return manifest.ids[number], photo, Locator(world, predictors).read(photo)


def _add_outputs(answers: _ChunkOutputs, photo: str, opened: Photo | str, outcomes: Sequence[Outcome]) -> None:
    if isinstance(opened, str):
        answers.unreadable.append((photo, opened))
        return
    answers.hashes.append((photo, opened.sha256))
    for outcome in outcomes:
        answers.add(photo, outcome)


def _store(store: OutputStore, answers: _ChunkOutputs) -> None:
    store.write_photos(answers.hashes, answers.unreadable)
    store.write(answers.predictions)
    for name, reasons in answers.failures.items():
        store.write_failures(name, reasons)


def stored_pieces(
    store: OutputStore, manifest: Manifest, world: World, names: Sequence[str] | None = None
) -> tuple[Evidence, ...]:
    """Everything that is stored about the photos of a manifest, as evidence.

    Args:
        store: where it is.
        manifest: the photos.
        world: the overlay that it is measured on.
        names: predictors to use; default all with stored outputs.

    Raises:
        ArtifactError: the outputs are of another version, or damaged.
        InputError: a requested predictor has no stored outputs.
    """
    store.check()
    pieces: list[Evidence] = []
    for name in names if names is not None else store.predictors():
        partitions = store.partitions(name)
        for partition in partitions:
            stored = StoredOutputs.open(store, name, partition)
            pieces.append(_piece(stored, manifest, world, alone=len(partitions) == 1))
        if not partitions and names is not None and not store.texts(f"{name}/{FAILED}", "reason"):
            raise InputError(f"Predictor {name!r} has no stored outputs in {store.folder}; run it on the photos first.")
    return tuple(pieces)


def _piece(stored: StoredOutputs, manifest: Manifest, world: World, alone: bool) -> Evidence:
    try:
        table = world.overlay.table(stored.partition)
    except InputError as error:
        raise ArtifactError(
            f"The stored outputs of {stored.name!r} are on {stored.partition!r}, which this version does not have; "
            "delete them and evaluate again."
        ) from error
    confusion = world.layer_confusion.get(stored.partition) if stored.judges_ground else None
    return stored_evidence(stored, manifest.ids, table, world.prior, alone, confusion)


def without_missing(manifest: Manifest, store: OutputStore) -> Manifest:
    """The manifest without photos that have neither a file nor stored outputs; these are counted."""
    known = set(store.texts(PHOTOS, "sha256")).union(*(store.done(name) for name in store.predictors()))
    paths = manifest.paths or (None,) * len(manifest)
    there = [
        photo in known or (path is not None and path.is_file()) for photo, path in zip(manifest.ids, paths, strict=True)
    ]
    return _exclude(manifest, there, MISSING_PHOTO)


def without_unreadable(manifest: Manifest, store: OutputStore) -> Manifest:
    """The manifest without unreadable photos; these are counted."""
    unreadable = store.texts(f"{PHOTOS}/{FAILED}", "reason")
    return _exclude(manifest, [photo not in unreadable for photo in manifest.ids], UNREADABLE_PHOTO)


def _exclude(manifest: Manifest, keep: Sequence[bool], reason: str) -> Manifest:
    if all(keep):
        return manifest
    remaining = manifest.take(np.flatnonzero(keep))
    return replace(remaining, excluded={**manifest.excluded, reason: len(manifest) - len(remaining)})
